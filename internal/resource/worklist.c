#include "engine/rows.h"
#include "resource/registry.h"

#define WORK_KINDS(X)                                                                              \
	X(work_kind, plan_due)                                                                     \
	X(work_kind, evaluation_due)                                                               \
	X(work_kind, decision_due)                                                                 \
	X(work_kind, aftercare_closing)                                                            \
	X(work_kind, course_ending)                                                                \
	X(work_kind, year_limit)                                                                   \
	X(work_kind, power_of_attorney_expiring)                                                   \
	X(work_kind, case_task)                                                                    \
	X(work_kind, plan_task)                                                                    \
	X(work_kind, reflection_ending)
ENUM_DECLARE(work_kind, WORK_KINDS)
ENUM_DEFINE(work_kind, WORK_KINDS)

struct work_row {
	struct record record;
	enum work_kind kind;
	struct text subject_id;
	struct date due_on;
	enum flag overdue;
	struct text responsible_id;
};

#define SHOWN (READ_ONLY | IN_LIST)

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

#define WORK_DAYS_MAX 366
/* What is further off needs no warning. */
#define WORK_PERCENT_MIN 50

struct work_setting {
	struct record record;
	enum work_kind kind;
	struct number days;
	struct number percent;
};

static const struct field work_setting_fields[] = {
	ENUM_FIELD(struct work_setting, kind, work_kind,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "What it is about, as the work list names it.", .example = "case_task"),
	INTEGER_FIELD(struct work_setting, days, 0, WORK_DAYS_MAX, .flags = IN_LIST,
		      .about = "Days before the due day on which it comes onto the list; of a "
			       "decision, days after the case began to wait for it.",
		      .example = "21"),
	INTEGER_FIELD(struct work_setting, percent, WORK_PERCENT_MIN, 100, .flags = IN_LIST,
		      .about = "Of year_limit: the part of the limit from which it is told.",
		      .example = "90"),
};

static int work_setting_check(struct ctx *ctx, struct change *change)
{
	const struct work_setting *row = change->after;
	bool of_limit;

	if (row == NULL)
		return 0;
	of_limit = row->kind == work_kind_year_limit;
	if (!(of_limit ? row->percent.set : row->days.set))
		violate(ctx, P_REQUIRED, of_limit ? TEXT("/percent") : TEXT("/days"));
	if (of_limit ? row->days.set : row->percent.set)
		violate(ctx, P_CONSTRAINT, of_limit ? TEXT("/days") : TEXT("/percent"),
			TEXT("kind"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem work_setting_problems[] = { P_CONSTRAINT, P_CONFLICT, P_NONE };

const struct resource resource_worklist_settings = {
	.name = "worklist_settings",
	.singular = "worklist_setting",
	.about = "A provider's own intervals of the work list, where the usual ones do not suit "
		 "it.",
	.tag = "Cases",
	.fields = FIELDS(work_setting_fields),
	.size = sizeof(struct work_setting),
	.traits = OF_PROVIDER,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "id",
	.check = work_setting_check,
	.problems = work_setting_problems,
};
