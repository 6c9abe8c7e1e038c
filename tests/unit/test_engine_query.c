#include "engine/read/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sample {
	struct record record;
	struct number n[6];
};

#define SAMPLE_FIELD(i)                                                                            \
	{                                                                                          \
		.name = "n" #i, .type = FIELD_INTEGER, .flags = FILTER,                            \
		.offset = offsetof(struct sample, n) + (i) * sizeof(struct number), .max = 9       \
	}

static const struct field sample_fields[] = { SAMPLE_FIELD(0), SAMPLE_FIELD(1), SAMPLE_FIELD(2),
					      SAMPLE_FIELD(3), SAMPLE_FIELD(4), SAMPLE_FIELD(5) };

static const struct resource samples = { .name = "samples",
					 .fields = FIELDS(sample_fields),
					 .size = sizeof(struct sample) };

/* Each filter once: by value, list, least and greatest. */
static int read_filters(struct ctx *ctx, size_t count, struct list_query *ret)
{
	static const char *const ops[] = { NULL, "in", "gte", "lte" };
	static struct call call;

	call = (struct call){ .resource = &samples, .param_count = count };
	for (size_t i = 0; i < count; i++) {
		call.params[i].name = text_of(sample_fields[i / 4].name);
		call.params[i].op = ops[i % 4] != NULL ? text_of(ops[i % 4]) : TEXT_NULL;
		call.params[i].value = TEXT("7");
	}
	return query_read(ctx, NULL, &call, ret);
}

static void as_many_filters_as_there_is_room_for_are_taken(void **state)
{
	struct arena arena;
	struct ctx ctx = { .arena = &arena };
	struct list_query query;

	(void)state;
	arena_init(&arena, 65536);
	assert_int_equal(read_filters(&ctx, FILTERS_MAX, &query), 0);
	assert_int_equal(query.filter_count, FILTERS_MAX);
	arena_done(&arena);
}

static void one_filter_more_is_refused_and_writes_over_nothing(void **state)
{
	struct arena arena;
	struct ctx ctx = { .arena = &arena };
	struct list_query query;

	(void)state;
	arena_init(&arena, 65536);
	assert_int_equal(read_filters(&ctx, FILTERS_MAX + 4, &query), P_BAD_PARAMETER);
	assert_int_equal(ctx.violation_count, 4);
	assert_int_equal(ctx.violations[0].problem, P_TOO_MANY_ITEMS);
	assert_int_equal(query.filter_count, FILTERS_MAX);
	assert_string_equal(query.sort->name, "id");
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_filters_as_there_is_room_for_are_taken),
		cmocka_unit_test(one_filter_more_is_refused_and_writes_over_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
