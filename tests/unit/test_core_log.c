#include "core/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_SIZE 4096

static char line[2 * LINE_MAX_SIZE];

/* Standard output goes into a pipe from capture_begin to capture_end,
which leaves in line what came. */
static int saved_output, ends[2];

static void capture_begin(void)
{
	fflush(stdout);
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

static void what_is_below_the_level_is_not_written(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(an_event_needs_no_members),
		cmocka_unit_test(nothing_can_forge_a_line),
		cmocka_unit_test(a_long_text_is_cut_and_marked),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(many_members_end_where_they_fit),
		cmocka_unit_test(what_is_below_the_level_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
