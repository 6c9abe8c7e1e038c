#include "core/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *__asan_default_options(void);

/* The sanitizer's malloc is to answer NULL, as the system's does. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena arena;
	char *before = NULL;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t size = 0; size < 600; size++) {
		char *ptr = arena_alloc(&arena, size);

		assert_non_null(ptr);
		assert_int_equal((uintptr_t)ptr % _Alignof(max_align_t), 0);
		assert_ptr_not_equal(ptr, before);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(ptr[i], 0);
		memset(ptr, 0xa5, size);
		before = ptr;
	}
	arena_done(&arena);
	assert_int_equal(arena.used, 0);
	assert_non_null(arena_alloc(&arena, 1));
	arena_done(&arena);
}

static void no_memory_is_taken_before_it_is_asked_for(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	assert_int_equal(arena.used, 0);
	arena_alloc(&arena, 1);
	assert_int_equal(arena.used, 16 * 1024);
	arena_done(&arena);
}

static void the_maximum_is_never_passed(void **state)
{
	const size_t maximum = 100 * 1000;
	size_t given = 0;
	struct arena arena;

	(void)state;
	arena_init(&arena, maximum);
	assert_null(arena_alloc(&arena, maximum + 1));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	while (arena_alloc(&arena, 1000) != NULL)
		given += 1000;
	assert_true(arena.used <= maximum);
	assert_in_range(given, maximum * 9 / 10, maximum);
	arena_done(&arena);
}

static void a_big_piece_leaves_the_block_in_use(void **state)
{
	struct arena arena;
	char *first, *next;

	(void)state;
	arena_init(&arena, 1 << 20);
	first = arena_alloc(&arena, 32);
	assert_non_null(arena_alloc(&arena, 200 * 1000));
	next = arena_alloc(&arena, 32);
	assert_in_range(next - first, 32, 64);
	arena_done(&arena);
}

static void copies_end_with_nul_and_keep_null(void **state)
{
	struct arena arena;
	struct text copy;

	(void)state;
	arena_init(&arena, 1 << 20);
	copy = arena_copy(&arena, (struct text){ "abcdef", 3 });
	assert_int_equal(copy.len, 3);
	assert_string_equal(copy.ptr, "abc");
	assert_null(arena_copy(&arena, TEXT_NULL).ptr);
	assert_non_null(arena_copy(&arena, TEXT("")).ptr);
	assert_string_equal(arena_strdup(&arena, TEXT_NULL), "");
	copy = arena_format(&arena, "%s/%d", "cases", 7);
	assert_string_equal(copy.ptr, "cases/7");
	assert_int_equal(copy.len, 7);
	arena_done(&arena);

	arena_init(&arena, 8);
	assert_null(arena_copy(&arena, TEXT("abc")).ptr);
	assert_null(arena_strdup(&arena, TEXT("abc")));
	assert_null(arena_format(&arena, "%d", 1).ptr);
	arena_done(&arena);
}

/* Runs in a child and returns its exit status. */
static int child_status(void (*act)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		close(STDOUT_FILENO);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static volatile size_t huge = SIZE_MAX / 4;

static void take_too_much(void)
{
	memory_take(huge);
}

static void resize_too_much(void)
{
	memory_resize(memory_take(8), huge);
}

static void alloc_too_much(void)
{
	struct arena arena;

	arena_init(&arena, SIZE_MAX);
	arena_alloc(&arena, huge);
}

static void take_and_give(void)
{
	char *ptr = memory_resize(memory_take(0), 100);

	memset(ptr, 1, 100);
	memory_give(ptr);
	memory_give(NULL);
}

static void when_the_system_refuses_the_process_ends(void **state)
{
	(void)state;
	assert_int_equal(child_status(take_too_much), 70);
	assert_int_equal(child_status(resize_too_much), 70);
	assert_int_equal(child_status(alloc_too_much), 70);
	assert_int_equal(child_status(take_and_give), 0);
}

static void a_buffer_grows_and_ends_with_nul(void **state)
{
	struct arena arena;
	struct text text;
	struct buf buf;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&buf, &arena);
	for (int i = 0; i < 1000; i++)
		buf_puts(&buf, "0123456789");
	buf_putc(&buf, ':');
	buf_put_int(&buf, INT64_MIN);
	buf_put_int(&buf, 0);
	buf_put_text(&buf, TEXT_NULL);
	buf_printf(&buf, "<%s>", "x");
	assert_int_equal(buf_text(&buf, &text), 0);
	assert_int_equal(text.len, 10000 + 1 + 20 + 1 + 3);
	assert_string_equal(text.ptr + 9990, "0123456789:-92233720368547758080<x>");
	arena_done(&arena);
}

static void an_empty_buffer_is_an_empty_text(void **state)
{
	struct arena arena;
	struct text text;
	struct buf buf;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&buf, &arena);
	assert_int_equal(buf_text(&buf, &text), 0);
	assert_string_equal(text.ptr, "");
	arena_done(&arena);
}

static void a_failed_buffer_stays_failed(void **state)
{
	struct text text = TEXT("untouched");
	struct arena arena;
	struct buf buf;

	(void)state;
	arena_init(&arena, 1000);
	buf_init(&buf, &arena);
	for (int i = 0; i < 200; i++)
		buf_puts(&buf, "0123456789");
	buf_putc(&buf, 'x');
	buf_printf(&buf, "%d", 1);
	assert_int_equal(buf_text(&buf, &text), -ENOMEM);
	assert_true(text_is(text, "untouched"));
	arena_done(&arena);
}

static void json_strings_are_escaped(void **state)
{
	struct arena arena;
	struct text text;
	struct buf buf;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&buf, &arena);
	buf_put_json(&buf, TEXT("a\"b\\c/\n\t\r\b\f\x01\x1f\0ā\x7f"));
	buf_put_json(&buf, TEXT(""));
	buf_put_json(&buf, TEXT_NULL);
	assert_int_equal(buf_text(&buf, &text), 0);
	assert_string_equal(text.ptr,
			    "\"a\\\"b\\\\c/\\n\\t\\r\\b\\f\\u0001\\u001f\\u0000ā\x7f\"\"\"null");
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(no_memory_is_taken_before_it_is_asked_for),
		cmocka_unit_test(the_maximum_is_never_passed),
		cmocka_unit_test(a_big_piece_leaves_the_block_in_use),
		cmocka_unit_test(copies_end_with_nul_and_keep_null),
		cmocka_unit_test(when_the_system_refuses_the_process_ends),
		cmocka_unit_test(a_buffer_grows_and_ends_with_nul),
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(a_failed_buffer_stays_failed),
		cmocka_unit_test(json_strings_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
