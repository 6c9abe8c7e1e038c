/* Plans of social rehabilitation (R16): drafted, agreed, active, completed or replaced. An
 * agreed plan is never edited; a newer one takes its place. plan_part_check: what its parts may
 * change. */

#include "resource/plans/plans.h"

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/usage.h"

#include <errno.h>

struct plan {
	struct record record;
	struct number number;
	struct text replaces_id;
	enum plan_status status;
	struct text needs;
	struct text goal;
	struct date drawn_on;
	struct date starts_on;
	struct date ends_on;
	enum flag client_agreed;
	struct date agreed_on;
	struct date activated_on;
	struct date completed_on;
};

static const struct field plan_fields[] = {
	INTEGER_FIELD(struct plan, number, 1, FIELD_INTEGER_MAX,
		      .flags = READ_ONLY | FILTER | SORT | IN_LIST,
		      .about = "The plan's version within the case.", .example = "1"),
	ID_FIELD(struct plan, replaces_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "plans",
		 .about = "Agreed or active plan that this one replaces when it becomes active.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct plan, status, plan_status, .flags = FILTER | IN_LIST,
		   .about = "draft at first; only drafts are edited (R16, R19).",
		   .example = "draft"),
	TEXT_FIELD(struct plan, needs, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the client needs.", .example = "Housing, work, legal help."),
	TEXT_FIELD(struct plan, goal, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What is to be reached.", .example = "Lives and works on her own."),
	DATE_FIELD(struct plan, drawn_on, .flags = IN_LIST,
		   .about = "Day it was drawn up; today unless told.", .example = "2018-02-02"),
	DATE_FIELD(struct plan, starts_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "First day of the plan.", .example = "2018-02-05"),
	DATE_FIELD(struct plan, ends_on, .flags = FILTER | IN_LIST,
		   .about = "Last day, within the course (R16); a draft may leave it open.",
		   .example = "2018-07-30"),
	FLAG_FIELD(struct plan, client_agreed, .flags = IN_LIST,
		   .about = "Whether the client agreed to it; null: not asked yet.",
		   .example = "true"),
	DATE_FIELD(struct plan, agreed_on, .flags = IN_LIST,
		   .about = "Day of status agreed, given with it; else today.",
		   .example = "2018-02-05"),
	DATE_FIELD(struct plan, activated_on, .flags = IN_LIST,
		   .about = "Day of status active, given with it; else today.",
		   .example = "2018-02-06"),
	DATE_FIELD(struct plan, completed_on, .flags = IN_LIST,
		   .about = "Day of status completed, given with it; else today.",
		   .example = "2018-07-30"),
};

const struct field plan_fact_fields[] = {
	ENUM_FIELD(struct plan_fact, status, plan_status),
	DATE_FIELD(struct plan_fact, starts_on),
	DATE_FIELD(struct plan_fact, ends_on),
	DATE_FIELD(struct plan_fact, activated_on),
};
_Static_assert(sizeof(plan_fact_fields) / sizeof(struct field) == PLAN_FACT_FIELDS, "count");

enum { FACT_CASE, FACT_ASSESSED, FACT_REPLACED, FACT_SERVICES, FACT_COUNT };

static const struct field assessed_fields[] = {
	DATE_FIELD(struct plan_terms, assessed_on),
};

static const struct field span_fields[] = {
	DATE_FIELD(struct plan_fact, starts_on),
	DATE_FIELD(struct plan_fact, ends_on),
};

static const struct facts plan_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_ASSESSED] = { .view = "case_first_assessments",
			    .fields = assessed_fields,
			    .field_count = 1,
			    .size = sizeof(struct plan_terms),
			    .keys = CASE_KEY },
	[FACT_REPLACED] = { .view = "plans",
			    .fields = plan_fact_fields,
			    .field_count = PLAN_FACT_FIELDS,
			    .size = sizeof(struct plan_fact),
			    .keys = { { "id", "replaces_id" }, { "case_id", "case_id" } } },
	[FACT_SERVICES] = { .view = "plan_service_days",
			    .fields = span_fields,
			    .field_count = 2,
			    .size = sizeof(struct plan_fact),
			    .keys = { { "plan_id", "id" } } },
};

static enum plan_status plan_status_before(const struct change *change)
{
	const struct plan *before = change->before;

	return before != NULL ? before->status : plan_status_none;
}

static void plan_default_day(struct date *day, bool needed, struct date today)
{
	if (needed && day->day == 0)
		*day = today;
}

static void plan_defaults(struct plan *row, enum plan_status from, struct date today)
{
	if (row->status == plan_status_none)
		row->status = plan_status_draft;
	plan_default_day(&row->drawn_on, true, today);
	if (row->status == from)
		return;
	plan_default_day(&row->agreed_on, row->status == plan_status_agreed, today);
	plan_default_day(&row->activated_on, row->status == plan_status_active, today);
	plan_default_day(&row->completed_on, row->status == plan_status_completed, today);
}

/* Beyond the draft only the steps are recorded, each with its day. */
static int plan_check_edit(struct ctx *ctx, const struct change *change)
{
	static const char *const agreed[] = { "status", "client_agreed", "activated_on", NULL };
	static const char *const active[] = { "status", "completed_on", NULL };
	static const char *const nothing[] = { NULL };
	enum plan_status from = plan_status_before(change);
	const char *const *members = nothing;

	if (from == plan_status_agreed)
		members = agreed;
	else if (from == plan_status_active)
		members = active;
	if (change->before != NULL && change_only(&resource_plans, change, members))
		return 0;
	return plan_edit_check(ctx, from);
}

static void plan_check_step_day(struct ctx *ctx, struct date day, bool may, const char *pointer,
				struct text rule)
{
	if (day.day != 0 && !may)
		violate(ctx, P_CONSTRAINT, text_of(pointer), rule);
}

static int plan_check_days(struct ctx *ctx, const struct plan *row, enum plan_status from,
			   struct date today)
{
	bool unused = row->status <= plan_status_agreed ||
		      (from == plan_status_agreed && row->status == plan_status_replaced);

	plan_check_step_day(ctx, row->agreed_on, row->status != plan_status_draft, "/agreed_on",
			    TEXT("status = agreed"));
	plan_check_step_day(ctx, row->activated_on, !unused, "/activated_on",
			    TEXT("status = active"));
	plan_check_step_day(ctx, row->completed_on, row->status == plan_status_completed,
			    "/completed_on", TEXT("status = completed"));
	check_not_future(ctx, row->drawn_on, today, "/drawn_on");
	check_not_future(ctx, row->agreed_on, today, "/agreed_on");
	check_not_future(ctx, row->activated_on, today, "/activated_on");
	check_not_future(ctx, row->completed_on, today, "/completed_on");
	check_period(ctx, row->drawn_on, row->agreed_on, "/agreed_on");
	check_period(ctx, row->agreed_on, row->activated_on, "/activated_on");
	check_period(ctx, row->activated_on, row->completed_on, "/completed_on");
	check_present(ctx, row->status == plan_status_draft || row->ends_on.day != 0, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* A draft is changed itself; what has ended is no longer replaced. */
static int plan_check_replaced(struct ctx *ctx, const struct change *change)
{
	const struct plan_fact *replaced = change->facts[FACT_REPLACED].rows;
	const struct plan *row = change->after;

	if (change->before != NULL || row->replaces_id.ptr == NULL)
		return 0;
	if (change->facts[FACT_REPLACED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/replaces_id", TEXT("plan"));
	if (replaced->status == plan_status_draft)
		return fail_at(ctx, P_NOT_FINAL, "/replaces_id");
	if (replaced->status != plan_status_agreed && replaced->status != plan_status_active)
		return fail_at(ctx, P_ALREADY_FINAL, "/replaces_id");
	return 0;
}

static int plan_check_services(struct ctx *ctx, const struct change *change)
{
	const struct plan_fact *span = change->facts[FACT_SERVICES].rows;
	const struct plan *row = change->after;

	if (change->facts[FACT_SERVICES].count == 0)
		return 0;
	if (span->starts_on.day != 0 && row->starts_on.day > span->starts_on.day)
		violate(ctx, P_CONSTRAINT, TEXT("/starts_on"),
			TEXT("starts_on <= services.starts_on"));
	if (row->ends_on.day != 0 && row->ends_on.day < span->ends_on.day)
		violate(ctx, P_CONSTRAINT, TEXT("/ends_on"), TEXT("ends_on >= services.ends_on"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* R16 is judged while it is a draft, and when it becomes active: the course may have been granted
 * since. */
static int plan_check_course(struct ctx *ctx, const struct change *change)
{
	const struct plan_terms *assessed = change->facts[FACT_ASSESSED].rows;
	const struct plan *row = change->after;
	enum plan_status from = plan_status_before(change);
	struct plan_terms terms = { row->drawn_on, row->starts_on, row->ends_on, { 0 } };
	int rc;

	if (change->facts[FACT_CASE].count == 0 ||
	    (from == plan_status_agreed && row->status != plan_status_active) ||
	    from > plan_status_agreed)
		return 0;
	if (change->facts[FACT_ASSESSED].count > 0)
		terms.assessed_on = assessed->assessed_on;
	rc = plan_check(ctx, change->facts[FACT_CASE].rows, &terms);
	return rc != 0 ? rc : plan_check_services(ctx, change);
}

static int plan_row_check(struct ctx *ctx, struct change *change)
{
	enum plan_status from = plan_status_before(change);
	struct plan *row = change->after;
	int rc;

	plan_defaults(row, from, change->today);
	rc = plan_status_check(ctx, from, row->status);
	if (rc == 0)
		rc = plan_check_edit(ctx, change);
	if (rc == 0)
		rc = plan_check_days(ctx, row, from, change->today);
	if (rc == 0)
		rc = plan_check_replaced(ctx, change);
	return rc != 0 ? rc : plan_check_course(ctx, change);
}

/* One plan of a case is active: the one that it takes the place of goes first. */
static int plan_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	static const char *const members[] = { "status", NULL };
	const struct plan_fact *replaced = change->facts[FACT_REPLACED].rows;
	const struct plan *row = change->after;
	struct plan *values;

	if (row->status != plan_status_active || plan_status_before(change) == plan_status_active ||
	    change->facts[FACT_REPLACED].count == 0 ||
	    (replaced->status != plan_status_agreed && replaced->status != plan_status_active))
		return 0;
	values = arena_alloc(ctx->arena, sizeof(*values));
	if (values == NULL)
		return -ENOMEM;
	values->status = plan_status_replaced;
	effect_set(effects, &resource_plans, row->replaces_id, values, members);
	return 0;
}

int plan_part_check(struct ctx *ctx, const struct resource *resource, const struct change *change,
		    const char *const *progress)
{
	const struct plan_fact *plan = change->facts[0].rows;

	if (change->facts[0].count == 0)
		return fail(ctx, P_NOT_FOUND);
	if (plan->status == plan_status_active && change->before != NULL && change->after != NULL &&
	    change_only(resource, change, progress))
		return 0;
	return plan_edit_check(ctx, plan->status);
}

static const enum problem plan_problems[] = {
	P_ASSESSMENT_MISSING, P_PLAN_TOO_LONG, P_END_BEFORE_START,
	P_ILLEGAL_TRANSITION, P_ALREADY_FINAL, P_NOT_FINAL,
	P_CONFLICT,	      P_IN_THE_FUTURE, P_CONSTRAINT,
	P_UNKNOWN_REFERENCE,  P_NONE,
};

const struct resource resource_plans = {
	.name = "plans",
	.singular = "plan",
	.about = "Plans of social rehabilitation; an agreed one is replaced, never edited.",
	.tag = "Plans",
	.parent = &resource_cases,
	.fields = FIELDS(plan_fields),
	.size = sizeof(struct plan),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-number",
	.facts = plan_facts,
	.fact_count = FACT_COUNT,
	.check = plan_row_check,
	.effects = plan_effects,
	.problems = plan_problems,
};
