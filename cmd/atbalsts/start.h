#ifndef CMD_START_H
#define CMD_START_H

#include "command.h"
#include "engine/services.h"

/* What serving needs, loaded from the configuration. */
struct server {
	struct keyring keyring;
	struct service service;
};

/* Keys, store (not yet connected) and OpenAPI document. server_done also after an error. */
int server_load(struct ctx *ctx, const struct config *config, struct server *server);
void server_done(struct server *server);

/* A store of so many connections, as the configuration wants them. -EINVAL for a bad dsn. */
int server_store(const struct config *config, int size, struct store **ret);

/* Wipes the keys that server_load has read: for who takes a service of services instead. */
void server_forget_keys(struct server *server);

/* Reads both key files anew into services, after keys_check over the store's connection; of a bad
 * file nothing is taken, and ctx or the log says why. */
int server_renew(struct ctx *ctx, const struct config *config, struct store *store,
		 struct services *services);

/* service_check and keys_check over a connection of the pool; seals: who asks will seal with the
 * service's keys, so that they are remembered. */
int server_check(struct ctx *ctx, struct service *service, bool seals);

#endif
