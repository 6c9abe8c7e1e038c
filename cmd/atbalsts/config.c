/* The command config: checks or prints the configuration. */

#include "command.h"

#include "start.h"

#include <stdio.h>

static int config_check(struct arena *arena, const struct config *config)
{
	struct server server = { 0 };
	struct ctx ctx;
	int rc;

	command_ctx(&ctx, arena);
	rc = server_load(&ctx, config, &server);
	if (rc == 0)
		rc = server_check(&ctx, &server.engine, false);
	server_done(&server);
	if (rc != 0)
		return command_fail(&ctx, rc);
	printf("configuration, keys, schema and registry agree\n");
	return 0;
}

static int config_command(struct arena *arena, const struct config *config, int argc, char **argv)
{
	if (argc != 1)
		return EXIT_USAGE;
	if (strcmp(argv[0], "dump") == 0) {
		config_dump(config);
		return 0;
	}
	return strcmp(argv[0], "check") == 0 ? config_check(arena, config) : EXIT_USAGE;
}

const struct command command_config = { "config", "check | dump",
					"Check configuration, keys, database and registry against "
					"each other; or print the configuration",
					config_command };
