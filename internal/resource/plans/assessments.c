/* Assessments of functional abilities; one comes before the plan (R16). The author may mend it
 * on its own day; after that it is corrected by another (R19). */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"

#define ASSESSMENT_KINDS(X)                                                                        \
	X(assessment_kind, initial)                                                                \
	X(assessment_kind, repeated)                                                               \
	X(assessment_kind, final)
ENUM_DECLARE(assessment_kind, ASSESSMENT_KINDS)
ENUM_DEFINE(assessment_kind, ASSESSMENT_KINDS)

/* Functional abilities by domain; a null was not looked at. */
struct assessment {
	struct record record;
	enum assessment_kind kind;
	struct date assessed_on;
	struct text assessor_id;
	struct number housing;
	struct number safety;
	struct number physical_health;
	struct number mental_health;
	struct number self_care;
	struct number social_network;
	struct number education_work;
	struct number finances;
	struct number legal;
	struct number language;
	struct text findings;
	struct text needs;
	struct text corrects_id;
	enum flag superseded;
};

/* The scale is that of the ICF's qualifiers. */
#define DOMAIN_FIELD(member, what)                                                                 \
	INTEGER_FIELD(struct assessment, member, 0, 4,                                             \
		      .about = what ": 0 no difficulty … 4 complete; null: not assessed.",         \
		      .example = "2")

static const struct field assessment_fields[] = {
	ENUM_FIELD(struct assessment, kind, assessment_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "At which point of the case it was made.", .example = "initial"),
	DATE_FIELD(struct assessment, assessed_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day of the assessment.", .example = "2018-01-30"),
	ID_FIELD(struct assessment, assessor_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who assessed; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DOMAIN_FIELD(housing, "A place to live"),
	DOMAIN_FIELD(safety, "Safety from the traffickers and others"),
	DOMAIN_FIELD(physical_health, "Physical health"),
	DOMAIN_FIELD(mental_health, "Mental health"),
	DOMAIN_FIELD(self_care, "Looking after oneself"),
	DOMAIN_FIELD(social_network, "Family and friends"),
	DOMAIN_FIELD(education_work, "Education and work"),
	DOMAIN_FIELD(finances, "Income and debts"),
	DOMAIN_FIELD(legal, "Papers and legal matters"),
	DOMAIN_FIELD(language, "Speaking the country's language"),
	TEXT_FIELD(struct assessment, findings, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What was found.", .example = "Sleeps badly; manages her household."),
	TEXT_FIELD(struct assessment, needs, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the client needs.",
		   .example = "A safe flat, psychologist weekly."),
	ID_FIELD(struct assessment, corrects_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "assessments", .about = "The record that this one corrects (R19).",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8060"),
	FLAG_FIELD(struct assessment, superseded, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether a correction stands in its place.", .example = "false"),
};

struct corrected_fact {
	enum flag superseded;
};

static const struct field corrected_fields[] = {
	FLAG_FIELD(struct corrected_fact, superseded),
};

static const struct facts assessment_facts[] = {
	{ .view = "assessments",
	  .fields = corrected_fields,
	  .field_count = 1,
	  .size = sizeof(struct corrected_fact),
	  .keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } },
};

/* R19: on its own day the author may still mend a slip; after that a new assessment is made. */
static bool assessment_is_open(const struct change *change)
{
	const struct assessment *before = change->before;
	const struct record *record = &before->record;

	return before->superseded != FLAG_YES &&
	       text_eq(record->created_by, change->actor->user_id) &&
	       instant_date(record->created_at).day == change->today.day;
}

static int assessment_check_correction(struct ctx *ctx, const struct change *change)
{
	const struct corrected_fact *corrected = change->facts[0].rows;
	const struct assessment *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[0].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("assessment"));
	return correction_check(ctx, consultation_outcome_held, corrected->superseded);
}

static int assessment_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	struct assessment *row = change->after;

	if (change->before != NULL && !assessment_is_open(change) &&
	    !change_only(&resource_assessments, change, nothing))
		return fail(ctx, P_ALREADY_FINAL);
	if (row->assessor_id.ptr == NULL)
		row->assessor_id = change->actor->user_id;
	check_not_future(ctx, row->assessed_on, change->today, "/assessed_on");
	if (ctx->violation_count > 0)
		return violations_close(ctx, P_VALIDATION_FAILED);
	return assessment_check_correction(ctx, change);
}

static int assessment_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct assessment *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_assessments, row->corrects_id, effects);
}

static const enum problem assessment_problems[] = { P_ALREADY_FINAL, P_IN_THE_FUTURE,
						    P_UNKNOWN_REFERENCE, P_CONFLICT, P_NONE };

const struct resource resource_assessments = {
	.name = "assessments",
	.singular = "assessment",
	.about = "Assessments of functional abilities; one comes before the plan (R16).",
	.tag = "Plans",
	.parent = &resource_cases,
	.fields = FIELDS(assessment_fields),
	.size = sizeof(struct assessment),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-assessed_on",
	.facts = assessment_facts,
	.fact_count = 1,
	.check = assessment_check,
	.effects = assessment_effects,
	.problems = assessment_problems,
};
