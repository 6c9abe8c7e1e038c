/* Tasks of a case with their due days; open ones stand in the work list. */

#include "resource/checks.h"
#include "resource/registry.h"

#define CASE_TASK_STATUSES(X)                                                                      \
	X(case_task_status, open)                                                                  \
	X(case_task_status, done)                                                                  \
	X(case_task_status, dropped)
ENUM_DECLARE(case_task_status, CASE_TASK_STATUSES)
ENUM_DEFINE(case_task_status, CASE_TASK_STATUSES)

struct case_task {
	struct record record;
	struct text title;
	struct text assignee_id;
	struct date due_on;
	enum case_task_status status;
	struct date done_on;
};

static const struct field case_task_fields[] = {
	TEXT_FIELD(struct case_task, title, 300, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What is to be done.",
		   .example = "Ask for the school's certificate"),
	ID_FIELD(struct case_task, assignee_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who does it; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct case_task, due_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day by which it is done.", .example = "2018-02-14"),
	ENUM_FIELD(struct case_task, status, case_task_status, .flags = FILTER | IN_LIST,
		   .about = "open unless told.", .example = "open"),
	DATE_FIELD(struct case_task, done_on, .flags = IN_LIST,
		   .about = "Day it was done; today unless told.", .example = "2018-02-13"),
};

static int case_task_check(struct ctx *ctx, struct change *change)
{
	struct case_task *row = change->after;

	if (row->status == case_task_status_none)
		row->status = case_task_status_open;
	if (row->assignee_id.ptr == NULL && change->before == NULL)
		row->assignee_id = change->actor->user_id;
	if (row->status == case_task_status_done && row->done_on.day == 0)
		row->done_on = change->today;
	/* What is opened again is not done. */
	if (row->status != case_task_status_done)
		row->done_on = (struct date){ 0 };
	check_not_future(ctx, row->done_on, change->today, "/done_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_task_problems[] = { P_IN_THE_FUTURE, P_UNKNOWN_REFERENCE, P_NONE };

const struct resource resource_case_tasks = {
	.name = "case_tasks",
	.segment = "tasks",
	.singular = "case_task",
	.about = "Tasks of a case with their due days.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_task_fields),
	.size = sizeof(struct case_task),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "due_on",
	.check = case_task_check,
	.problems = case_task_problems,
};
