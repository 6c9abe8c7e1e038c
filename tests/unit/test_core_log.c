#include "core/log/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/arena.h"
#include "core/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_SIZE 4096

static char line[2 * LINE_MAX_SIZE];

/* Standard output goes into a pipe from capture_begin to capture_end,
which leaves in line what came. */
static int saved_output, ends[2];

static void capture_begin(void)
{
	(void)fflush(stdout);
	saved_output = dup(STDOUT_FILENO);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
}

static size_t capture_end(void)
{
	ssize_t len;

	dup2(saved_output, STDOUT_FILENO);
	close(saved_output);
	len = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	assert_true(len >= 0);
	line[len] = '\0';
	return (size_t)len;
}

/* What stands behind the time, which begins every line. */
static const char *behind_time(void)
{
	static const char start[] = "{\"time\":\"2";
	char *end = strstr(line, "Z\",");

	assert_memory_equal(line, start, sizeof(start) - 1);
	assert_non_null(end);
	return end + 3;
}

static void a_line_is_one_json_object(void **state)
{
	(void)state;
	capture_begin();
	errno = EDOM;
	log_info("request", LOG_TEXT("route", TEXT("/v1/cases/{id}")), LOG_NUMBER("status", 200),
		 LOG_NUMBER("least", INT64_MIN), LOG_TEXT("empty", TEXT("")));
	capture_end();
	assert_int_equal(errno, EDOM);
	assert_string_equal(behind_time(), "\"level\":\"info\",\"event\":\"request\",\"route\":\"/"
					   "v1/cases/{id}\",\"status\":200,"
					   "\"least\":-9223372036854775808,\"empty\":\"\"}\n");
}

static void an_event_needs_no_members(void **state)
{
	(void)state;
	capture_begin();
	log_write(LOG_LEVEL_ERROR, "stopped", NULL, 0);
	capture_end();
	assert_string_equal(behind_time(), "\"level\":\"error\",\"event\":\"stopped\"}\n");
}

static void nothing_can_forge_a_line(void **state)
{
	(void)state;
	capture_begin();
	log_warning("odd",
		    LOG_TEXT("what", TEXT("a\n{\"x\":\"\\\r\t\x1b[0m\0ā\x7f\xc2\x9b\xe2\x80\xa8|")),
		    LOG_TEXT("bytes", TEXT("\xff\xc3|\xed\xa0\x80")));
	capture_end();
	assert_string_equal(behind_time(),
			    "\"level\":\"warning\",\"event\":\"odd\",\"what\":"
			    "\"a\\u000a{\\u0022x\\u0022:\\u0022\\u005c\\u000d\\u0009\\u001b["
			    "0m\\u0000ā\\u007f\\u009b\\u2028|\","
			    "\"bytes\":\"\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\"}\n");
}

static void a_long_text_is_cut_and_marked(void **state)
{
	static char text[3 * LINE_MAX_SIZE];
	static const char end[] = "\",\"truncated\":true}\n";
	size_t len;

	(void)state;
	/* Each offset, so that the cut falls into every byte of a character and of an escape. */
	for (size_t i = 0; i < 8; i++) {
		memset(text, '\n', sizeof(text));
		memset(text, 'x', i);
		capture_begin();
		log_error("long", LOG_TEXT("what", ((struct text){ text, sizeof(text) })),
			  LOG_NUMBER("never", 1));
		len = capture_end();
		assert_in_range(len, LINE_MAX_SIZE - 16, LINE_MAX_SIZE);
		assert_string_equal(line + len - (sizeof(end) - 1), end);
		assert_memory_equal(line + len - (sizeof(end) - 1) - 6, "\\u000a", 6);
		assert_null(strstr(line, "never"));
	}
}

static void a_cut_never_splits_a_character(void **state)
{
	static char text[2 * LINE_MAX_SIZE];
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t at = i; at + 1 < sizeof(text); at += 2)
			memcpy(text + at, "ā", 2);
		text[0] = i > 0 ? 'x' : text[0];
		capture_begin();
		log_error("long", LOG_TEXT("what", ((struct text){ text, sizeof(text) - i })));
		len = capture_end();
		assert_in_range(len, LINE_MAX_SIZE - 16, LINE_MAX_SIZE);
		assert_true(text_is_utf8((struct text){ line, len }));
	}
}

static void many_members_end_where_they_fit(void **state)
{
	struct log_member members[600];
	size_t len;

	(void)state;
	for (size_t i = 0; i < 600; i++)
		members[i] = i % 2 > 0 ? LOG_NUMBER("number", (int64_t)i)
				       : LOG_TEXT("text", TEXT("abc"));
	for (size_t first = 0; first < 40; first++) {
		members[0].text =
			(struct text){ "0123456789012345678901234567890123456789", first };
		capture_begin();
		log_write(LOG_LEVEL_ERROR, "many", members, 600);
		len = capture_end();
		assert_in_range(len, LINE_MAX_SIZE - 48, LINE_MAX_SIZE);
		assert_string_equal(line + len - 19, ",\"truncated\":true}\n");
		assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	}
}

static void lines_below_the_level_are_not_written(void **state)
{
	(void)state;
	capture_begin();
	log_debug("quiet", LOG_NUMBER("n", 1));
	log_set_level(LOG_LEVEL_ERROR);
	log_info("quiet", LOG_NUMBER("n", 1));
	log_warning("quiet", LOG_NUMBER("n", 1));
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("loud", LOG_NUMBER("n", 1));
	log_set_level(LOG_LEVEL_INFO);
	capture_end();
	assert_string_equal(behind_time(), "\"level\":\"debug\",\"event\":\"loud\",\"n\":1}\n");
}

/* With a writer */

static int64_t elapsed_ms(int64_t since)
{
	return (clock_ticks() - since) / 1000000;
}

/* Whole lines of the pipe from capture_begin on, to the one that ends with this. */
static size_t read_until(char *buf, size_t size, const char *end)
{
	size_t len = 0;

	buf[0] = '\0';
	while (strstr(buf, end) == NULL) {
		ssize_t got = read(ends[0], buf + len, size - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
		buf[len] = '\0';
	}
	return len;
}

static void lines_of_the_writer_are_out_when_it_has_stopped(void **state)
{
	(void)state;
	capture_begin();
	assert_int_equal(log_start(), 0);
	log_info("first", LOG_NUMBER("n", 1));
	log_info("second", LOG_NUMBER("n", 2));
	log_stop(1000);
	log_info("third", LOG_NUMBER("n", 3));
	capture_end();
	assert_true(strstr(line, "first") < strstr(line, "second"));
	assert_true(strstr(line, "second") < strstr(line, "third"));
	assert_int_equal(log_dropped(), 0);
}

#define CROWD 4
#define TURNS 200

static void *crowd_run(void *arg)
{
	for (int i = 0; i < TURNS; i++)
		log_info("turn", LOG_NUMBER("who", (int64_t)(intptr_t)arg), LOG_NUMBER("turn", i));
	return NULL;
}

static void each_thread_s_lines_stay_in_order(void **state)
{
	static char all[CROWD * TURNS * 128];
	int next[CROWD] = { 0 };
	pthread_t threads[CROWD];
	char *at = all;

	(void)state;
	capture_begin();
	assert_int_equal(log_start(), 0);
	for (intptr_t i = 0; i < CROWD; i++)
		pthread_create(&threads[i], NULL, crowd_run, (void *)i);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	log_info("end", LOG_NUMBER("n", 0));
	read_until(all, sizeof(all), "\"end\"");
	log_stop(1000);
	capture_end();
	while ((at = strstr(at, "\"who\":")) != NULL) {
		int who, turn;

		assert_int_equal(sscanf(at, "\"who\":%d,\"turn\":%d}\n{", &who, &turn), 2);
		assert_int_equal(turn, next[who]++);
		at++;
	}
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(next[i], TURNS);
}

/* Standard output becomes a pipe that is full and that nobody reads. */
static void capture_blocked(void)
{
	char page[4096] = { 0 };

	capture_begin();
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	while (write(STDOUT_FILENO, page, sizeof(page)) > 0)
		;
	fcntl(STDOUT_FILENO, F_SETFL, 0);
}

/* What happens in a process of its own; its exit status. */
static int in_child(int (*act)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		capture_blocked();
		_exit(act());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int log_ten_thousand_and_stop(void)
{
	int64_t start = clock_ticks();

	log_start();
	for (int i = 0; i < 10000; i++)
		log_info("many", LOG_NUMBER("i", i), LOG_TEXT("pad", TEXT("0123456789012345678")));
	if (elapsed_ms(start) > 5000 || log_dropped() == 0 || log_dropped() >= 10000)
		return 1;
	start = clock_ticks();
	log_stop(200);
	log_info("after", LOG_NUMBER("i", 0));
	return elapsed_ms(start) >= 200 && elapsed_ms(start) < 2000 ? 0 : 2;
}

static void logging_and_stopping_do_not_wait_for_a_reader(void **state)
{
	(void)state;
	assert_int_equal(in_child(log_ten_thousand_and_stop), 0);
}

static int run_out_of_memory(void)
{
	log_start();
	arena_out_of_memory(1);
}

static void out_of_memory_ends_the_process_even_if_nobody_reads(void **state)
{
	int64_t start = clock_ticks();

	(void)state;
	assert_int_equal(in_child(run_out_of_memory), 70);
	assert_in_range(elapsed_ms(start), 900, 3000);
}

static void out_of_memory_is_logged_before_the_process_ends(void **state)
{
	pid_t child;
	int status;

	(void)state;
	capture_begin();
	child = fork();
	if (child == 0) {
		log_start();
		arena_out_of_memory(123);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 70);
	capture_end();
	assert_non_null(strstr(line, "\"event\":\"out_of_memory\",\"size\":123}\n"));
}

/* Another process that shares the output may have made it non-blocking. */
static void a_non_blocking_output_loses_nothing(void **state)
{
	static char all[(size_t)1 << 20];
	int64_t before = log_dropped();

	(void)state;
	capture_begin();
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	assert_int_equal(log_start(), 0);
	for (int i = 0; i < 1000; i++)
		log_info("many", LOG_NUMBER("i", i), LOG_TEXT("pad", TEXT("0123456789012345678")));
	read_until(all, sizeof(all), "\"i\":999,");
	log_stop(1000);
	capture_end();
	assert_int_equal(log_dropped(), before);
}

static void a_line_that_a_full_disk_tears_does_not_tear_the_next(void **state)
{
	struct rlimit limit, former;
	char path[] = "/tmp/atbalsts-log-XXXXXX";
	int64_t before = log_dropped();
	int fd = mkstemp(path);
	ssize_t len;

	(void)state;
	unlink(path);
	saved_output = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	(void)signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &former);
	limit = (struct rlimit){ 20, former.rlim_max };
	setrlimit(RLIMIT_FSIZE, &limit);
	log_info("torn", LOG_NUMBER("n", 1));
	log_info("lost", LOG_NUMBER("n", 2));
	setrlimit(RLIMIT_FSIZE, &former);
	log_info("whole", LOG_NUMBER("n", 3));
	dup2(saved_output, STDOUT_FILENO);
	close(saved_output);
	len = pread(fd, line, sizeof(line) - 1, 0);
	close(fd);
	assert_true(len > 22);
	line[len] = '\0';
	assert_int_equal(line[20], '\n');
	assert_memory_equal(line + 21, "{\"time\":", 8);
	assert_non_null(strstr(line, "\"event\":\"whole\",\"n\":3}\n"));
	assert_null(strstr(line, "lost"));
	assert_int_equal(log_dropped(), before + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(an_event_needs_no_members),
		cmocka_unit_test(nothing_can_forge_a_line),
		cmocka_unit_test(a_long_text_is_cut_and_marked),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(many_members_end_where_they_fit),
		cmocka_unit_test(lines_below_the_level_are_not_written),
		cmocka_unit_test(lines_of_the_writer_are_out_when_it_has_stopped),
		cmocka_unit_test(each_thread_s_lines_stay_in_order),
		cmocka_unit_test(logging_and_stopping_do_not_wait_for_a_reader),
		cmocka_unit_test(out_of_memory_ends_the_process_even_if_nobody_reads),
		cmocka_unit_test(out_of_memory_is_logged_before_the_process_ends),
		cmocka_unit_test(a_non_blocking_output_loses_nothing),
		cmocka_unit_test(a_line_that_a_full_disk_tears_does_not_tear_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
