/* Reads and writes PostgreSQL's array literals. Enter at array_next and array_write. */

#include "model/array.h"

#include <errno.h>

static int array_unescape(struct text raw, struct arena *arena, struct text *ret)
{
	char *out = arena_alloc(arena, raw.len + 1);
	size_t len = 0;

	if (out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] == '\\')
			i++;
		out[len++] = raw.ptr[i];
	}
	*ret = (struct text){ out, len };
	return 0;
}

/* The rest begins behind the opening quote; leaves it behind the closing one. */
static int array_quoted(struct array_walk *walk, struct arena *arena, struct text *ret)
{
	const char *begin = walk->rest.ptr;
	const char *end = begin + walk->rest.len;
	const char *p = begin;
	bool escaped = false;
	struct text raw;

	while (p < end && *p != '"') {
		bool escape = *p == '\\';

		escaped |= escape;
		p += escape ? 2 : 1;
	}
	if (p >= end)
		return -EINVAL;
	raw = (struct text){ begin, (size_t)(p - begin) };
	walk->rest = (struct text){ p + 1, (size_t)(end - p - 1) };
	if (escaped)
		return array_unescape(raw, arena, ret);
	*ret = raw;
	return 0;
}

static int array_bare(struct array_walk *walk, struct text *ret)
{
	struct text rest = walk->rest;
	size_t len = 0;

	while (len < rest.len && rest.ptr[len] != ',' && rest.ptr[len] != '}') {
		if (strchr("{\"\\", rest.ptr[len]) != NULL)
			return -EINVAL;
		len++;
	}
	*ret = (struct text){ rest.ptr, len };
	walk->rest = (struct text){ rest.ptr + len, rest.len - len };
	return len == 0 || text_is_nocase(*ret, "null") ? -EINVAL : 0;
}

static bool array_take(struct array_walk *walk, char c)
{
	if (walk->rest.len == 0 || walk->rest.ptr[0] != c)
		return false;
	walk->rest.ptr++;
	walk->rest.len--;
	return true;
}

int array_next(struct array_walk *walk, struct arena *arena, struct text *ret)
{
	struct text item;
	int rc;

	if (!walk->begun) {
		if (!array_take(walk, '{'))
			return -EINVAL;
		if (array_take(walk, '}'))
			return walk->rest.len == 0 ? 0 : -EINVAL;
		walk->begun = true;
	} else if (array_take(walk, '}')) {
		return walk->rest.len == 0 ? 0 : -EINVAL;
	} else if (!array_take(walk, ',')) {
		return -EINVAL;
	}
	rc = array_take(walk, '"') ? array_quoted(walk, arena, &item) : array_bare(walk, &item);
	if (rc != 0)
		return rc;
	*ret = item;
	return 1;
}

void array_write(struct buf *buf, const struct texts *items)
{
	buf_putc(buf, '{');
	for (size_t i = 0; i < items->count; i++) {
		struct text item = items->items[i];

		buf_puts(buf, i == 0 ? "\"" : ",\"");
		for (size_t j = 0; j < item.len; j++) {
			if (item.ptr[j] == '"' || item.ptr[j] == '\\')
				buf_putc(buf, '\\');
			buf_putc(buf, item.ptr[j]);
		}
		buf_putc(buf, '"');
	}
	buf_putc(buf, '}');
}
