/* The command migrate: brings the database to this binary's schema, as the owner. */

#include "command.h"

#include "engine/policies.h"
#include "store/migrate/migrate.h"

#include <stdio.h>

static int migrate(struct arena *arena, const struct config *config, int argc, char **argv)
{
	struct text policies;
	struct ctx ctx;
	int applied;
	int rc;

	(void)argv;
	if (argc > 0 || !command_needs(config->owner_database, "OWNER_DATABASE"))
		return EXIT_USAGE;
	command_ctx(&ctx, arena);
	rc = policies_text(&ctx, &policies);
	if (rc == 0)
		rc = migrate_run(&ctx, config->owner_database, policies, &applied);
	if (rc != 0)
		return command_fail(&ctx, rc);
	printf("migrations applied: %d\n", applied);
	return 0;
}

const struct command command_migrate = {
	"migrate", "", "Bring the database to this version's schema and policies (as the owner)",
	migrate
};
