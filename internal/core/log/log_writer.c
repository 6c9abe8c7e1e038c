/* Writes log lines to standard output, from one thread between log_start and log_stop. Enter at
 * log_put. Owns the ring; the mutex is never held during a write. */

#include "core/log/log_writer.h"
#include "core/clock.h"
#include "core/log/line_ring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Room for some 3 500 lines of requests: a reader that rotates its file lets fewer lines wait. */
#define RING_SIZE ((size_t)1024 * 1024)

enum writer_state {
	WRITER_NONE,	  /* each thread writes its own lines */
	WRITER_RUNNING,	  /* lines go into the ring */
	WRITER_ENDING,	  /* as running; the thread ends when the ring is empty */
	WRITER_ABANDONED, /* nobody reads and the process ends: lines are dropped */
};

static char ring_buf[RING_SIZE];

static struct {
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t filled; /* a line came, or the end is asked for */
	pthread_cond_t idle;   /* all is written */
	struct line_ring ring;
	enum writer_state state;
	bool writing; /* the thread holds lines that are not in the ring any more */
	pthread_t thread;
} writer = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
	.idle = PTHREAD_COND_INITIALIZER,
	.ring = { .buf = ring_buf, .size = RING_SIZE },
};

static atomic_llong lines_dropped;
static atomic_bool line_is_torn; /* a line was written in part */

/* Writes all bytes unless there is an error; returns how many were written. Another process that
 * shares standard output may have made it non-blocking, so wait when it is full. */
static size_t output_write(const char *ptr, size_t len)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
	size_t done = 0;

	while (done < len) {
		ssize_t written = write(STDOUT_FILENO, ptr + done, len - done);

		if (written > 0)
			done += (size_t)written;
		else if (written < 0 && errno == EAGAIN)
			poll(&output, 1, -1);
		else if (written == 0 || errno != EINTR)
			break;
	}
	return done;
}

static int64_t lines_count(const char *ptr, size_t len)
{
	int64_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ptr[i] == '\n';
	return count;
}

/* Returns how many lines were not written whole. After a line that was cut off, begin a new line.
 * */
static int64_t lines_write(const char *ptr, size_t len)
{
	size_t done = 0;

	if (!atomic_load(&line_is_torn) || output_write("\n", 1) == 1) {
		done = output_write(ptr, len);
		atomic_store(&line_is_torn, done > 0 && ptr[done - 1] != '\n');
	}
	return lines_count(ptr + done, len - done);
}

static bool dropped_tell(int64_t count)
{
	const struct log_member member = LOG_NUMBER("count", count);
	char line[LOG_LINE_SIZE];
	size_t len = log_print(line, LOG_LEVEL_WARNING, "log_lines_dropped", &member, 1);

	return lines_write(line, len) == 0;
}

/* untold: how many lines are missing in the output and not yet reported there. */
static void batch_write(const char *ptr, const struct line_batch *batch, int64_t *untold)
{
	int64_t failed;

	*untold += batch->missing;
	if (*untold > 0 && !dropped_tell(*untold)) {
		failed = lines_count(ptr, batch->len);
	} else {
		*untold = 0;
		failed = lines_write(ptr, batch->len);
	}
	*untold += failed;
	atomic_fetch_add(&lines_dropped, failed);
}

/* Called under the mutex. Waits until there is something to write; false at the end. */
static bool writer_wait(void)
{
	while (line_ring_is_empty(&writer.ring)) {
		writer.writing = false;
		pthread_cond_broadcast(&writer.idle);
		if (writer.state != WRITER_RUNNING)
			return false;
		pthread_cond_wait(&writer.filled, &writer.mutex);
	}
	writer.writing = true;
	return true;
}

static void *writer_run(void *arg)
{
	char lines[LOG_LINE_SIZE];
	int64_t untold = 0;

	pthread_mutex_lock(&writer.mutex);
	while (writer_wait()) {
		struct line_batch batch = line_ring_take(&writer.ring, lines, sizeof(lines));

		pthread_mutex_unlock(&writer.mutex);
		batch_write(lines, &batch, &untold);
		pthread_mutex_lock(&writer.mutex);
	}
	writer.state = WRITER_NONE;
	pthread_mutex_unlock(&writer.mutex);
	return arg;
}

void log_put(const char *line, size_t len)
{
	int64_t failed = 0;

	pthread_mutex_lock(&writer.mutex);
	if (writer.state == WRITER_NONE) {
		pthread_mutex_unlock(&writer.mutex);
		failed = lines_write(line, len);
	} else {
		if (writer.state == WRITER_ABANDONED || !line_ring_put(&writer.ring, line, len))
			failed = 1;
		else if (!writer.writing)
			pthread_cond_signal(&writer.filled);
		pthread_mutex_unlock(&writer.mutex);
	}
	if (failed > 0)
		atomic_fetch_add(&lines_dropped, failed);
}

static struct timespec time_after(int ms)
{
	int64_t ticks = clock_ticks() + INT64_C(1000000) * ms;

	return (struct timespec){ ticks / 1000000000, ticks % 1000000000 };
}

int log_start(void)
{
	int rc;

	pthread_mutex_lock(&writer.mutex);
	rc = pthread_create(&writer.thread, NULL, writer_run, NULL);
	if (rc == 0)
		writer.state = WRITER_RUNNING;
	pthread_mutex_unlock(&writer.mutex);
	return -rc;
}

void log_flush(int ms)
{
	const struct timespec until = time_after(ms);
	int rc = 0;

	pthread_mutex_lock(&writer.mutex);
	while (rc == 0 && writer.state != WRITER_NONE &&
	       (writer.writing || !line_ring_is_empty(&writer.ring)))
		rc = pthread_cond_clockwait(&writer.idle, &writer.mutex, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&writer.mutex);
}

void log_stop(int ms)
{
	const struct timespec until = time_after(ms);
	bool running;

	pthread_mutex_lock(&writer.mutex);
	running = writer.state == WRITER_RUNNING;
	if (running)
		writer.state = WRITER_ENDING;
	pthread_cond_signal(&writer.filled);
	pthread_mutex_unlock(&writer.mutex);
	if (!running || pthread_clockjoin_np(writer.thread, NULL, CLOCK_MONOTONIC, &until) == 0)
		return;
	pthread_mutex_lock(&writer.mutex);
	writer.state = WRITER_ABANDONED;
	pthread_mutex_unlock(&writer.mutex);
	pthread_detach(writer.thread);
}

int64_t log_dropped(void)
{
	return atomic_load(&lines_dropped);
}
