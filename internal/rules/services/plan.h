#ifndef RULES_SERVICES_PLAN_H
#define RULES_SERVICES_PLAN_H

#include "rules/facts.h"

#define PLAN_STATUSES(X)                                                                           \
	X(plan_status, draft)                                                                      \
	X(plan_status, agreed)                                                                     \
	X(plan_status, active)                                                                     \
	X(plan_status, replaced)                                                                   \
	X(plan_status, completed)
ENUM_DECLARE(plan_status, PLAN_STATUSES)

struct plan_terms {
	struct date drawn_on; /* when it was drawn up */
	struct date starts_on;
	struct date ends_on;
	struct date assessed_on; /* of the case's first assessment; null: there is none */
};

/*
 * R16 (seed; duration: D): an assessment not after the plan; the plan ends within the course.
 * Without a course end (no grant yet) the duration is not judged. P_ASSESSMENT_MISSING;
 * P_END_BEFORE_START, P_PLAN_TOO_LONG at /ends_on.
 */
int plan_check(struct ctx *ctx, const struct case_facts *facts, const struct plan_terms *plan);

/* draft → agreed → active → replaced | completed; an agreed one may be replaced unused.
 * P_ILLEGAL_TRANSITION at /status. */
int plan_status_check(struct ctx *ctx, enum plan_status from, enum plan_status to);

/* R16, R19 (seed: approved plans are versioned): only a draft, and what belongs to it, is edited.
 * P_ALREADY_FINAL. */
int plan_edit_check(struct ctx *ctx, enum plan_status before);

#endif
