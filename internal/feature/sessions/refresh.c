/* Makes and checks refresh tokens. Enter at refresh_make, refresh_read and refresh_check. Takes
 * no database. */

#include "feature/sessions/refresh.h"

#include "engine/engine.h"

#include <errno.h>

static int mac_make(struct ctx *ctx, const struct keyring *keyring, struct text session_id,
		    struct text generation, struct text secret, struct text *ret)
{
	unsigned char mac[32];
	struct text data =
		arena_format(ctx->arena, "%.*s.%.*s.%.*s", (int)session_id.len, session_id.ptr,
			     (int)generation.len, generation.ptr, (int)secret.len, secret.ptr);

	if (data.ptr == NULL)
		return -ENOMEM;
	keyed_hash(keyring, "refresh", data, mac);
	return base64url(ctx->arena, mac, sizeof(mac), ret);
}

int refresh_secret(struct ctx *ctx, struct text *ret)
{
	unsigned char secret[32];

	random_bytes(secret, sizeof(secret));
	return bytea_text(ctx->arena, secret, sizeof(secret), ret);
}

int refresh_make(struct ctx *ctx, const struct keyring *keyring, struct text session_id,
		 int64_t generation, struct text secret, struct text *ret)
{
	struct text number = arena_format(ctx->arena, "%lld", (long long)generation);
	struct text token;
	struct text mac;
	int rc;

	if (number.ptr == NULL)
		return -ENOMEM;
	rc = mac_make(ctx, keyring, session_id, number, secret, &mac);
	if (rc != 0)
		return rc;
	token = arena_format(ctx->arena, "%.*s.%s.%s", (int)session_id.len, session_id.ptr,
			     number.ptr, mac.ptr);
	if (token.ptr == NULL)
		return -ENOMEM;
	*ret = token;
	return 0;
}

int refresh_read(struct ctx *ctx, struct text token, struct refresh_token *ret)
{
	struct refresh_token read;

	read.session_id = text_cut(&token, '.');
	read.generation = text_cut(&token, '.');
	read.mac = token;
	if (read.mac.ptr == NULL || !uuid_is(read.session_id))
		return fail(ctx, P_REFRESH_FAILED);
	*ret = read;
	return 0;
}

int refresh_check(struct ctx *ctx, const struct keyring *keyring, const struct refresh_token *token,
		  struct text secret, int64_t *ret_generation)
{
	struct text mac;
	int rc = mac_make(ctx, keyring, token->session_id, token->generation, secret, &mac);

	if (rc != 0)
		return rc;
	/* What the mac covers we have written: it is a number. */
	if (!secret_eq(mac, token->mac) || text_to_int64(token->generation, ret_generation) != 0)
		return fail(ctx, P_REFRESH_FAILED);
	return 0;
}
