/* Support during criminal proceedings. Enter at support_check and representation_check. Pure. */

#include "rules/proceedings/criminal.h"

#include "rules/words.h"

ENUM_DEFINE(support_basis, SUPPORT_BASES)
ENUM_DEFINE(mandate_giver, MANDATE_GIVERS)

const struct support_period *support_find(const struct support_periods *supports, struct date day)
{
	for (size_t i = 0; i < supports->count; i++)
		if (date_within(day, supports->items[i].from, supports->items[i].to))
			return &supports->items[i];
	return NULL;
}

static bool support_has_basis(const struct support_facts *facts, struct date day)
{
	for (size_t i = 0; i < facts->supports->count; i++) {
		const struct support_period *period = &facts->supports->items[i];

		if (!date_within(day, period->from, period->to))
			continue;
		if (period->basis == support_basis_injured_party_decision)
			return true;
		if (period->basis == support_basis_witness_certificate &&
		    facts->facts->witness_supported == FLAG_YES)
			return true;
	}
	return false;
}

int support_period_basis_check(struct ctx *ctx, const struct case_facts *facts,
			       const struct support_document *document,
			       const struct support_period *period)
{
	struct text day = words_date(ctx, period->from);

	if (document->basis_kind == support_basis_none || document->basis_on.day == 0)
		return fail_at(ctx, P_NO_SUPPORT_BASIS, "/proceeding_id", day);
	if (period->basis != document->basis_kind)
		return fail_at(ctx, P_NO_SUPPORT_BASIS, "/basis", day);
	if (period->basis == support_basis_witness_certificate &&
	    facts->witness_supported != FLAG_YES)
		return fail_at(ctx, P_NO_SUPPORT_BASIS, "/basis", day);
	if (period->from.day < document->basis_on.day)
		return fail_at(ctx, P_NO_SUPPORT_BASIS, "/starts_on", day);
	return 0;
}

/* What is left exactly would be what another provider, with the same client, has used. */
static int support_refuse_limit(struct ctx *ctx, const struct limit_terms *limit,
				const struct limit_claim *claim, const char *pointer)
{
	return fail_at(ctx, P_YEARLY_LIMIT_REACHED, pointer, words_number(ctx, limit->amount.value),
		       limit_claim_period(ctx, claim),
		       arena_format(ctx->arena, "< %lld", (long long)claim->units));
}

static int support_check_limit(struct ctx *ctx, const struct support_facts *facts,
			       const struct limit_terms *limit, const struct support_act *act,
			       const char *pointer)
{
	struct limit_claim claims[LIMIT_CLAIMS_MAX];
	size_t count;

	if (limit->unit == limit_unit_consultations && !act->consultation)
		return 0;
	count = limit_claim(limit, act->start, act->minutes.value, claims);
	for (size_t i = 0; i < count; i++)
		if (limit_blocks(ctx, limit, facts->uses, &claims[i]))
			return support_refuse_limit(ctx, limit, &claims[i], pointer);
	return 0;
}

static bool support_has_limit(const struct support_facts *facts)
{
	for (size_t i = 0; i < facts->limit_count; i++)
		if (facts->limits[i]->code == limit_code_criminal_support_minutes &&
		    facts->limits[i]->contract_id.ptr == NULL && facts->limits[i]->amount.set)
			return true;
	return false;
}

static int support_check_limits(struct ctx *ctx, const struct support_facts *facts,
				const struct support_act *act, const char *pointer)
{
	int rc;

	if (!support_has_limit(facts))
		return limit_missing(ctx, "/funding", TEXT("criminal_support_minutes"));
	if (facts->uses == NULL)
		return 0;
	for (size_t i = 0; i < facts->limit_count; i++) {
		rc = support_check_limit(ctx, facts, facts->limits[i], act, pointer);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int support_check(struct ctx *ctx, const struct support_facts *facts, const struct support_act *act,
		  const char *pointer)
{
	struct service_act paid = { act->funding, instant_date(act->start) };
	struct date end = facts->facts->course_end;
	int rc;

	if (act->funding != funding_state)
		return 0;
	if (end.day == 0 || paid.day.day <= end.day)
		return fail_at(ctx, P_COURSE_NOT_ENDED, pointer);
	if (!support_has_basis(facts, paid.day))
		return fail_at(ctx, P_NO_SUPPORT_BASIS, pointer, words_date(ctx, paid.day));
	rc = support_check_limits(ctx, facts, act, pointer);
	if (rc != 0)
		return rc;
	return contract_check(ctx, facts->contracts, &paid, pointer);
}

int interpreter_check(struct ctx *ctx, const struct case_facts *facts, enum funding funding,
		      enum flag provided)
{
	if (funding != funding_state || facts->interpreter_only_where_none == FLAG_NO)
		return 0;
	if (provided != FLAG_YES)
		return 0;
	return fail_at(ctx, P_INTERPRETER_PROVIDED, "/interpreter_provided");
}

static bool mandate_in_force(const struct mandate *mandate, struct date day)
{
	if (mandate->given_by == mandate_giver_none)
		return false;
	if (mandate->granted_on.day == 0 || day.day < mandate->granted_on.day)
		return false;
	if (mandate->revoked_on.day != 0 && day.day >= mandate->revoked_on.day)
		return false;
	return mandate->valid_until.day == 0 || day.day <= mandate->valid_until.day;
}

int representation_check(struct ctx *ctx, const struct mandates *mandates,
			 const struct service_act *act)
{
	if (act->funding != funding_state)
		return 0;
	for (size_t i = 0; i < mandates->count; i++)
		if (mandate_in_force(&mandates->items[i], act->day))
			return 0;
	return fail_at(ctx, P_NO_POWER_OF_ATTORNEY, "/hearing_id", words_date(ctx, act->day));
}
