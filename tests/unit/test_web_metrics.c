#include "web/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct kit {
	struct arena arena;
	struct router *router;
	struct metrics *metrics;
};

static int kit_open(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	arena_init(&kit->arena, 1 << 22);
	assert_int_equal(router_new(&kit->arena, &kit->router), 0);
	assert_int_equal(metrics_new(&kit->arena, kit->router, &kit->metrics), 0);
	*state = kit;
	return 0;
}

static int kit_close(void **state)
{
	struct kit *kit = *state;

	metrics_done(kit->metrics);
	arena_done(&kit->arena);
	free(kit);
	return 0;
}

static size_t occurrences(struct text text, const char *word)
{
	size_t count = 0;

	for (const char *at = strstr(text.ptr, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static struct text print(struct kit *kit, struct arena *arena)
{
	struct text text = TEXT_NULL;
	struct buf buf;

	buf_init(&buf, arena);
	metrics_print(kit->metrics, &buf);
	assert_int_equal(buf_text(&buf, &text), 0);
	return text;
}

/* Somebody who tries each method on each path, and gets every class of answer, fills it no
 * further. */
static void all_possible_series_are_printed_in_bounded_memory(void **state)
{
	struct kit *kit = *state;
	struct arena arena;
	struct text text;

	for (size_t i = 0; i < router_count(kit->router); i++)
		for (enum method method = METHOD_NONE; method < METHOD_COUNT; method++)
			for (int status = 100; status < 600; status += 100)
				metrics_count(kit->metrics, router_at(kit->router, i), method,
					      status, INT64_C(1) << 40);
	arena_init(&arena, METRICS_MEMORY);
	text = print(kit, &arena);
	assert_true(text.len > 1000000);
	/* Room for twice as many routes. */
	assert_true(arena.used < METRICS_MEMORY / 2);
	arena_done(&arena);
}

static void methods_that_a_path_does_not_offer_are_one_series(void **state)
{
	struct kit *kit = *state;
	const struct route *route = NULL;
	struct arena arena;
	struct text text;

	for (size_t i = 1; route == NULL && i < router_count(kit->router); i++)
		if (!(router_at(kit->router, i)->methods & 1U << METHOD_PATCH))
			route = router_at(kit->router, i);
	assert_non_null(route);
	for (enum method method = METHOD_NONE; method < METHOD_OPTIONS; method++)
		if (!(route->methods & 1U << method))
			metrics_count(kit->metrics, route, method, 405, 900);
	arena_init(&arena, METRICS_MEMORY);
	text = print(kit, &arena);
	assert_int_equal(occurrences(text, "_count{"), 1);
	assert_int_equal(occurrences(text, "method=\"OTHER\",status=\"4xx\",le=\"0.0005\"} 0\n"),
			 1);
	arena_done(&arena);
}

static void the_newest_creation_is_kept(void **state)
{
	struct kit *kit = *state;

	assert_true(metrics_last_created(kit->metrics).us == 0);
	metrics_created(kit->metrics, (struct instant){ 7 });
	metrics_created(kit->metrics, (struct instant){ 5 });
	assert_true(metrics_last_created(kit->metrics).us == 7);
}

static void a_limit_among_the_violations_counts_too(void **state)
{
	struct kit *kit = *state;
	struct arena arena;
	struct ctx ctx = { .arena = &kit->arena };
	struct text text;

	violate(&ctx, P_REQUIRED, TEXT("/a"));
	violate(&ctx, P_AFTERCARE_TOO_LONG, TEXT("/minutes"));
	metrics_problem(kit->metrics, &ctx, P_VALIDATION_FAILED);
	ctx_clear(&ctx);
	fail_at(&ctx, P_COURSE_TOO_LONG, "/course_end");
	metrics_problem(kit->metrics, &ctx, P_COURSE_TOO_LONG);
	arena_init(&arena, METRICS_MEMORY);
	text = print(kit, &arena);
	assert_int_equal(
		occurrences(text, "atbalsts_limit_refusals_total{code=\"aftercare_too_long\"} 1\n"),
		1);
	assert_int_equal(
		occurrences(text, "atbalsts_limit_refusals_total{code=\"course_too_long\"} 1\n"),
		1);
	assert_int_equal(
		occurrences(text, "atbalsts_problems_total{code=\"validation_failed\"} 1\n"), 1);
	arena_done(&arena);
}

#define T(f) cmocka_unit_test_setup_teardown(f, kit_open, kit_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_possible_series_are_printed_in_bounded_memory),
		T(methods_that_a_path_does_not_offer_are_one_series),
		T(the_newest_creation_is_kept),
		T(a_limit_among_the_violations_counts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
