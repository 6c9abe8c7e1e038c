/* The registry's own checks: the real one passes, and each mistake that they name is refused. */

#include "engine/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct row {
	struct record record;
	struct text name;
	struct text story;
	struct date day;
};

static int make(void **state)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	arena_init(arena, 1 << 20);
	*state = arena;
	return 0;
}

static int unmake(void **state)
{
	arena_done(*state);
	free(*state);
	return 0;
}

static int checked(void **state, const struct field *field, const char *sort, const char *told)
{
	const struct resource resource = { .name = "lodgings",
					   .fields = field,
					   .field_count = 1,
					   .sort = sort,
					   .traits = IS_VIEW,
					   .actions = ACTION_LIST };
	struct ctx ctx = { .arena = *state };
	int rc = registry_check_resource(&ctx, &resource);

	if (rc != 0) {
		assert_int_equal(rc, P_SCHEMA);
		assert_non_null(strstr(
			arena_format(*state, "%.*s", (int)ctx.words[0].len, ctx.words[0].ptr).ptr,
			told));
	}
	return rc;
}

static void the_registry_of_the_product_is_sound(void **state)
{
	struct ctx ctx = { .arena = *state };
	int rc = registry_check(&ctx);

	if (rc != 0)
		fail_msg("%.*s", (int)ctx.words[0].len, ctx.words[0].ptr);
}

static void a_sealed_field_without_sight_is_refused(void **state)
{
	static const struct field silent = TEXT_FIELD(struct row, story, 100, .flags = SEALED);
	static const struct field told =
		TEXT_FIELD(struct row, story, 100, .flags = SEALED, .sight = SIGHT_NARRATIVE);
	static const struct field open =
		TEXT_FIELD(struct row, story, 100, .flags = SEALED, .sight = SIGHT_PLAIN);
	static const struct field plain = TEXT_FIELD(struct row, name, 100);

	assert_int_equal(checked(state, &silent, NULL, "lodgings.story"), P_SCHEMA);
	assert_int_equal(checked(state, &told, NULL, ""), 0);
	assert_int_equal(checked(state, &open, NULL, ""), 0);
	assert_int_equal(checked(state, &plain, NULL, ""), 0);
}

static void a_sealed_member_of_a_fact_must_name_its_sight_too(void **state)
{
	static const struct field silent = DATE_FIELD(struct row, day, .flags = SEALED);
	static const struct facts facts = { .view = "case_people",
					    .fields = &silent,
					    .field_count = 1 };
	const struct resource resource = { .name = "lodgings", .facts = &facts, .fact_count = 1 };
	struct ctx ctx = { .arena = *state };

	assert_int_equal(registry_check_resource(&ctx, &resource), P_SCHEMA);
}

static void a_list_is_ordered_by_a_field_that_every_row_has(void **state)
{
	static const struct field unsorted = DATE_FIELD(struct row, day, .flags = REQUIRED);
	static const struct field nullable = DATE_FIELD(struct row, day, .flags = SORT);
	static const struct field sound = DATE_FIELD(struct row, day, .flags = REQUIRED | SORT);
	static const struct field sealed = DATE_FIELD(
		struct row, day, .flags = REQUIRED | SORT | SEALED, .sight = SIGHT_PLAIN);

	assert_int_equal(checked(state, &unsorted, "-day", "lodgings.sort"), P_SCHEMA);
	assert_int_equal(checked(state, &unsorted, "-days", "lodgings.sort"), P_SCHEMA);
	assert_int_equal(checked(state, &nullable, "-day", "lodgings.day"), P_SCHEMA);
	assert_int_equal(checked(state, &nullable, NULL, "lodgings.day"), P_SCHEMA);
	assert_int_equal(checked(state, &sealed, "day", "lodgings.day"), P_SCHEMA);
	assert_int_equal(checked(state, &sound, "-day", ""), 0);
	assert_int_equal(checked(state, &unsorted, NULL, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_registry_of_the_product_is_sound),
		cmocka_unit_test(a_sealed_field_without_sight_is_refused),
		cmocka_unit_test(a_sealed_member_of_a_fact_must_name_its_sight_too),
		cmocka_unit_test(a_list_is_ordered_by_a_field_that_every_row_has),
	};

	return cmocka_run_group_tests_name("registry", tests, make, unmake);
}
