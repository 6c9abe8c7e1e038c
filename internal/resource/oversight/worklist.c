/* A view: what is due or overdue in the caller's cases (schema/90_worklist.sql), computed at
 * each read. */

#include "resource/oversight/worklist.h"

ENUM_DEFINE(work_kind, WORK_KINDS)

struct work_row {
	struct record record;
	enum work_kind kind;
	struct text subject_id;
	struct date due_on;
	enum flag overdue;
	struct text responsible_id;
};

static const struct field work_fields[] = {
	ENUM_FIELD(struct work_row, kind, work_kind, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "What is to be done, or what ends.", .example = "plan_due"),
	ID_FIELD(struct work_row, subject_id, .flags = SHOWN | REQUIRED,
		 .about = "The row that it is about: the case, plan, task, power of attorney, "
			  "reflection period, or counter of the limit.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct work_row, due_on, .flags = SHOWN | REQUIRED | FILTER | SORT,
		   .about = "The day by which it is due; of a year's limit, today.",
		   .example = "2018-02-15"),
	FLAG_FIELD(struct work_row, overdue, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "Whether that day has passed.", .example = "false"),
	ID_FIELD(struct work_row, responsible_id, .flags = SHOWN | FILTER, .references = "users",
		 .about = "Who is to do it: whom a task names, else the case worker.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
};

const struct resource resource_worklist = {
	.name = "worklist",
	.singular = "work_item",
	.about = "What is due or overdue in the caller's cases, computed when it is asked for.",
	.tag = "Cases",
	.fields = FIELDS(work_fields),
	.size = sizeof(struct work_row),
	.traits = IS_VIEW | OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST,
	.sort = "due_on",
};
