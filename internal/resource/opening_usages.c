#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"
#include "service/rules/words.h"

#define UNITS_MAX 10000000

struct opening_usage {
	struct record record;
	struct text code;
	struct number year;
	struct number units;
	struct text source;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field opening_usage_fields[] = {
	TEXT_FIELD(struct opening_usage, code, 40, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "The limit, as the case's entitlements name it.",
		   .example = "aftercare"),
	INTEGER_FIELD(struct opening_usage, year, 2000, 2199, .flags = FILTER | IN_LIST,
		      .about = "Of a limit by calendar year: which one; of others null.",
		      .example = "2018"),
	INTEGER_FIELD(
		struct opening_usage, units, 0, UNITS_MAX, .flags = REQUIRED | IN_LIST,
		.about = "What was used, in the limit's unit, also beyond the limit; 0 only in "
			 "a correction: it undoes the record.",
		.example = "2"),
	TEXT_FIELD(struct opening_usage, source, 2000, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_NARRATIVE,
		   .about = "Where it stands: a register, a file on paper; of a correction, why.",
		   .example = "Register of 2017, entry 12"),
	ID_FIELD(struct opening_usage, corrects_id, .flags = IN_LIST,
		 .references = "opening_usages",
		 .about = "The record that this one corrects (R19).",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8060"),
	FLAG_FIELD(struct opening_usage, superseded, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether a correction stands in its place.", .example = "false"),
};

enum { FACT_CASE, FACT_LIMITS, FACT_HOLDINGS, FACT_CORRECTED, FACT_COUNT };

struct corrected_fact {
	enum flag superseded;
};

static const struct field corrected_fields[] = {
	FLAG_FIELD(struct corrected_fact, superseded),
};

static const struct facts opening_usage_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_LIMITS] = FACTS_LIMITS,
	[FACT_HOLDINGS] = FACTS_HOLDINGS,
	[FACT_CORRECTED] = { .view = "opening_usages",
			     .fields = corrected_fields,
			     .field_count = 1,
			     .size = sizeof(struct corrected_fact),
			     .keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } },
};

/* By its code; NULL: the case has none such. The holding is the row of the same index. */
static const struct limit_terms *opening_limit(const struct change *change,
					       const struct limit_holding **ret_holding)
{
	const struct limit_terms *limits = change->facts[FACT_LIMITS].rows;
	const struct limit_holding *holdings = change->facts[FACT_HOLDINGS].rows;
	const struct opening_usage *row = change->after;

	for (size_t i = 0; i < change->facts[FACT_LIMITS].count; i++)
		if (text_eq(limits[i].code, row->code)) {
			*ret_holding = &holdings[i];
			return &limits[i];
		}
	return NULL;
}

static int64_t year_of(struct date date)
{
	int year, month, day;

	date_split(date, &year, &month, &day);
	return year;
}

/* A year that has come and, of a contract's limit, one of the contract's. */
static void opening_check_year(struct ctx *ctx, const struct change *change,
			       const struct limit_holding *holding, int64_t year)
{
	int64_t first = 2000;
	int64_t last = year_of(change->today);

	if (holding->starts_on.day != 0)
		first = year_of(holding->starts_on);
	if (holding->ends_on.day != 0 && year_of(holding->ends_on) < last)
		last = year_of(holding->ends_on);
	if (year < first || year > last)
		violate(ctx, P_OUT_OF_RANGE, TEXT("/year"), words_number(ctx, first),
			words_number(ctx, last));
}

static int opening_check_correction(struct ctx *ctx, const struct change *change)
{
	const struct corrected_fact *corrected = change->facts[FACT_CORRECTED].rows;
	const struct opening_usage *row = change->after;

	if (row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[FACT_CORRECTED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("opening usage"));
	return correction_check(ctx, consultation_outcome_held, corrected->superseded);
}

static int opening_usage_check(struct ctx *ctx, struct change *change)
{
	const struct opening_usage *row = change->after;
	const struct limit_holding *holding = NULL;
	const struct limit_terms *limit;
	bool yearly;
	int rc;

	if (change->facts[FACT_CASE].count == 0)
		return 0;
	limit = opening_limit(change, &holding);
	if (limit == NULL)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/code", TEXT("limit"));
	/* The days of a course pass by themselves: nothing counts them. */
	if (limit->unit == limit_unit_days)
		violate(ctx, P_CONSTRAINT, TEXT("/code"), TEXT("unit = consultations | minutes"));
	if (row->units.value == 0 && row->corrects_id.ptr == NULL)
		violate(ctx, P_OUT_OF_RANGE, TEXT("/units"), TEXT("1"),
			words_number(ctx, UNITS_MAX));
	yearly = limit->period == limit_period_calendar_year;
	check_present(ctx, !yearly || row->year.set, "/year");
	if (!yearly && row->year.set)
		violate(ctx, P_CONSTRAINT, TEXT("/year"), TEXT("period = calendar_year"));
	if (yearly && row->year.set)
		opening_check_year(ctx, change, holding, row->year.value);
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	return rc != 0 ? rc : opening_check_correction(ctx, change);
}

static int opening_usage_effects(struct ctx *ctx, const struct change *change,
				 struct effects *effects)
{
	const struct opening_usage *row = change->after;
	const struct limit_holding *holding = NULL;
	const struct limit_terms *limit = opening_limit(change, &holding);
	struct limit_claim claim = { (int)row->year.value, row->units.value };
	int rc = 0;

	if (limit == NULL)
		return 0;
	if (row->corrects_id.ptr != NULL)
		rc = usage_supersede(ctx, &resource_opening_usages, row->corrects_id, effects);
	if (rc != 0 || claim.units == 0)
		return rc;
	return usage_take_opening(ctx, limit, holding, &claim, effects);
}

static const enum problem opening_usage_problems[] = {
	P_UNKNOWN_REFERENCE, P_CONSTRAINT, P_CONFLICT, P_CASE_TRANSFERRED, P_NONE,
};

const struct resource resource_opening_usages = {
	.name = "opening_usages",
	.singular = "opening_usage",
	.about = "What was used of a limit before the system: always recorded, and counted for the "
		 "own client alone; final, and corrected by another (R19).",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(opening_usage_fields),
	.size = sizeof(struct opening_usage),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE,
	.sort = "-created_at",
	.facts = opening_usage_facts,
	.fact_count = FACT_COUNT,
	.check = opening_usage_check,
	.effects = opening_usage_effects,
	.problems = opening_usage_problems,
};
