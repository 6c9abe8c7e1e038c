#ifndef AUTH_SEAL_H
#define AUTH_SEAL_H

#include "core/fail.h"
#include "model/field.h"

/* Identity at rest. A data key per person, wrapped by a master key; XChaCha20-Poly1305
 * (libsodium). */

#define MASTER_KEYS_MAX 4
#define MASTER_KEY_SIZE 32
#define DATA_KEY_SIZE 32

/* keys[0] wraps, all unwrap. blind is derived from blind_secret, which never rotates with the
 * master. */
struct keyring {
	struct {
		char id[33];
		unsigned char secret[MASTER_KEY_SIZE];
	} keys[MASTER_KEYS_MAX];
	size_t count;
	unsigned char blind_secret[MASTER_KEY_SIZE];
};

struct data_key {
	struct text id; /* data_keys.id; null: no key */
	unsigned char secret[DATA_KEY_SIZE];
};

/* Reads a key file: lines "id hex64", '#' comments; the first line wraps; a line "blind hex64"
 * is the blind index' secret (required). Refuses a file that group or others can write. -EINVAL,
 * -errno. */
int keyring_load(struct keyring *keyring, const char *path);

/* The lines of a ring: count master keys, then blind. */
static inline size_t keyring_lines(const struct keyring *keyring)
{
	return keyring->count + 1;
}
const char *keyring_line_id(const struct keyring *keyring, size_t line);
/* A keyed hash of the line's id under its own secret, as bytea text. It is equal only for the same
 * secret and reveals nothing of it. */
int keyring_fingerprint(struct arena *arena, const struct keyring *keyring, size_t line,
			struct text *ret);

/* A fresh key, id as given (UUID). */
void data_key_new(struct text id, struct data_key *ret);

/* Wrapped form as PostgreSQL bytea text ("\\x…") in the arena, bound to the key's id: stores the
 * master's id too. */
int data_key_wrap(struct ctx *ctx, const struct keyring *keyring, const struct data_key *key,
		  struct text *ret);
/* cell: bytea text. -EBADMSG if it was not wrapped by a key of the ring, or not for this id.
 * data_key_unwrap logs it; data_key_try only returns it. */
int data_key_try(const struct keyring *keyring, struct text id, struct text cell,
		 struct data_key *ret);
int data_key_unwrap(struct ctx *ctx, const struct keyring *keyring, struct text id,
		    struct text cell, struct data_key *ret);

/* Whether the wrapped form is that of a destroyed key: empty. */
bool data_key_destroyed(struct text cell);

/* The place of a sealed value, part of the associated data. */
struct seal_place {
	const char *table;
	const char *column;
	struct text row; /* its id */
};

/* Plain text to bytea text and back. Null stays null. The plain text is padded, so that its length
 * reveals little. Values of FIELD_DATE etc. are sealed as their SQL text. -EBADMSG if a cell does
 * not open: unseal logs it, unseal_try only returns it. */
int seal(struct ctx *ctx, const struct data_key *key, struct seal_place place, struct text plain,
	 struct text *ret);
int unseal(struct ctx *ctx, const struct data_key *key, struct seal_place place, struct text cell,
	   struct text *ret);
int unseal_try(struct ctx *ctx, const struct data_key *key, struct seal_place place,
	       struct text cell, struct text *ret);

/* Keyed hash (BLAKE2b-256) of a normalised value for exact search, as bytea text; table and
 * column keep equal values in different columns apart. */
int blind_index(struct ctx *ctx, const struct keyring *keyring, const char *table,
		const struct field *field, struct text plain, struct text *ret);

/* Keyed hash of anything under a label ("cursor", "fingerprint", "refresh", "attempt"), 32
 * bytes. */
void keyed_hash(const struct keyring *keyring, const char *label, struct text data,
		unsigned char ret[32]);

/* Whether mac is data's HMAC-SHA-256 (RFC 2104) under a key of 32 bytes. Takes no memory, so a
 * false result always means a wrong mac. */
bool hmac_sha256_is(const unsigned char key[32], struct text data, struct text mac);

/* SHA-256 (FIPS 180-4), as 64 hexadecimal digits in lower case in the arena. */
int sha256_hex(struct arena *arena, struct text data, struct text *ret);

/* Bytes as bytea text, as base64 (RFC 4648, 4), as base64url without padding, and back (-EINVAL).
 */
int bytea_text(struct arena *arena, const void *data, size_t size, struct text *ret);
int base64(struct arena *arena, const void *data, size_t size, struct text *ret);
int base64url(struct arena *arena, const void *data, size_t size, struct text *ret);
int base64url_decode(struct arena *arena, struct text text, struct text *ret);

/* n random bytes. */
void random_bytes(void *data, size_t size);
/* Constant-time equality of two texts of the same length. */
bool secret_eq(struct text a, struct text b);

#endif
