/* Borrowed texts: comparing, cutting, numbers, UTF-8. Owns nothing and takes no lock. */

#include "core/text.h"

#include <errno.h>

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool text_is_nocase(struct text a, const char *z)
{
	size_t len = strlen(z);

	if (a.ptr == NULL || a.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(z[i]))
			return false;
	return true;
}

bool text_starts(struct text a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.ptr != NULL && a.len >= len && memcmp(a.ptr, prefix, len) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct text text_trim(struct text a)
{
	while (a.len > 0 && is_blank(a.ptr[0])) {
		a.ptr++;
		a.len--;
	}
	while (a.len > 0 && is_blank(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct text text_cut(struct text *rest, char separator)
{
	struct text head = *rest;
	const char *end = NULL;

	if (rest->len > 0)
		end = memchr(rest->ptr, separator, rest->len);
	if (end == NULL) {
		*rest = TEXT_NULL;
		return head;
	}
	head.len = (size_t)(end - head.ptr);
	rest->ptr = end + 1;
	rest->len -= head.len + 1;
	return head;
}

/* Sum the digits as a negative number, because INT64_MIN has no positive counterpart. */
static int digits_to_negative(struct text digits, int64_t *ret)
{
	int64_t value = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digits.ptr[i] - '0', &value))
			return -EINVAL;
	}
	*ret = value;
	return 0;
}

int text_to_int64(struct text a, int64_t *ret)
{
	bool negative = a.len > 0 && a.ptr[0] == '-';
	int64_t value;
	int rc;

	if (negative) {
		a.ptr++;
		a.len--;
	}
	if (a.len == 0 || (a.ptr[0] == '0' && (a.len > 1 || negative)))
		return -EINVAL;
	rc = digits_to_negative(a, &value);
	if (rc != 0)
		return rc;
	if (!negative && value == INT64_MIN)
		return -EINVAL;
	*ret = negative ? value : -value;
	return 0;
}

/* Length announced by a leading byte and the least code point that needs it; 0 for no leading byte.
 */
static size_t sequence_length(unsigned char lead, uint32_t *ret_bits, uint32_t *ret_least)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = 0;

	if (lead < 0x80)
		len = 1;
	else if (lead >= 0xc2 && lead < 0xe0)
		len = 2;
	else if (lead >= 0xe0 && lead < 0xf0)
		len = 3;
	else if (lead >= 0xf0 && lead < 0xf5)
		len = 4;
	*ret_bits = len == 1 ? lead : lead & (0x7fU >> len);
	*ret_least = least[len];
	return len;
}

size_t text_decode(struct text a, size_t at, uint32_t *ret)
{
	uint32_t point, least;
	size_t len;

	if (at >= a.len)
		return 0;
	len = sequence_length((unsigned char)a.ptr[at], &point, &least);
	if (len == 0 || len > a.len - at)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char c = (unsigned char)a.ptr[at + i];

		if ((c & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (c & 0x3f);
	}
	if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret = point;
	return len;
}

bool text_is_utf8(struct text a)
{
	for (size_t at = 0; at < a.len;) {
		uint32_t point;
		size_t len = text_decode(a, at, &point);

		if (len == 0 || point == 0)
			return false;
		at += len;
	}
	return true;
}

size_t text_length(struct text a)
{
	size_t length = 0;

	for (size_t i = 0; i < a.len; i++)
		length += ((unsigned char)a.ptr[i] & 0xc0) != 0x80;
	return length;
}
