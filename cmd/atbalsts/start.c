#include "start.h"

#include "core/log.h"
#include "service/openapi.h"

#include <errno.h>

static int server_keys(struct ctx *ctx, const struct config *config, struct server *server)
{
	int rc;

	if (!command_needs(config->database, "DATABASE") ||
	    !command_needs(config->master_keys, "MASTER_KEYS") ||
	    !command_needs(config->token_keys, "TOKEN_KEYS"))
		return -EINVAL;
	rc = keyring_load(&server->keyring, config->master_keys);
	if (rc != 0)
		return fault(ctx, -rc, "master_keys", text_of(config->master_keys));
	rc = token_keys_load(&server->service.token, config->token_keys);
	if (rc != 0)
		return fault(ctx, -rc, "token_keys", text_of(config->token_keys));
	return 0;
}

int server_load(struct ctx *ctx, const struct config *config, struct server *server)
{
	struct store_config store = { config->database, (int)config->pool_size,
				      (int)config->pool_wait_ms, (int)config->statement_timeout_ms,
				      (int)config->lock_timeout_ms };
	int rc = server_keys(ctx, config, server);

	if (rc != 0)
		return rc;
	server->service.keyring = &server->keyring;
	server->service.token.issuer = text_of(config->base_url);
	server->service.token.audience = text_of(config->base_url);
	server->service.token.lifetime = (int)config->token_lifetime_s;
	server->service.session_days = (int)config->session_days;
	rc = openapi_document(ctx, &server->service.openapi);
	return rc != 0 ? rc : store_new(&store, &server->service.store);
}

void server_done(struct server *server)
{
	store_free(server->service.store);
	explicit_bzero(server, sizeof(*server));
}

int server_check(struct ctx *ctx, struct server *server)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	int rc = store_acquire(ctx, server->service.store, &conn);

	return rc != 0 ? rc : service_check(ctx, &server->service, conn);
}
