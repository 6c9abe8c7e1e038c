#include "service/refresh.h"

#include "core/uuid.h"

#include <errno.h>

#define NONCE_SIZE 24

static int mac_make(struct ctx *ctx, const struct keyring *keyring, struct text head,
		    struct text *ret)
{
	unsigned char mac[32];

	keyed_hash(keyring, "refresh", head, mac);
	return base64url(ctx->arena, mac, sizeof(mac), ret);
}

static int token_hash(struct ctx *ctx, const struct keyring *keyring, struct text token,
		      struct text *ret)
{
	unsigned char hash[32];

	keyed_hash(keyring, "refresh.hash", token, hash);
	return bytea_text(ctx->arena, hash, sizeof(hash), ret);
}

int refresh_make(struct ctx *ctx, const struct keyring *keyring, struct text session_id,
		 struct text *ret_token, struct text *ret_hash)
{
	unsigned char bytes[NONCE_SIZE];
	struct text nonce;
	struct text head;
	struct text mac;
	struct text token;
	int rc;

	random_bytes(bytes, sizeof(bytes));
	rc = base64url(ctx->arena, bytes, sizeof(bytes), &nonce);
	if (rc != 0)
		return rc;
	head = arena_format(ctx->arena, "%.*s.%s", (int)session_id.len, session_id.ptr, nonce.ptr);
	if (head.ptr == NULL)
		return -ENOMEM;
	rc = mac_make(ctx, keyring, head, &mac);
	if (rc != 0)
		return rc;
	token = arena_format(ctx->arena, "%s.%s", head.ptr, mac.ptr);
	if (token.ptr == NULL)
		return -ENOMEM;
	rc = token_hash(ctx, keyring, token, ret_hash);
	if (rc == 0)
		*ret_token = token;
	return rc;
}

int refresh_read(struct ctx *ctx, const struct keyring *keyring, struct text token,
		 struct text *ret_session_id, struct text *ret_hash)
{
	struct text rest = token;
	struct text session_id = text_cut(&rest, '.');
	struct text nonce = text_cut(&rest, '.');
	struct text mac;
	int rc;

	if (rest.ptr == NULL || !uuid_is(session_id))
		return fail(ctx, P_REFRESH_FAILED);
	rc = mac_make(ctx, keyring, (struct text){ token.ptr, session_id.len + 1 + nonce.len },
		      &mac);
	if (rc != 0)
		return rc;
	if (!secret_eq(mac, rest))
		return fail(ctx, P_REFRESH_FAILED);
	rc = token_hash(ctx, keyring, token, ret_hash);
	if (rc == 0)
		*ret_session_id = session_id;
	return rc;
}
