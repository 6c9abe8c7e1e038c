#include "core/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IN_A_ROW 10000
#define THREADS 4

static char made[THREADS][IN_A_ROW][UUID_SIZE];

static void *make_many(void *row)
{
	char(*keys)[UUID_SIZE] = row;

	for (size_t i = 0; i < IN_A_ROW; i++)
		uuid_new(keys[i]);
	return NULL;
}

static void assert_ascending(char (*keys)[UUID_SIZE], size_t count)
{
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(keys[i - 1], keys[i]) < 0);
}

static void keys_are_of_version_7_and_variant_2(void **state)
{
	char key[UUID_SIZE];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uuid_new(key);
		assert_int_equal(strlen(key), 36);
		assert_true(uuid_is(text_of(key)));
		assert_int_equal(key[14], '7');
		assert_non_null(strchr("89ab", key[19]));
		assert_int_equal(strspn(key, "0123456789abcdef-"), 36);
	}
}

static void a_key_begins_with_the_milliseconds(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000;
	char key[UUID_SIZE], digits[13];
	int64_t ms;

	(void)state;
	uuid_new(key);
	memcpy(digits, key, 8);
	memcpy(digits + 8, key + 9, 4);
	digits[12] = '\0';
	ms = strtoll(digits, NULL, 16);
	assert_in_range(ms, before - 1000, before + 60000);
}

static void keys_ascend(void **state)
{
	(void)state;
	make_many(made[0]);
	assert_ascending(made[0], IN_A_ROW);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void threads_never_share_a_key(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_many, made[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < THREADS; i++)
		assert_ascending(made[i], IN_A_ROW);
	qsort(made, THREADS * IN_A_ROW, UUID_SIZE, compare);
	assert_ascending(made[0], THREADS * IN_A_ROW);
}

static void a_forked_child_makes_other_keys(void **state)
{
	char ours[UUID_SIZE], theirs[UUID_SIZE];
	int ends[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	uuid_new(ours);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		uuid_new(theirs);
		_exit(write(ends[1], theirs, UUID_SIZE) == UUID_SIZE ? 0 : 1);
	}
	uuid_new(ours);
	assert_int_equal(read(ends[0], theirs, UUID_SIZE), UUID_SIZE);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	assert_string_not_equal(ours, theirs);
}

static void only_whole_uuids_are_uuids(void **state)
{
	static const char *const bad[] = {
		"",
		"0192f5c0-7b1a-7000-8000-00000000000",
		"0192f5c0-7b1a-7000-8000-0000000000000",
		"0192f5c0-7b1a-7000-8000-00000000000g",
		"0192f5c07b1a70008000000000000000",
		"0192f5c0-7b1a-70008-000-000000000000",
		"{192f5c0-7b1a-7000-8000-00000000000}",
		"0192f5c0_7b1a_7000_8000_000000000000",
		"0192f5c0-7b1a-7000-8000-000000000-00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_is(text_of(bad[i])));
	assert_false(uuid_is(TEXT_NULL));
	assert_true(uuid_is(TEXT("0192F5C0-7b1a-4000-8000-00000000000F")));
}

static void a_key_in_an_arena_dies_with_it(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 16);
	assert_true(uuid_is(uuid_text(&arena)));
	arena_done(&arena);
	arena_init(&arena, 20);
	assert_null(uuid_text(&arena).ptr);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_of_version_7_and_variant_2),
		cmocka_unit_test(a_key_begins_with_the_milliseconds),
		cmocka_unit_test(keys_ascend),
		cmocka_unit_test(threads_never_share_a_key),
		cmocka_unit_test(a_forked_child_makes_other_keys),
		cmocka_unit_test(only_whole_uuids_are_uuids),
		cmocka_unit_test(a_key_in_an_arena_dies_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
