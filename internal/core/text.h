#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed span of UTF-8 bytes, not NUL-terminated unless its maker says so; ptr NULL is null. */
struct text {
	const char *ptr;
	size_t len;
};

/* A list of texts; set tells an empty list from none. */
struct texts {
	struct text *items;
	size_t count;
	bool set;
};

/* An optional integer. */
struct number {
	int64_t value;
	bool set;
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
#define TEXT_NULL ((struct text){ NULL, 0 })

/* Borrows z; NULL gives null. */
static inline struct text text_of(const char *z)
{
	return (struct text){ z, z != NULL ? strlen(z) : 0 };
}

static inline bool text_eq(struct text a, struct text b)
{
	if (a.ptr == NULL || b.ptr == NULL)
		return a.ptr == b.ptr;
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static inline bool text_is(struct text a, const char *z)
{
	return text_eq(a, text_of(z));
}

/* ASCII case-insensitive comparison, for the names of HTTP headers (RFC 9110, 5.1). */
bool text_is_nocase(struct text a, const char *z);

bool text_starts(struct text a, const char *prefix);

/* Without leading and trailing spaces and tabs. */
struct text text_trim(struct text a);

/* Cuts *rest at the first separator: returns the head and leaves the tail in *rest (null at the
 * end). */
struct text text_cut(struct text *rest, char separator);

/* Whole-string signed decimal within 64 bits, no sign '+', no leading zeros. 0 or -EINVAL. */
int text_to_int64(struct text a, int64_t *ret);

/* The value of a hexadecimal digit, or -1. */
int hex_digit(char c);

/* Whether a is well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong) without NUL. */
bool text_is_utf8(struct text a);

/* Length (1..4) and code point of the well-formed UTF-8 sequence at this offset, U+0000 included; 0
 * and *ret untouched when there is none. */
size_t text_decode(struct text a, size_t at, uint32_t *ret);

/* Number of code points of well-formed UTF-8. */
size_t text_length(struct text a);

#endif
