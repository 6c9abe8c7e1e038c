#include "auth/password.h"

#include "core/gate.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

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

/* A hash in argon2's own form. libsodium's verification has one answer for a wrong password and for
 * a lack of memory; so the hash is taken apart here, made anew and compared. */
struct hash_parts {
	unsigned passes;
	unsigned memory; /* KiB */
	unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char bytes[32];
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

/* Of two sign-ins at once each needs its 19 MiB: the next try may find them. */
static int memory_short(struct ctx *ctx, const char *event)
{
	(void)fault(ctx, ENOMEM, event, TEXT_NULL);
	ctx->retry_after = 1;
	return fail(ctx, P_BUSY);
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
				   PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13);
	gate_leave(&gate);
	if (rc != 0)
		return memory_short(ctx, "password_hash_failed");
	memcpy(ret, hash, sizeof(hash));
	return 0;
}

static bool part_decode(const char *from, unsigned char *to, size_t size)
{
	size_t len;

	return sodium_base642bin(to, size, from, strlen(from), NULL, &len, NULL,
				 sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
	       len == size;
}

static bool hash_take_apart(const char *hash, struct hash_parts *ret)
{
	char salt[23], bytes[44];
	int end = 0;

	/* Seven digits always fit. NOLINTNEXTLINE(cert-err34-c) */
	return sscanf(hash, "$argon2id$v=19$m=%7u,t=%2u,p=1$%22[A-Za-z0-9+/]$%43[A-Za-z0-9+/]%n",
		      &ret->memory, &ret->passes, salt, bytes, &end) == 4 &&
	       hash[end] == '\0' && part_decode(salt, ret->salt, sizeof(ret->salt)) &&
	       part_decode(bytes, ret->bytes, sizeof(ret->bytes));
}

int password_verify(struct ctx *ctx, struct text password, const char *hash)
{
	unsigned char bytes[sizeof(((struct hash_parts *)0)->bytes)];
	struct hash_parts parts;
	bool fits;
	int rc;

	if (!hash_take_apart(hash != NULL ? hash : nobody_hash, &parts))
		return fault(ctx, EBADMSG, "password_hash_damaged", TEXT_NULL);
	rc = hashing_enter(ctx);
	if (rc != 0)
		return rc;
	rc = crypto_pwhash(bytes, sizeof(bytes), password.ptr, password.len, parts.salt,
			   parts.passes, (size_t)parts.memory * 1024, crypto_pwhash_ALG_ARGON2ID13);
	gate_leave(&gate);
	if (rc != 0)
		return memory_short(ctx, "password_verify_failed");
	fits = sodium_memcmp(bytes, parts.bytes, sizeof(bytes)) == 0;
	sodium_memzero(bytes, sizeof(bytes));
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
