#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/arena.h"

/*
 * A date is a civil day (proleptic Gregorian) where 0001-01-01 is 1; an instant is microseconds
 * since 0001-01-01T00:00:00Z. In both 0 is null, so that a zeroed struct is a struct of nulls. The
 * API accepts the years 1900 to 2200. Legal days are civil days in Europe/Riga.
 */
struct date {
	int32_t day;
};
struct instant {
	int64_t us;
};

#define INSTANT_SECOND INT64_C(1000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)

/* Sets the process' zone to Europe/Riga; main calls it once before any thread. -ENOENT without
 * tzdata. */
int clock_init(void);
struct instant clock_now(void);
/* Monotonic nanoseconds, for durations only. */
int64_t clock_ticks(void);

/* year 1..9999; 0 (null) when there is no such day. */
struct date date_of(int year, int month, int day);
/* Zeros for null. */
void date_split(struct date date, int *ret_year, int *ret_month, int *ret_day);
/* Null for null, and for a result outside the years 1..9999. */
struct date date_add_days(struct date date, int32_t days);
/* The same day of the month n months on, or that month's last day (2018-08-31 + 6 → 2019-02-28). */
struct date date_add_months(struct date date, int months);
/* Completed years between birth and on; a 29 February birthday falls on 1 March in common years.
 * -1 when either is null or on is before birth. */
int date_age(struct date birth, struct date on);
/* Whether the day is one of from to to, both inclusive; to null is open, from null has not begun.
 */
bool date_within(struct date day, struct date from, struct date to);
/* The civil day of an instant in Riga. */
struct date instant_date(struct instant instant);
/* The first second of the day in Riga: midnight, except on the days in the 1980s that had none. */
struct instant date_start(struct date date);

/* "2018-02-28", whole string, an existing day of the years 1900..2200. 0 or -EINVAL. */
int date_parse(struct text text, struct date *ret);
/* The first day of "2018-03", as above. */
int month_parse(struct text text, struct date *ret);
/* RFC 3339 with an offset or Z, up to 6 fraction digits, no leap second. 0 or -EINVAL. */
int instant_parse(struct text text, struct instant *ret);
/* PostgreSQL's text of a timestamptz with TimeZone UTC: "2018-02-28 23:40:00.5+00". 0 or -EINVAL.
 */
int instant_parse_sql(struct text text, struct instant *ret);

#define DATE_SIZE 11
#define INSTANT_SIZE 28
/* NUL-terminated "2018-02-28" and "2018-02-28T23:40:00Z" (fraction only when there is one); null
 * gives "". */
void date_print(struct date date, char buf[DATE_SIZE]);
void instant_print(struct instant instant, char buf[INSTANT_SIZE]);

#endif
