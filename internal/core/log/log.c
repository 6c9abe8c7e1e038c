/* Prints one log line as JSON. Enter at log_write. Takes no memory and no lock; log_writer.c
 * takes the line from here. */

#include "core/log/log.h"
#include "core/clock.h"
#include "core/log/log_writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

/* The end of a line that was cut short. Room for it is always kept. */
static const char line_end[] = "\",\"truncated\":true}\n";

struct line {
	size_t len;
	bool truncated;
	char *buf; /* of LOG_LINE_SIZE */
};

static atomic_int log_threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_threshold, (int)level, memory_order_relaxed);
}

/* Appends all of it or, when it does not fit, nothing and the mark. */
static bool line_put(struct line *line, const char *ptr, size_t len)
{
	if (line->truncated || line->len + len > LOG_LINE_SIZE - sizeof(line_end)) {
		line->truncated = true;
		return false;
	}
	memcpy(line->buf + line->len, ptr, len);
	line->len += len;
	return true;
}

static bool line_puts(struct line *line, const char *z)
{
	return line_put(line, z, strlen(z));
}

/* Control characters, C1 and the line separators of Unicode could forge a line in somebody's
 * terminal. */
static bool point_is_plain(uint32_t point)
{
	if (point < 0x20 || point == '"' || point == '\\')
		return false;
	return !(point >= 0x7f && point < 0xa0) && point != 0x2028 && point != 0x2029;
}

/* The text between its quotes; a byte that is not UTF-8 becomes U+FFFD. */
static void line_put_escaped(struct line *line, struct text text)
{
	char escape[8];
	size_t at = 0;

	while (at < text.len && !line->truncated) {
		uint32_t point = 0xfffd;
		size_t len = text_decode(text, at, &point);

		if (len > 0 && point_is_plain(point)) {
			line_put(line, text.ptr + at, len);
		} else {
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(point & 0xffff));
			line_puts(line, escape);
		}
		at += len > 0 ? len : 1;
	}
}

/* A key that does not fit is taken back; a text is cut where it ends to fit. */
static void line_put_text(struct line *line, const char *key, struct text text)
{
	size_t before = line->len;

	if (!line_puts(line, before > 1 ? ",\"" : "\"") || !line_puts(line, key) ||
	    !line_puts(line, "\":\"")) {
		line->len = before;
		return;
	}
	line_put_escaped(line, text);
	line->buf[line->len++] = '"';
}

static void line_put_number(struct line *line, const char *key, int64_t number)
{
	size_t before = line->len;
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	if (!line_puts(line, ",\"") || !line_puts(line, key) || !line_puts(line, "\":") ||
	    !line_puts(line, digits))
		line->len = before;
}

static void line_finish(struct line *line)
{
	const char *end = line->truncated ? line_end + 1 : "}\n";

	memcpy(line->buf + line->len, end, strlen(end));
	line->len += strlen(end);
}

size_t log_print(char buf[LOG_LINE_SIZE], enum log_level level, const char *event,
		 const struct log_member *members, size_t count)
{
	static const char *const level_names[] = { "error", "warning", "info", "debug" };
	struct line line = { 1, false, buf };
	char now[INSTANT_SIZE];

	buf[0] = '{';
	instant_print(clock_now(), now);
	line_put_text(&line, "time", text_of(now));
	line_put_text(&line, "level", text_of(level_names[level]));
	line_put_text(&line, "event", text_of(event));
	for (size_t i = 0; i < count && !line.truncated; i++) {
		if (members[i].text.ptr != NULL)
			line_put_text(&line, members[i].key, members[i].text);
		else if (members[i].key != NULL)
			line_put_number(&line, members[i].key, members[i].number);
	}
	line_finish(&line);
	return line.len;
}

void log_write(enum log_level level, const char *event, const struct log_member *members,
	       size_t count)
{
	char line[LOG_LINE_SIZE];
	int saved = errno;

	if ((int)level > atomic_load_explicit(&log_threshold, memory_order_relaxed))
		return;
	log_put(line, log_print(line, level, event, members, count));
	errno = saved;
}
