#ifndef RULES_ADMISSION_APPLICATION_H
#define RULES_ADMISSION_APPLICATION_H

#include "rules/admission/commission.h"
#include "rules/facts.h"

#define BASIS_KINDS(X)                                                                             \
	X(basis_kind, victim_decision)                                                             \
	X(basis_kind, law_enforcement_certificate)                                                 \
	X(basis_kind, assessment_protocol)                                                         \
	X(basis_kind, foreign_certificate)
ENUM_DECLARE(basis_kind, BASIS_KINDS)

struct basis_document {
	enum basis_kind kind;
};

/* One identification of the client. */
struct identification_fact {
	enum identified_by identified_by;
	enum conclusion conclusion;
	struct date closed_on; /* null: the sitting is open, its conclusion does not count */
};

struct basis_facts {
	struct date received_on; /* of the written application; null: there is none */
	const struct basis_document *documents;
	size_t document_count;
	const struct identification_fact *identifications;
	size_t identification_count;
};

/*
 * R8 (seed): the chosen provider is active and party to a contract in force on the day the
 * application came. active null is no. P_PROVIDER_NOT_CONTRACTED at /chosen_provider_id.
 */
int application_check(struct ctx *ctx, enum flag provider_active,
		      const struct contract_terms *contracts, struct date received_on);

/*
 * R9 (Cabinet Regulations 344/2019): what a case needs before it awaits its decision. Proof by
 * absence of R17: no proceeding is among it. P_BASIS_MISSING: no written application;
 * P_COMMISSION_NEEDED: neither a document that suffices alone nor a commission's closed protocol
 * that meets the criteria.
 */
int basis_check(struct ctx *ctx, const struct basis_facts *facts);

#endif
