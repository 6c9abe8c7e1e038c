/* Keys, sealing and keyed hashes with libsodium. Enter at keyring_load, data_key_new, seal,
 * unseal, blind_index and keyed_hash. A loaded keyring is only read. */

#include "auth/seal.h"

#include "auth/keyfile.h"
#include "core/log/log.h"
#include "model/format.h"

#include <errno.h>
#include <sodium.h>

#define SEAL_VERSION 1
#define SEAL_BLOCK 16
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEAL_OVERHEAD (1 + NONCE_SIZE + TAG_SIZE)
#define PLACE_MAX 256

/* version, length of the master key's id, id, nonce, ciphertext */
#define WRAPPED_MAX (2 + KEY_ID_SIZE + NONCE_SIZE + DATA_KEY_SIZE + TAG_SIZE)

static void keyring_fill(struct keyring *keyring, const struct key_line *lines, size_t count)
{
	memset(keyring, 0, sizeof(*keyring));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(lines[i].id, "blind") == 0) {
			memcpy(keyring->blind_secret, lines[i].secret, MASTER_KEY_SIZE);
			continue;
		}
		memcpy(keyring->keys[keyring->count].id, lines[i].id, KEY_ID_SIZE);
		memcpy(keyring->keys[keyring->count].secret, lines[i].secret, MASTER_KEY_SIZE);
		keyring->count++;
	}
}

static bool has_blind(const struct key_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(lines[i].id, "blind") == 0)
			return true;
	}
	return false;
}

int keyring_load(struct keyring *keyring, const char *path)
{
	struct key_line lines[MASTER_KEYS_MAX + 1];
	size_t count = 0;
	int rc;

	_Static_assert(MASTER_KEY_SIZE == KEY_SECRET_SIZE, "a line's secret is a master key");
	if (sodium_init() < 0)
		return -EIO;
	rc = key_file_read(path, lines, MASTER_KEYS_MAX + 1, &count);
	if (rc == 0 && (count < 2 || !has_blind(lines, count))) {
		log_error("key_file_refused", LOG_TEXT("path", text_of(path)),
			  LOG_TEXT("error", TEXT("a master key and the line blind are needed")));
		rc = -EINVAL;
	}
	if (rc == 0)
		keyring_fill(keyring, lines, count);
	sodium_memzero(lines, sizeof(lines));
	return rc;
}

void data_key_new(struct text id, struct data_key *ret)
{
	ret->id = id;
	crypto_aead_xchacha20poly1305_ietf_keygen(ret->secret);
}

int bytea_text(struct arena *arena, const void *data, size_t size, struct text *ret)
{
	char *ptr = arena_alloc(arena, 2 * size + 3);

	if (ptr == NULL)
		return -ENOMEM;
	ptr[0] = '\\';
	ptr[1] = 'x';
	sodium_bin2hex(ptr + 2, 2 * size + 1, data, size);
	*ret = (struct text){ ptr, 2 * size + 2 };
	return 0;
}

/* Into the caller's buffer of at least cell.len / 2 bytes. */
static int bytea_bytes(struct text cell, unsigned char *bytes, size_t size, size_t *ret_len)
{
	if (cell.len < 2 || cell.ptr[0] != '\\' || cell.ptr[1] != 'x')
		return -EBADMSG;
	/* Without an end pointer libsodium refuses text that is not hexadecimal to its last
	 * character. */
	if (sodium_hex2bin(bytes, size, cell.ptr + 2, cell.len - 2, NULL, ret_len, NULL) != 0)
		return -EBADMSG;
	return 0;
}

int data_key_wrap(struct ctx *ctx, const struct keyring *keyring, const struct data_key *key,
		  struct text *ret)
{
	unsigned char wrapped[WRAPPED_MAX];
	unsigned char id_len = (unsigned char)strlen(keyring->keys[0].id);
	unsigned char *nonce = wrapped + 2 + id_len;
	unsigned long long len;

	wrapped[0] = SEAL_VERSION;
	wrapped[1] = id_len;
	memcpy(wrapped + 2, keyring->keys[0].id, id_len);
	random_bytes(nonce, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, &len, key->secret,
						   DATA_KEY_SIZE,
						   (const unsigned char *)key->id.ptr, key->id.len,
						   NULL, nonce, keyring->keys[0].secret);
	return bytea_text(ctx->arena, wrapped, (size_t)(nonce - wrapped) + NONCE_SIZE + (size_t)len,
			  ret);
}

static const unsigned char *master_find(const struct keyring *keyring, struct text id)
{
	for (size_t i = 0; i < keyring->count; i++) {
		if (text_is(id, keyring->keys[i].id))
			return keyring->keys[i].secret;
	}
	return NULL;
}

static int wrapped_open(const struct keyring *keyring, struct text id, const unsigned char *wrapped,
			size_t len, unsigned char *secret)
{
	const unsigned char *master;
	const unsigned char *nonce;

	if (len < 2 || wrapped[0] != SEAL_VERSION ||
	    len != (size_t)2 + wrapped[1] + NONCE_SIZE + DATA_KEY_SIZE + TAG_SIZE)
		return -EBADMSG;
	master = master_find(keyring, (struct text){ (const char *)wrapped + 2, wrapped[1] });
	if (master == NULL)
		return -EBADMSG;
	nonce = wrapped + 2 + wrapped[1];
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    secret, NULL, NULL, nonce + NONCE_SIZE, DATA_KEY_SIZE + TAG_SIZE,
		    (const unsigned char *)id.ptr, id.len, nonce, master) != 0)
		return -EBADMSG;
	return 0;
}

int data_key_try(const struct keyring *keyring, struct text id, struct text cell,
		 struct data_key *ret)
{
	unsigned char wrapped[WRAPPED_MAX];
	unsigned char secret[DATA_KEY_SIZE];
	size_t len;
	int rc;

	rc = bytea_bytes(cell, wrapped, sizeof(wrapped), &len);
	if (rc == 0)
		rc = wrapped_open(keyring, id, wrapped, len, secret);
	if (rc != 0)
		return rc;
	ret->id = id;
	memcpy(ret->secret, secret, sizeof(secret));
	sodium_memzero(secret, sizeof(secret));
	return 0;
}

bool data_key_destroyed(struct text cell)
{
	return text_is(cell, "\\x");
}

int data_key_unwrap(struct ctx *ctx, const struct keyring *keyring, struct text id,
		    struct text cell, struct data_key *ret)
{
	int rc = data_key_try(keyring, id, cell, ret);

	return rc == 0 ? 0 : fault(ctx, -rc, "data_key_not_unwrapped", id);
}

struct place {
	unsigned char bytes[PLACE_MAX];
	size_t len;
};

/* Table, column, row and key id. A NUL ends each but the last; none of them can contain one. */
static int place_fill(const struct seal_place *place, struct text key_id, struct place *ret)
{
	struct text parts[] = { text_of(place->table), text_of(place->column), place->row, key_id };

	ret->len = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].len >= PLACE_MAX - ret->len)
			return -EINVAL;
		if (parts[i].len > 0)
			memcpy(ret->bytes + ret->len, parts[i].ptr, parts[i].len);
		ret->len += parts[i].len;
		ret->bytes[ret->len++] = '\0';
	}
	ret->len--;
	return 0;
}

/* Refuse without a row or a key: the value could be moved to any other place. */
static int place_make(struct ctx *ctx, const struct data_key *key, const struct seal_place *place,
		      struct place *ret)
{
	if (key->id.ptr == NULL)
		return fault(ctx, ENOKEY, "data_key_missing", text_of(place->table));
	if (place->row.ptr == NULL || place_fill(place, key->id, ret) != 0)
		return fault(ctx, EINVAL, "seal_place_invalid", text_of(place->table));
	return 0;
}

int seal(struct ctx *ctx, const struct data_key *key, struct seal_place place, struct text plain,
	 struct text *ret)
{
	struct place where;
	size_t padded;
	unsigned char *sealed;
	int rc;

	if (plain.ptr == NULL) {
		*ret = TEXT_NULL;
		return 0;
	}
	rc = place_make(ctx, key, &place, &where);
	if (rc != 0)
		return rc;
	padded = (plain.len / SEAL_BLOCK + 1) * SEAL_BLOCK;
	sealed = arena_alloc(ctx->arena, SEAL_OVERHEAD + padded);
	if (sealed == NULL)
		return -ENOMEM;
	sealed[0] = SEAL_VERSION;
	random_bytes(sealed + 1, NONCE_SIZE);
	memcpy(sealed + 1 + NONCE_SIZE, plain.ptr, plain.len);
	sodium_pad(NULL, sealed + 1 + NONCE_SIZE, plain.len, SEAL_BLOCK, padded);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 1 + NONCE_SIZE, NULL,
						   sealed + 1 + NONCE_SIZE, padded, where.bytes,
						   where.len, NULL, sealed + 1, key->secret);
	return bytea_text(ctx->arena, sealed, SEAL_OVERHEAD + padded, ret);
}

/* Opens in place; the plain text stands behind the nonce and ends with a NUL of the tag's room. */
static int sealed_open(const struct data_key *key, const struct place *where, unsigned char *sealed,
		       size_t len, struct text *ret)
{
	unsigned char *inner = sealed + 1 + NONCE_SIZE;
	unsigned long long padded;
	size_t plain;

	if (len < SEAL_OVERHEAD || sealed[0] != SEAL_VERSION)
		return -EBADMSG;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(inner, &padded, NULL, inner,
						       len - 1 - NONCE_SIZE, where->bytes,
						       where->len, sealed + 1, key->secret) != 0)
		return -EBADMSG;
	if (sodium_unpad(&plain, inner, (size_t)padded, SEAL_BLOCK) != 0)
		return -EBADMSG;
	inner[plain] = '\0';
	*ret = (struct text){ (const char *)inner, plain };
	return 0;
}

int unseal_try(struct ctx *ctx, const struct data_key *key, struct seal_place place,
	       struct text cell, struct text *ret)
{
	struct place where;
	unsigned char *sealed;
	size_t len;
	int rc;

	if (cell.ptr == NULL) {
		*ret = TEXT_NULL;
		return 0;
	}
	rc = place_make(ctx, key, &place, &where);
	if (rc != 0)
		return rc;
	sealed = arena_alloc(ctx->arena, cell.len / 2 + 1);
	if (sealed == NULL)
		return -ENOMEM;
	rc = bytea_bytes(cell, sealed, cell.len / 2, &len);
	if (rc == 0)
		rc = sealed_open(key, &where, sealed, len, ret);
	return rc;
}

int unseal(struct ctx *ctx, const struct data_key *key, struct seal_place place, struct text cell,
	   struct text *ret)
{
	int rc = unseal_try(ctx, key, place, cell, ret);

	return rc != -EBADMSG ? rc : fault(ctx, EBADMSG, "unseal_failed", text_of(place.table));
}

/* The label's NUL keeps label and data apart. */
static void hash_begin(crypto_generichash_state *state, const unsigned char *secret,
		       const char *label)
{
	crypto_generichash_init(state, secret, MASTER_KEY_SIZE, 32);
	crypto_generichash_update(state, (const unsigned char *)label, strlen(label) + 1);
}

void keyed_hash(const struct keyring *keyring, const char *label, struct text data,
		unsigned char ret[32])
{
	crypto_generichash_state state;

	hash_begin(&state, keyring->blind_secret, label);
	crypto_generichash_update(&state, (const unsigned char *)data.ptr, data.len);
	crypto_generichash_final(&state, ret, 32);
}

const char *keyring_line_id(const struct keyring *keyring, size_t line)
{
	return line < keyring->count ? keyring->keys[line].id : "blind";
}

int keyring_fingerprint(struct arena *arena, const struct keyring *keyring, size_t line,
			struct text *ret)
{
	const unsigned char *secret =
		line < keyring->count ? keyring->keys[line].secret : keyring->blind_secret;
	const char *id = keyring_line_id(keyring, line);
	crypto_generichash_state state;
	unsigned char hash[32];

	hash_begin(&state, secret, "key_fingerprint");
	crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
	crypto_generichash_final(&state, hash, sizeof(hash));
	return bytea_text(arena, hash, sizeof(hash), ret);
}

int blind_index(struct ctx *ctx, const struct keyring *keyring, const char *table,
		const struct field *field, struct text plain, struct text *ret)
{
	struct text label;
	struct text normal;
	unsigned char hash[32];
	int rc;

	if (plain.ptr == NULL) {
		*ret = TEXT_NULL;
		return 0;
	}
	rc = blind_normalise(field->blind, plain, ctx->arena, &normal);
	if (rc != 0)
		return rc;
	label = arena_format(ctx->arena, "%s.%s", table, field->name);
	if (label.ptr == NULL)
		return -ENOMEM;
	keyed_hash(keyring, label.ptr, normal, hash);
	return bytea_text(ctx->arena, hash, sizeof(hash), ret);
}

bool hmac_sha256_is(const unsigned char key[32], struct text data, struct text mac)
{
	_Static_assert(crypto_auth_hmacsha256_KEYBYTES == 32, "the key's size");
	return mac.len == crypto_auth_hmacsha256_BYTES &&
	       crypto_auth_hmacsha256_verify((const unsigned char *)mac.ptr,
					     (const unsigned char *)data.ptr, data.len, key) == 0;
}

int sha256_hex(struct arena *arena, struct text data, struct text *ret)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *ptr = arena_alloc(arena, 2 * sizeof(hash) + 1);

	if (ptr == NULL)
		return -ENOMEM;
	crypto_hash_sha256(hash, (const unsigned char *)data.ptr, data.len);
	sodium_bin2hex(ptr, 2 * sizeof(hash) + 1, hash, sizeof(hash));
	*ret = (struct text){ ptr, 2 * sizeof(hash) };
	return 0;
}

static int base64_variant(struct arena *arena, const void *data, size_t size, int variant,
			  struct text *ret)
{
	size_t room = sodium_base64_encoded_len(size, variant);
	char *ptr = arena_alloc(arena, room);

	if (ptr == NULL)
		return -ENOMEM;
	sodium_bin2base64(ptr, room, data, size, variant);
	*ret = text_of(ptr);
	return 0;
}

int base64(struct arena *arena, const void *data, size_t size, struct text *ret)
{
	return base64_variant(arena, data, size, sodium_base64_VARIANT_ORIGINAL, ret);
}

int base64url(struct arena *arena, const void *data, size_t size, struct text *ret)
{
	return base64_variant(arena, data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING, ret);
}

int base64url_decode(struct arena *arena, struct text text, struct text *ret)
{
	size_t room = text.len / 4 * 3 + 3;
	unsigned char *ptr = arena_alloc(arena, room + 1);
	size_t len;

	if (ptr == NULL)
		return -ENOMEM;
	if (sodium_base642bin(ptr, room, text.ptr, text.len, NULL, &len, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return -EINVAL;
	*ret = (struct text){ (const char *)ptr, len };
	return 0;
}

void random_bytes(void *data, size_t size)
{
	randombytes_buf(data, size);
}

bool secret_eq(struct text a, struct text b)
{
	return a.len == b.len && sodium_memcmp(a.ptr, b.ptr, a.len) == 0;
}
