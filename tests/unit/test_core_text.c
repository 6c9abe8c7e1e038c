#include "core/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

static void case_is_ignored_in_ascii_only(void **state)
{
	(void)state;
	assert_true(text_is_nocase(TEXT("If-Match"), "if-match"));
	assert_false(text_is_nocase(TEXT("If-Match"), "if-matc"));
	assert_false(text_is_nocase(TEXT("\xc4\x80"), "\xc4\x81"));
	assert_false(text_is_nocase(TEXT_NULL, ""));
}

static void null_and_empty_differ(void **state)
{
	(void)state;
	assert_true(text_eq(TEXT_NULL, TEXT_NULL));
	assert_false(text_eq(TEXT_NULL, TEXT("")));
	assert_false(text_eq(TEXT(""), TEXT_NULL));
	assert_true(text_is(TEXT(""), ""));
	assert_false(text_starts(TEXT_NULL, ""));
	assert_true(text_starts(TEXT("sort=-x"), "sort="));
	assert_false(text_starts(TEXT("sor"), "sort"));
}

static void trimming_takes_spaces_and_tabs_from_both_ends(void **state)
{
	(void)state;
	assert_true(text_is(text_trim(TEXT(" \t a b\t ")), "a b"));
	assert_true(text_is(text_trim(TEXT("  \t")), ""));
	assert_null(text_trim(TEXT_NULL).ptr);
}

static void cutting_leaves_null_behind_the_last_piece(void **state)
{
	struct text rest = TEXT("a,,b");

	(void)state;
	assert_true(text_is(text_cut(&rest, ','), "a"));
	assert_true(text_is(text_cut(&rest, ','), ""));
	assert_true(text_is(rest, "b"));
	assert_true(text_is(text_cut(&rest, ','), "b"));
	assert_null(rest.ptr);
	assert_null(text_cut(&rest, ',').ptr);

	rest = TEXT("a,");
	text_cut(&rest, ',');
	assert_non_null(rest.ptr);
	assert_int_equal(rest.len, 0);
}

static void whole_numbers_of_64_bits_are_read(void **state)
{
	static const struct {
		const char *z;
		int64_t value;
	} good[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "-1", -1 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	static const char *const bad[] = { "",
					   "-",
					   "+1",
					   "01",
					   "-0",
					   "-01",
					   "1 ",
					   " 1",
					   "1.0",
					   "1e3",
					   "0x1",
					   "9223372036854775808",
					   "-9223372036854775809",
					   "99999999999999999999" };
	int64_t value = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(text_to_int64(text_of(bad[i]), &value), -EINVAL);
		assert_int_equal(value, 42);
	}
	assert_int_equal(text_to_int64(TEXT_NULL, &value), -EINVAL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(text_to_int64(text_of(good[i].z), &value), 0);
		assert_true(value == good[i].value);
	}
}

static void well_formed_utf8_is_accepted(void **state)
{
	static const char *const good[] = { "",
					    "abc",
					    "Lāčplēša iela",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf",
					    "\x7f" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(text_is_utf8(text_of(good[i])));
	assert_true(text_is_utf8(TEXT_NULL));
	assert_int_equal(text_length(TEXT("Lāčplēša")), 8);
	assert_int_equal(text_length(TEXT("\xf0\x9f\x98\x80")), 1);
	assert_int_equal(text_length(TEXT_NULL), 0);
}

static void ill_formed_utf8_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xc3",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"a\xe2\x82",
		"\xe2\x28\xa1",
		"\xc3\x28",
		"ok\xf0\x9f\x98",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_is_utf8(text_of(bad[i])));
	assert_false(text_is_utf8(TEXT("a\0b")));
}

static void decoding_gives_code_point_and_length(void **state)
{
	struct text text = TEXT("a\xc4\x81\xe2\x82\xac\xf0\x9f\x98\x80\xc4");
	static const uint32_t points[] = { 'a', 0x101, 0x20ac, 0x1f600 };
	uint32_t point = 0;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(text_decode(text, at, &point), i + 1);
		assert_int_equal(point, points[i]);
		at += i + 1;
	}
	assert_int_equal(text_decode(text, at, &point), 0);
	assert_int_equal(text_decode(text, at + 1, &point), 0);
	assert_int_equal(point, 0x1f600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_is_ignored_in_ascii_only),
		cmocka_unit_test(null_and_empty_differ),
		cmocka_unit_test(trimming_takes_spaces_and_tabs_from_both_ends),
		cmocka_unit_test(cutting_leaves_null_behind_the_last_piece),
		cmocka_unit_test(whole_numbers_of_64_bits_are_read),
		cmocka_unit_test(well_formed_utf8_is_accepted),
		cmocka_unit_test(ill_formed_utf8_is_refused),
		cmocka_unit_test(decoding_gives_code_point_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
