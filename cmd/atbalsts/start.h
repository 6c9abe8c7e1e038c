#ifndef CMD_START_H
#define CMD_START_H

#include "command.h"
#include "engine/engines.h"

/* What serving needs, loaded from the configuration. */
struct server {
	struct keyring keyring;
	struct engine engine;
};

/* Keys, store (not yet connected) and OpenAPI document. server_done also after an error. */
int server_load(struct ctx *ctx, const struct config *config, struct server *server);
void server_done(struct server *server);

/* A store of so many connections, as the configuration wants them. -EINVAL for a bad dsn. */
int server_store(const struct config *config, int size, struct store **ret);

/* Wipes the keys that server_load has read, once struct engines holds its own copy. */
void server_forget_keys(struct server *server);

/* Reads both key files anew into engines, after keys_check over the store's connection; of a bad
 * file nothing is taken, and ctx or the log says why. */
int server_renew(struct ctx *ctx, const struct config *config, struct store *store,
		 struct engines *engines);

/* engine_check and keys_check over a connection of the pool; seals: who asks will seal with the
 * engine's keys, so that they are remembered. */
int server_check(struct ctx *ctx, struct engine *engine, bool seals);

#endif
