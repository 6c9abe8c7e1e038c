#ifndef RULES_ADMISSION_DECISION_H
#define RULES_ADMISSION_DECISION_H

#include "rules/facts.h"
#include "rules/contracts/limit.h"

#define DECISION_KINDS(X)                                                                          \
	X(decision_kind, grant)                                                                    \
	X(decision_kind, refusal)                                                                  \
	X(decision_kind, amendment)                                                                \
	X(decision_kind, termination)
ENUM_DECLARE(decision_kind, DECISION_KINDS)

struct decision_terms {
	enum decision_kind kind;
	struct date decided_on;
	struct text reasons;
	struct date course_start;
	struct date course_end; /* null: decision_course_end */
	struct date delivered_on;
	struct date appeal_until;
};

/* Someone who proposed the matter or voted on it. */
struct participant {
	struct text user_id;
};

struct decision_facts {
	const struct actor *actor;
	struct date today;
	const struct case_facts *facts; /* before the decision */
	const struct participant *participants;
	size_t participant_count;
	struct limit_set limits; /* of the case's rule set and contracts */
};

/*
 * R12 (Cabinet Regulations 344/2019, 2.1; Administrative Procedure Law 37): only the agency
 * decides, nobody on what they proposed or voted on. P_FORBIDDEN, P_SELF_APPROVAL.
 */
int decider_check(struct ctx *ctx, const struct decision_facts *facts);

/*
 * R12, R1: the decider; the case waits for such a decision; a refusal and a termination have
 * reasons (Administrative Procedure Law 67); a grant has a course from its own day on at the
 * earliest, no longer than the rule set's; an amendment may add suspended days; a termination
 * ends the course no later than it would have ended; the days follow each other. P_FORBIDDEN,
 * P_SELF_APPROVAL, P_ILLEGAL_TRANSITION, P_REASONS_REQUIRED at /reasons, P_COURSE_TOO_LONG,
 * P_IN_THE_FUTURE at /decided_on, P_END_BEFORE_START, P_VALIDATION_FAILED (a grant without
 * /course_start). With its first grant a rule set comes into force: P_LIMIT_MISSING while one of
 * its named limits is missing (R31). A termination asks for no limit.
 */
int decision_check(struct ctx *ctx, const struct decision_facts *facts,
		   const struct decision_terms *terms);

/*
 * The course's end after the decision: what is given, else for a grant the last day that R1 allows,
 * for a termination its own day (null when the course had not begun), else as it was.
 */
struct date decision_course_end(const struct case_facts *facts, const struct decision_terms *terms);

/*
 * The case's status after the decision: granted, refused, aftercare or closed (terminated before
 * its course), or as it was.
 */
enum case_status decision_status(enum decision_kind kind, enum case_status before);

#endif
