#include "rules_kit.h"

#include <stdlib.h>

#define ARENA_MAXIMUM (4 * 1024 * 1024)

int rules_setup(void **state)
{
	struct ctx *ctx = calloc(1, sizeof(*ctx));
	struct arena *arena = calloc(1, sizeof(*arena));

	assert_non_null(ctx);
	assert_non_null(arena);
	assert_int_equal(clock_init(), 0);
	arena_init(arena, ARENA_MAXIMUM);
	ctx->arena = arena;
	*state = ctx;
	return 0;
}

int rules_teardown(void **state)
{
	struct ctx *ctx = *state;

	arena_done(ctx->arena);
	free(ctx->arena);
	free(ctx);
	return 0;
}

struct date on(const char *day)
{
	struct date date;

	assert_int_equal(date_parse(text_of(day), &date), 0);
	return date;
}

struct instant at(const char *time)
{
	struct instant instant;

	assert_int_equal(instant_parse(text_of(time), &instant), 0);
	return instant;
}

void assert_refused(struct ctx *ctx, int rc, enum problem problem, const char *pointer)
{
	assert_true(rc > 0);
	assert_string_equal(problem_texts[rc].code, problem_texts[problem].code);
	assert_int_equal((int)ctx->problem, rc);
	if (pointer == NULL) {
		assert_int_equal(ctx->violation_count, 0);
	} else {
		assert_true(ctx->violation_count >= 1);
		assert_true(text_is(ctx->violations[0].pointer, pointer));
	}
	ctx_clear(ctx);
}

void assert_accepted(struct ctx *ctx, int rc)
{
	assert_int_equal(rc, 0);
	assert_int_equal((int)ctx->problem, P_NONE);
	assert_int_equal(ctx->violation_count, 0);
}

void assert_detail(struct ctx *ctx, enum language language, const char *expected)
{
	struct text detail;

	assert_int_equal(problem_detail(ctx->arena, problem_texts[ctx->problem].detail[language],
					ctx->words, &detail),
			 0);
	assert_string_equal(detail.ptr, expected);
}
