/* Warnings over a case, from the day they are raised until they are lifted. */

#include "resource/checks.h"
#include "resource/registry.h"

#define FLAG_KINDS(X)                                                                              \
	X(flag_kind, safety)                                                                       \
	X(flag_kind, health)                                                                       \
	X(flag_kind, self_harm)                                                                    \
	X(flag_kind, child_protection)                                                             \
	X(flag_kind, do_not_contact)                                                               \
	X(flag_kind, missing)                                                                      \
	X(flag_kind, media)                                                                        \
	X(flag_kind, other)
ENUM_DECLARE(flag_kind, FLAG_KINDS)
ENUM_DEFINE(flag_kind, FLAG_KINDS)

#define SEVERITIES(X)                                                                              \
	X(flag_severity, notice)                                                                   \
	X(flag_severity, warning)                                                                  \
	X(flag_severity, danger)
ENUM_DECLARE(flag_severity, SEVERITIES)
ENUM_DEFINE(flag_severity, SEVERITIES)

struct case_flag {
	struct record record;
	enum flag_kind kind;
	enum flag_severity severity;
	struct date raised_on;
	struct date lifted_on;
	struct text note;
};

static const struct field case_flag_fields[] = {
	ENUM_FIELD(struct case_flag, kind, flag_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What to beware of.", .example = "safety"),
	ENUM_FIELD(struct case_flag, severity, flag_severity, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "How grave it is.", .example = "danger"),
	DATE_FIELD(struct case_flag, raised_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was raised; today unless told.", .example = "2018-02-05"),
	DATE_FIELD(struct case_flag, lifted_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was lifted; null: it stands.", .example = "2018-05-02"),
	TEXT_FIELD(struct case_flag, note, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the team must know.",
		   .example = "The recruiter knows the street."),
};

static int case_flag_check(struct ctx *ctx, struct change *change)
{
	struct case_flag *row = change->after;

	if (row->raised_on.day == 0)
		row->raised_on = change->today;
	check_not_future(ctx, row->raised_on, change->today, "/raised_on");
	check_not_future(ctx, row->lifted_on, change->today, "/lifted_on");
	check_period(ctx, row->raised_on, row->lifted_on, "/lifted_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_flag_problems[] = { P_IN_THE_FUTURE, P_END_BEFORE_START, P_NONE };

const struct resource resource_case_flags = {
	.name = "case_flags",
	.segment = "flags",
	.singular = "case_flag",
	.about = "Warnings that stand over a case until they are lifted.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_flag_fields),
	.size = sizeof(struct case_flag),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.check = case_flag_check,
	.problems = case_flag_problems,
};
