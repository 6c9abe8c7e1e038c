/* Loads and checks what serving needs: keys, store, document. Enter at server_load, server_check
 * and server_renew. struct server owns it. */

#include "start.h"

#include "core/log/log.h"
#include "engine/keys.h"
#include "openapi/openapi.h"

#include <errno.h>

static int keys_read(struct ctx *ctx, const struct config *config, struct keyring *keyring,
		     struct token_config *token)
{
	int rc = keyring_load(keyring, config->master_keys);

	if (rc != 0)
		return fault(ctx, -rc, "master_keys", text_of(config->master_keys));
	rc = token_keys_load(token, config->token_keys);
	if (rc != 0)
		return fault(ctx, -rc, "token_keys", text_of(config->token_keys));
	return 0;
}

static int server_keys(struct ctx *ctx, const struct config *config, struct server *server)
{
	if (!command_needs(config->database, "DATABASE") ||
	    !command_needs(config->master_keys, "MASTER_KEYS") ||
	    !command_needs(config->token_keys, "TOKEN_KEYS"))
		return -EINVAL;
	return keys_read(ctx, config, &server->keyring, &server->engine.token);
}

static int keys_try(struct ctx *ctx, struct store *store, const struct keyring *keyring)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	int rc = store_acquire(ctx, store, &conn);

	return rc != 0 ? rc : keys_check(ctx, conn, keyring, true);
}

int server_renew(struct ctx *ctx, const struct config *config, struct store *store,
		 struct engines *engines)
{
	struct token_config token = { 0 };
	struct keyring keyring;
	int rc = keys_read(ctx, config, &keyring, &token);

	if (rc == 0)
		rc = keys_try(ctx, store, &keyring);
	if (rc == 0)
		rc = engines_renew(engines, &keyring, &token);
	explicit_bzero(&keyring, sizeof(keyring));
	explicit_bzero(&token, sizeof(token));
	return rc;
}

void server_forget_keys(struct server *server)
{
	explicit_bzero(&server->keyring, sizeof(server->keyring));
	explicit_bzero(server->engine.token.keys, sizeof(server->engine.token.keys));
	server->engine.token.key_count = 0;
	server->engine.keyring = NULL;
}

int server_store(const struct config *config, int size, struct store **ret)
{
	struct store_config store = { config->database, size, (int)config->pool_wait_ms,
				      (int)config->statement_timeout_ms,
				      (int)config->lock_timeout_ms };

	return store_new(&store, ret);
}

/* Build it in a scratch arena; growing the buffer would keep five times its size. */
static int server_document(struct ctx *ctx, struct text *ret)
{
	struct arena scratch;
	struct text document;
	struct ctx inner;
	int rc;

	arena_init(&scratch, ctx->arena->maximum);
	command_ctx(&inner, &scratch);
	rc = openapi_document(&inner, &document);
	if (rc == 0) {
		*ret = arena_copy(ctx->arena, document);
		rc = ret->ptr != NULL ? 0 : -ENOMEM;
	}
	arena_done(&scratch);
	return rc;
}

int server_load(struct ctx *ctx, const struct config *config, struct server *server)
{
	int rc = server_keys(ctx, config, server);

	if (rc != 0)
		return rc;
	server->engine.keyring = &server->keyring;
	server->engine.token.issuer = text_of(config->base_url);
	server->engine.token.audience = text_of(config->base_url);
	server->engine.token.lifetime = (int)config->token_lifetime_s;
	server->engine.session_days = (int)config->session_days;
	rc = server_document(ctx, &server->engine.openapi);
	return rc != 0 ? rc : server_store(config, (int)config->pool_size, &server->engine.store);
}

void server_done(struct server *server)
{
	store_free(server->engine.store);
	explicit_bzero(server, sizeof(*server));
}

int server_check(struct ctx *ctx, struct engine *engine, bool seals)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	int rc = store_acquire(ctx, engine->store, &conn);

	if (rc == 0)
		rc = engine_check(ctx, engine, conn);
	return rc != 0 ? rc : keys_check(ctx, conn, engine->keyring, seals);
}
