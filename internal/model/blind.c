/* Normalises names, codes and e-mail addresses before their keyed hash. Enter at
 * blind_normalise. */

#include "core/buf.h"
#include "model/format.h"

#include <errno.h>

/* U+00C0 … U+017F without diacritics. 0: the character becomes two letters, or none. */
static const char latin[] = "aaaaaa\0ceeeeiiii"	  /* À … Ï */
			    "dnooooo\0ouuuuy\0\0" /* Ð … ß */
			    "aaaaaa\0ceeeeiiii"	  /* à … ï */
			    "dnooooo\0ouuuuy\0y"  /* ð … ÿ */
			    "aaaaaaccccccccdd"	  /* Ā … ď */
			    "ddeeeeeeeeeegggg"	  /* Đ … ğ */
			    "gggghhhhiiiiiiii"	  /* Ġ … į */
			    "ii\0\0jjkkklllllll"  /* İ … Ŀ */
			    "lllnnnnnn\0\0\0oooo" /* ŀ … ŏ */
			    "oo\0\0rrrrrrssssss"  /* Ő … ş */
			    "ssttttttuuuuuuuu"	  /* Š … ů */
			    "uuuuwwyyyzzzzzzs";	  /* Ű … ſ */

#define LATIN_FIRST 0xc0
#define LATIN_LAST 0x17f

_Static_assert(sizeof(latin) - 1 == LATIN_LAST - LATIN_FIRST + 1, "a letter for each code point");

static const struct {
	uint16_t point;
	const char *letters;
} ligatures[] = {
	{ 0xc6, "ae" },	 { 0xe6, "ae" },   { 0xde, "th" }, { 0xfe, "th" },  { 0xdf, "ss" },
	{ 0x132, "ij" }, { 0x133, "ij" },  { 0x149, "n" }, { 0x14a, "ng" }, { 0x14b, "ng" },
	{ 0x152, "oe" }, { 0x153, "oe" },  { 0x218, "s" }, { 0x219, "s" },  { 0x21a, "t" },
	{ 0x21b, "t" },	 { 0x1e9e, "ss" },
};

static bool point_is_space(uint32_t point)
{
	return point == ' ' || point == '\t' || point == '\n' || point == '-' || point == 0xa0 ||
	       (point >= 0x2000 && point <= 0x200a) || (point >= 0x2010 && point <= 0x2015) ||
	       point == 0x202f || point == 0x3000;
}

/* Punctuation and symbols, and the combining accents that a decomposed letter carries behind it. */
static bool point_is_dropped(uint32_t point)
{
	return (point < 0xc0 && point >= 0x7f) || point == 0xd7 || point == 0xf7 ||
	       (point >= 0x2b0 && point <= 0x36f) || (point >= 0x2000 && point <= 0x206f);
}

static bool is_ascii_kept(uint32_t point)
{
	return (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z');
}

/* Cyrillic, in which many names come: Ѐ … Џ and А … Я have small letters at fixed distances. */
static uint32_t cyrillic_lower(uint32_t point)
{
	if (point >= 0x400 && point <= 0x40f)
		return point + 0x50;
	if (point >= 0x410 && point <= 0x42f)
		return point + 0x20;
	if (point >= 0x460 && point <= 0x4bf && !(point >= 0x482 && point <= 0x489))
		return point | 1;
	return point;
}

/* Remove the accent, as it is removed from a decomposed letter: й as и, ё as е, ї as і. */
static uint32_t cyrillic_fold(uint32_t point)
{
	point = cyrillic_lower(point);
	if (point == 0x439)
		return 0x438;
	if (point == 0x451)
		return 0x435;
	return point == 0x457 ? 0x456 : point;
}

static void put_two_bytes(struct buf *buf, uint32_t point)
{
	buf_putc(buf, (char)(0xc0 | point >> 6));
	buf_putc(buf, (char)(0x80 | (point & 0x3f)));
}

static bool put_ligature(struct buf *buf, uint32_t point)
{
	for (size_t i = 0; i < sizeof(ligatures) / sizeof(ligatures[0]); i++) {
		if (ligatures[i].point != point)
			continue;
		buf_puts(buf, ligatures[i].letters);
		return true;
	}
	return false;
}

/* Appends the code point's lower-case letters without diacritics. Letters of other scripts stay as
 * they are. */
static void put_folded(struct buf *buf, uint32_t point, struct text bytes)
{
	if (point >= 'A' && point <= 'Z')
		point |= 0x20;
	if (point < 0x7f) {
		if (is_ascii_kept(point))
			buf_putc(buf, (char)point);
	} else if (point_is_dropped(point) || put_ligature(buf, point)) {
		return;
	} else if (point >= LATIN_FIRST && point <= LATIN_LAST) {
		buf_putc(buf, latin[point - LATIN_FIRST]);
	} else if (cyrillic_fold(point) != point) {
		put_two_bytes(buf, cyrillic_fold(point));
	} else {
		buf_put_text(buf, bytes);
	}
}

/* A hyphen is a space, so that Anna-Marija is found as Anna Marija. */
static void put_name(struct buf *buf, struct text text)
{
	bool space = false;

	for (size_t at = 0; at < text.len;) {
		uint32_t point;
		size_t len = text_decode(text, at, &point);
		size_t before = buf->len;

		if (len == 0)
			return;
		if (point_is_space(point)) {
			space = buf->len > 0;
		} else {
			if (space)
				buf_putc(buf, ' ');
			put_folded(buf, point, (struct text){ text.ptr + at, len });
			if (buf->len == before + space)
				buf->len = before;
			else
				space = false;
		}
		at += len;
	}
}

/* Keep letters (in lower case), digits, and the characters in kept. */
static void put_code(struct buf *buf, struct text text, const char *kept)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (is_ascii_kept((unsigned char)c) || (c != '\0' && strchr(kept, c) != NULL))
			buf_putc(buf, c);
	}
}

static void put_lower(struct buf *buf, struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		buf_putc(buf, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
}

int blind_normalise(enum blind blind, struct text text, struct arena *arena, struct text *ret)
{
	struct buf buf;

	if (blind == BLIND_NONE || text.ptr == NULL) {
		*ret = text;
		return 0;
	}
	buf_init(&buf, arena);
	switch (blind) {
	case BLIND_NAME:
		put_name(&buf, text);
		break;
	case BLIND_EMAIL:
		put_lower(&buf, text_trim(text));
		break;
	case BLIND_PHONE:
		put_code(&buf, text, "+");
		break;
	case BLIND_CODE:
	case BLIND_NONE:
		put_code(&buf, text, "");
		break;
	}
	return buf_text(&buf, ret);
}
