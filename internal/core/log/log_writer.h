#ifndef CORE_LOG_LOG_WRITER_H
#define CORE_LOG_LOG_WRITER_H

#include "core/log/log.h"

/* Only for this package: where a line of the log goes. Protocol: until log_start and after
 * log_stop, the thread that logs writes the line itself. In between the line goes into a ring
 * under the writer's mutex, and one thread takes lines out and writes them. The mutex is never
 * held during a system call that may block. */

/* PIPE_BUF bytes, so that one write(2) into a pipe is never mixed with another process'. */
#define LOG_LINE_SIZE 4096

/* The line of these members; its length. */
size_t log_print(char buf[LOG_LINE_SIZE], enum log_level level, const char *event,
		 const struct log_member *members, size_t count);

/* A whole line with its end. */
void log_put(const char *line, size_t len);

#endif
