#include "model_sample.h"

#include "model/read.h"

#include <errno.h>

#define ID_ONE "018f2c1e-0000-7000-8000-00000000000a"

/* One member beside the required name: exactly one violation, and the struct keeps null. */
static void refuse(struct ctx *ctx, enum problem problem, const char *pointer, const char *member)
{
	struct sample sample = { 0 };
	struct sample untouched = { .name = TEXT("A") };
	struct text body = arena_format(ctx->arena, "{\"name\":\"A\",%s}", member);

	read_body(ctx, READ_CREATE, body, &sample);
	if (ctx->violation_count != 1 || ctx->violations[0].problem != problem)
		fail_msg("%s: %zu violations, the first %d, not %d", member, ctx->violation_count,
			 ctx->violation_count ? (int)ctx->violations[0].problem : 0, (int)problem);
	assert_text(ctx->violations[0].pointer, pointer);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		assert_true(field_same(&sample_fields[i], &sample, &untouched));
}

static struct sample accept(struct ctx *ctx, const char *member)
{
	struct sample sample = { 0 };

	read_body(ctx, READ_CREATE, arena_format(ctx->arena, "{\"name\":\"A\",%s}", member),
		  &sample);
	if (ctx->violation_count != 0)
		fail_msg("%s: refused with %d", member, (int)ctx->violations[0].problem);
	return sample;
}

static void malformed(struct ctx *ctx, struct text body, const char *words)
{
	struct sample sample = { 0 };
	uint64_t given = 77;

	ctx_clear(ctx);
	assert_int_equal(
		read_object(ctx, body, sample_fields, SAMPLE_COUNT, READ_CREATE, &sample, &given),
		P_MALFORMED);
	assert_int_equal(ctx->problem, P_MALFORMED);
	assert_int_equal(ctx->violation_count, 0);
	assert_int_equal(given, 77);
	if (!text_is(ctx->words[0], words))
		fail_msg("%.*s, not %s", (int)ctx->words[0].len, ctx->words[0].ptr, words);
}

#define malformed_z(ctx, z, words) malformed((ctx), TEXT(z), (words))

static void malformed_json_is_reported_with_its_place(void **state)
{
	struct ctx *ctx = *state;

	malformed_z(ctx, "", "it ends too early (line 1, column 0)");
	malformed(ctx, TEXT_NULL, "it ends too early (line 1, column 0)");
	malformed_z(ctx, "{\"name\":", "it ends too early (line 1, column 8)");
	malformed_z(ctx, "{\n \"name\": x}", "a syntax error (line 2, column 10)");
	malformed_z(ctx, "{\"name\":\"A\"} {}", "something follows its end (line 1, column 14)");
	malformed_z(ctx, "{\"name\":\"A\",}", "a syntax error (line 1, column 13)");
	malformed_z(ctx, "{\"name\":'A'}", "a syntax error (line 1, column 9)");
	malformed_z(ctx, "{\"name\":\"a\nb\"}", "a syntax error (line 1, column 10)");
	malformed_z(ctx, "\xef\xbb\xbf{}", "a syntax error (line 1, column 1)");
	malformed_z(ctx, "{\"name\":\"A\",\"name\":\"B\"}",
		    "a member stands twice (line 1, column 18)");
}

static void bytes_and_escapes_that_are_no_valid_text_are_malformed(void **state)
{
	struct ctx *ctx = *state;
	static const char *const utf8[] = {
		"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\xaf"
	};

	malformed_z(ctx, "{\"name\":\"\\ud800\"}", "a syntax error (line 1, column 16)");
	malformed_z(ctx, "{\"name\":\"\\ud800\\u0041\"}", "a syntax error (line 1, column 22)");
	malformed_z(ctx, "{\"name\":\"\\udc00\"}", "a syntax error (line 1, column 16)");
	malformed_z(ctx, "{\"name\":\"a\\u0000b\"}", "a NUL character (line 1, column 18)");
	malformed_z(ctx, "{\"na\\u0000me\":1}", "a NUL character (line 1, column 13)");
	for (size_t i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++) {
		struct sample sample = { 0 };
		uint64_t given;
		struct text body = arena_format(ctx->arena, "{\"name\":\"%s\"}", utf8[i]);

		assert_int_equal(read_object(ctx, body, sample_fields, SAMPLE_COUNT, READ_CREATE,
					     &sample, &given),
				 P_MALFORMED);
	}
	malformed_z(ctx, "{\"name\":\"A\0B\"}", "a syntax error (line 1, column 10)");
}

static void numbers_beyond_64_bits_are_malformed(void **state)
{
	malformed_z(*state, "{\"amount\":9223372036854775808}",
		    "a number beyond 64 bits (line 1, column 29)");
	malformed_z(*state, "{\"amount\":-9223372036854775809}",
		    "a number beyond 64 bits (line 1, column 30)");
	malformed_z(*state, "{\"amount\":1e999}", "a number beyond 64 bits (line 1, column 15)");
}

static struct text nested(struct ctx *ctx, int depth)
{
	char *z = arena_alloc(ctx->arena, (size_t)(2 * depth) + 40);
	size_t n = 0;

	memcpy(z, "{\"tags\":", 8);
	n = 8;
	memset(z + n, '[', (size_t)depth - 1);
	n += (size_t)depth - 1;
	memset(z + n, ']', (size_t)depth - 1);
	n += (size_t)depth - 1;
	z[n++] = '}';
	return (struct text){ z, n };
}

static void depth_number_and_size_are_bounded_before_parsing(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = { 0 };
	uint64_t given;
	char *big = arena_alloc(ctx->arena, READ_SIZE_MAX + 1);

	read_body(ctx, READ_CREATE, nested(ctx, READ_DEPTH_MAX), &sample);
	malformed(ctx, nested(ctx, READ_DEPTH_MAX + 1),
		  "it is nested too deep (line 1, column 40)");
	malformed(ctx, nested(ctx, 100000), "it is nested too deep (line 1, column 40)");
	read_body(ctx, READ_CREATE,
		  TEXT("{\"name\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}"), &sample);
	memset(big, ',', READ_SIZE_MAX + 1);
	malformed(ctx, (struct text){ big, READ_SIZE_MAX },
		  "it holds too many values (line 1, column 10000)");
	assert_int_equal(read_object(ctx, (struct text){ big, READ_SIZE_MAX + 1 }, sample_fields,
				     SAMPLE_COUNT, READ_CREATE, &sample, &given),
			 P_TOO_LARGE);
	assert_text(ctx->words[0], "262144");
}

static void the_words_come_in_latvian_too(void **state)
{
	struct ctx *ctx = *state;

	ctx->language = LANGUAGE_LV;
	malformed_z(ctx, "{\"a\":1,\"a\":1}", "lauks ir divreiz (1. rinda, 10. zīme)");
	refuse(ctx, P_WRONG_TYPE, "/amount", "\"amount\":\"1\"");
	assert_text(ctx->violations[0].words[0], "vesels skaitlis");
}

static void only_an_object_is_a_body(void **state)
{
	static const char *const bodies[] = { "[]",   "\"x\"", "1",
					      "true", "null",  "[{\"name\":\"A\"}]" };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct sample sample = { 0 };
		uint64_t given;

		ctx_clear(ctx);
		assert_int_equal(read_object(ctx, text_of(bodies[i]), sample_fields, SAMPLE_COUNT,
					     READ_CREATE, &sample, &given),
				 P_NOT_AN_OBJECT);
		expect_violation(ctx, 0, P_NOT_AN_OBJECT, "");
	}
}

static void all_violations_come_at_once(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = { 0 };
	uint64_t given = read_body(
		ctx, READ_CREATE,
		TEXT("{\"nick\":\"a\",\"stranger\":1,\"number\":\"7\",\"born\":\"2018-02-30\","
		     "\"version\":3,\"languages\":[\"lv\",5,\"xx\",\"lv\"],\"amount\":5}"),
		&sample);

	assert_int_equal(ctx->violation_count, 7);
	expect_violation(ctx, 0, P_TOO_SHORT, "/nick");
	expect_violation(ctx, 1, P_UNKNOWN_MEMBER, "/stranger");
	expect_violation(ctx, 2, P_READ_ONLY_MEMBER, "/number");
	expect_violation(ctx, 3, P_BAD_DATE, "/born");
	expect_violation(ctx, 4, P_READ_ONLY_MEMBER, "/version");
	expect_violation(ctx, 5, P_TOO_MANY_ITEMS, "/languages");
	expect_violation(ctx, 6, P_REQUIRED, "/name");
	assert_int_equal(given & (UINT64_C(1) << SAMPLE_AMOUNT), UINT64_C(1) << SAMPLE_AMOUNT);
	assert_int_equal(violations_close(ctx, P_VALIDATION_FAILED), P_VALIDATION_FAILED);
}

static void a_wrong_type_names_the_right_one(void **state)
{
	static const struct {
		const char *member;
		const char *pointer;
		const char *expected;
	} bad[] = {
		{ "\"nick\":5", "/nick", "a text" },
		{ "\"nick\":{}", "/nick", "a text" },
		{ "\"colour\":1", "/colour", "a text" },
		{ "\"owner_id\":1", "/owner_id", "a UUID as text" },
		{ "\"urgent\":\"true\"", "/urgent", "true or false" },
		{ "\"urgent\":1", "/urgent", "true or false" },
		{ "\"amount\":1.0", "/amount", "an integer" },
		{ "\"amount\":1e2", "/amount", "an integer" },
		{ "\"amount\":\"1\"", "/amount", "an integer" },
		{ "\"amount\":true", "/amount", "an integer" },
		{ "\"born\":20180228", "/born", "a date as text" },
		{ "\"at\":0", "/at", "a time as text" },
		{ "\"tags\":\"a\"", "/tags", "a list of texts" },
		{ "\"tags\":{}", "/tags", "a list of texts" },
		{ "\"tags\":[\"a\",null]", "/tags/1", "a text" },
		{ "\"colours\":[[\"red\"]]", "/colours/0", "a text" },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse(ctx, P_WRONG_TYPE, bad[i].pointer, bad[i].member);
		assert_text(ctx->violations[0].words[0], bad[i].expected);
	}
}

static void texts_are_measured_in_code_points(void **state)
{
	struct ctx *ctx = *state;

	accept(ctx, "\"nick\":\"āā😀😀ā\"");
	refuse(ctx, P_TOO_LONG, "/nick", "\"nick\":\"āā😀😀āa\"");
	assert_text(ctx->violations[0].words[0], "5");
	refuse(ctx, P_TOO_SHORT, "/nick", "\"nick\":\"😀\"");
	assert_text(ctx->violations[0].words[0], "2");
	refuse(ctx, P_TOO_SHORT, "/nick", "\"nick\":\"  \\t\\n\"");
	accept(ctx, "\"nick\":\" a\"");
}

static void a_required_text_is_not_blank(void **state)
{
	static const char *const bodies[] = { "{\"name\":\"\"}", "{\"name\":\"   \"}",
					      "{\"name\":\"\\n\"}" };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct sample sample = { 0 };

		read_body(ctx, READ_CREATE, text_of(bodies[i]), &sample);
		assert_int_equal(ctx->violation_count, 1);
		expect_violation(ctx, 0, P_TOO_SHORT, "/name");
		assert_text(ctx->violations[0].words[0], "1");
	}
}

static void control_characters_are_refused_but_newline_and_tab(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = accept(ctx, "\"nick\":\"a\\n\\tb\"");

	assert_text(sample.nick, "a\n\tb");
	refuse(ctx, P_BAD_TEXT, "/nick", "\"nick\":\"a\\u0001b\"");
	refuse(ctx, P_BAD_TEXT, "/nick", "\"nick\":\"a\\rb\"");
	refuse(ctx, P_BAD_TEXT, "/nick", "\"nick\":\"a\\u001fb\"");
	refuse(ctx, P_BAD_TEXT, "/nick", "\"nick\":\"a\\u007fb\"");
	refuse(ctx, P_BAD_TEXT, "/nick", "\"nick\":\"a\\u0085b\"");
	refuse(ctx, P_BAD_TEXT, "/tags/0", "\"tags\":[\"a\\u0085b\"]");
	accept(ctx, "\"nick\":\"a\\u00a0b\"");
}

static void each_format_type_and_range_is_checked(void **state)
{
	struct ctx *ctx = *state;

	refuse(ctx, P_BAD_EMAIL, "/email", "\"email\":\"nobody\"");
	refuse(ctx, P_BAD_LANGUAGE, "/languages/1", "\"languages\":[\"lv\",\"xx\"]");
	refuse(ctx, P_BAD_ID, "/owner_id", "\"owner_id\":\"018f2c1e\"");
	refuse(ctx, P_BAD_ID, "/owner_id", "\"owner_id\":\"" ID_ONE " \"");
	refuse(ctx, P_NOT_IN_LIST, "/colour", "\"colour\":\"Red\"");
	assert_text(ctx->violations[0].words[0], "red, green, dark_blue");
	refuse(ctx, P_NOT_IN_LIST, "/colours/1", "\"colours\":[\"red\",\"\"]");
	refuse(ctx, P_OUT_OF_RANGE, "/amount", "\"amount\":-6");
	refuse(ctx, P_OUT_OF_RANGE, "/amount", "\"amount\":1001");
	assert_text(ctx->violations[0].words[0], "-5");
	assert_text(ctx->violations[0].words[1], "1000");
	refuse(ctx, P_OUT_OF_RANGE, "/amount", "\"amount\":9223372036854775807");
	refuse(ctx, P_BAD_DATE, "/born", "\"born\":\"2019-02-29\"");
	refuse(ctx, P_BAD_DATE, "/born", "\"born\":\"2018-02-28T00:00:00Z\"");
	refuse(ctx, P_BAD_INSTANT, "/at", "\"at\":\"2018-02-28T23:40:00\"");
	refuse(ctx, P_BAD_INSTANT, "/at", "\"at\":\"2018-02-28\"");
	refuse(ctx, P_TOO_MANY_ITEMS, "/languages", "\"languages\":[\"lv\",\"en\",\"ru\",\"de\"]");
	refuse(ctx, P_TOO_FEW_ITEMS, "/codes", "\"codes\":[]");
	refuse(ctx, P_DUPLICATE_ITEM, "/languages/2", "\"languages\":[\"lv\",\"en\",\"lv\"]");
	assert_text(ctx->violations[0].words[0], "lv");
	refuse(ctx, P_DUPLICATE_ITEM, "/colours/1", "\"colours\":[\"red\",\"red\"]");
	refuse(ctx, P_TOO_SHORT, "/tags/0", "\"tags\":[\"\"]");
}

static void good_values_are_stored_in_the_struct(void **state)
{
	struct sample sample = accept(
		*state,
		"\"owner_id\":\"018F2C1E-0000-7000-8000-00000000000A\",\"colour\":\"dark_blue\","
		"\"urgent\":false,\"amount\":-5,\"born\":\"2016-02-29\","
		"\"at\":\"2018-03-01T01:40:00+02:00\",\"tags\":[],\"kind\":\"k\","
		"\"colours\":[\"green\",\"red\"],\"nick\":null");
	struct instant at;

	assert_text(sample.owner_id, ID_ONE);
	assert_int_equal(sample.colour, colour_dark_blue);
	assert_int_equal(sample.urgent, FLAG_NO);
	assert_true(sample.amount.set && sample.amount.value == -5);
	assert_int_equal(sample.born.day, date_of(2016, 2, 29).day);
	assert_int_equal(instant_parse(TEXT("2018-02-28T23:40:00Z"), &at), 0);
	assert_int_equal(sample.at.us, at.us);
	assert_true(sample.tags.set && sample.tags.count == 0);
	assert_int_equal(sample.colours.count, 2);
	assert_text(sample.colours.items[1], "red");
	assert_text(sample.kind, "k");
	assert_null(sample.nick.ptr);
}

static void pointers_are_escaped_and_bounded(void **state)
{
	struct ctx *ctx = *state;
	char name[401];

	refuse(ctx, P_UNKNOWN_MEMBER, "/a~1b~0c \"", "\"a/b~c \\\"\":1");
	refuse(ctx, P_UNKNOWN_MEMBER, "/", "\"\":1");
	refuse(ctx, P_UNKNOWN_MEMBER, "/Name", "\"Name\":1");
	for (size_t i = 0; i < 400; i++)
		name[i] = "\xc4\x81"[i % 2];
	name[400] = '\0';
	refuse(ctx, P_UNKNOWN_MEMBER, arena_format(ctx->arena, "/%.200s…", name).ptr,
	       arena_format(ctx->arena, "\"%s\":1", name).ptr);
	refuse(ctx, P_UNKNOWN_MEMBER, arena_format(ctx->arena, "/a%.198s…", name).ptr,
	       arena_format(ctx->arena, "\"a%s\":1", name).ptr);
}

static void members_of_the_record_are_read_only(void **state)
{
	refuse(*state, P_READ_ONLY_MEMBER, "/id", "\"id\":\"" ID_ONE "\"");
	refuse(*state, P_READ_ONLY_MEMBER, "/created_at", "\"created_at\":null");
	refuse(*state, P_READ_ONLY_MEMBER, "/number", "\"number\":null");
}

static void the_body_may_die_after_reading(void **state)
{
	struct ctx *ctx = *state;
	char body[] = "{\"name\":\"Anna\",\"email\":\"a@example.org\",\"tags\":[\"one\"]}";
	struct sample sample = { 0 };

	read_body(ctx, READ_CREATE, text_of(body), &sample);
	memset(body, 'x', sizeof(body));
	assert_text(sample.name, "Anna");
	assert_text(sample.email, "a@example.org");
	assert_text(sample.tags.items[0], "one");
}

static void a_query_value_is_read_as_a_member_is(void **state)
{
	static const struct {
		int index;
		const char *good;
		const char *bad;
		enum problem problem;
	} rows[] = {
		{ SAMPLE_NICK, "an", "a", P_TOO_SHORT },
		{ SAMPLE_OWNER, ID_ONE, "x", P_BAD_ID },
		{ SAMPLE_COLOUR, "red", "pink", P_NOT_IN_LIST },
		{ SAMPLE_URGENT, "true", "1", P_WRONG_TYPE },
		{ SAMPLE_AMOUNT, "5", "5.0", P_WRONG_TYPE },
		{ SAMPLE_AMOUNT, "-5", "1001", P_OUT_OF_RANGE },
		{ SAMPLE_BORN, "2018-02-28", "2018-02-30", P_BAD_DATE },
		{ SAMPLE_AT, "2018-02-28T23:40:00Z", "now", P_BAD_INSTANT },
		{ SAMPLE_LANGUAGES, "lv", "xx", P_BAD_LANGUAGE },
		{ SAMPLE_COLOURS, "red", "pink", P_NOT_IN_LIST },
		{ SAMPLE_NICK, "ab", "a\xff", P_BAD_TEXT },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct field *field = &sample_fields[rows[i].index];
		struct sample sample = { 0 };

		ctx_clear(ctx);
		assert_int_equal(read_value(ctx, field, text_of(rows[i].bad), "query:x", &sample),
				 0);
		assert_int_equal(ctx->violation_count, 1);
		expect_violation(ctx, 0, rows[i].problem, "query:x");
		assert_true(field_is_null(field, &sample));
		ctx_clear(ctx);
		assert_int_equal(read_value(ctx, field, text_of(rows[i].good), "query:x", &sample),
				 0);
		assert_int_equal(ctx->violation_count, 0);
		assert_false(field_is_null(field, &sample));
	}
}

/* Whatever maximum the arena has: the whole object, or a fault, and nothing leaks. */
static void a_full_arena_is_a_fault(void **state)
{
	static const char body[] =
		"{\"name\":\"A\",\"email\":\"a@example.org\",\"tags\":[\"a\",\"b\"],"
		"\"owner_id\":\"" ID_ONE "\"}";
	int failed = 0;

	(void)state;
	for (size_t maximum = 1; maximum < 20000; maximum += 97) {
		struct arena arena;
		struct ctx ctx = { .arena = &arena };
		struct sample sample = { 0 };
		uint64_t given;
		int rc;

		arena_init(&arena, maximum);
		rc = read_object(&ctx, TEXT(body), sample_fields, SAMPLE_COUNT, READ_CREATE,
				 &sample, &given);
		assert_true(rc == 0 || rc == -ENOMEM);
		failed += rc != 0;
		arena_done(&arena);
	}
	assert_true(failed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		model_test(malformed_json_is_reported_with_its_place),
		model_test(bytes_and_escapes_that_are_no_valid_text_are_malformed),
		model_test(numbers_beyond_64_bits_are_malformed),
		model_test(depth_number_and_size_are_bounded_before_parsing),
		model_test(the_words_come_in_latvian_too),
		model_test(only_an_object_is_a_body),
		model_test(all_violations_come_at_once),
		model_test(a_wrong_type_names_the_right_one),
		model_test(texts_are_measured_in_code_points),
		model_test(a_required_text_is_not_blank),
		model_test(control_characters_are_refused_but_newline_and_tab),
		model_test(each_format_type_and_range_is_checked),
		model_test(good_values_are_stored_in_the_struct),
		model_test(pointers_are_escaped_and_bounded),
		model_test(members_of_the_record_are_read_only),
		model_test(the_body_may_die_after_reading),
		model_test(a_query_value_is_read_as_a_member_is),
		model_test(a_full_arena_is_a_fault),
	};

	return cmocka_run_group_tests_name("model_read", tests, NULL, NULL);
}
