#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/text.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* One member of a log line: either text or, where text is null and key set, number. */
struct log_member {
	const char *key;
	struct text text;
	int64_t number;
};

#define LOG_TEXT(k, t) ((struct log_member){ (k), (t), 0 })
#define LOG_NUMBER(k, n) ((struct log_member){ (k), { NULL, 0 }, (n) })

void log_set_level(enum log_level level);

/* One JSON object on one line of standard output: time (RFC 3339 UTC), level, event, the members.
 * Escapes every text, never allocates, writes with one write(2). Thread-safe. event is a fixed
 * snake_case word. Never give it a name, a body, a token or a client's id. */
void log_write(enum log_level level, const char *event, const struct log_member *members,
	       size_t count);

#define log_error(event, ...) LOG_EVENT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warning(event, ...) LOG_EVENT(LOG_LEVEL_WARNING, event, __VA_ARGS__)
#define log_info(event, ...) LOG_EVENT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_EVENT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define LOG_EVENT(level, event, ...)                                                               \
	log_write(level, event, (const struct log_member[]){ __VA_ARGS__ },                        \
		  sizeof((const struct log_member[]){ __VA_ARGS__ }) / sizeof(struct log_member))

#endif
