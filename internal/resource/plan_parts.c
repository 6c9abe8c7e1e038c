#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/plans.h"
#include "rules/course.h"
#include "rules/steps.h"

/* Services, tasks and duties: the text of a plan. It is agreed as a whole, so they change with
 * drafts only. */

#define PLAN_UNITS(X)                                                                              \
	X(plan_unit, consultations)                                                                \
	X(plan_unit, hours)                                                                        \
	X(plan_unit, days)                                                                         \
	X(plan_unit, times)                                                                        \
	X(plan_unit, items)
ENUM_DECLARE(plan_unit, PLAN_UNITS)
ENUM_DEFINE(plan_unit, PLAN_UNITS)

#define TASK_STATUSES(X)                                                                           \
	X(task_status, open)                                                                       \
	X(task_status, done)                                                                       \
	X(task_status, dropped)
ENUM_DECLARE(task_status, TASK_STATUSES)
ENUM_DEFINE(task_status, TASK_STATUSES)

#define PLAN_ID_FIELD(S)                                                                           \
	ID_FIELD(S, plan_id, .flags = PARENT | READ_ONLY | IN_LIST, .references = "plans",         \
		 .about = "The plan that it belongs to.",                                          \
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057")

static const struct facts part_facts[] = { FACTS_PLAN };

/* progress: what may change while the plan is active. Without the plan there is nothing to write
 * to. */
static int part_check_plan(struct ctx *ctx, const struct resource *resource,
			   const struct change *change, const char *const *progress)
{
	const struct plan_fact *plan = change->facts[0].rows;

	if (change->facts[0].count == 0)
		return fail(ctx, P_NOT_FOUND);
	if (plan->status == plan_status_active && change->before != NULL && change->after != NULL &&
	    change_only(resource, change, progress))
		return 0;
	return plan_edit_check(ctx, plan->status);
}

struct plan_service {
	struct record record;
	struct text plan_id;
	enum service_kind service;
	struct number volume;
	enum plan_unit unit;
	struct date starts_on;
	struct date ends_on;
	struct text description;
};

static const struct field plan_service_fields[] = {
	PLAN_ID_FIELD(struct plan_service),
	ENUM_FIELD(struct plan_service, service, service_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What is planned.", .example = "consultation"),
	INTEGER_FIELD(struct plan_service, volume, 1, 100000, .flags = IN_LIST,
		      .about = "How much of it; with its unit.", .example = "24"),
	ENUM_FIELD(struct plan_service, unit, plan_unit, .flags = IN_LIST,
		   .about = "What the volume counts.", .example = "consultations"),
	DATE_FIELD(struct plan_service, starts_on, .flags = IN_LIST,
		   .about = "First day, within the plan; null: as the plan.",
		   .example = "2018-02-05"),
	DATE_FIELD(struct plan_service, ends_on, .flags = IN_LIST,
		   .about = "Last day, within the plan; null: as the plan.",
		   .example = "2018-07-30"),
	TEXT_FIELD(struct plan_service, description, 4000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What exactly, and by whom.",
		   .example = "Psychologist, weekly, at the shelter."),
};

static void service_check_within(struct ctx *ctx, const struct plan_fact *plan, struct date day,
				 const char *pointer)
{
	if (day.day == 0)
		return;
	if (day.day < plan->starts_on.day)
		violate(ctx, P_CONSTRAINT, text_of(pointer), TEXT("plan.starts_on"));
	if (plan->ends_on.day != 0 && day.day > plan->ends_on.day)
		violate(ctx, P_CONSTRAINT, text_of(pointer), TEXT("plan.ends_on"));
}

static int plan_service_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	const struct plan_fact *plan = change->facts[0].rows;
	const struct plan_service *row = change->after;
	int rc = part_check_plan(ctx, &resource_plan_services, change, nothing);

	if (rc != 0 || row == NULL)
		return rc;
	check_present(ctx, row->volume.set || row->unit == plan_unit_none, "/volume");
	check_present(ctx, !row->volume.set || row->unit != plan_unit_none, "/unit");
	check_period(ctx, row->starts_on, row->ends_on, "/ends_on");
	service_check_within(ctx, plan, row->starts_on, "/starts_on");
	service_check_within(ctx, plan, row->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem plan_service_problems[] = { P_ALREADY_FINAL, P_END_BEFORE_START,
						      P_CONSTRAINT, P_NONE };

const struct resource resource_plan_services = {
	.name = "plan_services",
	.segment = "services",
	.singular = "plan_service",
	.about = "Services that a plan foresees, with volume and days.",
	.tag = "Plans",
	.parent = &resource_plans,
	.fields = FIELDS(plan_service_fields),
	.size = sizeof(struct plan_service),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "created_at",
	.facts = part_facts,
	.fact_count = 1,
	.check = plan_service_check,
	.problems = plan_service_problems,
};

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
	int rc = part_check_plan(ctx, &resource_plan_tasks, change, progress);

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
	.facts = part_facts,
	.fact_count = 1,
	.check = plan_task_check,
	.problems = plan_task_problems,
};

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
	int rc = part_check_plan(ctx, &resource_plan_duties, change, progress);

	if (rc != 0 || row == NULL)
		return rc;
	if (row->fulfilled != FLAG_NONE && plan->status != plan_status_active)
		violate(ctx, P_CONSTRAINT, TEXT("/fulfilled"), TEXT("plan.status = active"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem plan_duty_problems[] = { P_ALREADY_FINAL, P_CONSTRAINT, P_NONE };

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
	.facts = part_facts,
	.fact_count = 1,
	.check = plan_duty_check,
	.problems = plan_duty_problems,
};
