/* Regular evaluations of a plan, and the final one (R16). Only a plan that has been active can
 * be evaluated. */

#include "resource/checks.h"
#include "resource/plans/plans.h"

#define PROGRESSES(X)                                                                              \
	X(progress, setback)                                                                       \
	X(progress, little)                                                                        \
	X(progress, good)                                                                          \
	X(progress, reached)
ENUM_DECLARE(progress, PROGRESSES)
ENUM_DEFINE(progress, PROGRESSES)

struct plan_evaluation {
	struct record record;
	struct text plan_id;
	struct date evaluated_on;
	enum progress progress;
	struct text findings;
	struct text changes;
	enum flag final;
	struct date next_due_on;
};

static const struct field plan_evaluation_fields[] = {
	ID_FIELD(struct plan_evaluation, plan_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "plans", .about = "The plan that is evaluated.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct plan_evaluation, evaluated_on,
		   .flags = REQUIRED | FILTER | SORT | IN_LIST, .about = "Day of the evaluation.",
		   .example = "2018-03-08"),
	ENUM_FIELD(struct plan_evaluation, progress, progress, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "How far the plan's goal is reached.", .example = "good"),
	TEXT_FIELD(struct plan_evaluation, findings, 8000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What was found.",
		   .example = "Has a flat; looks for work."),
	TEXT_FIELD(struct plan_evaluation, changes, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What should change; a new plan that replaces this one carries it out.",
		   .example = "Less counselling, more training."),
	FLAG_FIELD(struct plan_evaluation, final, .flags = FILTER | IN_LIST,
		   .about = "Whether it evaluates the results of the course; once a plan.",
		   .example = "false"),
	DATE_FIELD(struct plan_evaluation, next_due_on, .flags = READ_ONLY | IN_LIST,
		   .about = "By when the next one should be (R16); null after the final one.",
		   .example = "2018-04-07"),
};

enum { FACT_PLAN, FACT_COUNT };

static const struct facts plan_evaluation_facts[FACT_COUNT] = {
	[FACT_PLAN] = FACTS_PLAN,
};

/* Only what was lived by can be evaluated, and what has been replaced is evaluated no more. */
static int evaluation_check_plan(struct ctx *ctx, const struct fact_rows *plans)
{
	const struct plan_fact *plan = plans->rows;

	if (plans->count == 0)
		return fail(ctx, P_NOT_FOUND);
	switch (plan->status) {
	case plan_status_active:
	case plan_status_completed:
		return 0;
	case plan_status_replaced:
		return fail(ctx, P_ALREADY_FINAL);
	case plan_status_none:
	case plan_status_draft:
	case plan_status_agreed:
		break;
	}
	return fail(ctx, P_NOT_FINAL);
}

static int plan_evaluation_check(struct ctx *ctx, struct change *change)
{
	const struct plan_fact *plan = change->facts[FACT_PLAN].rows;
	struct plan_evaluation *row = change->after;
	int rc = evaluation_check_plan(ctx, &change->facts[FACT_PLAN]);

	if (rc != 0)
		return rc;
	if (row->final == FLAG_NONE)
		row->final = FLAG_NO;
	check_not_future(ctx, row->evaluated_on, change->today, "/evaluated_on");
	check_period(ctx, plan->activated_on, row->evaluated_on, "/evaluated_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem plan_evaluation_problems[] = {
	P_NOT_FINAL, P_ALREADY_FINAL, P_IN_THE_FUTURE, P_END_BEFORE_START, P_CONFLICT, P_NONE,
};

const struct resource resource_plan_evaluations = {
	.name = "plan_evaluations",
	.segment = "evaluations",
	.singular = "plan_evaluation",
	.about = "Regular evaluations of a plan, and the final one of the course's results.",
	.tag = "Plans",
	.parent = &resource_plans,
	.fields = FIELDS(plan_evaluation_fields),
	.size = sizeof(struct plan_evaluation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE,
	.sort = "-evaluated_on",
	.facts = plan_evaluation_facts,
	.fact_count = FACT_COUNT,
	.check = plan_evaluation_check,
	.problems = plan_evaluation_problems,
};
