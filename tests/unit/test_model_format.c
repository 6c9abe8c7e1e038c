#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#undef fail /* cmocka has one too */
#include "model/format.h"

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void assert_format(enum format format, const char *z, const char *expected)
{
	struct text canonical = TEXT("untouched");
	int rc = format_check(format, text_of(z), &arena, &canonical);

	if (rc != (expected != NULL ? 0 : -EINVAL) ||
	    !text_is(canonical, expected != NULL ? expected : "untouched")) {
		print_error("\"%s\" gives %d, \"%.*s\"\n", z, rc, (int)canonical.len,
			    canonical.ptr);
		assert_true(false);
	}
}

static void assert_refused(enum format format, const char *const *bad, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_format(format, bad[i], NULL);
	assert_int_equal(format_check(format, TEXT_NULL, &arena, &(struct text){ NULL, 0 }),
			 -EINVAL);
}

#define ASSERT_REFUSED(format, ...)                                                                \
	assert_refused(format, (const char *const[]){ __VA_ARGS__ },                               \
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void plain_text_has_no_control_characters(void **state)
{
	(void)state;
	assert_format(FORMAT_NONE, " Lāčplēša\n\tiela ", " Lāčplēša\n\tiela ");
	assert_format(FORMAT_NONE, "", "");
	ASSERT_REFUSED(FORMAT_NONE, "a\rb", "\x01", "\x1b[0m", "\x7f", "\xc2\x85", "\xff");
	assert_int_equal(format_check(FORMAT_NONE, TEXT("a\0b"), &arena, &(struct text){ NULL, 0 }),
			 -EINVAL);
}

static void email_addresses(void **state)
{
	(void)state;
	assert_format(FORMAT_EMAIL, "centrs@marta.lv", "centrs@marta.lv");
	assert_format(FORMAT_EMAIL, " Anna.O'Neil+x@Mail-1.example.ORG\t",
		      "Anna.O'Neil+x@Mail-1.example.ORG");
	assert_format(FORMAT_ACCOUNT, " Anna.O'Neil+x@Mail-1.example.ORG\t",
		      "anna.o'neil+x@mail-1.example.org");
	ASSERT_REFUSED(FORMAT_ACCOUNT, "", "A@B", "Anna Berzina@example.org");
	assert_format(FORMAT_EMAIL, "a@xn--pvils-hya.lv", "a@xn--pvils-hya.lv");
	assert_format(FORMAT_EMAIL,
		      "1234567890123456789012345678901234567890123456789012345678901234@a.lv",
		      "1234567890123456789012345678901234567890123456789012345678901234@a.lv");
	ASSERT_REFUSED(FORMAT_EMAIL, "", "@", "a", "a@", "@a.lv", "a@b", "a@b@c.lv", "a b@c.lv",
		       ".a@b.lv", "a.@b.lv", "a..b@c.lv", "a@.lv", "a@b..lv", "a@b.lv.", "a@-b.lv",
		       "a@b-.lv", "a@b_c.lv", "a@1.2.3.4", "a@[1.2.3.4]", "\"a\"@b.lv", "a,b@c.lv",
		       "a@b.lv\n", "a\n@b.lv", "ā@b.lv", "a@ā.lv",
		       "12345678901234567890123456789012345678901234567890123456789012345@a.lv",
		       "a@1234567890123456789012345678901234567890123456789012345678901234.lv");
}

static void an_email_address_ends_at_254_characters(void **state)
{
	char address[300] = "a@";

	(void)state;
	for (size_t at = 2; at < 254; at++)
		address[at] = (at - 2) % 50 == 49 ? '.' : 'x';
	address[254] = '\0';
	assert_format(FORMAT_EMAIL, address, address);
	memcpy(address + 254, "x", 2);
	assert_format(FORMAT_EMAIL, address, NULL);
}

static void phone_numbers(void **state)
{
	(void)state;
	assert_format(FORMAT_PHONE, "+37167378539", "+37167378539");
	assert_format(FORMAT_PHONE, " +37167378539 ", "+37167378539");
	assert_format(FORMAT_PHONE, "+123456789012345", "+123456789012345");
	assert_format(FORMAT_PHONE, "+6834567", "+6834567");
	ASSERT_REFUSED(FORMAT_PHONE, "", "+", "67378539", "0037167378539", "+371 67378539",
		       "+371-67378539", "+07167378539", "+1234567890123456", "+123456",
		       "+3716737853a", "++37167378539");
}

static void personal_codes(void **state)
{
	(void)state;
	assert_format(FORMAT_PERSONAL_CODE, "010190-12345", "010190-12345");
	assert_format(FORMAT_PERSONAL_CODE, "01019012345", "010190-12345");
	assert_format(FORMAT_PERSONAL_CODE, " 310899-00001 ", "310899-00001");
	assert_format(FORMAT_PERSONAL_CODE, "290200-20000", "290200-20000");
	assert_format(FORMAT_PERSONAL_CODE, "290204-10000", "290204-10000");
	assert_format(FORMAT_PERSONAL_CODE, "320000-12345", "320000-12345");
	assert_format(FORMAT_PERSONAL_CODE, "39999999999", "399999-99999");
	ASSERT_REFUSED(FORMAT_PERSONAL_CODE, "", "010190-1234", "010190-123456", "0101901-2345",
		       "010190 12345", "010190--1234", "01019o-12345", "310290-12345",
		       "290200-10000", "290201-20000", "011390-12345", "010090-12345",
		       "000190-12345", "010190-32345", "010190-92345", "310000-12345",
		       "400000-12345", "+10190-12345", "0101901234");
}

static void iso_codes_come_back_in_their_case(void **state)
{
	(void)state;
	assert_format(FORMAT_COUNTRY, "LV", "LV");
	assert_format(FORMAT_COUNTRY, "lv", "LV");
	assert_format(FORMAT_COUNTRY, "AD", "AD");
	assert_format(FORMAT_COUNTRY, " Zw ", "ZW");
	ASSERT_REFUSED(FORMAT_COUNTRY, "", "L", "LVA", "XX", "ZZ", "AA", "UK", "L1", "Ā", "SU");
	assert_format(FORMAT_LANGUAGE, "lv", "lv");
	assert_format(FORMAT_LANGUAGE, "LV", "lv");
	assert_format(FORMAT_LANGUAGE, "zu", "zu");
	assert_format(FORMAT_LANGUAGE, "aa", "aa");
	ASSERT_REFUSED(FORMAT_LANGUAGE, "", "l", "lav", "xx", "zz", "@@");
	assert_format(FORMAT_CURRENCY, "EUR", "EUR");
	assert_format(FORMAT_CURRENCY, "eur", "EUR");
	assert_format(FORMAT_CURRENCY, "AED", "AED");
	ASSERT_REFUSED(FORMAT_CURRENCY, "", "EU", "EURO", "ZZZ", "AAA", "E R");
}

static void isic_codes(void **state)
{
	(void)state;
	assert_format(FORMAT_ISIC, "a", "A");
	assert_format(FORMAT_ISIC, "U", "U");
	assert_format(FORMAT_ISIC, "56", "56");
	assert_format(FORMAT_ISIC, "011", "011");
	assert_format(FORMAT_ISIC, " 5610 ", "5610");
	ASSERT_REFUSED(FORMAT_ISIC, "", "V", "z", "1", "AA", "A1", "56100", "-1", "5 6", "@", "[");
}

static void file_names(void **state)
{
	(void)state;
	assert_format(FORMAT_FILE_NAME, " Lēmums Nr. 7.pdf ", "Lēmums Nr. 7.pdf");
	assert_format(FORMAT_FILE_NAME, "..pdf", "..pdf");
	ASSERT_REFUSED(FORMAT_FILE_NAME, "", " ", ".", "..", "a/b", "a\\b", "C:a", "a\nb", "a\tb",
		       "a\x7f", "fdp.\u202eexe.pdf");
}

static void sha256_digests(void **state)
{
	(void)state;
	assert_format(FORMAT_SHA256,
		      "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
		      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ASSERT_REFUSED(FORMAT_SHA256, "",
		       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
		       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a",
		       "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void months(void **state)
{
	(void)state;
	assert_format(FORMAT_MONTH, "2018-03", "2018-03");
	assert_format(FORMAT_MONTH, "1900-01", "1900-01");
	ASSERT_REFUSED(FORMAT_MONTH, "", "2018", "2018-13", "2018-00", "1899-12", "2201-01",
		       "2018-3", "2018-03-01", "18-03-1", " 2018-0");
}

static void each_format_has_its_problem(void **state)
{
	(void)state;
	for (int format = FORMAT_NONE; format <= FORMAT_MONTH; format++) {
		enum problem problem = format_problem((enum format)format);

		assert_int_equal(problem_texts[problem].status, 0);
		assert_memory_equal(problem_texts[problem].code, "bad_", 4);
	}
	assert_int_equal(format_problem(FORMAT_PERSONAL_CODE), P_BAD_PERSONAL_CODE);
	assert_int_equal(format_problem(FORMAT_ISIC), P_BAD_ISIC);
}

static void a_full_arena_is_no_wrong_format(void **state)
{
	struct text canonical = TEXT("untouched");
	struct arena small;

	(void)state;
	arena_init(&small, 8);
	assert_int_equal(
		format_check(FORMAT_PERSONAL_CODE, TEXT("010190-12345"), &small, &canonical),
		-ENOMEM);
	assert_int_equal(format_check(FORMAT_COUNTRY, TEXT("LV"), &small, &canonical), -ENOMEM);
	assert_int_equal(blind_normalise(BLIND_NAME, TEXT("Anna"), &small, &canonical), -ENOMEM);
	assert_true(text_is(canonical, "untouched"));
	arena_done(&small);
}

static void assert_blind(enum blind blind, const char *z, const char *expected)
{
	struct text normal;

	assert_int_equal(blind_normalise(blind, text_of(z), &arena, &normal), 0);
	assert_non_null(normal.ptr);
	assert_string_equal(normal.ptr, expected);
}

static void names_are_found_however_they_are_written(void **state)
{
	(void)state;
	assert_blind(BLIND_NAME, "ĀČĒĢĪĶĻŅŠŪŽ āčēģīķļņšūž", "acegiklnsuz acegiklnsuz");
	assert_blind(BLIND_NAME, "  Anna-Marija \t Bērziņa. ", "anna marija berzina");
	assert_blind(BLIND_NAME,
		     "Anna – Marija\xc2\xa0"
		     "Bērziņa",
		     "anna marija berzina");
	assert_blind(BLIND_NAME, "O'Neil, O’Neil", "oneil oneil");
	assert_blind(BLIND_NAME,
		     "Be\xcc\x84rzin\xcc\xa7"
		     "a",
		     "berzina");
	assert_blind(BLIND_NAME, "Łukasz Żółć Đorđe Øster Þór Æsa Œuvre Straße",
		     "lukasz zolc dorde oster thor aesa "
		     "oeuvre strasse");
	assert_blind(BLIND_NAME, "Ștefan Ţepeş Čeněk Őry Ñandú ÿŸ",
		     "stefan tepes cenek ory nandu yy");
	assert_blind(BLIND_NAME, "ОЛЬГА Ольга Ёлкин ЇЖАК Юрий", "ольга ольга елкин іжак юрии");
	assert_blind(BLIND_NAME, "Юри\xd0\xb9 Юри\xd0\xb8\xcc\x86", "юрии юрии");
	assert_blind(BLIND_NAME, "李 2.", "李 2");
	assert_blind(BLIND_NAME, ". - ' × ÷", "");
	assert_blind(BLIND_NAME, "a - . b", "a b");
	assert_blind(BLIND_NAME, "", "");
}

static void every_latin_letter_becomes_a_small_ascii_one(void **state)
{
	(void)state;
	for (unsigned point = 0xc0; point <= 0x17f; point++) {
		const char bytes[2] = { (char)(0xc0 | point >> 6), (char)(0x80 | (point & 0x3f)) };
		struct text normal;

		assert_int_equal(
			blind_normalise(BLIND_NAME, (struct text){ bytes, 2 }, &arena, &normal), 0);
		assert_int_equal(strspn(normal.ptr, "abcdefghijklmnopqrstuvwxyz"), normal.len);
		assert_in_range(normal.len, point == 0xd7 || point == 0xf7 ? 0 : 1, 2);
	}
}

static void codes_mail_and_phones_are_found_however_they_are_written(void **state)
{
	struct text normal = TEXT("x");

	(void)state;
	assert_blind(BLIND_CODE, "010190-12345", "01019012345");
	assert_blind(BLIND_CODE, "01019012345", "01019012345");
	assert_blind(BLIND_CODE, "Ab 12", "ab12");
	assert_blind(BLIND_EMAIL, " Centrs@Marta.LV ", "centrs@marta.lv");
	assert_blind(BLIND_PHONE, "+371 67378539", "+37167378539");
	assert_blind(BLIND_NONE, " As It Is", " As It Is");
	assert_int_equal(blind_normalise(BLIND_NAME, TEXT_NULL, &arena, &normal), 0);
	assert_null(normal.ptr);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(plain_text_has_no_control_characters),
		CASE(email_addresses),
		CASE(an_email_address_ends_at_254_characters),
		CASE(phone_numbers),
		CASE(personal_codes),
		CASE(iso_codes_come_back_in_their_case),
		CASE(isic_codes),
		CASE(file_names),
		CASE(sha256_digests),
		CASE(months),
		CASE(each_format_has_its_problem),
		CASE(a_full_arena_is_no_wrong_format),
		CASE(names_are_found_however_they_are_written),
		CASE(every_latin_letter_becomes_a_small_ascii_one),
		CASE(codes_mail_and_phones_are_found_however_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
