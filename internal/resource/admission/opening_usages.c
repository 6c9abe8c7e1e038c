/* What was used of a limit before the system. It is recorded even beyond the limit, and counts
 * on the own client's counter alone. */

#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"
#include "rules/words.h"

#define UNITS_MAX 10000000

struct opening_usage {
	struct record record;
	enum limit_code code;
	struct number year;
	struct number units;
	struct text source;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field opening_usage_fields[] = {
	ENUM_FIELD(struct opening_usage, code, limit_code, .flags = REQUIRED | FILTER | IN_LIST,
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

static int64_t year_of(struct date date)
{
	int year, month, day;

	date_split(date, &year, &month, &day);
	return year;
}

/* A year that has come and, of a contract's limit, one of the contract's. */
static bool opening_fits_year(const struct limit_terms *limit, struct date today, int64_t year,
			      int64_t *ret_first, int64_t *ret_last)
{
	*ret_first = limit->starts_on.day != 0 ? year_of(limit->starts_on) : 2000;
	*ret_last = year_of(today);
	if (limit->ends_on.day != 0 && year_of(limit->ends_on) < *ret_last)
		*ret_last = year_of(limit->ends_on);
	return *ret_first <= year && year <= *ret_last;
}

/* As the acts themselves: every limit of that name that was in force, of rule set and contracts. */
static bool opening_counts(const struct change *change, const struct limit_terms *limit)
{
	const struct opening_usage *row = change->after;
	int64_t first, last;

	if (limit->code != row->code || limit->unit == limit_unit_days)
		return false;
	if ((limit->period == limit_period_calendar_year) != row->year.set)
		return false;
	return !row->year.set ||
	       opening_fits_year(limit, change->today, row->year.value, &first, &last);
}

/* Why none of the limits counts it, told by the first of that name. */
static int opening_check_limit(struct ctx *ctx, const struct change *change)
{
	const struct limit_terms *limit = change->facts[FACT_LIMITS].rows;
	const struct opening_usage *row = change->after;
	const struct limit_terms *end = limit + change->facts[FACT_LIMITS].count;
	int64_t first, last;
	bool yearly;

	while (limit < end && limit->code != row->code)
		limit++;
	if (limit == end)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/code", TEXT("limit"));
	/* The days of a course pass by themselves: nothing counts them. */
	if (limit->unit == limit_unit_days)
		violate(ctx, P_CONSTRAINT, TEXT("/code"), TEXT("unit = consultations | minutes"));
	yearly = limit->period == limit_period_calendar_year;
	check_present(ctx, !yearly || row->year.set, "/year");
	if (!yearly && row->year.set)
		violate(ctx, P_CONSTRAINT, TEXT("/year"), TEXT("period = calendar_year"));
	if (yearly && row->year.set &&
	    !opening_fits_year(limit, change->today, row->year.value, &first, &last))
		violate(ctx, P_OUT_OF_RANGE, TEXT("/year"), words_number(ctx, first),
			words_number(ctx, last));
	return 0;
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
	const struct limit_terms *limits = change->facts[FACT_LIMITS].rows;
	const struct opening_usage *row = change->after;
	bool counts = false;
	int rc = 0;

	if (change->facts[FACT_CASE].count == 0)
		return 0;
	for (size_t i = 0; i < change->facts[FACT_LIMITS].count; i++)
		counts = counts || opening_counts(change, &limits[i]);
	if (!counts)
		rc = opening_check_limit(ctx, change);
	if (rc != 0)
		return rc;
	if (row->units.value == 0 && row->corrects_id.ptr == NULL)
		violate(ctx, P_OUT_OF_RANGE, TEXT("/units"), TEXT("1"),
			words_number(ctx, UNITS_MAX));
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	return rc != 0 ? rc : opening_check_correction(ctx, change);
}

static int opening_usage_effects(struct ctx *ctx, const struct change *change,
				 struct effects *effects)
{
	const struct limit_holding *holdings = change->facts[FACT_HOLDINGS].rows;
	const struct limit_terms *limits = change->facts[FACT_LIMITS].rows;
	const struct opening_usage *row = change->after;
	struct limit_claim claim = { (int)row->year.value, row->units.value };
	int rc = 0;

	if (row->corrects_id.ptr != NULL)
		rc = usage_supersede(ctx, &resource_opening_usages, row->corrects_id, effects);
	for (size_t i = 0; rc == 0 && claim.units > 0 && i < change->facts[FACT_LIMITS].count; i++)
		if (opening_counts(change, &limits[i]))
			rc = usage_take_opening(ctx, &limits[i], &holdings[i], &claim, effects);
	return rc;
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
