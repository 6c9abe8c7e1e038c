#include "resource/checks.h"
#include "resource/limits.h"
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

/* What each limit bounds, and in which unit: as the schema's CHECKs say, told at the member. */
static const struct {
	enum entitlement service;
	enum limit_unit unit;
} limit_kinds[] = {
	[limit_code_course] = { entitlement_course, limit_unit_days },
	[limit_code_criminal_support_minutes] = { entitlement_criminal_support,
						  limit_unit_minutes },
	[limit_code_criminal_support_consultations] = { entitlement_criminal_support,
							limit_unit_consultations },
	[limit_code_aftercare] = { entitlement_aftercare, limit_unit_consultations },
	[limit_code_family] = { entitlement_family, limit_unit_consultations },
};

/* A contract's course would bound nothing: the agency grants by the rule set. Without a window, a
 * rule set's aftercare would never end. */
static void limit_check_owner(struct ctx *ctx, const struct limit *limit)
{
	bool of_contract = limit->contract_id.ptr != NULL;

	if (of_contract && limit->code == limit_code_course)
		violate(ctx, P_CONSTRAINT, TEXT("/code"), TEXT("contract"));
	if (!of_contract && limit->code == limit_code_aftercare &&
	    limit->period != limit_period_window)
		violate(ctx, P_CONSTRAINT, TEXT("/period"), TEXT("period = window"));
}

int limit_check(struct ctx *ctx, struct change *change)
{
	const struct limit *limit = change->after;
	bool window;

	if (limit == NULL)
		return 0;
	window = limit->period == limit_period_window;
	if (limit->service != limit_kinds[limit->code].service)
		violate(ctx, P_CONSTRAINT, TEXT("/service"), TEXT("code"));
	if (limit->unit != limit_kinds[limit->code].unit)
		violate(ctx, P_CONSTRAINT, TEXT("/unit"), TEXT("code"));
	limit_check_owner(ctx, limit);
	if (window)
		check_present(ctx, limit->window_months.set, "/window_months");
	else if (limit->window_months.set)
		violate(ctx, P_CONSTRAINT, TEXT("/window_months"), TEXT("period = window"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

const enum problem limit_problems[] = { P_CONSTRAINT, P_CONFLICT, P_NONE };

static const struct field ruleset_limit_fields[] = {
	ID_FIELD(struct limit, ruleset_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "rulesets", .about = "The rule set that sets the limit.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	LIMIT_FIELDS,
};

const struct resource resource_ruleset_limits = {
	.name = "ruleset_limits",
	.table = "limits",
	.segment = "limits",
	.singular = "ruleset_limit",
	.about = "Limits of a rule set: how much of an entitlement the state pays for.",
	.tag = "Contracts",
	.parent = &resource_rulesets,
	.fields = FIELDS(ruleset_limit_fields),
	.size = sizeof(struct limit),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "code",
	.check = limit_check,
	.problems = limit_problems,
};
