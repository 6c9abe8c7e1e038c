#ifndef CMD_START_H
#define CMD_START_H

#include "command.h"
#include "service/service.h"

/* What serving needs, loaded from the configuration. */
struct server {
	struct keyring keyring;
	struct service service;
};

/* Keys, store (not yet connected) and OpenAPI document. server_done also after an error. */
int server_load(struct ctx *ctx, const struct config *config, struct server *server);
void server_done(struct server *server);

/* service_check over a connection of the pool. */
int server_check(struct ctx *ctx, struct server *server);

#endif
