/* What C and SQL both know, because a row that is judged is not written yet, they know alike: each
 * rule is asked in both, of a thousand cases that the database makes up (the same in every run). */

#include "store_help.h"

#include "engine/policies.h"
#include "rules/services/consultation.h"
#include "rules/services/journey.h"
#include "rules/sharing/transfer.h"
#include "store/migrate/migrate.h"

#define CASES 1000
#define CASES_TEXT "1000"

struct world {
	struct scene scene;
	struct ctx *ctx;
	struct store *store;
	struct conn *conn;
};

static int setup(void **state)
{
	static struct world world;
	struct text policies;
	int applied;

	assert_int_equal(clock_init(), 0);
	memset(&world.scene, 0, sizeof(world.scene));
	arena_init(&world.scene.arena, (size_t)64 << 20);
	world.ctx = &world.scene.ctx;
	world.ctx->arena = &world.scene.arena;
	assert_int_equal(policies_text(world.ctx, &policies), 0);
	assert_int_equal(migrate_run(world.ctx, "", policies, &applied), 0);
	world.store = store_make(1, 5000);
	assert_int_equal(store_acquire(world.ctx, world.store, &world.conn), 0);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	conn_release(&world->conn);
	store_free(world->store);
	scene_end(&world->scene);
	return 0;
}

/* The columns asked, of each case: made from its number n and a to d, random numbers from 0 to 1
 * that are the same in every run. */
static struct reply cases(struct world *world, const char *asked, const char *made)
{
	struct reply reply;
	char sql[1536];

	assert_int_equal(run(world->ctx, world->conn, "SELECT setseed(0.5)", NULL), 0);
	snprintf(sql, sizeof(sql),
		 "SELECT %s FROM (SELECT %s FROM (SELECT n, random() AS a, random() AS b, random() "
		 "AS c,"
		 " random() AS d FROM generate_series(1, " CASES_TEXT ") n) r) m",
		 asked, made);
	assert_int_equal(run(world->ctx, world->conn, sql, &reply), 0);
	assert_int_equal(reply_rows(reply), CASES);
	return reply;
}

static struct date day_of(struct reply reply, size_t row, size_t column)
{
	struct text cell = reply_cell(reply, row, column);
	struct date day = { 0 };

	if (cell.ptr != NULL)
		assert_int_equal(date_parse(cell, &day), 0);
	return day;
}

static int64_t number_of(struct reply reply, size_t row, size_t column)
{
	int64_t number;

	assert_int_equal(text_to_int64(reply_cell(reply, row, column), &number), 0);
	return number;
}

static struct instant instant_of(struct reply reply, size_t row, size_t column)
{
	struct instant instant;

	assert_int_equal(instant_parse_sql(reply_cell(reply, row, column), &instant), 0);
	return instant;
}

/* Instants of 1990 to 2040, half of them within two hours of a New Year in Riga. */
#define INSTANT                                                                                    \
	"CASE WHEN n % 2 = 0 THEN timestamptz '1990-01-01 00:00:00Z' + a * interval '50 years'"    \
	" ELSE make_timestamptz(1990 + (b * 50)::int, 1, 1, 0, 0, 0, 'Europe/Riga')"               \
	" + (a - 0.5) * interval '4 hours' END"

/* All acts, terms and reports: a day is a civil day in Riga. */
static void an_instant_is_of_the_same_day_in_both(void **state)
{
	struct reply reply = cases(*state, "i, riga_day(i)", INSTANT " AS i");

	for (size_t row = 0; row < CASES; row++)
		assert_int_equal(instant_date(instant_of(reply, row, 0)).day,
				 day_of(reply, row, 1).day);
}

/* R3, R4, R7 */
static void an_act_counts_in_the_same_period_in_both(void **state)
{
	static const struct limit_terms limits[] = {
		{ .unit = limit_unit_consultations, .period = limit_period_calendar_year },
		{ .unit = limit_unit_consultations, .period = limit_period_window },
		{ .unit = limit_unit_consultations, .period = limit_period_whole },
	};
	struct world *world = *state;
	struct reply reply = cases(world,
				   "i, limit_period('calendar_year', riga_day(i)),"
				   " limit_period('window', riga_day(i)),"
				   " limit_period('whole', riga_day(i))",
				   INSTANT " AS i");

	for (size_t row = 0; row < CASES; row++)
		for (size_t i = 0; i < COUNT(limits); i++) {
			struct limit_claim claims[LIMIT_CLAIMS_MAX];
			size_t count =
				limit_claim(&limits[i], instant_of(reply, row, 0), 1, claims);

			assert_int_equal(count, 1);
			assert_true(text_eq(limit_claim_period(world->ctx, &claims[0]),
					    reply_cell(reply, row, i + 1)));
		}
}

/* R3, R4, R7: every outcome with every setting of the rule set. */
static void an_outcome_consumes_in_both_or_in_none(void **state)
{
	static const char *const settings[] = { "NULL", "false", "true" };
	struct world *world = *state;
	char sql[256];

	for (int outcome = consultation_outcome_planned; outcome <= consultation_outcome_cancelled;
	     outcome++)
		for (int setting = FLAG_NONE; setting <= FLAG_YES; setting++) {
			struct consultation_terms terms = {
				.act = { .funding = funding_state },
				.outcome = (enum consultation_outcome)outcome,
			};

			snprintf(sql, sizeof(sql), "SELECT outcome_consumes('%s', %s)::int",
				 enumeration_name(&consultation_outcome_values, outcome).ptr,
				 settings[setting]);
			assert_int_equal(consultation_consumes(&terms, (enum flag)setting),
					 ask(world->ctx, world->conn, sql));
		}
}

/* R15: and the index that lets a person have one running course is of the same statuses. */
static void a_case_runs_in_both_or_in_none(void **state)
{
	struct world *world = *state;
	char sql[512];

	for (int status = case_status_inquiry; status <= case_status_closed; status++) {
		struct text name = enumeration_name(&case_status_values, status);
		int runs = case_is_running((enum case_status)status);

		snprintf(sql, sizeof(sql), "SELECT case_is_running('%s')::int", name.ptr);
		assert_int_equal(ask(world->ctx, world->conn, sql), runs);
		snprintf(sql, sizeof(sql),
			 "SELECT (strpos(pg_get_expr(indpred, indrelid), '''%s''') > 0)::int"
			 " FROM pg_index WHERE indexrelid = 'cases_running_course'::regclass",
			 name.ptr);
		assert_int_equal(ask(world->ctx, world->conn, sql), runs);
	}
}

/* R20 */
static void a_consent_is_in_force_in_both_or_in_none(void **state)
{
	struct reply reply =
		cases(*state,
		      "given, until, withdrawn, day,"
		      " consent_in_force(given, until, withdrawn, day)::int",
		      "date '2020-02-27' + (a * 4)::int AS given,"
		      " CASE WHEN n % 3 > 0 THEN date '2020-02-27' + (b * 4)::int END AS until,"
		      " CASE WHEN n % 5 > 1 THEN date '2020-02-27' + (c * 4)::int END AS withdrawn,"
		      " date '2020-02-27' + (d * 4)::int AS day");
	int held = 0;

	for (size_t row = 0; row < CASES; row++) {
		const struct notes_consent consent = { .given_on = day_of(reply, row, 0),
						       .valid_until = day_of(reply, row, 1),
						       .withdrawn_on = day_of(reply, row, 2) };
		bool holds = consent_in_force(&consent, day_of(reply, row, 3));

		held += holds;
		assert_int_equal(holds, number_of(reply, row, 4));
	}
	assert_in_range(held, CASES / 20, CASES - CASES / 20);
}

/* R2, R8: the days of a contract, a support period or an office, and the ranges of the account. */
static void a_period_has_the_same_days_in_both(void **state)
{
	struct reply reply =
		cases(*state, "day, starts, ends, (daterange(starts, ends, '[]') @> day)::int",
		      "date '2020-02-27' + (a * 6)::int AS day,"
		      " date '2020-02-27' + (b * 4)::int AS starts,"
		      " CASE WHEN n % 3 > 0 THEN date '2020-02-27' + (b * 4)::int"
		      " + (c * 3)::int END AS ends");
	int held = 0;

	for (size_t row = 0; row < CASES; row++) {
		bool within = date_within(day_of(reply, row, 0), day_of(reply, row, 1),
					  day_of(reply, row, 2));

		held += within;
		assert_int_equal(within, number_of(reply, row, 3));
	}
	assert_in_range(held, CASES / 20, CASES - CASES / 20);
}

/* R13: by which contract and rate a journey is paid. */
static void a_journey_starts_alike(void **state)
{
	static const char *const times[] = { "NULL", "'2018-03-01 10:00Z'" };
	struct world *world = *state;
	const struct instant none = { 0 };
	struct instant planned, departed, recorded;
	struct reply reply;
	char sql[256];

	assert_int_equal(instant_parse(TEXT("2018-02-01T10:00:00Z"), &recorded), 0);
	assert_int_equal(instant_parse(TEXT("2018-03-01T10:00:00Z"), &planned), 0);
	departed.us = planned.us + 24 * 60 * INSTANT_MINUTE;
	for (size_t i = 0; i < COUNT(times); i++)
		for (size_t j = 0; j < COUNT(times); j++) {
			snprintf(sql, sizeof(sql),
				 "SELECT journey_start(%s::timestamptz + interval '1 day', %s,"
				 " '2018-02-01 10:00Z')",
				 times[i], times[j]);
			assert_int_equal(run(world->ctx, world->conn, sql, &reply), 0);
			assert_int_equal(journey_start(i > 0 ? departed : none,
						       j > 0 ? planned : none, recorded)
						 .us,
					 instant_of(reply, 0, 0).us);
		}
}

/* A month is over for a statement (C) when the account reads it to its last day (SQL). */
static void months_are_added_alike(void **state)
{
	struct reply reply =
		cases(*state, "day, months, (day + make_interval(months => months))::date",
		      "date '1999-12-25' + (a * 1500)::int AS day,"
		      " (b * 60)::int AS months");

	for (size_t row = 0; row < CASES; row++)
		assert_int_equal(
			date_add_months(day_of(reply, row, 0), (int)number_of(reply, row, 1)).day,
			day_of(reply, row, 2).day);
}

static void assert_asked(struct world *world, const char *expression, const char *expected)
{
	struct reply reply;
	char sql[256];

	snprintf(sql, sizeof(sql), "SELECT coalesce((%s)::text, '')", expression);
	assert_int_equal(run(world->ctx, world->conn, sql, &reply), 0);
	assert_string_equal(reply_cell(reply, 0, 0).ptr, expected);
}

/* R3: what SQL alone knows, at its edges. */
static void the_aftercare_window_ends_on_the_same_day_24_months_on(void **state)
{
	assert_asked(*state, "aftercare_last_day('2018-02-28', 24)", "2020-02-28");
	assert_asked(*state, "aftercare_last_day('2020-02-29', 24)", "2022-02-28");
	assert_asked(*state, "aftercare_last_day('2018-08-31', 6)", "2019-02-28");
	assert_asked(*state, "aftercare_last_day(NULL, 24)", "");
	assert_asked(*state, "aftercare_last_day('2018-02-28', NULL)", "");
}

/* R1, R20 */
static void days_left_count_both_ends_and_no_day_before_the_course(void **state)
{
	assert_asked(*state, "course_days_left('2017-03-01', '2017-08-27', '2017-02-01')", "180");
	assert_asked(*state, "course_days_left('2017-03-01', '2017-08-27', '2017-03-01')", "180");
	assert_asked(*state, "course_days_left('2017-03-01', '2017-08-27', '2017-03-02')", "179");
	assert_asked(*state, "course_days_left('2017-03-01', '2017-08-27', '2017-08-27')", "1");
	assert_asked(*state, "course_days_left('2017-03-01', '2017-08-27', '2017-08-28')", "0");
	assert_asked(*state, "course_days_left('2017-03-01', NULL, '2017-03-01')", "");
}

/* R16 */
static void due_days_are_counted_from_the_day_before(void **state)
{
	assert_asked(*state, "plan_due_on('2017-03-01', 14)", "2017-03-15");
	assert_asked(*state, "plan_due_on(NULL, 14)", "");
	assert_asked(*state, "evaluation_due_on('2017-03-15', 30)", "2017-04-14");
	assert_asked(*state, "evaluation_due_on('2017-03-15', NULL)", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_is_of_the_same_day_in_both),
		cmocka_unit_test(an_act_counts_in_the_same_period_in_both),
		cmocka_unit_test(an_outcome_consumes_in_both_or_in_none),
		cmocka_unit_test(a_case_runs_in_both_or_in_none),
		cmocka_unit_test(a_consent_is_in_force_in_both_or_in_none),
		cmocka_unit_test(a_period_has_the_same_days_in_both),
		cmocka_unit_test(a_journey_starts_alike),
		cmocka_unit_test(months_are_added_alike),
		cmocka_unit_test(the_aftercare_window_ends_on_the_same_day_24_months_on),
		cmocka_unit_test(days_left_count_both_ends_and_no_day_before_the_course),
		cmocka_unit_test(due_days_are_counted_from_the_day_before),
	};

	return cmocka_run_group_tests_name("store_rules", tests, setup, teardown);
}
