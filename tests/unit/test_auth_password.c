#include "auth_help.h"

#include "auth/password.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <time.h>

#define SIX_LONG_A "\xc4\x81\xc4\x81\xc4\x81\xc4\x81\xc4\x81\xc4\x81"
#define COST "$argon2id$v=19$m=19456,t=2,p=1$"

/* libsodium, watched: how many are inside, at which cost one verifies, and failures on demand. */
static bool init_fails;
static bool hash_fails;
static bool verify_fails;
static unsigned long long verified_passes;
static size_t verified_memory;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;
static int inside;
static int most;

int sodium_init(void)
{
	int (*real)(void) = (int (*)(void))dlsym(RTLD_NEXT, "sodium_init");

	return init_fails ? -1 : real();
}

int crypto_pwhash_str_alg(char out[crypto_pwhash_STRBYTES], const char *passwd,
			  unsigned long long len, unsigned long long passes, size_t memory, int alg)
{
	int (*real)(char *, const char *, unsigned long long, unsigned long long, size_t, int) =
		(int (*)(char *, const char *, unsigned long long, unsigned long long, size_t,
			 int))dlsym(RTLD_NEXT, "crypto_pwhash_str_alg");

	pthread_mutex_lock(&mutex);
	inside++;
	most = inside > most ? inside : most;
	pthread_cond_broadcast(&changed);
	while (held)
		pthread_cond_wait(&changed, &mutex);
	inside--;
	pthread_mutex_unlock(&mutex);
	return hash_fails ? -1 : real(out, passwd, len, passes, memory, alg);
}

int crypto_pwhash(unsigned char *const out, unsigned long long out_len, const char *const passwd,
		  unsigned long long len, const unsigned char *const salt,
		  unsigned long long passes, size_t memory, int alg)
{
	int (*real)(unsigned char *, unsigned long long, const char *, unsigned long long,
		    const unsigned char *, unsigned long long, size_t, int) =
		(int (*)(unsigned char *, unsigned long long, const char *, unsigned long long,
			 const unsigned char *, unsigned long long, size_t,
			 int))dlsym(RTLD_NEXT, "crypto_pwhash");

	verified_passes = passes;
	verified_memory = memory;
	return verify_fails ? -1 : real(out, out_len, passwd, len, salt, passes, memory, alg);
}

static void a_password_fits_its_own_hash_only(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char one[PASSWORD_HASH_SIZE];
	char two[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), one), 0);
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), two), 0);
	assert_string_not_equal(one, two);
	assert_memory_equal(one, COST, strlen(COST));
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), one), 0);
	assert_int_equal(password_verify(ctx, TEXT("a long enough onE"), one), P_SIGN_IN_FAILED);
	assert_int_equal(password_verify(ctx, TEXT(""), one), P_SIGN_IN_FAILED);
	scene_end(&scene);
}

static void a_hash_of_another_cost_is_verified_at_its_cost(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(sodium_init() >= 0);
	assert_int_equal(crypto_pwhash_str_alg(hash, "a long enough one", 17, 3, 8 << 20,
					       crypto_pwhash_ALG_ARGON2ID13),
			 0);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), hash), 0);
	assert_int_equal(verified_passes, 3);
	assert_int_equal(verified_memory, 8 << 20);
	assert_int_equal(password_verify(ctx, TEXT("a long enough onE"), hash), P_SIGN_IN_FAILED);
	scene_end(&scene);
}

/* Nobody was asked: the password may be the right one. */
static void a_damaged_hash_is_not_a_wrong_password(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char hash[PASSWORD_HASH_SIZE];
	char damaged[PASSWORD_HASH_SIZE + 1];
	int quiet;

	(void)state;
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), 0);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), "not a hash"), -EBADMSG);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), ""), -EBADMSG);
	quiet = quiet_begin();
	for (size_t len = 0; len < strlen(hash); len++) {
		snprintf(damaged, sizeof(damaged), "%.*s", (int)len, hash);
		assert_int_equal(password_verify(ctx, TEXT("a long enough one"), damaged),
				 -EBADMSG);
	}
	quiet_end(quiet);
	snprintf(damaged, sizeof(damaged), "%sA", hash);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), damaged), -EBADMSG);
	snprintf(damaged, sizeof(damaged), "%s", hash);
	damaged[strlen(COST) + 5] = '!';
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), damaged), -EBADMSG);
	scene_end(&scene);
}

static void an_unknown_account_costs_the_same(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), 0);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), NULL), P_SIGN_IN_FAILED);
	assert_int_equal(verified_passes, 2);
	assert_int_equal(verified_memory, 19456 * 1024);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), hash), 0);
	assert_int_equal(verified_passes, 2);
	assert_int_equal(verified_memory, 19456 * 1024);
	scene_end(&scene);
}

static void a_lack_of_memory_is_not_a_wrong_password(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char hash[PASSWORD_HASH_SIZE] = "untouched";

	(void)state;
	hash_fails = true;
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), P_BUSY);
	assert_int_equal(ctx->retry_after, 1);
	hash_fails = false;
	assert_string_equal(hash, "untouched");
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), 0);
	verify_fails = true;
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), hash), P_BUSY);
	assert_int_equal(password_verify(ctx, TEXT("another long one"), hash), P_BUSY);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), NULL), P_BUSY);
	verify_fails = false;
	init_fails = true;
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), -EIO);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), hash), -EIO);
	init_fails = false;
	scene_end(&scene);
}

static void *hash_one(void *ret)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	char hash[PASSWORD_HASH_SIZE];

	*(int *)ret = password_hash(ctx, TEXT("a long enough one"), hash);
	scene_end(&scene);
	return NULL;
}

static void hold(bool on)
{
	pthread_mutex_lock(&mutex);
	held = on;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

static void wait_inside(int count)
{
	pthread_mutex_lock(&mutex);
	while (inside != count)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

static void two_run_at_once_and_a_third_waits_a_second(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	pthread_t threads[2];
	struct timespec from;
	struct timespec to;
	int rcs[2] = { -1, -1 };
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	most = 0;
	hold(true);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_one, &rcs[i]), 0);
	wait_inside(2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(password_hash(ctx, TEXT("a long enough one"), hash), P_BUSY);
	assert_int_equal(ctx->retry_after, 1);
	assert_int_equal(password_verify(ctx, TEXT("a long enough one"), NULL), P_BUSY);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range(to.tv_sec - from.tv_sec, 1, 30);
	hold(false);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(rcs[i], 0);
	}
	assert_int_equal(most, 2);
	scene_end(&scene);
}

static void a_waiting_thread_enters_when_one_leaves(void **state)
{
	pthread_t threads[4];
	int rcs[4] = { -1, -1, -1, -1 };

	(void)state;
	most = 0;
	hold(true);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_one, &rcs[i]), 0);
	wait_inside(2);
	hold(false);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(rcs[i], 0);
	}
	assert_int_equal(most, 2);
}

static void weak_passwords_are_refused(void **state)
{
	static const char *const weak[] = {
		"",
		"short",
		"elevenchars",
		SIX_LONG_A,
		"123456789012",
		"qwertyuiop123",
		"Password1234",
		"PAROLE123456",
		"latvija12345",
		"correct horse battery staple",
	};
	char wide[PASSWORD_MAX + 1];

	(void)state;
	memset(wide, 'w', sizeof(wide));
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		struct scene scene;
		struct ctx *ctx = scene_begin(&scene, 1 << 20);

		assert_int_equal(password_check(ctx, text_of(weak[i]), "/password"),
				 P_PASSWORD_WEAK);
		assert_int_equal(ctx->violation_count, 1);
		assert_text(ctx->violations[0].pointer, "/password");
		assert_int_equal(ctx->violations[0].problem, P_PASSWORD_WEAK);
		scene_end(&scene);
	}
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	assert_int_equal(password_check(ctx, (struct text){ wide, PASSWORD_MAX + 1 }, "/p"),
			 P_PASSWORD_WEAK);
	assert_int_equal(password_check(ctx, (struct text){ wide, PASSWORD_MAX }, "/p"), 0);
	assert_int_equal(password_check(ctx, TEXT("twelve chars"), "/p"), 0);
	assert_int_equal(password_check(ctx, TEXT(SIX_LONG_A SIX_LONG_A), "/p"), 0);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_fits_its_own_hash_only),
		cmocka_unit_test(a_hash_of_another_cost_is_verified_at_its_cost),
		cmocka_unit_test(a_damaged_hash_is_not_a_wrong_password),
		cmocka_unit_test(an_unknown_account_costs_the_same),
		cmocka_unit_test(a_lack_of_memory_is_not_a_wrong_password),
		cmocka_unit_test(two_run_at_once_and_a_third_waits_a_second),
		cmocka_unit_test(a_waiting_thread_enters_when_one_leaves),
		cmocka_unit_test(weak_passwords_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
