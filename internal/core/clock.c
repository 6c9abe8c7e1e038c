/* Days and instants: arithmetic, Riga's calendar, parsing and printing. clock_init runs once
 * before any thread; after that everything here is thread-safe. */

#include "core/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define UNIX_EPOCH_DAY 719163 /* 1970-01-01 */
#define LAST_DAY 3652059      /* 9999-12-31 */
#define DAY_SECONDS INT64_C(86400)
#define DAY_US (DAY_SECONDS * INSTANT_SECOND)
#define UNIX_EPOCH_US ((UNIX_EPOCH_DAY - 1) * DAY_US)
#define YEAR_LOW 1900
#define YEAR_HIGH 2200

static bool year_is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && year_is_leap(year) ? 29 : lengths[month - 1];
}

/* Days of the years before this one. */
static int32_t days_before_year(int year)
{
	int32_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int32_t days_before_month(int year, int month)
{
	static const int32_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

	return before[month - 1] + (month > 2 && year_is_leap(year));
}

struct date date_of(int year, int month, int day)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12)
		return (struct date){ 0 };
	if (day < 1 || day > month_length(year, month))
		return (struct date){ 0 };
	return (struct date){ days_before_year(year) + days_before_month(year, month) + day };
}

void date_split(struct date date, int *ret_year, int *ret_month, int *ret_day)
{
	int year, month = 12;

	*ret_year = *ret_month = *ret_day = 0;
	if (date.day < 1 || date.day > LAST_DAY)
		return;
	/* 146097 days are 400 years; the estimate is at most two years too high. */
	year = (int)((int64_t)date.day * 400 / 146097) + 2;
	while (days_before_year(year) >= date.day)
		year--;
	while (days_before_year(year) + days_before_month(year, month) >= date.day)
		month--;
	*ret_year = year;
	*ret_month = month;
	*ret_day = date.day - days_before_year(year) - days_before_month(year, month);
}

struct date date_add_days(struct date date, int32_t days)
{
	int64_t day = (int64_t)date.day + days;

	if (date.day == 0 || day < 1 || day > LAST_DAY)
		return (struct date){ 0 };
	return (struct date){ (int32_t)day };
}

struct date date_add_months(struct date date, int months)
{
	int year, month, day, last;
	int64_t count;

	date_split(date, &year, &month, &day);
	count = (int64_t)year * 12 + month - 1 + months;
	if (year == 0 || count < 12 || count >= INT64_C(12) * 10000)
		return (struct date){ 0 };
	year = (int)(count / 12);
	month = (int)(count % 12) + 1;
	last = month_length(year, month);
	return date_of(year, month, day < last ? day : last);
}

int date_age(struct date birth, struct date on)
{
	int year, month, day, birth_year, birth_month, birth_day;

	if (birth.day == 0 || on.day < birth.day)
		return -1;
	date_split(birth, &birth_year, &birth_month, &birth_day);
	date_split(on, &year, &month, &day);
	return year - birth_year -
	       (month < birth_month || (month == birth_month && day < birth_day));
}

bool date_within(struct date day, struct date from, struct date to)
{
	return from.day != 0 && day.day >= from.day && (to.day == 0 || day.day <= to.day);
}

/* Seconds since 1970, rounded down. */
static int64_t instant_unix(struct instant instant)
{
	int64_t us = instant.us - UNIX_EPOCH_US;

	return us / INSTANT_SECOND - (us % INSTANT_SECOND < 0);
}

static struct instant unix_instant(int64_t seconds)
{
	return (struct instant){ seconds * INSTANT_SECOND + UNIX_EPOCH_US };
}

/* Only libc knows the tz database, and with it what Riga's clocks showed. */
static struct date unix_date(int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	if (localtime_r(&time, &tm) == NULL)
		return (struct date){ 0 };
	return date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static long unix_offset(int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	return localtime_r(&time, &tm) != NULL ? tm.tm_gmtoff : 0;
}

/* libc silently uses UTC for an unknown zone, so check two days whose offsets are known. */
int clock_init(void)
{
	int64_t winter = (date_of(2018, 1, 15).day - UNIX_EPOCH_DAY) * DAY_SECONDS;
	int64_t summer = (date_of(2018, 7, 15).day - UNIX_EPOCH_DAY) * DAY_SECONDS;

	/* No other thread runs yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	if (setenv("TZ", "Europe/Riga", 1) != 0)
		return -errno;
	tzset();
	return unix_offset(winter) == 2 * 3600 && unix_offset(summer) == 3 * 3600 ? 0 : -ENOENT;
}

struct instant clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){ UNIX_EPOCH_US + now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000 };
}

int64_t clock_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

struct date instant_date(struct instant instant)
{
	if (instant.us == 0)
		return (struct date){ 0 };
	return unix_date(instant_unix(instant));
}

/* Search for the first second: in the 1980s clocks went from 24:00 to 1:00, so some days had no
 * midnight. Riga has always been between one and four hours before UTC. */
struct instant date_start(struct date date)
{
	int64_t high = (date.day - INT64_C(1) - (UNIX_EPOCH_DAY - 1)) * DAY_SECONDS;
	int64_t low = high - 5 * 3600;

	if (date.day == 0)
		return (struct instant){ 0 };
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (unix_date(middle).day >= date.day)
			high = middle;
		else
			low = middle;
	}
	return unix_instant(high);
}

/* Takes count digits from the front. */
static bool take_digits(struct text *rest, size_t count, int *ret)
{
	int value = 0;

	if (rest->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
			return false;
		value = value * 10 + (rest->ptr[i] - '0');
	}
	rest->ptr += count;
	rest->len -= count;
	*ret = value;
	return true;
}

/* Takes one character that is in set. */
static bool take_char(struct text *rest, const char *set, char *ret)
{
	if (rest->len == 0 || rest->ptr[0] == '\0' || strchr(set, rest->ptr[0]) == NULL)
		return false;
	*ret = rest->ptr[0];
	rest->ptr++;
	rest->len--;
	return true;
}

static bool take_date(struct text *rest, struct date *ret)
{
	int year, month, day;
	char dash;

	if (!take_digits(rest, 4, &year) || !take_char(rest, "-", &dash) ||
	    !take_digits(rest, 2, &month) || !take_char(rest, "-", &dash) ||
	    !take_digits(rest, 2, &day))
		return false;
	*ret = date_of(year, month, day);
	return ret->day != 0;
}

/* ".5" in microseconds; 0 without a fraction. */
static bool take_fraction(struct text *rest, int *ret)
{
	int scale = 100000;
	char point;
	int digit;

	*ret = 0;
	if (!take_char(rest, ".", &point))
		return true;
	if (!take_digits(rest, 1, &digit))
		return false;
	do {
		*ret += digit * scale;
		scale /= 10;
	} while (scale > 0 && take_digits(rest, 1, &digit));
	return true;
}

/* hh:mm:ss[.ffffff] in microseconds of the day. */
static bool take_time(struct text *rest, int64_t *ret)
{
	int hour, minute, second, fraction;
	char colon;

	if (!take_digits(rest, 2, &hour) || !take_char(rest, ":", &colon) ||
	    !take_digits(rest, 2, &minute) || !take_char(rest, ":", &colon) ||
	    !take_digits(rest, 2, &second) || !take_fraction(rest, &fraction))
		return false;
	*ret = (hour * INT64_C(3600) + minute * 60 + second) * INSTANT_SECOND + fraction;
	return hour < 24 && minute < 60 && second < 60;
}

/* Z or +hh:mm in minutes. */
static bool take_offset(struct text *rest, int *ret)
{
	int hours, minutes;
	char sign, colon;

	if (!take_char(rest, "Zz+-", &sign))
		return false;
	*ret = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (!take_digits(rest, 2, &hours) || !take_char(rest, ":", &colon) ||
	    !take_digits(rest, 2, &minutes))
		return false;
	*ret = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	return hours < 24 && minutes < 60;
}

static bool day_in_range(int64_t day)
{
	return day >= date_of(YEAR_LOW, 1, 1).day && day <= date_of(YEAR_HIGH, 12, 31).day;
}

int date_parse(struct text text, struct date *ret)
{
	struct date date;

	if (!take_date(&text, &date) || text.len != 0 || !day_in_range(date.day))
		return -EINVAL;
	*ret = date;
	return 0;
}

int month_parse(struct text text, struct date *ret)
{
	char first[DATE_SIZE] = "";
	const size_t len = sizeof("2018-03") - 1;

	if (text.ptr == NULL || text.len != len)
		return -EINVAL;
	memcpy(first, text.ptr, len);
	memcpy(first + len, "-01", sizeof("-01"));
	return date_parse(text_of(first), ret);
}

int instant_parse(struct text text, struct instant *ret)
{
	struct date date;
	int64_t time, us;
	int offset;
	char letter;

	if (!take_date(&text, &date) || !take_char(&text, "Tt", &letter) ||
	    !take_time(&text, &time) || !take_offset(&text, &offset) || text.len != 0)
		return -EINVAL;
	us = (date.day - 1) * DAY_US + time - offset * INSTANT_MINUTE;
	/* Check both the day as written and the day in UTC, which is the one that will be shown.
	 * */
	if (!day_in_range(date.day) || !day_in_range(us / DAY_US + 1))
		return -EINVAL;
	ret->us = us;
	return 0;
}

int instant_parse_sql(struct text text, struct instant *ret)
{
	struct date date;
	int64_t time;
	char space;

	if (!take_date(&text, &date) || !take_char(&text, " ", &space) ||
	    !take_time(&text, &time) || !text_is(text, "+00"))
		return -EINVAL;
	ret->us = (date.day - 1) * DAY_US + time;
	return 0;
}

static char *put_digits(char *at, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + count;
}

static char *put_date(char *at, struct date date)
{
	int year, month, day;

	date_split(date, &year, &month, &day);
	at = put_digits(at, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	return put_digits(at, day, 2);
}

void date_print(struct date date, char buf[DATE_SIZE])
{
	if (date.day < 1 || date.day > LAST_DAY) {
		buf[0] = '\0';
		return;
	}
	*put_date(buf, date) = '\0';
}

static char *put_time(char *at, int64_t us)
{
	int seconds = (int)(us / INSTANT_SECOND);
	int fraction = (int)(us % INSTANT_SECOND);

	at = put_digits(at, seconds / 3600, 2);
	*at++ = ':';
	at = put_digits(at, seconds / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, seconds % 60, 2);
	if (fraction == 0)
		return at;
	*at++ = '.';
	at = put_digits(at, fraction, 6);
	while (at[-1] == '0')
		at--;
	return at;
}

void instant_print(struct instant instant, char buf[INSTANT_SIZE])
{
	char *at = buf;

	if (instant.us > 0 && instant.us / DAY_US < LAST_DAY) {
		at = put_date(at, (struct date){ (int32_t)(instant.us / DAY_US) + 1 });
		*at++ = 'T';
		at = put_time(at, instant.us % DAY_US);
		*at++ = 'Z';
	}
	*at = '\0';
}
