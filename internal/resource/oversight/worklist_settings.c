/* How many days before the due day a kind of work appears in a provider's work list. */

#include "resource/oversight/worklist.h"

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
