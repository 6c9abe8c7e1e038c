#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/arena.h"

/* A growing string in an arena. An error is kept: append without checking and ask buf_text once at
 * the end. */
struct buf {
	struct arena *arena;
	char *ptr;
	size_t len;
	size_t capacity;
	bool failed;
};

void buf_init(struct buf *buf, struct arena *arena);
void buf_put(struct buf *buf, const char *ptr, size_t len);
void buf_puts(struct buf *buf, const char *z);
void buf_put_text(struct buf *buf, struct text text);
void buf_putc(struct buf *buf, char c);
void buf_put_int(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends text as a JSON string with its quotes (RFC 8259, 7). text is valid UTF-8; null gives
 * null. */
void buf_put_json(struct buf *buf, struct text text);

/* 0 with the text, NUL-terminated and owned by the arena; -ENOMEM if any append hit the maximum. */
int buf_text(struct buf *buf, struct text *ret);

#endif
