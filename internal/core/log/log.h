#ifndef CORE_LOG_LOG_H
#define CORE_LOG_LOG_H

#include "core/text.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* One member of a log line: text, or number if text is null and key is set. */
struct log_member {
	const char *key;
	struct text text;
	int64_t number;
};

#define LOG_TEXT(k, t) ((struct log_member){ (k), (t), 0 })
#define LOG_NUMBER(k, n) ((struct log_member){ (k), { NULL, 0 }, (n) })

void log_set_level(enum log_level level);

/* One JSON object on one line of standard output: time (RFC 3339 UTC), level, event, the members.
 * Escapes every text, never allocates. Thread-safe; lines stay whole and in order. Between
 * log_start and log_stop it never waits for the reader of the output. If the output fails, the
 * line is dropped and counted; the process goes on. event is a fixed snake_case word. Never give
 * it a name, a body, a token or a client's id. */
void log_write(enum log_level level, const char *event, const struct log_member *members,
	       size_t count);

/* From now on one thread writes the lines, from a ring of 1 MiB; for a process that answers
 * requests. A line without room in the ring is dropped and counted; when lines are written again,
 * "log_lines_dropped" says in their place how many are missing. 0, or -errno if the thread cannot
 * be started. Block the signals that the thread must not receive before this call. */
int log_start(void);

/* Waits until every line is written, ms milliseconds at most: before an _exit. */
void log_flush(int ms);

/* The same, and ends the thread. If nobody reads, the remaining lines are dropped. Does nothing
 * without log_start. */
void log_stop(int ms);
#define LOG_LAST_MS 1000 /* longest wait for a process' last lines */

/* Lines since the start that had no room, or that standard output refused. */
int64_t log_dropped(void);

#define log_error(event, ...) LOG_EVENT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warning(event, ...) LOG_EVENT(LOG_LEVEL_WARNING, event, __VA_ARGS__)
#define log_info(event, ...) LOG_EVENT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_EVENT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define LOG_EVENT(level, event, ...)                                                               \
	log_write(level, event, (const struct log_member[]){ __VA_ARGS__ },                        \
		  sizeof((const struct log_member[]){ __VA_ARGS__ }) / sizeof(struct log_member))

#endif
