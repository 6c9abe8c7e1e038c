#include "core/log/line_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static bool put(struct line_ring *ring, const char *line)
{
	return line_ring_put(ring, line, strlen(line));
}

/* Takes once into a buffer of that size and compares. */
static void assert_taken(struct line_ring *ring, size_t size, const char *expected, int64_t missing)
{
	char *buf = malloc(size); /* so that the sanitizer sees its end */
	struct line_batch batch = line_ring_take(ring, buf, size);

	assert_int_equal(batch.len, strlen(expected));
	assert_memory_equal(buf, expected, batch.len);
	assert_int_equal(batch.missing, missing);
	free(buf);
}

static void lines_come_out_as_they_went_in(void **state)
{
	char buf[256];
	struct line_ring ring = { .buf = buf, .size = sizeof(buf) };

	(void)state;
	assert_true(line_ring_is_empty(&ring));
	assert_taken(&ring, 64, "", 0);
	assert_true(put(&ring, "one\n"));
	assert_true(put(&ring, "two\n"));
	assert_false(line_ring_is_empty(&ring));
	assert_taken(&ring, 64, "one\ntwo\n", 0);
	assert_true(line_ring_is_empty(&ring));
}

static void only_whole_lines_are_taken_together(void **state)
{
	char buf[256];
	struct line_ring ring = { .buf = buf, .size = sizeof(buf) };

	(void)state;
	put(&ring, "one\n");
	put(&ring, "two\n");
	put(&ring, "three\n");
	assert_taken(&ring, 8, "one\ntwo\n", 0);
	assert_taken(&ring, 8, "three\n", 0);
}

static void a_line_without_room_is_missing_where_it_would_stand(void **state)
{
	char buf[2 * (4 + LINE_RING_EXTRA)];
	struct line_ring ring = { .buf = buf, .size = sizeof(buf) };

	(void)state;
	assert_true(put(&ring, "one\n"));
	assert_true(put(&ring, "two\n"));
	assert_false(put(&ring, "six\n"));
	assert_false(put(&ring, "six\n"));
	assert_taken(&ring, 4, "one\n", 0);
	assert_true(put(&ring, "ten\n"));
	assert_taken(&ring, 64, "two\n", 0);
	assert_taken(&ring, 64, "ten\n", 2);
	assert_true(line_ring_is_empty(&ring));
}

static void missing_lines_at_the_end_are_reported_without_a_further_line(void **state)
{
	char buf[4 + LINE_RING_EXTRA];
	struct line_ring ring = { .buf = buf, .size = sizeof(buf) };

	(void)state;
	assert_true(put(&ring, "one\n"));
	assert_false(put(&ring, "two\n"));
	assert_taken(&ring, 64, "one\n", 0);
	assert_false(line_ring_is_empty(&ring));
	assert_taken(&ring, 64, "", 1);
	assert_true(line_ring_is_empty(&ring));
}

static void a_line_longer_than_the_ring_is_missing(void **state)
{
	char buf[LINE_RING_EXTRA + 2];
	struct line_ring ring = { .buf = buf, .size = sizeof(buf) };

	(void)state;
	assert_false(put(&ring, "one\n"));
	assert_false(put(&ring, "this line is longer than all of the ring's memory\n"));
	assert_taken(&ring, 64, "", 2);
}

/* Against a plain list: sizes of the ring, lines and takes at random, so that each wraps at every
 * byte. */
static void a_thousand_rings_agree_with_a_list(void **state)
{
	unsigned seed = 1;
	char line[32], taken[64];

	(void)state;
	for (int round = 0; round < 1000; round++) {
		size_t size = 40 + (size_t)rand_r(&seed) % 200;
		char *buf = malloc(size);
		struct line_ring ring = { .buf = buf, .size = size };
		int64_t next_in = 0, next_out = 0;

		for (int step = 0; step < 200; step++) {
			struct line_batch batch;

			snprintf(line, sizeof(line), "%lld%.*s\n", (long long)next_in,
				 rand_r(&seed) % 8, " padding");
			if (rand_r(&seed) % 3 > 0) {
				put(&ring, line);
				next_in++;
				continue;
			}
			batch = line_ring_take(&ring, taken, sizeof(taken) - 1);
			taken[batch.len] = '\0';
			next_out += batch.missing;
			for (char *at = taken; *at != '\0'; at = strchr(at, '\n') + 1)
				assert_int_equal(strtoll(at, NULL, 10), next_out++);
			assert_true(next_out <= next_in);
		}
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_as_they_went_in),
		cmocka_unit_test(only_whole_lines_are_taken_together),
		cmocka_unit_test(a_line_without_room_is_missing_where_it_would_stand),
		cmocka_unit_test(missing_lines_at_the_end_are_reported_without_a_further_line),
		cmocka_unit_test(a_line_longer_than_the_ring_is_missing),
		cmocka_unit_test(a_thousand_rings_agree_with_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
