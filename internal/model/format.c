/* Checks texts against their format and gives the canonical form. Enter at format_check. */

#include "model/format.h"
#include "core/buf.h"

#include "iso_codes.h"

#include <errno.h>
#include <stdlib.h>

#define EMAIL_MAX 254 /* RFC 5321, 4.5.3.1.3 less the angle brackets */
#define LOCAL_PART_MAX 64
#define LABEL_MAX 63
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15 /* E.164, 6.1 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_digits(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.ptr[i]))
			return false;
	return text.len > 0;
}

static char *copy_cased(struct text text, bool upper, struct arena *arena)
{
	char *copy = arena_strdup(arena, text);

	for (size_t i = 0; copy != NULL && i < text.len; i++)
		if (is_letter(copy[i]))
			copy[i] = (char)(upper ? copy[i] & ~0x20 : copy[i] | 0x20);
	return copy;
}

static int check_plain(struct text text)
{
	for (size_t at = 0; at < text.len;) {
		uint32_t point;
		size_t len = text_decode(text, at, &point);

		if (len == 0 || (point < 0x20 && point != '\n' && point != '\t') ||
		    (point >= 0x7f && point < 0xa0))
			return -EINVAL;
		at += len;
	}
	return 0;
}

/* Dot-string of RFC 5321, 4.1.2. Quoted strings are refused: addresses in use do not have them. */
static bool local_part_is(struct text local)
{
	char before = '.';

	if (local.len == 0 || local.len > LOCAL_PART_MAX)
		return false;
	for (size_t i = 0; i < local.len; i++) {
		char c = local.ptr[i];

		if (c == '.' ? before == '.'
			     : !is_letter(c) && !is_digit(c) &&
				       (c == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
			return false;
		before = c;
	}
	return before != '.';
}

static bool label_is(struct text label)
{
	if (label.len == 0 || label.len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_letter(label.ptr[i]) && !is_digit(label.ptr[i]) && label.ptr[i] != '-')
			return false;
	return label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

/* At least two labels. The last one is not a number, because that would be the end of an address
 * literal. */
static bool domain_is(struct text domain)
{
	struct text label = TEXT_NULL;
	int labels = 0;

	for (; domain.ptr != NULL; labels++) {
		label = text_cut(&domain, '.');
		if (!label_is(label))
			return false;
	}
	return labels >= 2 && !all_digits(label);
}

static int check_email(struct text text, struct text *ret)
{
	struct text whole = text_trim(text);
	struct text domain = whole;
	struct text local = text_cut(&domain, '@');

	if (whole.len > EMAIL_MAX || !local_part_is(local) || !domain_is(domain))
		return -EINVAL;
	*ret = whole;
	return 0;
}

/* A mail server may distinguish Anna@ from anna@, but people do not: one account has one name. */
static int check_account(struct text text, struct arena *arena, struct text *ret)
{
	char *lower;
	int rc = check_email(text, &text);

	if (rc != 0)
		return rc;
	lower = copy_cased(text, false, arena);
	if (lower == NULL)
		return -ENOMEM;
	*ret = (struct text){ lower, text.len };
	return 0;
}

static int check_phone(struct text text, struct text *ret)
{
	struct text whole = text_trim(text);
	struct text digits;

	if (whole.len < 1 + PHONE_DIGITS_MIN || whole.len > 1 + PHONE_DIGITS_MAX)
		return -EINVAL;
	digits = (struct text){ whole.ptr + 1, whole.len - 1 };
	if (whole.ptr[0] != '+' || digits.ptr[0] == '0' || !all_digits(digits))
		return -EINVAL;
	*ret = whole;
	return 0;
}

static int two_digits(const char *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Codes issued before July 2017 are DDMMYY-CNNNN, C being the century; later ones begin with 32 to
 * 39 and contain no date. No law defines the check digit of the older ones, so a wrong check digit
 * is accepted. */
static bool personal_code_is(const char digits[11])
{
	int start = two_digits(digits);
	int century = digits[6] - '0';

	if (start >= 32 && start <= 39)
		return true;
	if (century > 2)
		return false;
	return date_of(1800 + century * 100 + two_digits(digits + 4), two_digits(digits + 2), start)
		       .day != 0;
}

static int check_personal_code(struct text text, struct arena *arena, struct text *ret)
{
	struct text whole = text_trim(text);
	bool dash = whole.len == 12 && whole.ptr[6] == '-';
	char digits[11];
	struct text code;

	if (whole.len != (dash ? 12U : 11U))
		return -EINVAL;
	memcpy(digits, whole.ptr, 6);
	memcpy(digits + 6, whole.ptr + (dash ? 7 : 6), 5);
	if (!all_digits((struct text){ digits, sizeof(digits) }) || !personal_code_is(digits))
		return -EINVAL;
	code = arena_format(arena, "%.6s-%.5s", digits, digits + 6);
	if (code.ptr == NULL)
		return -ENOMEM;
	*ret = code;
	return 0;
}

static int compare_codes(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A code of a sorted list whose items are size bytes, NUL included. */
static int check_code(struct text text, const char *list, size_t count, size_t size,
		      struct text *ret)
{
	const char *found = bsearch(text.ptr, list, count, size, compare_codes);

	if (found == NULL)
		return -EINVAL;
	*ret = text_of(found);
	return 0;
}

#define CHECK_CODE(list, text, ret)                                                                \
	check_code(text, (list)[0], sizeof(list) / sizeof((list)[0]), sizeof((list)[0]), ret)

static int check_iso(enum format format, struct text text, struct arena *arena, struct text *ret)
{
	char *cased;

	text = text_trim(text);
	if (text.len != (format == FORMAT_CURRENCY ? 3U : 2U))
		return -EINVAL;
	cased = copy_cased(text, format != FORMAT_LANGUAGE, arena);
	if (cased == NULL)
		return -ENOMEM;
	text = (struct text){ cased, text.len };
	if (format == FORMAT_COUNTRY)
		return CHECK_CODE(iso_countries, text, ret);
	if (format == FORMAT_LANGUAGE)
		return CHECK_CODE(iso_languages, text, ret);
	return CHECK_CODE(iso_currencies, text, ret);
}

static int check_isic(struct text text, struct text *ret)
{
	static const char sections[] = "ABCDEFGHIJKLMNOPQRSTU";
	struct text whole = text_trim(text);

	if (whole.len == 1 && is_letter(whole.ptr[0])) {
		int at = (whole.ptr[0] & ~0x20) - 'A';

		if (at >= (int)sizeof(sections) - 1)
			return -EINVAL;
		*ret = (struct text){ sections + at, 1 };
		return 0;
	}
	if (whole.len < 2 || whole.len > 4 || !all_digits(whole))
		return -EINVAL;
	*ret = whole;
	return 0;
}

/* Characters that change the writing direction can show a name as "exe.pdf" that ends otherwise.
 * */
static bool point_turns(uint32_t point)
{
	return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

static int check_file_name(struct text text, struct text *ret)
{
	struct text whole = text_trim(text);

	if (check_plain(whole) != 0 || whole.len == 0 || text_is(whole, ".") ||
	    text_is(whole, ".."))
		return -EINVAL;
	for (size_t at = 0; at < whole.len;) {
		uint32_t point = 0;

		at += text_decode(whole, at, &point);
		if (point < 0x20 || point == '/' || point == '\\' || point == ':' ||
		    point_turns(point))
			return -EINVAL;
	}
	*ret = whole;
	return 0;
}

static int check_sha256(struct text text, struct arena *arena, struct text *ret)
{
	struct text whole = text_trim(text);
	char *lower;

	if (whole.len != 64)
		return -EINVAL;
	for (size_t i = 0; i < whole.len; i++)
		if (hex_digit(whole.ptr[i]) < 0)
			return -EINVAL;
	lower = copy_cased(whole, false, arena);
	if (lower == NULL)
		return -ENOMEM;
	*ret = (struct text){ lower, whole.len };
	return 0;
}

static int check_month(struct text text, struct text *ret)
{
	struct date first;
	int rc = month_parse(text, &first);

	if (rc == 0)
		*ret = text;
	return rc;
}

int format_check(enum format format, struct text text, struct arena *arena, struct text *ret)
{
	int rc;

	if (text.ptr == NULL)
		return -EINVAL;
	switch (format) {
	case FORMAT_EMAIL:
		return check_email(text, ret);
	case FORMAT_ACCOUNT:
		return check_account(text, arena, ret);
	case FORMAT_PHONE:
		return check_phone(text, ret);
	case FORMAT_PERSONAL_CODE:
		return check_personal_code(text, arena, ret);
	case FORMAT_COUNTRY:
	case FORMAT_LANGUAGE:
	case FORMAT_CURRENCY:
		return check_iso(format, text, arena, ret);
	case FORMAT_ISIC:
		return check_isic(text, ret);
	case FORMAT_FILE_NAME:
		return check_file_name(text, ret);
	case FORMAT_SHA256:
		return check_sha256(text, arena, ret);
	case FORMAT_MONTH:
		return check_month(text, ret);
	case FORMAT_NONE:
		break;
	}
	rc = check_plain(text);
	if (rc == 0)
		*ret = text;
	return rc;
}

enum problem format_problem(enum format format)
{
	static const enum problem problems[] = {
		[FORMAT_NONE] = P_BAD_TEXT,
		[FORMAT_EMAIL] = P_BAD_EMAIL,
		[FORMAT_ACCOUNT] = P_BAD_EMAIL,
		[FORMAT_PHONE] = P_BAD_PHONE,
		[FORMAT_PERSONAL_CODE] = P_BAD_PERSONAL_CODE,
		[FORMAT_COUNTRY] = P_BAD_COUNTRY,
		[FORMAT_LANGUAGE] = P_BAD_LANGUAGE,
		[FORMAT_CURRENCY] = P_BAD_CURRENCY,
		[FORMAT_ISIC] = P_BAD_ISIC,
		[FORMAT_FILE_NAME] = P_BAD_FILE_NAME,
		[FORMAT_SHA256] = P_BAD_DIGEST,
		[FORMAT_MONTH] = P_BAD_MONTH,
	};

	return problems[format];
}
