#include "command.h"

#include "auth/seal.h"

#include <stdio.h>

static void key_print(const char *id)
{
	unsigned char secret[MASTER_KEY_SIZE];

	random_bytes(secret, sizeof(secret));
	printf("%s ", id);
	for (size_t i = 0; i < sizeof(secret); i++)
		printf("%02x", secret[i]);
	printf("\n");
	explicit_bzero(secret, sizeof(secret));
}

/* key new NAME: a line for a key file; key new-master NAME: a whole master key file. */
static int key(struct arena *arena, const struct config *config, int argc, char **argv)
{
	(void)arena;
	(void)config;
	if (argc != 2 || argv[1][0] == '\0')
		return EXIT_USAGE;
	if (strcmp(argv[0], "new") == 0) {
		key_print(argv[1]);
		return 0;
	}
	if (strcmp(argv[0], "new-master") != 0)
		return EXIT_USAGE;
	printf("# Keep this file apart from the database and its backups: without it nobody reads "
	       "a name again.\n");
	key_print(argv[1]);
	printf("# Never changes: the search indexes hang on it.\n");
	key_print("blind");
	return 0;
}

const struct command command_key = { "key", "new ID | new-master ID",
				     "Print a fresh key line, or a whole master key file", key };
