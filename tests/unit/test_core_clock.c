#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

static struct date day(const char *z)
{
	struct date date;

	assert_int_equal(date_parse(text_of(z), &date), 0);
	return date;
}

static struct instant at(const char *z)
{
	struct instant instant;

	assert_int_equal(instant_parse(text_of(z), &instant), 0);
	return instant;
}

static void assert_day(struct date date, const char *expected)
{
	char buf[DATE_SIZE];

	date_print(date, buf);
	assert_string_equal(buf, expected);
}

static void assert_instant(struct instant instant, const char *expected)
{
	char buf[INSTANT_SIZE];

	instant_print(instant, buf);
	assert_string_equal(buf, expected);
}

static void days_are_numbered_from_year_one(void **state)
{
	(void)state;
	assert_int_equal(date_of(1, 1, 1).day, 1);
	assert_int_equal(date_of(1970, 1, 1).day, 719163);
	assert_int_equal(date_of(9999, 12, 31).day, 3652059);
	assert_int_equal(at("1970-01-01T00:00:00Z").us, INT64_C(719162) * 86400 * INSTANT_SECOND);
}

static void every_day_splits_into_its_year_month_and_day(void **state)
{
	int year, month, d;
	int32_t expected = 0;

	(void)state;
	for (int y = 1; y <= 9999; y++)
		for (int m = 1; m <= 12; m++)
			for (int i = 1; date_of(y, m, i).day != 0; i++) {
				struct date date = date_of(y, m, i);

				expected++;
				date_split(date, &year, &month, &d);
				if (date.day != expected || year != y || month != m || d != i)
					fail_msg("%d-%d-%d", y, m, i);
			}
	assert_int_equal(expected, 3652059);
}

static void days_that_do_not_exist_are_null(void **state)
{
	int year = 1, month = 1, d = 1;

	(void)state;
	assert_int_equal(date_of(2018, 2, 29).day, 0);
	assert_int_equal(date_of(1900, 2, 29).day, 0);
	assert_int_not_equal(date_of(2000, 2, 29).day, 0);
	assert_int_not_equal(date_of(2016, 2, 29).day, 0);
	assert_int_equal(date_of(2018, 4, 31).day, 0);
	assert_int_equal(date_of(2018, 13, 1).day, 0);
	assert_int_equal(date_of(2018, 0, 1).day, 0);
	assert_int_equal(date_of(2018, 1, 0).day, 0);
	assert_int_equal(date_of(0, 1, 1).day, 0);
	assert_int_equal(date_of(10000, 1, 1).day, 0);
	date_split((struct date){ 0 }, &year, &month, &d);
	assert_int_equal(year + month + d, 0);
}

static void a_course_of_180_days_includes_its_first(void **state)
{
	(void)state;
	assert_day(date_add_days(day("2017-03-01"), 179), "2017-08-27");
	assert_day(date_add_days(day("2016-02-28"), 1), "2016-02-29");
	assert_day(date_add_days(day("2017-01-01"), -1), "2016-12-31");
	assert_day(date_add_days((struct date){ 0 }, 1), "");
	assert_day(date_add_days(date_of(9999, 12, 31), 1), "");
	assert_day(date_add_days(date_of(1, 1, 1), -1), "");
	assert_day(date_add_days(date_of(1, 1, 2), INT32_MIN), "");
}

static void months_end_on_their_last_day(void **state)
{
	(void)state;
	assert_day(date_add_months(day("2018-02-28"), 24), "2020-02-28");
	assert_day(date_add_months(day("2016-02-29"), 24), "2018-02-28");
	assert_day(date_add_months(day("2016-02-29"), 48), "2020-02-29");
	assert_day(date_add_months(day("2018-08-31"), 6), "2019-02-28");
	assert_day(date_add_months(day("2018-03-31"), -1), "2018-02-28");
	assert_day(date_add_months(day("2018-01-15"), -1), "2017-12-15");
	assert_day(date_add_months(day("2018-12-15"), 1), "2019-01-15");
	assert_day(date_add_months((struct date){ 0 }, 1), "");
	assert_day(date_add_months(date_of(9999, 12, 1), 1), "");
	assert_day(date_add_months(date_of(1, 1, 1), -1), "");
	assert_day(date_add_months(date_of(2018, 1, 1), INT32_MAX), "");
}

static void age_counts_completed_years(void **state)
{
	(void)state;
	assert_int_equal(date_age(day("2000-06-15"), day("2018-06-14")), 17);
	assert_int_equal(date_age(day("2000-06-15"), day("2018-06-15")), 18);
	assert_int_equal(date_age(day("2000-02-29"), day("2018-02-28")), 17);
	assert_int_equal(date_age(day("2000-02-29"), day("2018-03-01")), 18);
	assert_int_equal(date_age(day("2000-02-29"), day("2016-02-28")), 15);
	assert_int_equal(date_age(day("2000-02-29"), day("2016-02-29")), 16);
	assert_int_equal(date_age(day("2018-06-15"), day("2018-06-15")), 0);
	assert_int_equal(date_age(day("2018-06-15"), day("2018-06-14")), -1);
	assert_int_equal(date_age((struct date){ 0 }, day("2018-06-14")), -1);
	assert_int_equal(date_age(day("2018-06-15"), (struct date){ 0 }), -1);
}

static void midnight_in_riga_moves_with_the_season(void **state)
{
	(void)state;
	assert_instant(date_start(day("2018-01-15")), "2018-01-14T22:00:00Z");
	assert_instant(date_start(day("2018-07-15")), "2018-07-14T21:00:00Z");
	assert_day(instant_date(at("2018-01-14T21:59:59.999999Z")), "2018-01-14");
	assert_day(instant_date(at("2018-01-14T22:00:00Z")), "2018-01-15");
	assert_day(instant_date(at("2018-07-14T20:59:59.999999Z")), "2018-07-14");
	assert_day(instant_date(at("2018-07-14T21:00:00Z")), "2018-07-15");
	assert_instant(date_start((struct date){ 0 }), "");
	assert_day(instant_date((struct instant){ 0 }), "");
}

static void the_days_of_the_switches_are_23_and_25_hours_long(void **state)
{
	struct date spring = day("2018-03-25"), autumn = day("2018-10-28");

	(void)state;
	assert_instant(date_start(spring), "2018-03-24T22:00:00Z");
	assert_instant(date_start(date_add_days(spring, 1)), "2018-03-25T21:00:00Z");
	assert_instant(date_start(autumn), "2018-10-27T21:00:00Z");
	assert_instant(date_start(date_add_days(autumn, 1)), "2018-10-28T22:00:00Z");
}

static void every_day_begins_where_the_one_before_ends(void **state)
{
	(void)state;
	for (struct date date = day("1900-01-01"); date.day <= day("2050-01-01").day; date.day++) {
		struct instant start = date_start(date);
		struct instant before = { start.us - 1 };

		if (instant_date(start).day != date.day || instant_date(before).day != date.day - 1)
			fail_msg("day %d", date.day);
	}
}

static void a_day_whose_midnight_was_skipped_begins_at_one(void **state)
{
	(void)state;
	assert_instant(date_start(day("1981-04-01")), "1981-03-31T21:00:00Z");
	assert_day(instant_date(at("1981-03-31T20:59:59Z")), "1981-03-31");
}

static void new_year_splits_an_appointment_in_riga(void **state)
{
	struct instant start = at("2018-12-31T23:40:00+02:00");
	struct instant end = at("2019-01-01T00:40:00+02:00");
	struct instant midnight = date_start(date_of(2019, 1, 1));

	(void)state;
	assert_day(instant_date(start), "2018-12-31");
	assert_day(instant_date(end), "2019-01-01");
	assert_int_equal((midnight.us - start.us) / INSTANT_MINUTE, 20);
	assert_int_equal((end.us - midnight.us) / INSTANT_MINUTE, 40);
}

static void times_with_an_offset_are_read(void **state)
{
	(void)state;
	assert_instant(at("2018-02-28T23:40:00Z"), "2018-02-28T23:40:00Z");
	assert_instant(at("2018-02-28t23:40:00z"), "2018-02-28T23:40:00Z");
	assert_instant(at("2018-02-28T23:40:00+02:00"), "2018-02-28T21:40:00Z");
	assert_instant(at("2018-02-28T23:40:00-05:30"), "2018-03-01T05:10:00Z");
	assert_instant(at("2018-02-28T23:40:00-00:00"), "2018-02-28T23:40:00Z");
	assert_instant(at("2018-02-28T23:40:00.5Z"), "2018-02-28T23:40:00.5Z");
	assert_instant(at("2018-02-28T23:40:00.000001Z"), "2018-02-28T23:40:00.000001Z");
	assert_instant(at("2018-02-28T23:40:00.120000Z"), "2018-02-28T23:40:00.12Z");
	assert_instant(at("2018-02-28T23:40:00.0Z"), "2018-02-28T23:40:00Z");
	assert_instant(at("1900-01-01T00:00:00Z"), "1900-01-01T00:00:00Z");
	assert_instant(at("2200-12-31T23:59:59.999999Z"), "2200-12-31T23:59:59.999999Z");
}

static void other_times_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2018-02-28",
		"2018-02-28T23:40:00",
		"2018-02-28T23:40Z",
		"2018-02-28 23:40:00Z",
		"2018-02-29T00:00:00Z",
		"2018-12-31T23:59:60Z",
		"2018-02-28T24:00:00Z",
		"2018-02-28T23:60:00Z",
		"2018-02-28T23:40:00.Z",
		"2018-02-28T23:40:00.1234567Z",
		"2018-02-28T23:40:00,5Z",
		"2018-02-28T23:40:00+2",
		"2018-02-28T23:40:00+0200",
		"2018-02-28T23:40:00+24:00",
		"2018-02-28T23:40:00+02:60",
		"2018-02-28T23:40:00ZZ",
		"2018-02-28T23:40:00Z ",
		" 2018-02-28T23:40:00Z",
		"1899-12-31T23:59:59Z",
		"2201-01-01T00:00:00Z",
		"1900-01-01T00:00:00+02:00",
		"2200-12-31T23:59:59-02:00",
		"1899-12-31T23:00:00-02:00",
		"2018-2-28T23:40:00Z",
		"+2018-02-28T23:40:00Z",
		"2018-13-28T23:40:00Z",
		"2018-02-28T-1:40:00Z",
	};
	struct instant instant = { 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (instant_parse(text_of(bad[i]), &instant) != -EINVAL || instant.us != 7)
			fail_msg("%s", bad[i]);
	assert_int_equal(instant_parse(TEXT("2018-02-28T23:40:00\0Z"), &instant), -EINVAL);
	assert_int_equal(instant_parse(TEXT_NULL, &instant), -EINVAL);
}

static void other_dates_are_refused(void **state)
{
	static const char *const bad[] = { "",		 "2018",       "2018-02",     "2018-02-29",
					   "2018-2-8",	 "20180228",   "2018-02-28 ", "2018/02/28",
					   "1899-12-31", "2201-01-01", "2018-00-10",  "2018-01-00",
					   "-018-01-01", "2018-01-32", "0000-00-00" };
	struct date date = { 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_parse(text_of(bad[i]), &date) != -EINVAL || date.day != 7)
			fail_msg("%s", bad[i]);
	assert_int_equal(date_parse(TEXT_NULL, &date), -EINVAL);
	assert_day(day("1900-01-01"), "1900-01-01");
	assert_day(day("2200-12-31"), "2200-12-31");
}

static void postgresql_times_are_read(void **state)
{
	struct instant instant;

	(void)state;
	assert_int_equal(instant_parse_sql(TEXT("2018-02-28 23:40:00.5+00"), &instant), 0);
	assert_instant(instant, "2018-02-28T23:40:00.5Z");
	assert_int_equal(instant_parse_sql(TEXT("2018-02-28 23:40:00+00"), &instant), 0);
	assert_instant(instant, "2018-02-28T23:40:00Z");
	assert_int_equal(instant_parse_sql(TEXT("2018-02-28 23:40:00+02"), &instant), -EINVAL);
	assert_int_equal(instant_parse_sql(TEXT("infinity"), &instant), -EINVAL);
	assert_int_equal(instant_parse_sql(TEXT("2018-02-28 23:40:00+00 BC"), &instant), -EINVAL);
	assert_instant(instant, "2018-02-28T23:40:00Z");
	assert_instant((struct instant){ 0 }, "");
	assert_instant((struct instant){ INT64_MAX }, "");
}

static void clocks_go_forward(void **state)
{
	int64_t ticks = clock_ticks();
	struct instant before = clock_now();

	(void)state;
	assert_true(before.us > at("2024-01-01T00:00:00Z").us);
	assert_true(clock_now().us >= before.us);
	assert_true(clock_ticks() >= ticks);
}

static int start(void **state)
{
	(void)state;
	return clock_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_numbered_from_year_one),
		cmocka_unit_test(every_day_splits_into_its_year_month_and_day),
		cmocka_unit_test(days_that_do_not_exist_are_null),
		cmocka_unit_test(a_course_of_180_days_includes_its_first),
		cmocka_unit_test(months_end_on_their_last_day),
		cmocka_unit_test(age_counts_completed_years),
		cmocka_unit_test(midnight_in_riga_moves_with_the_season),
		cmocka_unit_test(the_days_of_the_switches_are_23_and_25_hours_long),
		cmocka_unit_test(every_day_begins_where_the_one_before_ends),
		cmocka_unit_test(a_day_whose_midnight_was_skipped_begins_at_one),
		cmocka_unit_test(new_year_splits_an_appointment_in_riga),
		cmocka_unit_test(times_with_an_offset_are_read),
		cmocka_unit_test(other_times_are_refused),
		cmocka_unit_test(other_dates_are_refused),
		cmocka_unit_test(postgresql_times_are_read),
		cmocka_unit_test(clocks_go_forward),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
