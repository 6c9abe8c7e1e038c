/* The command openapi: prints the OpenAPI document. */

#include "command.h"

#include "openapi/openapi.h"

#include <stdio.h>

static int openapi(struct arena *arena, const struct config *config, int argc, char **argv)
{
	struct text document;
	struct ctx ctx;
	int rc;

	(void)config;
	(void)argv;
	if (argc > 0)
		return EXIT_USAGE;
	command_ctx(&ctx, arena);
	rc = openapi_document(&ctx, &document);
	if (rc != 0)
		return command_fail(&ctx, rc);
	return fwrite(document.ptr, 1, document.len, stdout) == document.len ? 0 : EXIT_TROUBLE;
}

const struct command command_openapi = { "openapi", "",
					 "Print the OpenAPI 3.1 document that the registry makes",
					 openapi };
