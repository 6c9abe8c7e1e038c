#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#undef fail /* cmocka has one too */
#include "core/actor.h"
#include "core/fail.h"

#include <errno.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)1 << 20)

static struct arena arena;
static struct ctx ctx;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_MAX);
	ctx = (struct ctx){ .arena = &arena };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static size_t count_char(const char *z, char c)
{
	size_t count = 0;

	for (; *z != '\0'; z++)
		count += *z == c;
	return count;
}

static void every_problem_has_code_and_both_languages(void **state)
{
	(void)state;
	assert_string_equal(problem_texts[P_NONE].code, "");
	assert_int_equal(problem_texts[P_NONE].status, 0);
	for (int i = 1; i < P_COUNT; i++) {
		const struct problem_text *text = &problem_texts[i];

		assert_int_equal(strspn(text->code, "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(text->code));
		assert_true(text->status == 0 || (text->status >= 400 && text->status < 600));
		for (int language = LANGUAGE_EN; language <= LANGUAGE_LV; language++) {
			assert_true(text->detail[language][0] != '\0');
			assert_int_equal(text->title[language][0] != '\0', text->status != 0);
		}
		assert_int_equal(count_char(text->detail[0], '{'),
				 count_char(text->detail[1], '{'));
		for (int j = 1; j < i; j++)
			assert_string_not_equal(text->code, problem_texts[j].code);
	}
}

static void a_failure_copies_its_words(void **state)
{
	char word[] = "2017-08-27";
	int rc = fail(&ctx, P_OUTSIDE_COURSE, text_of(word), TEXT("x"));

	(void)state;
	word[0] = '9';
	assert_int_equal(rc, P_OUTSIDE_COURSE);
	assert_int_equal(ctx.problem, P_OUTSIDE_COURSE);
	assert_true(text_is(ctx.words[0], "2017-08-27"));
	assert_true(text_is(ctx.words[1], "x"));
	assert_null(ctx.words[2].ptr);
	assert_int_equal(ctx.violation_count, 0);
}

static void a_failure_at_a_pointer_is_a_violation_too(void **state)
{
	int rc = fail_at(&ctx, P_NOT_A_MINOR, "/family_member_id", TEXT("2018-01-01"));

	(void)state;
	assert_int_equal(rc, P_NOT_A_MINOR);
	assert_int_equal(ctx.violation_count, 1);
	assert_int_equal(ctx.violations[0].problem, P_NOT_A_MINOR);
	assert_true(text_is(ctx.violations[0].pointer, "/family_member_id"));
	assert_true(text_is(ctx.violations[0].words[0], "2018-01-01"));
	assert_true(text_is(ctx.words[0], "2018-01-01"));
}

static void a_problem_without_status_fails_as_invalid_data(void **state)
{
	(void)state;
	assert_int_equal(fail_at(&ctx, P_BAD_DATE, "/from", TEXT_NULL), P_VALIDATION_FAILED);
	assert_int_equal(ctx.problem, P_VALIDATION_FAILED);
	assert_int_equal(ctx.violations[0].problem, P_BAD_DATE);
}

static void violations_are_collected_until_they_are_closed(void **state)
{
	char pointer[] = "/name";

	(void)state;
	assert_int_equal(violations_close(&ctx, P_VALIDATION_FAILED), 0);
	assert_int_equal(ctx.problem, P_NONE);
	violate(&ctx, P_REQUIRED, text_of(pointer), TEXT_NULL);
	pointer[1] = 'x';
	violate(&ctx, P_OUT_OF_RANGE, TEXT("/units"), TEXT("1"), TEXT("5"));
	assert_int_equal(violations_close(&ctx, P_BAD_PARAMETER), P_BAD_PARAMETER);
	assert_int_equal(ctx.problem, P_BAD_PARAMETER);
	assert_int_equal(ctx.violation_count, 2);
	assert_true(text_is(ctx.violations[0].pointer, "/name"));
	assert_true(text_is(ctx.violations[1].words[1], "5"));
}

static void violations_beyond_the_maximum_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < VIOLATIONS_MAX + 20; i++)
		violate(&ctx, P_REQUIRED, TEXT("/x"), TEXT_NULL);
	assert_int_equal(ctx.violation_count, VIOLATIONS_MAX + 20);
	assert_int_equal(ctx.violations[VIOLATIONS_MAX - 1].problem, P_REQUIRED);
	assert_int_equal(violations_close(&ctx, P_VALIDATION_FAILED), P_VALIDATION_FAILED);
}

static void a_full_arena_never_turns_a_violation_into_success(void **state)
{
	struct arena small;

	(void)state;
	arena_init(&small, 8);
	ctx.arena = &small;
	violate(&ctx, P_REQUIRED, TEXT("/x"), TEXT_NULL);
	violate(&ctx, P_REQUIRED, TEXT("/y"), TEXT_NULL);
	assert_int_equal(violations_close(&ctx, P_VALIDATION_FAILED), -ENOMEM);
	assert_int_equal(ctx.violation_count, 0);
	assert_int_equal(fail_at(&ctx, P_OVERLAP, "/from", TEXT("word")), P_OVERLAP);
	assert_int_equal(ctx.violation_count, 0);
	assert_null(ctx.words[0].ptr);
	arena_done(&small);
}

static void clearing_forgets_problem_and_violations(void **state)
{
	(void)state;
	ctx.request_id = TEXT("r");
	fail_at(&ctx, P_OVERLAP, "/from", TEXT("word"));
	ctx.retry_after = 3;
	ctx_clear(&ctx);
	assert_int_equal(ctx.problem, P_NONE);
	assert_null(ctx.words[0].ptr);
	assert_int_equal(ctx.violation_count, 0);
	assert_int_equal(ctx.retry_after, 0);
	assert_true(text_is(ctx.request_id, "r"));
}

static void words_replace_their_numbers(void **state)
{
	const struct text words[3] = { TEXT("no{1}"), TEXT("ā"), TEXT_NULL };
	struct text detail = TEXT("untouched");
	struct arena small;

	(void)state;
	assert_int_equal(problem_detail(&arena, "{1}: {0}, {2}{3} {} {1 {0}{0}{", words, &detail),
			 0);
	assert_string_equal(detail.ptr, "ā: no{1}, {3} {} {1 no{1}no{1}{");
	assert_int_equal(problem_detail(&arena, "", words, &detail), 0);
	assert_string_equal(detail.ptr, "");
	arena_init(&small, 64);
	detail = TEXT("untouched");
	assert_int_equal(problem_detail(&small, "{0}", words, &detail), -ENOMEM);
	assert_true(text_is(detail, "untouched"));
	arena_done(&small);
}

static void a_fault_is_logged_and_negative(void **state)
{
	static char line[1024];
	int ends[2], saved = dup(STDOUT_FILENO);
	ssize_t len;

	(void)state;
	ctx.request_id = TEXT("r-1");
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	assert_int_equal(fault(&ctx, ENOMEM, "arena_full", TEXT("page")), -ENOMEM);
	assert_int_equal(fault(NULL, EIO, "read_failed", TEXT_NULL), -EIO);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(ends[1]);
	len = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	assert_true(len > 0);
	assert_non_null(strstr(
		line,
		"\"level\":\"error\",\"event\":\"arena_full\",\"request_id\":\"r-1\",\"errno\":12,"
		"\"error\":\"ENOMEM\",\"what\":\"page\"}\n"));
	assert_non_null(strstr(line, "\"event\":\"read_failed\",\"errno\":5,\"error\":\"EIO\"}\n"));
}

static void names_of_an_enum_are_found_both_ways(void **state)
{
	(void)state;
	assert_int_equal(enumeration_find(&role_values, TEXT("case_worker")), role_case_worker);
	assert_int_equal(enumeration_find(&role_values, TEXT("case_worke")), 0);
	assert_int_equal(enumeration_find(&role_values, TEXT("")), 0);
	assert_int_equal(enumeration_find(&role_values, TEXT_NULL), 0);
	assert_true(text_is(enumeration_name(&purpose_values, purpose_emergency), "emergency"));
	assert_null(enumeration_name(&purpose_values, purpose_none).ptr);
	assert_null(enumeration_name(&profession_values, profession_values.count).ptr);
	assert_null(enumeration_name(&profession_values, -1).ptr);
	assert_int_equal(role_values.count, ROLE_COUNT);
	for (int i = 1; i < role_values.count; i++)
		assert_int_equal(enumeration_find(&role_values, enumeration_name(&role_values, i)),
				 i);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_problem_has_code_and_both_languages),
		CASE(a_failure_copies_its_words),
		CASE(a_failure_at_a_pointer_is_a_violation_too),
		CASE(a_problem_without_status_fails_as_invalid_data),
		CASE(violations_are_collected_until_they_are_closed),
		CASE(violations_beyond_the_maximum_are_counted),
		CASE(a_full_arena_never_turns_a_violation_into_success),
		CASE(clearing_forgets_problem_and_violations),
		CASE(words_replace_their_numbers),
		CASE(a_fault_is_logged_and_negative),
		CASE(names_of_an_enum_are_found_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
