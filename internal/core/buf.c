#include "core/buf.h"

#include <errno.h>
#include <stdio.h>

#define BUF_FIRST 256

void buf_init(struct buf *buf, struct arena *arena)
{
	*buf = (struct buf){ .arena = arena };
}

/* Makes room for more bytes; false, and the buffer failed for good, at the arena's maximum. */
static bool buf_grow(struct buf *buf, size_t more)
{
	size_t capacity = buf->capacity > 0 ? buf->capacity : BUF_FIRST;
	char *ptr;

	if (buf->failed)
		return false;
	if (buf->capacity - buf->len >= more)
		return true;
	while (capacity - buf->len < more && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	ptr = capacity - buf->len >= more ? arena_alloc(buf->arena, capacity) : NULL;
	if (ptr == NULL) {
		buf->failed = true;
		return false;
	}
	if (buf->len > 0)
		memcpy(ptr, buf->ptr, buf->len);
	buf->ptr = ptr;
	buf->capacity = capacity;
	return true;
}

void buf_put(struct buf *buf, const char *ptr, size_t len)
{
	if (len == 0 || !buf_grow(buf, len))
		return;
	memcpy(buf->ptr + buf->len, ptr, len);
	buf->len += len;
}

void buf_puts(struct buf *buf, const char *z)
{
	buf_put(buf, z, strlen(z));
}

void buf_put_text(struct buf *buf, struct text text)
{
	buf_put(buf, text.ptr, text.len);
}

void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void buf_put_int(struct buf *buf, int64_t value)
{
	char digits[20];
	char *at = digits + sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--at = '-';
	buf_put(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		buf->failed = true;
		return;
	}
	if (!buf_grow(buf, (size_t)len + 1))
		return;
	va_start(args, format);
	(void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

static void put_escape(struct buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\n\t\r\b\f";
	static const char to[] = "\"\\ntrbf";
	const char *found = c != 0 ? strchr(from, c) : NULL;

	if (found != NULL) {
		buf_put(buf, (const char[]){ '\\', to[found - from] }, 2);
		return;
	}
	buf_put(buf, (const char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

void buf_put_json(struct buf *buf, struct text text)
{
	size_t start = 0;

	if (text.ptr == NULL) {
		buf_put(buf, "null", 4);
		return;
	}
	buf_putc(buf, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(buf, text.ptr + start, i - start);
		put_escape(buf, c);
		start = i + 1;
	}
	buf_put(buf, text.ptr + start, text.len - start);
	buf_putc(buf, '"');
}

int buf_text(struct buf *buf, struct text *ret)
{
	if (!buf_grow(buf, 1))
		return -ENOMEM;
	buf->ptr[buf->len] = '\0';
	*ret = (struct text){ buf->ptr, buf->len };
	return 0;
}
