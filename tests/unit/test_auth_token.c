#include "auth_help.h"

#include "auth/seal.h"
#include "auth/token.h"

#include <errno.h>
#include <sodium.h>

#define NOW_UNIX INT64_C(1519776000) /* 2018-02-28 */
#define GOOD_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"one\"}"
#define ISS "\"iss\":\"http://a\","
#define AUD "\"aud\":\"http://b\","
#define SUB "\"sub\":\"" SOME_ID "\","
#define SID "\"sid\":\"" OTHER_ID "\","
#define ROLE "\"role\":\"case_worker\","
#define EXP "\"exp\":1519776600"
#define GOOD_CLAIMS ISS AUD SUB SID ROLE "\"provider_id\":\"" SOME_ID "\",\"iat\":1519776000"
#define GOOD_PAYLOAD "{" GOOD_CLAIMS ",\"exp\":1519776600}"

static struct token_config config;
static struct instant now;

static int setup(void **state)
{
	(void)state;
	assert_true(sodium_init() >= 0);
	config = (struct token_config){ .key_count = 2, .lifetime = 600 };
	memcpy(config.keys[0].kid, "one", 4);
	memset(config.keys[0].secret, 0x11, TOKEN_KEY_SIZE);
	memcpy(config.keys[1].kid, "two", 4);
	memset(config.keys[1].secret, 0x22, TOKEN_KEY_SIZE);
	config.issuer = TEXT("http://a");
	config.audience = TEXT("http://b");
	return instant_parse(TEXT("2018-02-28T00:00:00Z"), &now);
}

static struct text hmac_token(struct ctx *ctx, struct text head, struct text body, const void *key,
			      size_t key_len)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state hmac;
	struct text signature;
	struct text input = arena_format(ctx->arena, "%.*s.%.*s", (int)head.len, head.ptr,
					 (int)body.len, body.ptr);

	crypto_auth_hmacsha256_init(&hmac, key, key_len);
	crypto_auth_hmacsha256_update(&hmac, (const unsigned char *)input.ptr, input.len);
	crypto_auth_hmacsha256_final(&hmac, mac);
	assert_int_equal(base64url(ctx->arena, mac, sizeof(mac), &signature), 0);
	return arena_format(ctx->arena, "%s.%s", input.ptr, signature.ptr);
}

/* A token that is rightly signed, whatever it says. */
static struct text forge(struct ctx *ctx, const char *header, const char *payload)
{
	struct text head;
	struct text body;

	assert_int_equal(base64url(ctx->arena, header, strlen(header), &head), 0);
	assert_int_equal(base64url(ctx->arena, payload, strlen(payload), &body), 0);
	return hmac_token(ctx, head, body, config.keys[0].secret, TOKEN_KEY_SIZE);
}

static int verify(struct ctx *ctx, struct text token)
{
	struct actor actor = { .role = role_auditor };
	int rc = token_verify(ctx, &config, token, now, &actor);

	if (rc != 0)
		assert_int_equal(actor.role, role_auditor);
	return rc;
}

static int verify_forged(const char *header, const char *payload)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	int rc = verify(ctx, forge(ctx, header, payload));

	scene_end(&scene);
	return rc;
}

static void a_signed_token_is_verified(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct actor actor = { .user_id = TEXT(SOME_ID),
			       .session_id = TEXT(OTHER_ID),
			       .role = role_case_worker,
			       .provider_id = TEXT(SOME_ID) };
	struct actor got = { .purpose = purpose_audit };
	struct text token;

	(void)state;
	assert_int_equal(token_sign(ctx, &config, &actor, now, &token), 0);
	assert_int_equal(token_verify(ctx, &config, token, now, &got), 0);
	assert_text(got.user_id, SOME_ID);
	assert_text(got.session_id, OTHER_ID);
	assert_text(got.provider_id, SOME_ID);
	assert_int_equal(got.role, role_case_worker);
	assert_int_equal(got.purpose, purpose_audit);

	actor.provider_id = TEXT_NULL;
	actor.role = role_auditor;
	assert_int_equal(token_sign(ctx, &config, &actor, now, &token), 0);
	assert_int_equal(token_verify(ctx, &config, token, now, &got), 0);
	assert_null(got.provider_id.ptr);
	scene_end(&scene);
}

static void a_token_of_an_older_key_is_still_good(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct token_config older = config;
	struct actor actor = { .user_id = TEXT(SOME_ID),
			       .session_id = TEXT(OTHER_ID),
			       .role = role_auditor };
	struct text token;

	(void)state;
	older.keys[0] = config.keys[1];
	older.key_count = 1;
	assert_int_equal(token_sign(ctx, &older, &actor, now, &token), 0);
	assert_int_equal(verify(ctx, token), 0);
	older.keys[0] = config.keys[0];
	assert_int_equal(token_verify(ctx, &older, token, now, &actor), P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void our_forge_makes_good_tokens(void **state)
{
	(void)state;
	assert_int_equal(verify_forged(GOOD_HEADER, GOOD_PAYLOAD), 0);
	assert_int_equal(verify_forged(GOOD_HEADER, "{" ISS AUD SUB SID ROLE EXP "}"), 0);
	assert_int_equal(verify_forged(GOOD_HEADER, "{\"a\":[[]]," ISS AUD SUB SID ROLE EXP "}"),
			 0);
}

static void a_header_that_is_not_ours_is_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":\"hs256\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":256,\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at\",\"kid\":\"one\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"three\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":1}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"cty\":\"one\"}",
		"{\"alg\":\"HS256\",\"kid\":\"one\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"one\",\"crit\":[\"exp\"],\"exp\":1}",
		"{\"alg\":\"HS256\",\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"one\"}",
		"[\"HS256\"]",
		"\"HS256\"",
		"{",
		" ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(verify_forged(headers[i], GOOD_PAYLOAD), P_UNAUTHENTICATED);
}

static void claims_that_do_not_hold_are_refused(void **state)
{
	static const char *const payloads[] = {
		"{" GOOD_CLAIMS "}",
		"{" GOOD_CLAIMS ",\"exp\":\"1519776600\"}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600.5}",
		"{" GOOD_CLAIMS ",\"exp\":null}",
		"{" GOOD_CLAIMS ",\"exp\":0}",
		"{" GOOD_CLAIMS ",\"exp\":-9223372036854775808}",
		"{" GOOD_CLAIMS ",\"exp\":99999999999999999999}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":1519776061}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":9223372036854775807}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":\"1519776000\"}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":null}",
		"{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":-1}",
		"{\"iss\":\"http://x\"," AUD SUB SID ROLE EXP "}",
		"{" AUD SUB SID ROLE EXP "}",
		"{" ISS "\"aud\":\"http://x\"," SUB SID ROLE EXP "}",
		"{" ISS "\"aud\":[\"http://b\"]," SUB SID ROLE EXP "}",
		"{" ISS SUB SID ROLE EXP "}",
		"{" ISS AUD "\"sub\":\"me\"," SID ROLE EXP "}",
		"{" ISS AUD SID ROLE EXP "}",
		"{" ISS AUD SUB "\"sid\":\"x\"," ROLE EXP "}",
		"{" ISS AUD SUB ROLE EXP "}",
		"{" ISS AUD SUB SID "\"role\":\"root\"," EXP "}",
		"{" ISS AUD SUB SID EXP "}",
		"{" ISS AUD SUB SID ROLE "\"provider_id\":\"x\"," EXP "}",
		"[]",
		"{",
		"{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]," ISS AUD SUB SID ROLE EXP "}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		assert_int_equal(verify_forged(GOOD_HEADER, payloads[i]), P_UNAUTHENTICATED);
}

static void times_have_a_minute_of_leeway(void **state)
{
	(void)state;
	assert_int_equal(verify_forged(GOOD_HEADER, "{" GOOD_CLAIMS ",\"exp\":1519775941}"), 0);
	assert_int_equal(verify_forged(GOOD_HEADER, "{" GOOD_CLAIMS ",\"exp\":1519775940}"),
			 P_UNAUTHENTICATED);
	assert_int_equal(verify_forged(GOOD_HEADER,
				       "{" GOOD_CLAIMS ",\"exp\":1519776600,\"nbf\":1519776060}"),
			 0);
	assert_int_equal(NOW_UNIX + TOKEN_LEEWAY, 1519776060);
}

static void a_token_ends_with_its_lifetime(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct actor actor = { .user_id = TEXT(SOME_ID),
			       .session_id = TEXT(OTHER_ID),
			       .role = role_auditor };
	struct instant last = { now.us + (600 + TOKEN_LEEWAY) * INSTANT_SECOND - 1 };
	struct instant over = { last.us + 1 };
	struct text token;

	(void)state;
	assert_int_equal(token_sign(ctx, &config, &actor, now, &token), 0);
	assert_int_equal(token_verify(ctx, &config, token, last, &actor), 0);
	assert_int_equal(token_verify(ctx, &config, token, over, &actor), P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void bad_syntax_is_refused_before_libjwt_sees_it(void **state)
{
	static const char *const tokens[] = {
		"",
		".",
		"..",
		"...",
		"a",
		"a.b",
		"a.b.",
		".b.c",
		"a..c",
		"a.b.c.d",
		"a b.c.d",
		"a.b.c=",
		"a.b.c+",
		"a.b.c/",
		"A.b.c",
		"eyJh.AA=A.AA",
		"a\n.b.c",
		"\xc3\xa4.b.c",
		"AAAAA.AAAA.AAAA",
	};
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		assert_int_equal(verify(ctx, text_of(tokens[i])), P_UNAUTHENTICATED);
	assert_int_equal(verify(ctx, TEXT_NULL), P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void a_payload_that_is_not_canonical_is_refused(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text head;

	(void)state;
	assert_int_equal(base64url(ctx->arena, GOOD_HEADER, strlen(GOOD_HEADER), &head), 0);
	assert_int_equal(verify(ctx, hmac_token(ctx, head, TEXT("AAAAA"), config.keys[0].secret,
						TOKEN_KEY_SIZE)),
			 P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void a_token_without_signature_is_refused(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text token =
		forge(ctx, "{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"one\"}", GOOD_PAYLOAD);
	struct text stripped = token;

	(void)state;
	while (stripped.ptr[stripped.len - 1] != '.')
		stripped.len--;
	assert_int_equal(verify(ctx, stripped), P_UNAUTHENTICATED);
	token = forge(ctx, GOOD_HEADER, GOOD_PAYLOAD);
	stripped = token;
	while (stripped.ptr[stripped.len - 1] != '.')
		stripped.len--;
	assert_int_equal(verify(ctx, stripped), P_UNAUTHENTICATED);
	stripped.len--;
	assert_int_equal(verify(ctx, stripped), P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void another_secret_is_refused(void **state)
{
	/* A public key's PEM as the HMAC secret: the classic confusion of algorithms. */
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
				  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3ch\n"
				  "ynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwH\n"
				  "dBO6B+dFabmdT9POxg==\n"
				  "-----END PUBLIC KEY-----\n";
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct text head;
	struct text body;

	(void)state;
	assert_int_equal(base64url(ctx->arena, GOOD_HEADER, strlen(GOOD_HEADER), &head), 0);
	assert_int_equal(base64url(ctx->arena, GOOD_PAYLOAD, strlen(GOOD_PAYLOAD), &body), 0);
	assert_int_equal(verify(ctx, hmac_token(ctx, head, body, pem, sizeof(pem) - 1)),
			 P_UNAUTHENTICATED);
	assert_int_equal(verify(ctx, hmac_token(ctx, head, body, "", 0)), P_UNAUTHENTICATED);
	assert_int_equal(
		verify(ctx, hmac_token(ctx, head, body, config.keys[1].secret, TOKEN_KEY_SIZE)),
		P_UNAUTHENTICATED);
	assert_int_equal(
		verify(ctx, hmac_token(ctx, head, body, config.keys[0].secret, TOKEN_KEY_SIZE)), 0);
	scene_end(&scene);
}

static void no_key_verifies_nothing(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct token_config none = config;
	struct actor actor;

	(void)state;
	none.key_count = 0;
	assert_int_equal(
		token_verify(ctx, &none, forge(ctx, GOOD_HEADER, GOOD_PAYLOAD), now, &actor),
		P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void any_flipped_bit_is_refused(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 64 << 20);
	struct text token = forge(ctx, GOOD_HEADER, GOOD_PAYLOAD);
	char *copy = arena_strdup(ctx->arena, token);

	(void)state;
	for (size_t i = 0; i < token.len * 8; i++) {
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
		assert_int_equal(verify(ctx, (struct text){ copy, token.len }), P_UNAUTHENTICATED);
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
	}
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(verify(ctx, (struct text){ copy, len }), P_UNAUTHENTICATED);
	scene_end(&scene);
}

static void a_token_of_nine_megabytes_is_refused(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	size_t len = 9 << 20;
	char *huge = malloc(len);

	(void)state;
	assert_non_null(huge);
	memset(huge, 'A', len);
	huge[100] = '.';
	huge[len - 44] = '.';
	assert_int_equal(verify(ctx, (struct text){ huge, len }), P_UNAUTHENTICATED);
	assert_int_equal(verify(ctx, (struct text){ huge, TOKEN_MAX + 1 }), P_UNAUTHENTICATED);
	huge[100] = 'A';
	huge[600] = '.';
	huge[700] = '.';
	assert_int_equal(verify(ctx, (struct text){ huge, 800 }), P_UNAUTHENTICATED);
	free(huge);
	scene_end(&scene);
}

static void keys_are_read_from_their_file(void **state)
{
	struct token_config loaded = { 0 };
	char path[32];

	(void)state;
	file_make(path, "# signs\nkey-2 " HEX_A "\n\nkey_1 " HEX_B "\n");
	assert_int_equal(token_keys_load(&loaded, path), 0);
	assert_int_equal(loaded.key_count, 2);
	assert_string_equal(loaded.keys[0].kid, "key-2");
	assert_int_equal(loaded.keys[0].secret[1], 0x11);
	assert_int_equal(loaded.keys[0].secret[31], 0xff);
	assert_string_equal(loaded.keys[1].kid, "key_1");
	unlink(path);
	assert_int_equal(token_keys_load(&loaded, path), -ENOENT);
	assert_int_equal(loaded.key_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_token_is_verified),
		cmocka_unit_test(a_token_of_an_older_key_is_still_good),
		cmocka_unit_test(our_forge_makes_good_tokens),
		cmocka_unit_test(a_header_that_is_not_ours_is_refused),
		cmocka_unit_test(claims_that_do_not_hold_are_refused),
		cmocka_unit_test(times_have_a_minute_of_leeway),
		cmocka_unit_test(a_token_ends_with_its_lifetime),
		cmocka_unit_test(bad_syntax_is_refused_before_libjwt_sees_it),
		cmocka_unit_test(a_payload_that_is_not_canonical_is_refused),
		cmocka_unit_test(a_token_without_signature_is_refused),
		cmocka_unit_test(another_secret_is_refused),
		cmocka_unit_test(no_key_verifies_nothing),
		cmocka_unit_test(any_flipped_bit_is_refused),
		cmocka_unit_test(a_token_of_nine_megabytes_is_refused),
		cmocka_unit_test(keys_are_read_from_their_file),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
