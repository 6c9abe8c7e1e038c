/* Limits: which one applies, whether it is missing, how many units are left. Enter at
 * limit_of_ruleset, limit_claim and limit_blocks. Pure. */

#include "rules/contracts/limit.h"

ENUM_DEFINE(limit_code, LIMIT_CODES)
ENUM_DEFINE(limit_unit, LIMIT_UNITS)
ENUM_DEFINE(limit_holder, LIMIT_HOLDERS)
ENUM_DEFINE(limit_period, LIMIT_PERIODS)
ENUM_DEFINE(enforcement, LIMIT_ENFORCEMENTS)

bool limit_in_force(const struct limit_terms *limit, struct date day)
{
	return limit->contract_id.ptr == NULL || date_within(day, limit->starts_on, limit->ends_on);
}

const struct limit_terms *limit_of_ruleset(const struct limit_set *limits, enum limit_code code)
{
	for (size_t i = 0; i < limits->count; i++) {
		const struct limit_terms *limit = &limits->items[i];

		if (limit->code == code && limit->contract_id.ptr == NULL && limit->amount.set)
			return limit;
	}
	return NULL;
}

int limit_missing(struct ctx *ctx, const char *pointer, struct text name)
{
	if (pointer == NULL)
		return fail(ctx, P_LIMIT_MISSING, name);
	return fail_at(ctx, P_LIMIT_MISSING, pointer, name);
}

int ruleset_check_limits(struct ctx *ctx, const struct limit_set *limits)
{
	static const enum limit_code named[] = { limit_code_course,
						 limit_code_criminal_support_minutes,
						 limit_code_aftercare, limit_code_family };

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (limit_of_ruleset(limits, named[i]) == NULL)
			return limit_missing(ctx, NULL,
					     enumeration_name(&limit_code_values, (int)named[i]));
	return 0;
}

static bool contract_has_limit(const struct limit_set *limits, struct text contract_id,
			       enum limit_code code)
{
	for (size_t i = 0; i < limits->count; i++)
		if (limits->items[i].code == code && limits->items[i].amount.set &&
		    text_eq(limits->items[i].contract_id, contract_id))
			return true;
	return false;
}

int limits_check(struct ctx *ctx, const struct limit_set *limits, enum limit_code code,
		 enum limit_code contract_code, struct date day)
{
	if (limit_of_ruleset(limits, code) == NULL)
		return limit_missing(ctx, "/funding",
				     enumeration_name(&limit_code_values, (int)code));
	for (size_t i = 0; contract_code != limit_code_none && i < limits->count; i++) {
		const struct limit_terms *limit = &limits->items[i];

		if (limit->contract_id.ptr == NULL || !limit_in_force(limit, day) ||
		    contract_has_limit(limits, limit->contract_id, contract_code))
			continue;
		return limit_missing(ctx, "/funding",
				     enumeration_name(&limit_code_values, (int)contract_code));
	}
	return 0;
}

static int date_year(struct date date)
{
	int year, month, day;

	date_split(date, &year, &month, &day);
	return year;
}

size_t minutes_by_year(struct instant start, int64_t minutes,
		       struct year_minutes ret[LIMIT_CLAIMS_MAX])
{
	int year = date_year(instant_date(start));
	int64_t until_midnight = date_start(date_of(year + 1, 1, 1)).us - start.us;
	int64_t first;

	if (minutes * INSTANT_MINUTE <= until_midnight) {
		ret[0] = (struct year_minutes){ year, minutes };
		return 1;
	}
	/* A minute that straddles midnight began in the old year. */
	first = (until_midnight + INSTANT_MINUTE - 1) / INSTANT_MINUTE;
	ret[0] = (struct year_minutes){ year, first };
	if (first == minutes)
		return 1;
	ret[1] = (struct year_minutes){ year + 1, minutes - first };
	return 2;
}

static size_t limit_claim_minutes(bool yearly, struct instant start, int64_t minutes,
				  struct limit_claim ret[LIMIT_CLAIMS_MAX])
{
	struct year_minutes years[LIMIT_CLAIMS_MAX];
	size_t count;

	if (minutes == 0)
		return 0;
	if (!yearly) {
		ret[0] = (struct limit_claim){ 0, minutes };
		return 1;
	}
	count = minutes_by_year(start, minutes, years);
	for (size_t i = 0; i < count; i++)
		ret[i] = (struct limit_claim){ years[i].year, years[i].minutes };
	return count;
}

size_t limit_claim(const struct limit_terms *limit, struct instant start, int64_t minutes,
		   struct limit_claim ret[LIMIT_CLAIMS_MAX])
{
	bool yearly = limit->period == limit_period_calendar_year;

	switch (limit->unit) {
	case limit_unit_consultations:
		ret[0] = (struct limit_claim){ yearly ? date_year(instant_date(start)) : 0, 1 };
		return 1;
	case limit_unit_minutes:
		return limit_claim_minutes(yearly, start, minutes, ret);
	default:
		return 0;
	}
}

struct text limit_claim_period(struct ctx *ctx, const struct limit_claim *claim)
{
	if (claim->year == 0)
		return TEXT("whole");
	return arena_format(ctx->arena, "%d", claim->year);
}

int64_t limit_left(struct ctx *ctx, const struct limit_terms *limit, const struct limit_uses *uses,
		   const struct limit_claim *claim)
{
	struct text period = limit_claim_period(ctx, claim);
	int64_t left = limit->amount.value;

	for (size_t i = 0; i < uses->count; i++) {
		const struct limit_use *use = &uses->items[i];

		if (text_eq(use->limit_id, limit->id) && text_eq(use->period, period))
			left -= use->used.value;
	}
	return left > 0 ? left : 0;
}

bool limit_blocks(struct ctx *ctx, const struct limit_terms *limit, const struct limit_uses *uses,
		  const struct limit_claim *claim)
{
	if (limit->enforcement == enforcement_warn)
		return false;
	return limit_left(ctx, limit, uses, claim) < claim->units;
}
