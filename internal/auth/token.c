/* Signs and verifies access tokens. Enter at token_keys_load, token_sign and token_verify. The
 * only user of libjwt; loaded keys are only read. */

#include "auth/token.h"

#include "auth/keyfile.h"
#include "auth/seal.h"
#include "core/buf.h"
#include "core/uuid.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <jwt.h>
#include <stdlib.h>

/* 1970-01-01 in seconds since 0001-01-01 (core/clock.h). */
#define UNIX_EPOCH_S INT64_C(62135596800)

#define HEADER_MAX 512	/* characters; ours has some eighty */
#define BRACKETS_MAX 16 /* of a payload; ours has two */

_Static_assert(TOKEN_KEY_SIZE == KEY_SECRET_SIZE, "a key file's secret signs tokens");

static void json_release(json_t **json)
{
	json_decref(*json);
}

static void jwt_release(jwt_t **jwt)
{
	jwt_free(*jwt);
}

static int64_t unix_seconds(struct instant instant)
{
	return instant.us / INSTANT_SECOND - UNIX_EPOCH_S;
}

int token_keys_load(struct token_config *config, const char *path)
{
	struct key_line lines[TOKEN_KEYS_MAX];
	size_t count;
	int rc;

	rc = key_file_read(path, lines, TOKEN_KEYS_MAX, &count);
	if (rc == 0) {
		for (size_t i = 0; i < count; i++) {
			memcpy(config->keys[i].kid, lines[i].id, KEY_ID_SIZE);
			memcpy(config->keys[i].secret, lines[i].secret, TOKEN_KEY_SIZE);
		}
		config->key_count = count;
	}
	explicit_bzero(lines, sizeof(lines));
	return rc;
}

static void claim_put(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "\"%s\":", name);
	buf_put_json(buf, value);
	buf_putc(buf, ',');
}

static int claims_write(struct ctx *ctx, const struct token_config *config,
			const struct actor *actor, struct instant now, struct text *ret)
{
	int64_t issued = unix_seconds(now);
	struct buf buf;

	buf_init(&buf, ctx->arena);
	buf_putc(&buf, '{');
	claim_put(&buf, "iss", config->issuer);
	claim_put(&buf, "aud", config->audience);
	claim_put(&buf, "sub", actor->user_id);
	claim_put(&buf, "sid", actor->session_id);
	claim_put(&buf, "role", enumeration_name(&role_values, (int)actor->role));
	if (actor->provider_id.ptr != NULL)
		claim_put(&buf, "provider_id", actor->provider_id);
	buf_puts(&buf, "\"iat\":");
	buf_put_int(&buf, issued);
	buf_puts(&buf, ",\"exp\":");
	buf_put_int(&buf, issued + config->lifetime);
	buf_putc(&buf, '}');
	return buf_text(&buf, ret);
}

/* The caller frees; NULL when libjwt lacks memory. */
static char *claims_sign(const struct token_key *key, const char *claims)
{
	jwt_t *jwt __attribute__((cleanup(jwt_release))) = NULL;
	int rc;

	if (jwt_new(&jwt) != 0)
		return NULL;
	rc = jwt_add_grants_json(jwt, claims);
	rc |= jwt_add_header(jwt, "kid", key->kid);
	rc |= jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, TOKEN_KEY_SIZE);
	return rc == 0 ? jwt_encode_str(jwt) : NULL;
}

int token_sign(struct ctx *ctx, const struct token_config *config, const struct actor *actor,
	       struct instant now, struct text *ret)
{
	struct text claims;
	struct text token;
	char *encoded;
	int rc;

	rc = claims_write(ctx, config, actor, now, &claims);
	if (rc != 0)
		return rc;
	encoded = claims_sign(&config->keys[0], claims.ptr);
	if (encoded == NULL)
		return fault(ctx, ENOMEM, "token_not_signed", TEXT_NULL);
	token = arena_copy(ctx->arena, text_of(encoded));
	free(encoded);
	if (token.ptr == NULL)
		return -ENOMEM;
	*ret = token;
	return 0;
}

/* The compact form's parts (RFC 7515, 7.1), still encoded. */
struct segments {
	struct text header;
	struct text payload;
	struct text signature;
};

/* The process never leaves the C locale: isalnum is ASCII. */
static bool segment_is_good(struct text segment)
{
	for (size_t i = 0; i < segment.len; i++) {
		char c = segment.ptr[i];

		if (!isalnum((unsigned char)c) && c != '-' && c != '_')
			return false;
	}
	return segment.len > 0;
}

static bool token_split(struct text token, struct segments *ret)
{
	struct text rest = token;

	if (token.len > TOKEN_MAX)
		return false;
	ret->header = text_cut(&rest, '.');
	ret->payload = text_cut(&rest, '.');
	ret->signature = rest;
	return segment_is_good(ret->header) && ret->header.len <= HEADER_MAX &&
	       segment_is_good(ret->payload) && segment_is_good(ret->signature);
}

static const struct token_key *key_find(const struct token_config *config, const char *kid)
{
	for (size_t i = 0; i < config->key_count; i++) {
		if (strcmp(config->keys[i].kid, kid) == 0)
			return &config->keys[i];
	}
	return NULL;
}

static bool member_is(const json_t *header, const char *name, const char *expected)
{
	const char *value = json_string_value(json_object_get(header, name));

	return value != NULL && strcmp(value, expected) == 0;
}

/* P_UNAUTHENTICATED only if jansson reports an error in the text. */
static int object_load(struct ctx *ctx, struct text text, json_t **ret)
{
	json_error_t error = { 0 };

	*ret = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(*ret))
		return 0;
	if (*ret == NULL && (json_error_code(&error) == json_error_unknown ||
			     json_error_code(&error) == json_error_out_of_memory))
		return fault(ctx, ENOMEM, "token_not_parsed", TEXT_NULL);
	return fail(ctx, P_UNAUTHENTICATED);
}

/* alg, typ and kid as we write them, and no other member: no crit, no key of the sender. */
static int header_key(struct ctx *ctx, const struct token_config *config, struct text text,
		      const struct token_key **ret)
{
	json_t *header __attribute__((cleanup(json_release))) = NULL;
	const char *kid;
	int rc = object_load(ctx, text, &header);

	if (rc != 0)
		return rc;
	kid = json_string_value(json_object_get(header, "kid"));
	if (kid == NULL || json_object_size(header) != 3 || !member_is(header, "alg", "HS256") ||
	    !member_is(header, "typ", "JWT"))
		return fail(ctx, P_UNAUTHENTICATED);
	*ret = key_find(config, kid);
	return *ret != NULL ? 0 : fail(ctx, P_UNAUTHENTICATED);
}

static bool payload_is_flat(struct text payload)
{
	int brackets = 0;

	for (size_t i = 0; i < payload.len; i++)
		brackets += payload.ptr[i] == '[' || payload.ptr[i] == '{';
	return brackets <= BRACKETS_MAX;
}

/* RFC 7519, 4.1: exp is required, nbf is optional. libjwt returns -1 for an absent claim and 0 for
 * a claim that is no integer. Both count as expired for exp; for nbf only an absent claim is
 * accepted. */
static bool times_hold(jwt_t *jwt, int64_t now)
{
	int64_t exp = jwt_get_grant_int(jwt, "exp");
	int64_t nbf;

	if (now - TOKEN_LEEWAY >= exp)
		return false;
	errno = 0;
	nbf = jwt_get_grant_int(jwt, "nbf");
	return errno == ENOENT || (nbf > 0 && nbf <= now + TOKEN_LEEWAY);
}

static bool claim_is(jwt_t *jwt, const char *name, struct text expected)
{
	return text_eq(text_of(jwt_get_grant(jwt, name)), expected);
}

/* actor's texts still belong to jwt. */
static bool claims_take(jwt_t *jwt, struct actor *actor)
{
	struct text role = text_of(jwt_get_grant(jwt, "role"));

	actor->user_id = text_of(jwt_get_grant(jwt, "sub"));
	actor->session_id = text_of(jwt_get_grant(jwt, "sid"));
	actor->provider_id = text_of(jwt_get_grant(jwt, "provider_id"));
	actor->role = (enum role)enumeration_find(&role_values, role);
	return uuid_is(actor->user_id) && uuid_is(actor->session_id) && actor->role != role_none &&
	       (actor->provider_id.ptr == NULL || uuid_is(actor->provider_id));
}

static int actor_copy(struct arena *arena, const struct actor *from, struct actor *ret)
{
	struct actor actor = *from;

	actor.user_id = arena_copy(arena, from->user_id);
	actor.session_id = arena_copy(arena, from->session_id);
	if (from->provider_id.ptr != NULL)
		actor.provider_id = arena_copy(arena, from->provider_id);
	if (actor.user_id.ptr == NULL || actor.session_id.ptr == NULL ||
	    (from->provider_id.ptr != NULL && actor.provider_id.ptr == NULL))
		return -ENOMEM;
	*ret = actor;
	return 0;
}

/* libjwt gives the same answer for a bad token and for a lack of memory. So check signature and
 * syntax before with functions that distinguish the two; if libjwt still refuses, that is a fault.
 * */
static int token_decode(struct ctx *ctx, const struct token_config *config,
			const struct token_key *key, const char *token, int64_t now,
			struct actor *ret)
{
	jwt_t *jwt __attribute__((cleanup(jwt_release))) = NULL;
	struct actor actor = *ret;

	if (jwt_decode(&jwt, token, key->secret, TOKEN_KEY_SIZE) != 0)
		return fault(ctx, ENOMEM, "token_not_decoded", TEXT_NULL);
	if (jwt_get_alg(jwt) != JWT_ALG_HS256 || !claim_is(jwt, "iss", config->issuer) ||
	    !claim_is(jwt, "aud", config->audience) || !times_hold(jwt, now) ||
	    !claims_take(jwt, &actor))
		return fail(ctx, P_UNAUTHENTICATED);
	return actor_copy(ctx->arena, &actor, ret);
}

/* Text that is not canonical base64url is not a token. */
static int segment_decode(struct ctx *ctx, struct text segment, struct text *ret)
{
	int rc = base64url_decode(ctx->arena, segment, ret);

	return rc == -EINVAL ? fail(ctx, P_UNAUTHENTICATED) : rc;
}

/* RFC 7515, 5.2: the MAC over header and payload as they were sent. */
static int signature_check(struct ctx *ctx, const struct token_key *key, struct text token,
			   struct text signature)
{
	size_t signed_len = token.len - signature.len - 1;
	struct text mac;
	int rc = segment_decode(ctx, signature, &mac);

	if (rc != 0)
		return rc;
	if (!hmac_sha256_is(key->secret, (struct text){ token.ptr, signed_len }, mac))
		return fail(ctx, P_UNAUTHENTICATED);
	return 0;
}

static int payload_check(struct ctx *ctx, struct text segment)
{
	json_t *claims __attribute__((cleanup(json_release))) = NULL;
	struct text payload;
	int rc = segment_decode(ctx, segment, &payload);

	if (rc != 0)
		return rc;
	return payload_is_flat(payload) ? object_load(ctx, payload, &claims)
					: fail(ctx, P_UNAUTHENTICATED);
}

int token_verify(struct ctx *ctx, const struct token_config *config, struct text token,
		 struct instant now, struct actor *ret)
{
	const struct token_key *key;
	struct segments segments;
	struct text header;
	char *copy;
	int rc;

	if (!token_split(token, &segments))
		return fail(ctx, P_UNAUTHENTICATED);
	rc = segment_decode(ctx, segments.header, &header);
	if (rc != 0)
		return rc;
	rc = header_key(ctx, config, header, &key);
	if (rc != 0)
		return rc;
	rc = signature_check(ctx, key, token, segments.signature);
	if (rc != 0)
		return rc;
	rc = payload_check(ctx, segments.payload);
	if (rc != 0)
		return rc;
	copy = arena_strdup(ctx->arena, token);
	if (copy == NULL)
		return -ENOMEM;
	return token_decode(ctx, config, key, copy, unix_seconds(now), ret);
}
