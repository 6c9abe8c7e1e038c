/* Writes a JSON document piece by piece. Enter at doc_open, doc_string … and doc_indent. */

#include "openapi/doc.h"

static void doc_key(struct buf *buf, const char *key)
{
	if (buf->len > 0 && strchr("{[:", buf->ptr[buf->len - 1]) == NULL)
		buf_putc(buf, ',');
	if (key == NULL)
		return;
	buf_put_json(buf, text_of(key));
	buf_putc(buf, ':');
}

void doc_open(struct buf *buf, const char *key, char bracket)
{
	doc_key(buf, key);
	buf_putc(buf, bracket);
}

void doc_close(struct buf *buf, char bracket)
{
	buf_putc(buf, bracket);
}

void doc_text(struct buf *buf, const char *key, struct text text)
{
	doc_key(buf, key);
	buf_put_json(buf, text);
}

void doc_string(struct buf *buf, const char *key, const char *z)
{
	doc_text(buf, key, text_of(z));
}

void doc_int(struct buf *buf, const char *key, int64_t value)
{
	doc_key(buf, key);
	buf_put_int(buf, value);
}

void doc_flag(struct buf *buf, const char *key, bool value)
{
	doc_key(buf, key);
	buf_puts(buf, value ? "true" : "false");
}

void doc_raw(struct buf *buf, const char *key, struct text json)
{
	doc_key(buf, key);
	buf_put_text(buf, json);
}

void doc_strings(struct buf *buf, const char *key, const char *const *names)
{
	doc_open(buf, key, '[');
	for (; *names != NULL; names++)
		doc_string(buf, NULL, *names);
	doc_close(buf, ']');
}

void doc_ref(struct buf *buf, const char *key, const char *kind, const char *prefix,
	     const char *name)
{
	doc_open(buf, key, '{');
	doc_key(buf, "$ref");
	buf_printf(buf, "\"#/components/%s/%s%s\"", kind, prefix, name);
	doc_close(buf, '}');
}

static void doc_line(struct buf *buf, int depth)
{
	buf_putc(buf, '\n');
	for (int i = 0; i < depth; i++)
		buf_puts(buf, "  ");
}

/* Copies a string whole; returns the index of its closing quote. */
static size_t doc_copy_string(struct buf *buf, struct text json, size_t i)
{
	size_t begin = i;

	for (i++; i < json.len && json.ptr[i] != '"'; i++)
		if (json.ptr[i] == '\\')
			i++;
	buf_put(buf, json.ptr + begin, i - begin + 1);
	return i;
}

/* Opens or closes; an empty object or array stays on its line. */
static size_t doc_bracket(struct buf *buf, struct text json, size_t i, int *depth)
{
	char c = json.ptr[i];

	if (c == '}' || c == ']') {
		doc_line(buf, --*depth);
		buf_putc(buf, c);
		return i;
	}
	buf_putc(buf, c);
	if (i + 1 < json.len && (json.ptr[i + 1] == '}' || json.ptr[i + 1] == ']')) {
		buf_putc(buf, json.ptr[i + 1]);
		return i + 1;
	}
	doc_line(buf, ++*depth);
	return i;
}

int doc_indent(struct arena *arena, struct text compact, struct text *ret)
{
	int depth = 0;
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < compact.len; i++) {
		char c = compact.ptr[i];

		if (c == '"') {
			i = doc_copy_string(&buf, compact, i);
		} else if (strchr("{}[]", c) != NULL) {
			i = doc_bracket(&buf, compact, i, &depth);
		} else if (c == ',') {
			buf_putc(&buf, ',');
			doc_line(&buf, depth);
		} else if (c == ':') {
			buf_puts(&buf, ": ");
		} else {
			buf_putc(&buf, c);
		}
	}
	buf_putc(&buf, '\n');
	return buf_text(&buf, ret);
}
