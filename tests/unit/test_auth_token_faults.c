#include "auth_help.h"

#include "auth/token.h"

#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <jwt.h>

/* libjwt's own failures, on demand. */
static bool jwt_new_fails;
static bool jwt_set_alg_fails;
static bool jwt_get_alg_lies;
static int jwt_decode_fails; /* with this */

int jwt_new(jwt_t **jwt)
{
	int (*real)(jwt_t **) = (int (*)(jwt_t **))dlsym(RTLD_NEXT, "jwt_new");

	return jwt_new_fails ? ENOMEM : real(jwt);
}

int jwt_set_alg(jwt_t *jwt, jwt_alg_t alg, const unsigned char *key, int len)
{
	int (*real)(jwt_t *, jwt_alg_t, const unsigned char *, int) =
		(int (*)(jwt_t *, jwt_alg_t, const unsigned char *, int))dlsym(RTLD_NEXT,
									       "jwt_set_alg");

	return jwt_set_alg_fails ? ENOMEM : real(jwt, alg, key, len);
}

int jwt_decode(jwt_t **jwt, const char *token, const unsigned char *key, int len)
{
	int (*real)(jwt_t **, const char *, const unsigned char *, int) =
		(int (*)(jwt_t **, const char *, const unsigned char *, int))dlsym(RTLD_NEXT,
										   "jwt_decode");

	return jwt_decode_fails != 0 ? jwt_decode_fails : real(jwt, token, key, len);
}

jwt_alg_t jwt_get_alg(jwt_t *jwt)
{
	jwt_alg_t (*real)(jwt_t *) = (jwt_alg_t(*)(jwt_t *))dlsym(RTLD_NEXT, "jwt_get_alg");

	return jwt_get_alg_lies ? JWT_ALG_HS512 : real(jwt);
}

static struct token_config config;
static struct instant now;
static const struct actor actor = { .user_id = TEXT(SOME_ID),
				    .session_id = TEXT(OTHER_ID),
				    .role = role_case_worker,
				    .provider_id = TEXT(SOME_ID) };
static char good[TOKEN_MAX];
static size_t good_len;

static int setup(void **state)
{
	struct scene scene;
	struct text token;

	(void)state;
	config = (struct token_config){ .key_count = 1, .lifetime = 600 };
	memcpy(config.keys[0].kid, "one", 4);
	memset(config.keys[0].secret, 0x11, TOKEN_KEY_SIZE);
	config.issuer = TEXT("http://a");
	config.audience = TEXT("http://b");
	assert_int_equal(instant_parse(TEXT("2018-02-28T00:00:00Z"), &now), 0);
	scene_begin(&scene, 1 << 20);
	assert_int_equal(token_sign(&scene.ctx, &config, &actor, now, &token), 0);
	good_len = token.len;
	memcpy(good, token.ptr, good_len);
	scene_end(&scene);
	return 0;
}

static int sign(size_t maximum)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, maximum);
	struct text token;
	int rc = token_sign(ctx, &config, &actor, now, &token);

	scene_end(&scene);
	return rc;
}

static int verify(size_t maximum)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, maximum);
	struct actor got;
	int rc = token_verify(ctx, &config, (struct text){ good, good_len }, now, &got);

	scene_end(&scene);
	return rc;
}

static void an_alg_that_libjwt_reports_wrongly_is_refused(void **state)
{
	(void)state;
	jwt_get_alg_lies = true;
	assert_int_equal(verify(1 << 20), P_UNAUTHENTICATED);
	jwt_get_alg_lies = false;
}

static void a_lack_of_memory_is_a_fault_and_never_accepts_a_token(void **state)
{
	bool passed = false;

	(void)state;
	for (size_t maximum = 1; maximum < 1 << 16 && !passed; maximum += 8) {
		int signed_rc = sign(maximum);
		int verify_rc = verify(maximum);

		assert_true(signed_rc == 0 || signed_rc == -ENOMEM);
		assert_true(verify_rc == 0 || verify_rc == -ENOMEM);
		passed = signed_rc == 0 && verify_rc == 0;
	}
	assert_true(passed);

	jwt_new_fails = true;
	assert_int_equal(sign(1 << 20), -ENOMEM);
	jwt_new_fails = false;
	jwt_set_alg_fails = true;
	assert_int_equal(sign(1 << 20), -ENOMEM);
	jwt_set_alg_fails = false;
}

/* libjwt says EINVAL when its memory is short in the middle: the token is none the worse for it.
 * What is bad is so whether libjwt works or not. */
static void a_failure_of_libjwt_is_no_bad_token(void **state)
{
	static const int errors[] = { ENOMEM, EINVAL };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		jwt_decode_fails = errors[i];
		assert_int_equal(verify(1 << 20), -ENOMEM);
		for (size_t at = 0; at < good_len; at++) {
			good[at] = (char)(good[at] ^ 1);
			assert_int_equal(verify(1 << 20), P_UNAUTHENTICATED);
			good[at] = (char)(good[at] ^ 1);
		}
		jwt_decode_fails = 0;
		assert_int_equal(verify(1 << 20), 0);
	}
}

static int allocations_left;

static void *json_memory(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* The server gives jansson an allocator that never says no. If it did, jansson would stop at the
 * beginning without naming an error of the text. */
static void a_failure_of_jansson_is_no_bad_token(void **state)
{
	(void)state;
	for (int after = 0; after < 2; after++) {
		int rc;

		json_set_alloc_funcs(json_memory, free);
		allocations_left = after;
		rc = verify(1 << 20);
		json_set_alloc_funcs(malloc, free);
		assert_int_equal(rc, -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alg_that_libjwt_reports_wrongly_is_refused),
		cmocka_unit_test(a_lack_of_memory_is_a_fault_and_never_accepts_a_token),
		cmocka_unit_test(a_failure_of_libjwt_is_no_bad_token),
		cmocka_unit_test(a_failure_of_jansson_is_no_bad_token),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
