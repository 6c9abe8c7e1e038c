#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "core/config.h"
#include "core/fail.h"
#include "store/store.h"

/* One file per command; main finds it here. */
struct command {
	const char *name;
	const char *usage; /* what follows the name */
	const char *about;
	/* Exit status. arena and configuration are main's; arguments begin after the command's
	 * name. */
	int (*run)(struct arena *arena, const struct config *config, int argc, char **argv);
};

extern const struct command command_serve, command_migrate, command_demo, command_user, command_key,
	command_openapi, command_config, command_healthcheck;

#define EXIT_USAGE 64 /* sysexits.h */
#define EXIT_CONFIG 78
#define EXIT_TROUBLE 1

/* Whether a configuration text that the command needs is set; if not, prints that to standard
 * error. */
bool command_needs(const char *value, const char *name);

/* A context for work outside a request: English, its own request id. */
void command_ctx(struct ctx *ctx, struct arena *arena);

/* Prints problem and violations to standard error; returns EXIT_TROUBLE. rc is the failed call's.
 * */
int command_fail(const struct ctx *ctx, int rc);

/* A connection as the owner, whose acts are audited as "cli". Release with conn_release, then
 * store_free. */
int command_connect(struct ctx *ctx, const struct config *config, struct store **ret_store,
		    struct conn **ret_conn);

#endif
