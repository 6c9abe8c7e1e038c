/* Rule sets: which law holds for an application of which day (R31). */

#include "resource/checks.h"
#include "resource/registry.h"

struct ruleset {
	struct record record;
	struct text code;
	struct text title;
	struct text law;
	struct date starts_on;
	struct date ends_on;
	struct number aftercare_minutes;
	enum flag no_show_consumes;
	enum flag witness_supported;
	enum flag interpreter_only_where_none;
	struct number plan_due_days;
	struct number evaluation_days;
};

static const struct field ruleset_fields[] = {
	TEXT_FIELD(struct ruleset, code, 40,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,
		   .about = "Short name of the rule set.", .example = "MK344-2019"),
	TEXT_FIELD(struct ruleset, title, 300, .flags = REQUIRED | IN_LIST,
		   .about = "What it regulates.",
		   .example = "Sociālās rehabilitācijas pakalpojumi cilvēku tirdzniecības upuriem"),
	TEXT_FIELD(struct ruleset, law, 300, .flags = REQUIRED, .about = "The act behind it.",
		   .example = "Ministru kabineta 2019. gada 16. jūlija noteikumi Nr. 344"),
	DATE_FIELD(struct ruleset, starts_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "First application day that it governs.", .example = "2019-07-20"),
	DATE_FIELD(struct ruleset, ends_on, .flags = FILTER | IN_LIST,
		   .about = "Last application day that it governs; null while it is in force.",
		   .example = "2019-07-19"),
	INTEGER_FIELD(struct ruleset, aftercare_minutes, 1, 1440, .flags = REQUIRED,
		      .about = "Longest consultation after the course, in minutes.",
		      .example = "60"),
	FLAG_FIELD(struct ruleset, no_show_consumes, .flags = REQUIRED,
		   .about = "Whether an appointment that the client missed counts against limits.",
		   .example = "false"),
	FLAG_FIELD(struct ruleset, witness_supported, .flags = REQUIRED,
		   .about = "Whether witnesses with a certificate have support in criminal "
			    "proceedings.",
		   .example = "true"),
	FLAG_FIELD(
		struct ruleset, interpreter_only_where_none, .flags = REQUIRED,
		.about =
			"Whether interpreting is paid for only where the proceedings provide none.",
		.example = "true"),
	INTEGER_FIELD(struct ruleset, plan_due_days, 1, 180, .flags = REQUIRED,
		      .about = "Days from the course's start to an active plan.", .example = "14"),
	INTEGER_FIELD(struct ruleset, evaluation_days, 1, 180, .flags = REQUIRED,
		      .about = "Days from one evaluation to the next.", .example = "30"),
};

static int ruleset_check(struct ctx *ctx, struct change *change)
{
	const struct ruleset *ruleset = change->after;

	if (ruleset == NULL)
		return 0;
	check_period(ctx, ruleset->starts_on, ruleset->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem ruleset_problems[] = { P_END_BEFORE_START, P_CONFLICT, P_NONE };

const struct resource resource_rulesets = {
	.name = "rulesets",
	.singular = "ruleset",
	.about = "Effective-dated rule sets: what the state pays for, by the application's day.",
	.tag = "Contracts",
	.fields = FIELDS(ruleset_fields),
	.size = sizeof(struct ruleset),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_on",
	.check = ruleset_check,
	.problems = ruleset_problems,
};
