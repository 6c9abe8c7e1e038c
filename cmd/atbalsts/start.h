#ifndef CMD_START_H
#define CMD_START_H

#include "command.h"
#include "engine/engines.h"

/* All that serving needs, loaded from the configuration. */
struct server {
	struct keyring keyring;
	struct engine engine;
};

/* Loads keys, store (not yet connected) and OpenAPI document. Call server_done also after an
 * error. */
int server_load(struct ctx *ctx, const struct config *config, struct server *server);
void server_done(struct server *server);

/* Makes a store of size connections with the configuration's settings. -EINVAL for a bad dsn. */
int server_store(const struct config *config, int size, struct store **ret);

/* Wipes the keys that server_load has read, once struct engines holds its own copy. */
void server_forget_keys(struct server *server);

/* Reads both key files again into engines, after keys_check over the store's connection. If a file
 * is bad, the old keys stay, and ctx or the log says why. */
int server_renew(struct ctx *ctx, const struct config *config, struct store *store,
		 struct engines *engines);

/* Runs engine_check and keys_check over a connection of the pool. seals: the caller will seal with
 * the engine's keys, so remember their fingerprints. */
int server_check(struct ctx *ctx, struct engine *engine, bool seals);

#endif
