#include "model_sample.h"

#include "model/read.h"
#include "model/write.h"

#include <errno.h>

static struct text cell_json(struct ctx *ctx, int index, const char *cell)
{
	struct buf buf;
	struct text ret;

	buf_init(&buf, ctx->arena);
	assert_int_equal(write_cell(&buf, &sample_fields[index], text_of(cell)), 0);
	assert_int_equal(buf_text(&buf, &ret), 0);
	return ret;
}

static void a_cell_becomes_the_json_of_its_type(void **state)
{
	static const struct {
		int index;
		const char *cell;
		const char *json;
	} good[] = {
		{ SAMPLE_NAME, NULL, "null" },
		{ SAMPLE_NAME, "", "\"\"" },
		{ SAMPLE_NAME, "a \"b\" \\ c\n\td ā 😀", "\"a \\\"b\\\" \\\\ c\\n\\td ā 😀\"" },
		{ SAMPLE_OWNER, "018f2c1e-0000-7000-8000-00000000000a",
		  "\"018f2c1e-0000-7000-8000-00000000000a\"" },
		{ SAMPLE_COLOUR, "dark_blue", "\"dark_blue\"" },
		{ SAMPLE_URGENT, "t", "true" },
		{ SAMPLE_URGENT, "f", "false" },
		{ SAMPLE_AMOUNT, "0", "0" },
		{ SAMPLE_AMOUNT, "-9223372036854775808", "-9223372036854775808" },
		{ SAMPLE_BORN, "2018-02-28", "\"2018-02-28\"" },
		{ SAMPLE_AT, "2018-02-28 23:40:00+00", "\"2018-02-28T23:40:00Z\"" },
		{ SAMPLE_AT, "2018-02-28 23:40:00.5+00", "\"2018-02-28T23:40:00.5Z\"" },
		{ SAMPLE_AT, "2018-02-28 23:40:00.123456+00", "\"2018-02-28T23:40:00.123456Z\"" },
		{ SAMPLE_AT, "2018-02-28T23:40:00Z", "\"2018-02-28T23:40:00Z\"" },
		{ SAMPLE_TAGS, "{}", "[]" },
		{ SAMPLE_TAGS, "{a,\"b \\\"c\\\"\",\"d\\\\e\",\"f,g\"}",
		  "[\"a\",\"b \\\"c\\\"\",\"d\\\\e\",\"f,g\"]" },
		{ SAMPLE_COLOURS, "{red,dark_blue}", "[\"red\",\"dark_blue\"]" },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_text(cell_json(*state, good[i].index, good[i].cell), good[i].json);
}

static void a_cell_of_another_type_is_a_fault(void **state)
{
	static const struct {
		int index;
		const char *cell;
	} bad[] = {
		{ SAMPLE_OWNER, "a\"b" },
		{ SAMPLE_OWNER,
		  "0123456789012345678901234567890123456789012345678901234567890123" },
		{ SAMPLE_URGENT, "true" },
		{ SAMPLE_AMOUNT, "" },
		{ SAMPLE_AMOUNT, "-" },
		{ SAMPLE_AMOUNT, "1.5" },
		{ SAMPLE_BORN, "infinity" },
		{ SAMPLE_BORN, "0044-03-15 BC" },
		{ SAMPLE_BORN, "2018/02/28" },
		{ SAMPLE_BORN, "12018-02-2" },
		{ SAMPLE_AT, "infinity" },
		{ SAMPLE_AT, "2018-02-28 23:40:00+02" },
		{ SAMPLE_AT, "2018-02-28 23:40:00+00 BC" },
		{ SAMPLE_AT, "2018-02-28 23:40:00.+00" },
		{ SAMPLE_AT, "2018-02-28 23:40:0x+00" },
		{ SAMPLE_AT, "2018-02-28 23:40:00.1234567+00" },
		{ SAMPLE_AT, "2018-02-28_23:40:00+00" },
		{ SAMPLE_TAGS, "{NULL}" },
		{ SAMPLE_TAGS, "{a" },
		{ SAMPLE_TAGS, "a" },
	};
	struct ctx *ctx = *state;
	struct buf buf;

	buf_init(&buf, ctx->arena);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (write_cell(&buf, &sample_fields[bad[i].index], text_of(bad[i].cell)) != -EINVAL)
			fail_msg("%s was written", bad[i].cell);
}

static const char WHOLE[] =
	"{\"name\":\"Anna \\\"A\\\"\",\"nick\":\"an\",\"email\":\"anna@example.org\","
	"\"owner_id\":\"018f2c1e-0000-7000-8000-000000000001\",\"colour\":\"green\","
	"\"urgent\":false,\"amount\":-5,\"born\":\"1999-02-28\",\"at\":\"2018-02-28T23:40:00.25Z\","
	"\"languages\":[\"lv\",\"ru\"],\"tags\":[\"a,b\",\"\\\\\",\"\\\"\",\"ē\"],"
	"\"colours\":[\"red\"],\"kind\":\"k\",\"number\":null,\"codes\":null}";

static void read_whole(struct ctx *ctx, struct sample *sample)
{
	uint64_t given;
	struct text body = text_of(WHOLE);

	body = arena_copy(ctx->arena, body);
	/* number is read-only and codes has at least one item: they stay out of the body. */
	body.len -= strlen(",\"number\":null,\"codes\":null}");
	body = arena_format(ctx->arena, "%.*s}", (int)body.len, body.ptr);
	assert_int_equal(
		read_object(ctx, body, sample_fields, SAMPLE_COUNT, READ_CREATE, sample, &given),
		0);
	assert_int_equal(ctx->violation_count, 0);
}

static void a_value_that_was_read_is_written_unchanged(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = { 0 };
	struct text json;
	struct buf buf;

	read_whole(ctx, &sample);
	buf_init(&buf, ctx->arena);
	assert_int_equal(write_object(&buf, sample_fields, SAMPLE_COUNT, &sample), 0);
	assert_int_equal(buf_text(&buf, &json), 0);
	assert_text(json, WHOLE);
}

static void cells_and_members_are_written_alike(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = { 0 };

	read_whole(ctx, &sample);
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct text cell, member, json;
		struct buf buf;

		assert_int_equal(field_to_sql(&sample_fields[i], &sample, ctx->arena, &cell), 0);
		buf_init(&buf, ctx->arena);
		assert_int_equal(write_cell(&buf, &sample_fields[i], cell), 0);
		assert_int_equal(buf_text(&buf, &json), 0);
		buf_init(&buf, ctx->arena);
		assert_int_equal(write_member(&buf, &sample_fields[i], &sample), 0);
		assert_int_equal(buf_text(&buf, &member), 0);
		assert_true(text_eq(json, member));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		model_test(a_cell_becomes_the_json_of_its_type),
		model_test(a_cell_of_another_type_is_a_fault),
		model_test(a_value_that_was_read_is_written_unchanged),
		model_test(cells_and_members_are_written_alike),
	};

	return cmocka_run_group_tests_name("model_write", tests, NULL, NULL);
}
