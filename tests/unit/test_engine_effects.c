#include "engine/write/write.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How many limits an act takes from is the ministry's to say: none of it may end the server. */

static size_t takes;

static int take_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct limit_take take = { .counter_id = TEXT("l"), .units = 1, .amount = 1 };

	(void)ctx;
	(void)change;
	for (size_t i = 0; i < takes; i++)
		effect_take(effects, &take);
	return 0;
}

static int rules_of(size_t count)
{
	static const struct resource resource = { .name = "acts", .effects = take_effects };
	struct write write = { .resource = &resource };
	struct arena arena;
	struct ctx ctx = { .arena = &arena };
	int rc;

	arena_init(&arena, 65536);
	takes = count;
	write.ctx = &ctx;
	rc = write_rules(&write);
	assert_int_equal(write.effects.count, count);
	arena_done(&arena);
	return rc;
}

static void as_many_effects_as_there_is_room_for_are_made(void **state)
{
	(void)state;
	assert_int_equal(rules_of(EFFECTS_MAX), 0);
}

static void too_many_effects_are_a_fault_and_no_crash(void **state)
{
	(void)state;
	assert_int_equal(rules_of(EFFECTS_MAX + 1), -E2BIG);
	assert_int_equal(rules_of(EFFECTS_MAX + 20), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_effects_as_there_is_room_for_are_made),
		cmocka_unit_test(too_many_effects_are_a_fault_and_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
