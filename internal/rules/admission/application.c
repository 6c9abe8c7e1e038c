/* What an application and its basis must say. Enter at application_check and basis_check. Pure.
 * */

#include "rules/admission/application.h"

#include "rules/words.h"

ENUM_DEFINE(basis_kind, BASIS_KINDS)

int application_check(struct ctx *ctx, enum flag provider_active,
		      const struct contract_terms *contracts, struct date received_on)
{
	if (provider_active == FLAG_YES && contract_find(contracts, received_on) != NULL)
		return 0;
	return fail_at(ctx, P_PROVIDER_NOT_CONTRACTED, "/chosen_provider_id",
		       words_date(ctx, received_on));
}

/* A foreign certificate does not suffice alone. */
static bool basis_suffices(const struct basis_document *document)
{
	return document->kind != basis_kind_none &&
	       document->kind != basis_kind_foreign_certificate;
}

static bool identification_meets(const struct identification_fact *identification)
{
	return identification->identified_by == identified_by_commission &&
	       identification->conclusion == conclusion_meets && identification->closed_on.day != 0;
}

int basis_check(struct ctx *ctx, const struct basis_facts *facts)
{
	if (facts->received_on.day == 0)
		return fail(ctx, P_BASIS_MISSING);
	for (size_t i = 0; i < facts->document_count; i++)
		if (basis_suffices(&facts->documents[i]))
			return 0;
	for (size_t i = 0; i < facts->identification_count; i++)
		if (identification_meets(&facts->identifications[i]))
			return 0;
	return fail(ctx, P_COMMISSION_NEEDED);
}
