#include "auth/password.h"

#include "core/gate.h"

#include <errno.h>
#include <sodium.h>

/* OWASP's argon2id figures: 30 ms where measured; libsodium's INTERACTIVE would take 64 MiB. */
#define PASSWORD_PASSES 2
#define PASSWORD_MEMORY ((size_t)19 * 1024 * 1024)

/* Same cost as a real one, of a random password that nobody kept. */
static const char nobody_hash[crypto_pwhash_STRBYTES] =
	"$argon2id$v=19$m=19456,t=2,p=1$qRQX6JPV+sQ0ub/d1bozmg"
	"$oasvFf8BESpq6H3F70QkPxYqJH/EtsFJmaMMirWWJJU";

static const char *const common_passwords[] = {
#include "auth/password.def"
};

/* Bounds the memory and the cores that sign-ins can take. */
static struct gate gate = GATE(2);

static int hashing_enter(struct ctx *ctx)
{
	/* Unset, libsodium would take its slowest code. */
	if (sodium_init() < 0)
		return fault(ctx, EIO, "sodium_init_failed", TEXT_NULL);
	return gate_enter(ctx, &gate);
}

int password_hash(struct ctx *ctx, struct text password, char ret[PASSWORD_HASH_SIZE])
{
	char hash[PASSWORD_HASH_SIZE] = { 0 };
	int rc;

	_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_SIZE, "a hash fits");
	rc = hashing_enter(ctx);
	if (rc != 0)
		return rc;
	rc = crypto_pwhash_str_alg(hash, password.ptr, password.len, PASSWORD_PASSES,
				   PASSWORD_MEMORY,
				   crypto_pwhash_ALG_ARGON2ID13);
	gate_leave(&gate);
	if (rc != 0)
		return fault(ctx, ENOMEM, "password_hash_failed", TEXT_NULL);
	memcpy(ret, hash, sizeof(hash));
	return 0;
}

int password_verify(struct ctx *ctx, struct text password, const char *hash)
{
	bool fits;
	int rc;

	rc = hashing_enter(ctx);
	if (rc != 0)
		return rc;
	/* libsodium says -1 for a wrong password and for want of memory alike. */
	errno = 0;
	fits = crypto_pwhash_str_verify(hash != NULL ? hash : nobody_hash, password.ptr,
					password.len) == 0;
	rc = errno;
	gate_leave(&gate);
	if (!fits && rc == ENOMEM)
		return fault(ctx, ENOMEM, "password_verify_failed", TEXT_NULL);
	return hash != NULL && fits ? 0 : fail(ctx, P_SIGN_IN_FAILED);
}

static bool password_is_common(struct text password)
{
	for (size_t i = 0; i < sizeof(common_passwords) / sizeof(common_passwords[0]); i++) {
		if (text_is_nocase(password, common_passwords[i]))
			return true;
	}
	return false;
}

int password_check(struct ctx *ctx, struct text password, const char *pointer)
{
	if (password.len > PASSWORD_MAX || text_length(password) < PASSWORD_MIN ||
	    password_is_common(password))
		return fail_at(ctx, P_PASSWORD_WEAK, pointer);
	return 0;
}
