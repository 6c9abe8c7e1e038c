#include "rules_kit.h"
#include "rules/contracts/limit.h"
#include "rules/steps.h"
#include "rules/words.h"

static struct limit_terms limit_of(enum limit_unit unit, enum limit_period period, int64_t amount)
{
	return (struct limit_terms){ .id = TEXT("limit"),
				     .unit = unit,
				     .period = period,
				     .amount = NUMBER(amount),
				     .enforcement = enforcement_block };
}

static void new_years_midnight_in_riga_splits_twenty_and_forty(void **state)
{
	struct year_minutes years[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(minutes_by_year(at("2018-12-31T23:40:00+02:00"), 60, years), 2);
	assert_int_equal(years[0].year, 2018);
	assert_int_equal(years[0].minutes, 20);
	assert_int_equal(years[1].year, 2019);
	assert_int_equal(years[1].minutes, 40);
}

static void midnight_is_rigas_and_not_utcs(void **state)
{
	struct year_minutes years[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(minutes_by_year(at("2018-12-31T23:40:00Z"), 60, years), 1);
	assert_int_equal(years[0].year, 2019);
	assert_int_equal(minutes_by_year(at("2018-12-31T21:59:00Z"), 60, years), 2);
	assert_int_equal(years[0].minutes, 1);
	assert_int_equal(minutes_by_year(at("2018-06-30T23:30:00+03:00"), 60, years), 1);
	assert_int_equal(years[0].year, 2018);
}

static void what_ends_at_midnight_stays_in_its_year(void **state)
{
	struct year_minutes years[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(minutes_by_year(at("2018-12-31T23:00:00+02:00"), 60, years), 1);
	assert_int_equal(years[0].minutes, 60);
	assert_int_equal(minutes_by_year(at("2018-12-31T23:00:00+02:00"), 61, years), 2);
	assert_int_equal(years[1].minutes, 1);
	assert_int_equal(minutes_by_year(at("2018-12-31T23:00:00+02:00"), 0, years), 1);
	assert_int_equal(years[0].minutes, 0);
}

static void a_minute_across_midnight_belongs_to_the_year_it_began_in(void **state)
{
	struct year_minutes years[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(minutes_by_year(at("2018-12-31T23:59:30+02:00"), 1, years), 1);
	assert_int_equal(years[0].year, 2018);
	assert_int_equal(years[0].minutes, 1);
	assert_int_equal(minutes_by_year(at("2018-12-31T23:58:30+02:00"), 3, years), 2);
	assert_int_equal(years[0].minutes, 2);
	assert_int_equal(years[1].minutes, 1);
}

static void consultations_count_one_in_the_year_of_their_start(void **state)
{
	struct limit_terms yearly =
		limit_of(limit_unit_consultations, limit_period_calendar_year, 150);
	struct limit_terms whole = limit_of(limit_unit_consultations, limit_period_window, 5);
	struct limit_claim claims[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(limit_claim(&yearly, at("2018-12-31T23:40:00+02:00"), 60, claims), 1);
	assert_int_equal(claims[0].year, 2018);
	assert_int_equal(claims[0].units, 1);
	assert_int_equal(limit_claim(&whole, at("2018-12-31T23:40:00+02:00"), 60, claims), 1);
	assert_int_equal(claims[0].year, 0);
}

static void minutes_count_each_in_their_year(void **state)
{
	struct limit_terms yearly = limit_of(limit_unit_minutes, limit_period_calendar_year, 9000);
	struct limit_terms whole = limit_of(limit_unit_minutes, limit_period_whole, 9000);
	struct limit_claim claims[LIMIT_CLAIMS_MAX];
	struct instant start = at("2018-12-31T23:40:00+02:00");

	(void)state;
	assert_int_equal(limit_claim(&yearly, start, 60, claims), 2);
	assert_int_equal(claims[0].units, 20);
	assert_int_equal(claims[1].units, 40);
	assert_int_equal(claims[1].year, 2019);
	assert_int_equal(limit_claim(&whole, start, 60, claims), 1);
	assert_int_equal(claims[0].units, 60);
	assert_int_equal(limit_claim(&yearly, start, 0, claims), 0);
}

static void days_are_not_claimed_by_acts(void **state)
{
	struct limit_terms days = limit_of(limit_unit_days, limit_period_whole, 180);
	struct limit_claim claims[LIMIT_CLAIMS_MAX];

	(void)state;
	assert_int_equal(limit_claim(&days, at("2018-01-01T10:00:00Z"), 60, claims), 0);
}

static void periods_have_names(void **state)
{
	struct ctx *ctx = *state;

	assert_true(text_is(limit_claim_period(ctx, &(struct limit_claim){ 0, 1 }), "whole"));
	assert_true(text_is(limit_claim_period(ctx, &(struct limit_claim){ 2018, 1 }), "2018"));
}

static void what_is_left_counts_this_limit_and_period_only(void **state)
{
	const struct limit_use items[] = {
		{ TEXT("limit"), TEXT("2018"), NUMBER(148) },
		{ TEXT("limit"), TEXT("2019"), NUMBER(150) },
		{ TEXT("other"), TEXT("2018"), NUMBER(99) },
	};
	const struct limit_uses uses = { items, COUNT(items) };
	struct limit_terms limit = limit_of(limit_unit_minutes, limit_period_calendar_year, 150);
	struct ctx *ctx = *state;

	assert_int_equal(limit_left(ctx, &limit, &uses, &(struct limit_claim){ 2018, 1 }), 2);
	assert_int_equal(limit_left(ctx, &limit, &uses, &(struct limit_claim){ 2019, 1 }), 0);
	assert_int_equal(limit_left(ctx, &limit, &uses, &(struct limit_claim){ 2020, 1 }), 150);
	assert_false(limit_blocks(ctx, &limit, &uses, &(struct limit_claim){ 2018, 2 }));
	assert_true(limit_blocks(ctx, &limit, &uses, &(struct limit_claim){ 2018, 3 }));
	limit.amount =
		NUMBER(100); /* a limit lowered below what was used leaves nothing, not less */
	assert_int_equal(limit_left(ctx, &limit, &uses, &(struct limit_claim){ 2018, 1 }), 0);
}

static void a_warning_limit_never_blocks(void **state)
{
	struct limit_terms limit = limit_of(limit_unit_minutes, limit_period_whole, 1);
	const struct limit_uses none = { NULL, 0 };

	limit.enforcement = enforcement_warn;
	assert_false(limit_blocks(*state, &limit, &none, &(struct limit_claim){ 0, 2 }));
	limit.enforcement = enforcement_none;
	assert_true(limit_blocks(*state, &limit, &none, &(struct limit_claim){ 0, 2 }));
}

static void names_of_the_lists_are_those_of_the_api(void **state)
{
	(void)state;
	assert_int_equal(enumeration_find(&limit_unit_values, TEXT("minutes")), limit_unit_minutes);
	assert_int_equal(enumeration_find(&limit_holder_values, TEXT("case")), limit_holder_case);
	assert_int_equal(enumeration_find(&limit_period_values, TEXT("window")),
			 limit_period_window);
	assert_int_equal(enumeration_find(&enforcement_values, TEXT("warn")), enforcement_warn);
}

static void words_run_out_with_the_arena_and_not_the_problem(void **state)
{
	struct ctx *ctx = *state;
	struct buf list;

	while (arena_alloc(ctx->arena, 64) != NULL)
		;
	buf_init(&list, ctx->arena);
	for (int i = 0; i < 100; i++)
		words_append(&list, TEXT("word"));
	assert_null(words_end(&list).ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(new_years_midnight_in_riga_splits_twenty_and_forty),
		RULE_TEST(midnight_is_rigas_and_not_utcs),
		RULE_TEST(what_ends_at_midnight_stays_in_its_year),
		RULE_TEST(a_minute_across_midnight_belongs_to_the_year_it_began_in),
		RULE_TEST(consultations_count_one_in_the_year_of_their_start),
		RULE_TEST(minutes_count_each_in_their_year),
		RULE_TEST(days_are_not_claimed_by_acts),
		RULE_TEST(periods_have_names),
		RULE_TEST(what_is_left_counts_this_limit_and_period_only),
		RULE_TEST(a_warning_limit_never_blocks),
		RULE_TEST(names_of_the_lists_are_those_of_the_api),
		RULE_TEST(words_run_out_with_the_arena_and_not_the_problem),
	};

	return cmocka_run_group_tests_name("rules_limit", tests, NULL, NULL);
}
