/* Duties of the client in a plan; whether they are kept is recorded while the plan is active. */

#include "resource/plans/plans.h"

struct plan_duty {
	struct record record;
	struct text plan_id;
	struct text duty;
	enum flag fulfilled;
};

static const struct field plan_duty_fields[] = {
	PLAN_ID_FIELD(struct plan_duty),
	TEXT_FIELD(struct plan_duty, duty, 1000, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What the client takes upon them.",
		   .example = "Comes to the agreed consultations."),
	FLAG_FIELD(struct plan_duty, fulfilled, .flags = FILTER | IN_LIST,
		   .about = "Whether it is kept, told while the plan is active; null: unknown.",
		   .example = "true"),
};

static int plan_duty_check(struct ctx *ctx, struct change *change)
{
	static const char *const progress[] = { "fulfilled", NULL };
	const struct plan_fact *plan = change->facts[0].rows;
	const struct plan_duty *row = change->after;
	int rc = plan_part_check(ctx, &resource_plan_duties, change, progress);

	if (rc != 0 || row == NULL)
		return rc;
	if (row->fulfilled != FLAG_NONE && plan->status != plan_status_active)
		violate(ctx, P_CONSTRAINT, TEXT("/fulfilled"), TEXT("plan.status = active"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem plan_duty_problems[] = { P_ALREADY_FINAL, P_CONSTRAINT, P_NONE };

static const struct facts plan_duty_facts[] = { FACTS_PLAN };

const struct resource resource_plan_duties = {
	.name = "plan_duties",
	.segment = "duties",
	.singular = "plan_duty",
	.about = "Duties of co-participation that the client agrees to in a plan.",
	.tag = "Plans",
	.parent = &resource_plans,
	.fields = FIELDS(plan_duty_fields),
	.size = sizeof(struct plan_duty),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "created_at",
	.facts = plan_duty_facts,
	.fact_count = 1,
	.check = plan_duty_check,
	.problems = plan_duty_problems,
};
