/* Judges Accept, Accept-Language and Content-Type. Enter at accept_allows_json, accept_language
 * and content_type_is. */

#include "web/negotiate.h"

/* A q-value in thousandths; 1000 when absent, -1 when malformed. */
static int quality_parse(struct text text)
{
	int value = 0;
	int scale = 1000;

	if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
		return -1;
	if (text.len > 1 && text.ptr[1] != '.')
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (i == 1)
			continue;
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return -1;
		value += (text.ptr[i] - '0') * scale;
		scale /= 10;
	}
	return value > 1000 ? -1 : value;
}

/* One element of a list: its name, and q from its parameters. Malformed weights count as 0. */
static struct text element_read(struct text element, int *ret_quality)
{
	struct text name = text_trim(text_cut(&element, ';'));
	int quality = 1000;

	while (element.ptr != NULL) {
		struct text value = text_trim(text_cut(&element, ';'));
		struct text key = text_trim(text_cut(&value, '='));

		if (text_is_nocase(key, "q") && value.ptr != NULL)
			quality = quality_parse(text_trim(value));
	}
	*ret_quality = quality < 0 ? 0 : quality;
	return name;
}

bool accept_allows_json(struct text accept)
{
	static const char *const ranges[] = { "*/*", "application/*", "application/json" };
	int best = -1; /* the most specific range decides (RFC 9110, 12.5.1) */
	int quality = 1000;

	if (accept.ptr == NULL || text_trim(accept).len == 0)
		return true;
	while (accept.ptr != NULL) {
		int q;
		struct text name = element_read(text_cut(&accept, ','), &q);

		for (int i = 0; i < 3; i++) {
			if (i < best || !text_is_nocase(name, ranges[i]))
				continue;
			best = i;
			quality = q;
		}
	}
	return best >= 0 && quality > 0;
}

static bool language_is(struct text range, const char *language)
{
	struct text rest = range;

	return text_is_nocase(text_cut(&rest, '-'), language);
}

enum language accept_language(struct text header)
{
	enum language language = LANGUAGE_EN;
	int best = 0;

	while (header.ptr != NULL) {
		int q;
		struct text range = element_read(text_cut(&header, ','), &q);

		if (q <= best)
			continue;
		if (language_is(range, "lv"))
			language = LANGUAGE_LV;
		else if (language_is(range, "en"))
			language = LANGUAGE_EN;
		else
			continue;
		best = q;
	}
	return language;
}

static struct text unquote(struct text value)
{
	if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		return (struct text){ value.ptr + 1, value.len - 2 };
	return value;
}

bool content_type_is(struct text header, const char *type)
{
	struct text rest = header;

	if (!text_is_nocase(text_trim(text_cut(&rest, ';')), type))
		return false;
	while (rest.ptr != NULL) {
		struct text value = text_trim(text_cut(&rest, ';'));
		struct text key = text_trim(text_cut(&value, '='));

		if (text_is_nocase(key, "charset") &&
		    !text_is_nocase(unquote(text_trim(value)), "utf-8"))
			return false;
	}
	return true;
}
