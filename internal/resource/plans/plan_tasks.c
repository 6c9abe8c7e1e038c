/* Tasks of a plan; their progress is recorded while the plan is active. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/plans/plans.h"
#include "rules/steps.h"

#define TASK_STATUSES(X)                                                                           \
	X(task_status, open)                                                                       \
	X(task_status, done)                                                                       \
	X(task_status, dropped)
ENUM_DECLARE(task_status, TASK_STATUSES)
ENUM_DEFINE(task_status, TASK_STATUSES)

struct plan_task {
	struct record record;
	struct text plan_id;
	struct text title;
	struct text responsible_id;
	struct date due_on;
	enum task_status status;
	struct date done_on;
};

static const struct field plan_task_fields[] = {
	PLAN_ID_FIELD(struct plan_task),
	TEXT_FIELD(struct plan_task, title, 500, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What is to be done.",
		   .example = "Apply for a new identity card"),
	ID_FIELD(struct plan_task, responsible_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who sees to it.", .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct plan_task, due_on, .flags = FILTER | IN_LIST, .about = "By when.",
		   .example = "2018-02-20"),
	ENUM_FIELD(struct plan_task, status, task_status, .flags = FILTER | IN_LIST,
		   .about = "open at first; moves while the plan is active.", .example = "open"),
	DATE_FIELD(struct plan_task, done_on, .flags = IN_LIST,
		   .about = "Day of status done, given with it; else today.",
		   .example = "2018-02-19"),
};

/* What was done stays done; what was dropped may be taken up again. */
static int task_check_step(struct ctx *ctx, enum task_status from, enum task_status to)
{
	static const struct step items[] = {
		{ task_status_none, task_status_open },
		{ task_status_open, task_status_done },
		{ task_status_open, task_status_dropped },
		{ task_status_dropped, task_status_open },
	};
	static const struct steps steps = { &task_status_values, "/status", items,
					    sizeof(items) / sizeof(items[0]) };

	return steps_check(ctx, &steps, (int)from, (int)to);
}

static int task_check_members(struct ctx *ctx, struct plan_task *row, const struct plan_fact *plan,
			      struct date today)
{
	bool done = row->status == task_status_done;

	if (done && row->done_on.day == 0)
		row->done_on = today;
	if (!done && row->done_on.day != 0)
		violate(ctx, P_CONSTRAINT, TEXT("/done_on"), TEXT("status = done"));
	if (row->status != task_status_open && plan->status == plan_status_draft)
		violate(ctx, P_CONSTRAINT, TEXT("/status"), TEXT("plan.status = active"));
	check_not_future(ctx, row->done_on, today, "/done_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int plan_task_check(struct ctx *ctx, struct change *change)
{
	static const char *const progress[] = { "status", "done_on", "responsible_id", NULL };
	static const char *const status[] = { "status", NULL };
	const struct plan_task *before = change->before;
	struct plan_task *row = change->after;
	int rc = plan_part_check(ctx, &resource_plan_tasks, change, progress);

	if (rc != 0 || row == NULL)
		return rc;
	if (row->status == task_status_none)
		row->status = task_status_open;
	rc = task_check_step(ctx, before != NULL ? before->status : task_status_none, row->status);
	if (rc != 0)
		return rc;
	if (before != NULL && before->status == task_status_done &&
	    !change_only(&resource_plan_tasks, change, status))
		return fail(ctx, P_ALREADY_FINAL);
	return task_check_members(ctx, row, change->facts[0].rows, change->today);
}

static const enum problem plan_task_problems[] = {
	P_ALREADY_FINAL, P_ILLEGAL_TRANSITION, P_IN_THE_FUTURE,
	P_CONSTRAINT,	 P_UNKNOWN_REFERENCE,  P_NONE,
};

static const struct facts plan_task_facts[] = { FACTS_PLAN };

const struct resource resource_plan_tasks = {
	.name = "plan_tasks",
	.segment = "tasks",
	.singular = "plan_task",
	.about = "Tasks of a plan; they move while it is active.",
	.tag = "Plans",
	.parent = &resource_plans,
	.fields = FIELDS(plan_task_fields),
	.size = sizeof(struct plan_task),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "created_at",
	.facts = plan_task_facts,
	.fact_count = 1,
	.check = plan_task_check,
	.problems = plan_task_problems,
};
