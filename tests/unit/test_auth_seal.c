#include "auth_help.h"

#include "auth/seal.h"

#include <errno.h>
#include <sodium.h>

#define KEYS "m1 " HEX_A "\nblind " HEX_C "\n"
#define ROTATED "m2 " HEX_B "\nm1 " HEX_A "\nblind " HEX_C "\n"

static int ring_load(struct keyring *ring, const char *content)
{
	char path[32];
	int rc;

	file_make(path, content);
	rc = keyring_load(ring, path);
	unlink(path);
	return rc;
}

static struct keyring ring;
static struct data_key key;
static const struct seal_place place = { "clients",
					 "given_name",
					 { SOME_ID, sizeof(SOME_ID) - 1 } };

static int setup(void **state)
{
	(void)state;
	assert_int_equal(ring_load(&ring, KEYS), 0);
	data_key_new(TEXT(OTHER_ID), &key);
	return 0;
}

static void sealed_values_come_back_and_reveal_little_of_their_length(void **state)
{
	static const struct {
		size_t len, sealed;
	} sizes[] = {
		{ 0, 2 + 2 * (41 + 16) },  { 1, 2 + 2 * (41 + 16) },  { 15, 2 + 2 * (41 + 16) },
		{ 16, 2 + 2 * (41 + 32) }, { 31, 2 + 2 * (41 + 32) }, { 4000, 2 + 2 * (41 + 4016) },
	};
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char plain[4000];

	(void)state;
	memset(plain, 'x', sizeof(plain));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct text cell;
		struct text again;
		struct text back;

		assert_int_equal(
			seal(ctx, &key, place, (struct text){ plain, sizes[i].len }, &cell), 0);
		assert_int_equal(cell.len, sizes[i].sealed);
		assert_memory_equal(cell.ptr, "\\x01", 4);
		assert_int_equal(
			seal(ctx, &key, place, (struct text){ plain, sizes[i].len }, &again), 0);
		assert_false(text_eq(cell, again));
		assert_int_equal(unseal(ctx, &key, place, cell, &back), 0);
		assert_true(text_eq(back, (struct text){ plain, sizes[i].len }));
		assert_int_equal(back.ptr[back.len], '\0');
	}
	scene_end(&scene);
}

static void null_stays_null(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	const struct field field = { .name = "email", .blind = BLIND_EMAIL };
	const struct data_key none = { 0 };
	struct text ret = TEXT("x");

	(void)state;
	assert_int_equal(seal(ctx, &none, place, TEXT_NULL, &ret), 0);
	assert_null(ret.ptr);
	ret = TEXT("x");
	assert_int_equal(unseal(ctx, &none, place, TEXT_NULL, &ret), 0);
	assert_null(ret.ptr);
	ret = TEXT("x");
	assert_int_equal(blind_index(ctx, &ring, "clients", &field, TEXT_NULL, &ret), 0);
	assert_null(ret.ptr);
	scene_end(&scene);
}

static void a_value_opens_in_its_own_place_only(void **state)
{
	const struct seal_place others[] = {
		{ "persons", "given_name", TEXT(SOME_ID) },
		{ "clients", "family_name", TEXT(SOME_ID) },
		{ "clients", "given_name", TEXT(OTHER_ID) },
		{ "clientsg", "iven_name", TEXT(SOME_ID) },
	};
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct data_key other = key;
	struct text cell;
	struct text ret = TEXT_NULL;

	(void)state;
	assert_int_equal(seal(ctx, &key, place, TEXT("Anna"), &cell), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(unseal(ctx, &key, others[i], cell, &ret), -EBADMSG);
	other.id = TEXT(SOME_ID);
	assert_int_equal(unseal(ctx, &other, place, cell, &ret), -EBADMSG);
	data_key_new(key.id, &other);
	assert_int_equal(unseal(ctx, &other, place, cell, &ret), -EBADMSG);
	assert_null(ret.ptr);
	scene_end(&scene);
}

static void a_changed_sealed_value_does_not_open(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text cell;
	struct text ret;
	char *copy;
	int saved = quiet_begin();

	(void)state;
	assert_int_equal(seal(ctx, &key, place, TEXT("Anna"), &cell), 0);
	copy = arena_strdup(ctx->arena, cell);
	for (size_t i = 0; i < cell.len; i++) {
		char was = copy[i];

		copy[i] = was == '0' ? '1' : '0';
		assert_int_equal(unseal(ctx, &key, place, (struct text){ copy, cell.len }, &ret),
				 -EBADMSG);
		copy[i] = was;
	}
	for (size_t len = 0; len < cell.len; len++)
		assert_int_equal(unseal(ctx, &key, place, (struct text){ copy, len }, &ret),
				 -EBADMSG);
	assert_int_equal(unseal(ctx, &key, place, (struct text){ copy, cell.len }, &ret), 0);
	copy[4] = 'g';
	assert_int_equal(unseal(ctx, &key, place, (struct text){ copy, cell.len }, &ret), -EBADMSG);
	quiet_end(saved);
	scene_end(&scene);
}

static void a_value_without_padding_is_refused(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	unsigned char sealed[1 + 24 + 16 + 16] = { 1 };
	struct text where =
		arena_format(ctx->arena, "clients%cgiven_name%c" SOME_ID "%c" OTHER_ID, 0, 0, 0);
	struct text cell;
	struct text ret;

	(void)state;
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed + 25, NULL, (const unsigned char *)"0123456789abcdef", 16,
		(const unsigned char *)where.ptr, where.len, NULL, sealed + 1, key.secret);
	assert_int_equal(bytea_text(ctx->arena, sealed, sizeof(sealed), &cell), 0);
	assert_int_equal(unseal(ctx, &key, place, cell, &ret), -EBADMSG);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed + 25, NULL, (const unsigned char *)"0123456789abcde\x80", 16,
		(const unsigned char *)where.ptr, where.len, NULL, sealed + 1, key.secret);
	assert_int_equal(bytea_text(ctx->arena, sealed, sizeof(sealed), &cell), 0);
	assert_int_equal(unseal(ctx, &key, place, cell, &ret), 0);
	assert_text(ret, "0123456789abcde");
	scene_end(&scene);
}

static void a_value_needs_a_key_and_a_row(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	const struct data_key none = { 0 };
	struct seal_place nowhere = place;
	char wide[300];
	struct text cell;

	(void)state;
	assert_int_equal(seal(ctx, &none, place, TEXT("x"), &cell), -ENOKEY);
	assert_int_equal(unseal(ctx, &none, place, TEXT("\\x00"), &cell), -ENOKEY);
	nowhere.row = TEXT_NULL;
	assert_int_equal(seal(ctx, &key, nowhere, TEXT("x"), &cell), -EINVAL);
	nowhere.row = TEXT("");
	assert_int_equal(seal(ctx, &key, nowhere, TEXT("x"), &cell), 0);
	memset(wide, 'w', sizeof(wide));
	nowhere.row = (struct text){ wide, sizeof(wide) };
	assert_int_equal(seal(ctx, &key, nowhere, TEXT("x"), &cell), -EINVAL);
	assert_int_equal(unseal(ctx, &key, nowhere, TEXT("\\x00"), &cell), -EINVAL);
	scene_end(&scene);
}

static void a_line_s_fingerprint_is_that_of_its_id_and_secret(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text prints[3], again, blind, renamed;
	struct keyring rotated, other;

	(void)state;
	assert_int_equal(ring_load(&rotated, ROTATED), 0);
	assert_int_equal(ring_load(&other, "m2 " HEX_A "\nm1 " HEX_B "\nblind " HEX_B "\n"), 0);
	assert_int_equal(keyring_lines(&rotated), 3);
	assert_string_equal(keyring_line_id(&rotated, 0), "m2");
	assert_string_equal(keyring_line_id(&rotated, 2), "blind");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(keyring_fingerprint(ctx->arena, &rotated, i, &prints[i]), 0);
		assert_int_equal(prints[i].len, 2 + 64);
		assert_int_equal(keyring_fingerprint(ctx->arena, &other, i, &again), 0);
		assert_false(text_eq(prints[i], again));
	}
	/* The same line in another file, at another place. */
	assert_int_equal(keyring_fingerprint(ctx->arena, &ring, 0, &again), 0);
	assert_true(text_eq(prints[1], again));
	assert_int_equal(keyring_fingerprint(ctx->arena, &ring, 1, &blind), 0);
	assert_true(text_eq(prints[2], blind));
	/* The same secret under another id. */
	assert_int_equal(keyring_fingerprint(ctx->arena, &other, 0, &renamed), 0);
	assert_false(text_eq(prints[1], renamed));
	scene_end(&scene);
}

static void a_data_key_is_unwrapped_by_any_master_of_the_ring(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct keyring rotated;
	struct keyring fresh;
	struct data_key back;
	struct text old;
	struct text young;

	(void)state;
	assert_int_equal(ring_load(&rotated, ROTATED), 0);
	assert_int_equal(ring_load(&fresh, "m2 " HEX_B "\nblind " HEX_C "\n"), 0);
	assert_int_equal(data_key_wrap(ctx, &ring, &key, &old), 0);
	assert_int_equal(data_key_wrap(ctx, &rotated, &key, &young), 0);
	assert_int_equal(old.len, 2 + 2 * (2 + 2 + 24 + 32 + 16));

	assert_int_equal(data_key_unwrap(ctx, &rotated, key.id, old, &back), 0);
	assert_memory_equal(back.secret, key.secret, DATA_KEY_SIZE);
	assert_true(text_eq(back.id, key.id));
	assert_int_equal(data_key_unwrap(ctx, &rotated, key.id, young, &back), 0);
	assert_int_equal(data_key_unwrap(ctx, &fresh, key.id, young, &back), 0);
	assert_memory_equal(back.secret, key.secret, DATA_KEY_SIZE);

	assert_int_equal(data_key_unwrap(ctx, &ring, key.id, young, &back), -EBADMSG);
	assert_int_equal(data_key_unwrap(ctx, &fresh, key.id, old, &back), -EBADMSG);
	assert_int_equal(data_key_unwrap(ctx, &ring, TEXT(SOME_ID), old, &back), -EBADMSG);
	scene_end(&scene);
}

static void a_changed_wrapped_key_does_not_open(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 4 << 20);
	struct data_key back;
	struct text cell;
	char *copy;
	int saved = quiet_begin();

	(void)state;
	assert_int_equal(data_key_wrap(ctx, &ring, &key, &cell), 0);
	copy = arena_strdup(ctx->arena, cell);
	for (size_t i = 0; i < cell.len; i++) {
		char was = copy[i];

		copy[i] = was == '0' ? 'f' : '0';
		assert_int_equal(
			data_key_unwrap(ctx, &ring, key.id, (struct text){ copy, cell.len }, &back),
			-EBADMSG);
		copy[i] = was;
	}
	for (size_t len = 0; len < cell.len; len++)
		assert_int_equal(
			data_key_unwrap(ctx, &ring, key.id, (struct text){ copy, len }, &back),
			-EBADMSG);
	assert_int_equal(data_key_unwrap(ctx, &ring, key.id,
					 arena_format(ctx->arena, "%s%0300d", copy, 0), &back),
			 -EBADMSG);
	quiet_end(saved);
	scene_end(&scene);
}

static void equal_values_have_equal_blind_indexes(void **state)
{
	const struct field email = { .name = "email", .blind = BLIND_EMAIL };
	const struct field other = { .name = "email2", .blind = BLIND_EMAIL };
	const struct field name = { .name = "family_name", .blind = BLIND_NAME };
	const struct field code = { .name = "personal_code", .blind = BLIND_CODE };
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct keyring rotated;
	struct text a;
	struct text b;

	(void)state;
	assert_int_equal(blind_index(ctx, &ring, "clients", &email, TEXT("Anna@Example.LV"), &a),
			 0);
	assert_int_equal(a.len, 2 + 64);
	assert_int_equal(blind_index(ctx, &ring, "clients", &email, TEXT("anna@example.lv"), &b),
			 0);
	assert_true(text_eq(a, b));
	assert_int_equal(blind_index(ctx, &ring, "clients", &email, TEXT("anne@example.lv"), &b),
			 0);
	assert_false(text_eq(a, b));
	assert_int_equal(blind_index(ctx, &ring, "persons", &email, TEXT("anna@example.lv"), &b),
			 0);
	assert_false(text_eq(a, b));
	assert_int_equal(blind_index(ctx, &ring, "clients", &other, TEXT("anna@example.lv"), &b),
			 0);
	assert_false(text_eq(a, b));

	/* The blind secret outlives the masters, else nobody would be found after a rotation. */
	assert_int_equal(ring_load(&rotated, ROTATED), 0);
	assert_int_equal(blind_index(ctx, &rotated, "clients", &email, TEXT("anna@example.lv"), &b),
			 0);
	assert_true(text_eq(a, b));
	assert_int_equal(ring_load(&rotated, "m1 " HEX_A "\nblind " HEX_B "\n"), 0);
	assert_int_equal(blind_index(ctx, &rotated, "clients", &email, TEXT("anna@example.lv"), &b),
			 0);
	assert_false(text_eq(a, b));

	assert_int_equal(
		blind_index(ctx, &ring, "clients", &name, TEXT("B\xc4\x93rzi\xc5\x86\xc5\xa1"), &a),
		0);
	assert_int_equal(blind_index(ctx, &ring, "clients", &name, TEXT("berzins"), &b), 0);
	assert_true(text_eq(a, b));
	assert_int_equal(blind_index(ctx, &ring, "clients", &code, TEXT("010190-12345"), &a), 0);
	assert_int_equal(blind_index(ctx, &ring, "clients", &code, TEXT("01019012345"), &b), 0);
	assert_true(text_eq(a, b));
	scene_end(&scene);
}

static void labels_keep_hashes_apart(void **state)
{
	unsigned char a[32];
	unsigned char b[32];

	(void)state;
	keyed_hash(&ring, "cursor", TEXT("x"), a);
	keyed_hash(&ring, "cursor", TEXT("x"), b);
	assert_memory_equal(a, b, 32);
	keyed_hash(&ring, "cursorx", TEXT(""), b);
	assert_memory_not_equal(a, b, 32);
	keyed_hash(&ring, "refresh", TEXT("x"), b);
	assert_memory_not_equal(a, b, 32);
}

static void base64url_is_strict(void **state)
{
	static const char *const wrong[] = { "A",   "AA=", "AA==",   "AB", "A+A",
					     "A/A", "A A", "AAAA\n", "=" };
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text text;
	struct text back;

	(void)state;
	assert_int_equal(base64url(ctx->arena, "\xfb\xff\xfe!", 4, &text), 0);
	assert_text(text, "-__-IQ");
	assert_int_equal(base64url_decode(ctx->arena, text, &back), 0);
	assert_true(text_eq(back, TEXT("\xfb\xff\xfe!")));
	assert_int_equal(base64url_decode(ctx->arena, TEXT(""), &back), 0);
	assert_int_equal(back.len, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(base64url_decode(ctx->arena, text_of(wrong[i]), &back), -EINVAL);
	scene_end(&scene);
}

static void secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(secret_eq(TEXT("abc"), TEXT("abc")));
	assert_true(secret_eq(TEXT(""), TEXT("")));
	assert_false(secret_eq(TEXT("abc"), TEXT("abd")));
	assert_false(secret_eq(TEXT("abc"), TEXT("ab")));
}

static int one_step(struct ctx *ctx, size_t step, struct text cell)
{
	const struct field field = { .name = "email", .blind = BLIND_EMAIL };
	struct text ret;

	switch (step) {
	case 0:
		return seal(ctx, &key, place, TEXT("Anna"), &ret);
	case 1:
		return unseal(ctx, &key, place, cell, &ret);
	case 2:
		return data_key_wrap(ctx, &ring, &key, &ret);
	case 3:
		return blind_index(ctx, &ring, "t", &field, TEXT("A@b.lv"), &ret);
	case 4:
		return base64url(ctx->arena, "abc", 3, &ret);
	default:
		return base64url_decode(ctx->arena, TEXT("AAAA"), &ret);
	}
}

static void a_lack_of_memory_is_a_fault(void **state)
{
	struct scene roomy;
	struct text cell;
	bool passed = false;

	(void)state;
	scene_begin(&roomy, 1 << 20);
	assert_int_equal(seal(&roomy.ctx, &key, place, TEXT("Anna"), &cell), 0);
	for (size_t maximum = 1; maximum < 1 << 16 && !passed; maximum += 8) {
		passed = true;
		for (size_t i = 0; i < 6; i++) {
			struct scene scene;
			struct ctx *ctx = scene_begin(&scene, maximum);

			int rc = one_step(ctx, i, cell);

			assert_true(rc == 0 || rc == -ENOMEM);
			passed = passed && rc == 0;
			scene_end(&scene);
		}
	}
	assert_true(passed);
	scene_end(&roomy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_values_come_back_and_reveal_little_of_their_length),
		cmocka_unit_test(null_stays_null),
		cmocka_unit_test(a_value_opens_in_its_own_place_only),
		cmocka_unit_test(a_changed_sealed_value_does_not_open),
		cmocka_unit_test(a_value_without_padding_is_refused),
		cmocka_unit_test(a_value_needs_a_key_and_a_row),
		cmocka_unit_test(a_line_s_fingerprint_is_that_of_its_id_and_secret),
		cmocka_unit_test(a_data_key_is_unwrapped_by_any_master_of_the_ring),
		cmocka_unit_test(a_changed_wrapped_key_does_not_open),
		cmocka_unit_test(equal_values_have_equal_blind_indexes),
		cmocka_unit_test(labels_keep_hashes_apart),
		cmocka_unit_test(base64url_is_strict),
		cmocka_unit_test(secrets_are_compared_whole),
		cmocka_unit_test(a_lack_of_memory_is_a_fault),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
