#ifndef RULES_PROCEEDINGS_CRIMINAL_H
#define RULES_PROCEEDINGS_CRIMINAL_H

#include "rules/services/course.h"
#include "rules/contracts/limit.h"

/* What a support period rests on (Cabinet Regulations 344/2019, 5). */
#define SUPPORT_BASES(X)                                                                           \
	X(support_basis, injured_party_decision)                                                   \
	X(support_basis, witness_certificate)
ENUM_DECLARE(support_basis, SUPPORT_BASES)

/* A period of support in criminal proceedings; both days belong to it, an end of null is open. */
struct support_period {
	struct date from;
	struct date to;
	enum support_basis basis;
};

struct support_periods {
	const struct support_period *items;
	size_t count;
};

/* The document that gave the client a role in the proceedings; nulls: there is none yet. */
struct support_document {
	enum support_basis basis_kind;
	struct date basis_on;
};

#define MANDATE_GIVERS(X)                                                                          \
	X(mandate_giver, client)                                                                   \
	X(mandate_giver, representative)
ENUM_DECLARE(mandate_giver, MANDATE_GIVERS)

/*
 * A power of attorney: in force from granted_on to the day before revoked_on, and until
 * valid_until.
 */
struct mandate {
	struct date granted_on;
	struct date revoked_on;	 /* null: not revoked */
	struct date valid_until; /* inclusive; null: open */
	enum mandate_giver given_by;
};

struct mandates {
	const struct mandate *items;
	size_t count;
};

/* An act of criminal-proceedings support that is to be paid for. */
struct support_act {
	enum funding funding;
	struct instant start;
	struct number minutes;
	bool consultation; /* limits in consultations count only these */
};

struct support_facts {
	const struct case_facts *facts;
	const struct support_periods *supports;
	const struct limit_terms *const *limits; /* of rule set and contract */
	size_t limit_count;
	const struct limit_uses *uses; /* summed over providers */
	const struct contract_terms *contracts;
};

/* The first period that covers the day, or NULL. */
const struct support_period *support_find(const struct support_periods *supports, struct date day);

/*
 * R4 (seed; Cabinet Regulations 344/2019, 5): a period rests on the proceedings' document of the
 * same kind, from that document's day on; a witness's only where the rule set supports witnesses.
 * P_NO_SUPPORT_BASIS at /proceeding_id, /basis or /starts_on.
 */
int support_period_basis_check(struct ctx *ctx, const struct case_facts *facts,
			       const struct support_document *document,
			       const struct support_period *period);

/*
 * R4 (seed; Cabinet Regulations 344/2019, 5): the course ended, a support period with a basis
 * that the rule set knows covers the day, every minute fits its own year's limits.
 * P_COURSE_NOT_ENDED, P_NO_SUPPORT_BASIS, P_YEARLY_LIMIT_REACHED, P_NO_CONTRACT at pointer;
 * P_LIMIT_MISSING at /funding without the rule set's minutes (R31).
 */
int support_check(struct ctx *ctx, const struct support_facts *facts, const struct support_act *act,
		  const char *pointer);

/*
 * R5 (Cabinet Regulations 344/2019): the state pays for interpreting only where the proceedings
 * provide none, unless the rule set says that it pays always. provided null is unknown and passes.
 * P_INTERPRETER_PROVIDED at
 * /interpreter_provided.
 */
int interpreter_check(struct ctx *ctx, const struct case_facts *facts, enum funding funding,
		      enum flag provided);

/* R6 (seed): representation needs a power of attorney in force on the hearing's day.
 * P_NO_POWER_OF_ATTORNEY at /hearing_id. */
int representation_check(struct ctx *ctx, const struct mandates *mandates,
			 const struct service_act *act);

#endif
