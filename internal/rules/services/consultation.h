#ifndef RULES_SERVICES_CONSULTATION_H
#define RULES_SERVICES_CONSULTATION_H

#include "rules/services/family.h"

#define SPECIALIST_KINDS(X)                                                                        \
	X(specialist_kind, lawyer)                                                                 \
	X(specialist_kind, social_worker)                                                          \
	X(specialist_kind, psychologist)                                                           \
	X(specialist_kind, other)
ENUM_DECLARE(specialist_kind, SPECIALIST_KINDS)

#define ENTITLEMENTS(X)                                                                            \
	X(entitlement, start_up)                                                                   \
	X(entitlement, course)                                                                     \
	X(entitlement, criminal_support)                                                           \
	X(entitlement, aftercare)                                                                  \
	X(entitlement, family)
ENUM_DECLARE(entitlement, ENTITLEMENTS)

#define CONSULTATION_MODES(X)                                                                      \
	X(consultation_mode, in_person)                                                            \
	X(consultation_mode, phone)                                                                \
	X(consultation_mode, video)                                                                \
	X(consultation_mode, written)
ENUM_DECLARE(consultation_mode, CONSULTATION_MODES)

#define CONSULTATION_PLACES(X)                                                                     \
	X(consultation_place, provider_office)                                                     \
	X(consultation_place, shelter)                                                             \
	X(consultation_place, authority)                                                           \
	X(consultation_place, court)                                                               \
	X(consultation_place, health_care)                                                         \
	X(consultation_place, remote)                                                              \
	X(consultation_place, other)
ENUM_DECLARE(consultation_place, CONSULTATION_PLACES)

#define CONSULTATION_OUTCOMES(X)                                                                   \
	X(consultation_outcome, planned)                                                           \
	X(consultation_outcome, held)                                                              \
	X(consultation_outcome, no_show)                                                           \
	X(consultation_outcome, cancelled)
ENUM_DECLARE(consultation_outcome, CONSULTATION_OUTCOMES)

/* Limits of one entitlement: of a rule set and of contracts. */
#define CONSULTATION_LIMITS_MAX 8

struct consultation_terms {
	struct consultation_act act;
	enum entitlement entitlement;
	enum specialist_kind specialist;
	enum consultation_outcome outcome;
	struct text family_member_id; /* null: for the client */
};

/* The rows that the entitlement's rules read; those it does not need may be empty. */
struct consultation_facts {
	const struct case_facts *facts;
	struct date client_birth_on;
	enum flag member_in_latvia;
	const struct limit_terms *limits;
	size_t limit_count;
	const struct limit_uses *uses;
	const struct support_periods *supports;
	const struct contract_terms *contracts;
};

/*
 * Whether the consultation counts against limits: planned and held do, cancelled never, no_show
 * as the rule set says (D: not by default). Only state-funded ones count.
 */
bool consultation_consumes(const struct consultation_terms *terms, enum flag no_show_consumes);

/*
 * The limit rows of the terms' entitlement that count it; fills ret up to max and returns how
 * many.
 */
size_t consultation_limits(const struct consultation_terms *terms, const struct limit_terms *limits,
			   size_t count, const struct limit_terms **ret, size_t max);

/*
 * R31: what the ledger asks before it counts an act of that day: every limit that the entitlement
 * is to have is there (start_up has none, and of a course the decision has taken the days).
 * P_LIMIT_MISSING at /funding.
 */
int entitlement_check_limits(struct ctx *ctx, enum entitlement entitlement,
			     const struct limit_set *limits, struct date day);

/*
 * The rules of the entitlement (start_up: contract, and a course consultation's unless it is a
 * social worker's, R13; course: R13, R2; criminal_support: R4 and no other specialist; aftercare:
 * R3; family: R7). Refuses only state funding, and nothing that consumes nothing.
 * P_VALIDATION_FAILED: /family_member_id is there without family, or missing with it;
 * P_SPECIALIST_NOT_COVERED at /specialist_kind; the rules' own.
 */
int consultation_check(struct ctx *ctx, const struct consultation_facts *facts,
		       const struct consultation_terms *terms);

/*
 * R19 (Law on Social Services and Social Assistance; D): planned → held | no_show | cancelled,
 * and nothing is edited after that. held and no_show lie in the past. before
 * consultation_outcome_none on create. P_ALREADY_FINAL; P_IN_THE_FUTURE at /outcome.
 */
int consultation_outcome_check(struct ctx *ctx, enum consultation_outcome before,
			       const struct consultation_terms *after, struct instant now);

/*
 * R19: a correction names a final record that no other corrects. P_NOT_FINAL, P_CONFLICT at
 * /corrects_id.
 */
int correction_check(struct ctx *ctx, enum consultation_outcome corrected,
		     enum flag has_correction);

#endif
