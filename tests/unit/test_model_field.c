#include "model_sample.h"

#include <errno.h>

static const struct field *field_of(int index)
{
	return &sample_fields[index];
}

static struct text sql_of(struct ctx *ctx, int index, const struct sample *sample)
{
	struct text ret = TEXT("untouched");

	assert_int_equal(field_to_sql(field_of(index), sample, ctx->arena, &ret), 0);
	return ret;
}

static void a_field_is_found_by_its_whole_name(void **state)
{
	(void)state;
	assert_int_equal(field_find(sample_fields, SAMPLE_COUNT, TEXT("born")), SAMPLE_BORN);
	assert_int_equal(field_find(sample_fields, SAMPLE_COUNT, TEXT("bor")), -1);
	assert_int_equal(field_find(sample_fields, SAMPLE_COUNT, TEXT("borne")), -1);
	assert_int_equal(field_find(sample_fields, SAMPLE_COUNT, TEXT("")), -1);
	assert_int_equal(field_find(sample_fields, SAMPLE_COUNT, TEXT_NULL), -1);
}

static void a_zeroed_struct_is_a_struct_of_nulls(void **state)
{
	struct sample sample = { 0 };

	for (int i = 0; i < SAMPLE_COUNT; i++) {
		assert_true(field_is_null(field_of(i), &sample));
		assert_null(sql_of(*state, i, &sample).ptr);
	}
}

static void each_type_comes_back_from_sql_as_it_went(void **state)
{
	static const char *const cells[SAMPLE_COUNT] = {
		[SAMPLE_NAME] = "Anna \"A\" \\ Bērziņa",
		[SAMPLE_OWNER] = "018f2c1e-0000-7000-8000-000000000001",
		[SAMPLE_COLOUR] = "dark_blue",
		[SAMPLE_URGENT] = "f",
		[SAMPLE_AMOUNT] = "-5",
		[SAMPLE_BORN] = "1999-02-28",
		[SAMPLE_TAGS] =
			"{\"a\",\"b \\\"c\\\"\",\"d\\\\e\",\"f,g\",\"{h}\",\"ā\",\"NULL\",\"\"}",
		[SAMPLE_COLOURS] = "{\"red\",\"dark_blue\"}",
	};
	struct ctx *ctx = *state;

	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sample sample = { 0 };

		if (cells[i] == NULL)
			continue;
		assert_int_equal(
			field_from_sql(field_of(i), text_of(cells[i]), ctx->arena, &sample), 0);
		assert_false(field_is_null(field_of(i), &sample));
		assert_text(sql_of(ctx, i, &sample), cells[i]);
		field_set_null(field_of(i), &sample);
		assert_true(field_is_null(field_of(i), &sample));
	}
}

static void instants_are_read_in_both_spellings(void **state)
{
	struct ctx *ctx = *state;
	struct sample a = { 0 };
	struct sample b = { 0 };

	assert_int_equal(field_from_sql(field_of(SAMPLE_AT), TEXT("2018-02-28 23:40:00.5+00"),
					ctx->arena, &a),
			 0);
	assert_int_equal(field_from_sql(field_of(SAMPLE_AT), TEXT("2018-03-01T01:40:00.5+02:00"),
					ctx->arena, &b),
			 0);
	assert_true(field_same(field_of(SAMPLE_AT), &a, &b));
	assert_text(sql_of(ctx, SAMPLE_AT, &a), "2018-02-28T23:40:00.5Z");
}

static void array_items_lose_quotes_and_backslashes(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = { 0 };
	const struct texts *tags = &sample.tags;

	assert_int_equal(
		field_from_sql(field_of(SAMPLE_TAGS),
			       TEXT("{plain,\"two words\",\"a \\\"b\\\"\",\"c\\\\d\",\"x,y\"}"),
			       ctx->arena, &sample),
		0);
	assert_int_equal(tags->count, 5);
	assert_text(tags->items[0], "plain");
	assert_text(tags->items[1], "two words");
	assert_text(tags->items[2], "a \"b\"");
	assert_text(tags->items[3], "c\\d");
	assert_text(tags->items[4], "x,y");
}

static void an_empty_array_is_not_null(void **state)
{
	struct ctx *ctx = *state;
	struct sample empty = { 0 };
	struct sample none = { 0 };

	assert_int_equal(field_from_sql(field_of(SAMPLE_TAGS), TEXT("{}"), ctx->arena, &empty), 0);
	assert_false(field_is_null(field_of(SAMPLE_TAGS), &empty));
	assert_false(field_same(field_of(SAMPLE_TAGS), &empty, &none));
	assert_text(sql_of(ctx, SAMPLE_TAGS, &empty), "{}");
}

static void a_cell_that_the_type_cannot_hold_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		int index;
		const char *cell;
	} bad[] = {
		{ SAMPLE_COLOUR, "yellow" },
		{ SAMPLE_COLOUR, "" },
		{ SAMPLE_URGENT, "true" },
		{ SAMPLE_URGENT, "" },
		{ SAMPLE_AMOUNT, "1.0" },
		{ SAMPLE_AMOUNT, "9223372036854775808" },
		{ SAMPLE_BORN, "infinity" },
		{ SAMPLE_BORN, "2018-02-29" },
		{ SAMPLE_AT, "2018-02-28" },
		{ SAMPLE_AT, "infinity" },
		{ SAMPLE_TAGS, "" },
		{ SAMPLE_TAGS, "a" },
		{ SAMPLE_TAGS, "{" },
		{ SAMPLE_TAGS, "{a" },
		{ SAMPLE_TAGS, "{a,}" },
		{ SAMPLE_TAGS, "{,a}" },
		{ SAMPLE_TAGS, "{a}b" },
		{ SAMPLE_TAGS, "{}b" },
		{ SAMPLE_TAGS, "{NULL}" },
		{ SAMPLE_TAGS, "{a,null}" },
		{ SAMPLE_TAGS, "{{a},{b}}" },
		{ SAMPLE_TAGS, "[2:3]={a,b}" },
		{ SAMPLE_TAGS, "{\"a}" },
		{ SAMPLE_TAGS, "{\"a\\" },
		{ SAMPLE_TAGS, "{\"a\"\"b\"}" },
		{ SAMPLE_TAGS, "{a\"b\"}" },
		{ SAMPLE_COLOURS, "{red,pink}" },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sample sample = { 0 };

		if (field_from_sql(field_of(bad[i].index), text_of(bad[i].cell), ctx->arena,
				   &sample) != -EINVAL)
			fail_msg("%s was accepted", bad[i].cell);
		assert_true(field_is_null(field_of(bad[i].index), &sample));
	}
}

static void any_bytes_of_an_array_come_back(void **state)
{
	struct ctx *ctx = *state;
	struct text items[3] = { TEXT("\"\\\"\\\\,{}\n\t \xc4\x81\xf0\x9f\x98\x80"), TEXT(""),
				 TEXT("null") };
	struct sample sample = { .tags = { items, 3, true } };
	struct sample back = { 0 };
	struct text cell = sql_of(ctx, SAMPLE_TAGS, &sample);

	assert_int_equal(field_from_sql(field_of(SAMPLE_TAGS), cell, ctx->arena, &back), 0);
	assert_true(field_same(field_of(SAMPLE_TAGS), &sample, &back));
}

static void equal_is_by_value_and_null_differs_from_zero(void **state)
{
	struct text one[2] = { TEXT("a"), TEXT("b") };
	struct text two[2] = { TEXT("b"), TEXT("a") };
	struct sample a = { .tags = { one, 2, true }, .amount = { 0, true }, .name = TEXT("") };
	struct sample b = { .tags = { two, 2, true } };

	(void)state;
	assert_false(field_same(field_of(SAMPLE_TAGS), &a, &b));
	assert_false(field_same(field_of(SAMPLE_AMOUNT), &a, &b));
	assert_false(field_same(field_of(SAMPLE_NAME), &a, &b));
	for (int i = 0; i < SAMPLE_COUNT; i++)
		assert_true(field_same(field_of(i), &a, &a));
	b.amount.value = 7;
	a.amount.set = false;
	assert_true(field_same(field_of(SAMPLE_AMOUNT), &a, &b));
	a.colour = colour_red;
	assert_false(field_same(field_of(SAMPLE_COLOUR), &a, &b));
	a.born = date_of(2018, 2, 28);
	b.born = date_of(2018, 3, 1);
	assert_false(field_same(field_of(SAMPLE_BORN), &a, &b));
	b.at.us = 1;
	assert_false(field_same(field_of(SAMPLE_AT), &a, &b));
	field_copy(field_of(SAMPLE_AT), &b.at, &a);
	assert_true(field_same(field_of(SAMPLE_AT), &a, &b));
}

static void bounds_have_defaults_by_type(void **state)
{
	static const struct field any = { .type = FIELD_INTEGER };
	static const struct field debt = { .type = FIELD_INTEGER, .min = -9 };

	(void)state;
	assert_int_equal(field_low(field_of(SAMPLE_NAME)), 1);
	assert_int_equal(field_high(field_of(SAMPLE_NAME)), 10);
	assert_int_equal(field_low(field_of(SAMPLE_NICK)), 2);
	assert_int_equal(field_low(field_of(SAMPLE_EMAIL)), 0);
	assert_int_equal(field_high(field_of(SAMPLE_TAGS)), FIELD_ITEMS_MAX);
	assert_int_equal(field_high(field_of(SAMPLE_COLOURS)), 3);
	assert_int_equal(field_low(&any), -FIELD_INTEGER_MAX);
	assert_int_equal(field_high(&any), FIELD_INTEGER_MAX);
	assert_int_equal(field_low(&debt), -9);
	assert_int_equal(field_high(&debt), 0);
}

static bool has(const struct resource *resource, const char *name)
{
	int index = field_find(record_fields, record_field_count, text_of(name));

	assert_true(index >= 0);
	return resource_has(resource, &record_fields[index]);
}

static void record_fields_follow_the_traits(void **state)
{
	struct resource resource = resource_sample;
	struct resource client = { .name = "clients", .singular = "client", .traits = OF_CLIENT };
	struct field own = { .name = "client_id" };
	struct resource cased = { .name = "cases",
				  .singular = "case",
				  .traits = OF_CASE,
				  .fields = &own,
				  .field_count = 1 };

	(void)state;
	assert_true(has(&resource, "id") && has(&resource, "version") &&
		    has(&resource, "created_by"));
	assert_false(has(&resource, "provider_id") || has(&resource, "case_id"));
	resource.traits = OF_PROVIDER;
	assert_true(has(&resource, "provider_id"));
	assert_false(has(&resource, "client_id"));
	resource.traits = OF_CASE;
	assert_true(has(&resource, "provider_id") && has(&resource, "client_id") &&
		    has(&resource, "case_id"));
	resource.traits = IS_VIEW;
	assert_true(has(&resource, "id"));
	assert_false(has(&resource, "version") || has(&resource, "created_at"));
	assert_true(has(&client, "provider_id"));
	assert_false(has(&client, "client_id"));
	assert_false(has(&cased, "case_id") || has(&cased, "client_id"));
}

static void the_registry_finds_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(registry_find(TEXT("samples")), &resource_sample);
	assert_null(registry_find(TEXT("sample")));
}

static void a_full_arena_is_an_error(void **state)
{
	struct sample sample = { .amount = { 5, true },
				 .born = { 700000 },
				 .tags = { NULL, 0, true } };
	struct arena small;
	struct text ret = TEXT("untouched");

	(void)state;
	arena_init(&small, 1);
	assert_int_equal(field_to_sql(field_of(SAMPLE_BORN), &sample, &small, &ret), -ENOMEM);
	assert_int_equal(field_to_sql(field_of(SAMPLE_AMOUNT), &sample, &small, &ret), -ENOMEM);
	assert_int_equal(field_to_sql(field_of(SAMPLE_TAGS), &sample, &small, &ret), -ENOMEM);
	assert_text(ret, "untouched");
	assert_int_equal(field_from_sql(field_of(SAMPLE_TAGS), TEXT("{a}"), &small, &sample),
			 -ENOMEM);
	arena_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		model_test(a_field_is_found_by_its_whole_name),
		model_test(a_zeroed_struct_is_a_struct_of_nulls),
		model_test(each_type_comes_back_from_sql_as_it_went),
		model_test(instants_are_read_in_both_spellings),
		model_test(array_items_lose_quotes_and_backslashes),
		model_test(an_empty_array_is_not_null),
		model_test(a_cell_that_the_type_cannot_hold_is_refused_and_changes_nothing),
		model_test(any_bytes_of_an_array_come_back),
		model_test(equal_is_by_value_and_null_differs_from_zero),
		model_test(bounds_have_defaults_by_type),
		model_test(record_fields_follow_the_traits),
		model_test(the_registry_finds_by_name),
		model_test(a_full_arena_is_an_error),
	};

	return cmocka_run_group_tests_name("model_field", tests, NULL, NULL);
}
