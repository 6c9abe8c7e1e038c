/* The command key: makes a key, rotates the master key, shows the status. */

#include "engine/engine.h"
#include "command.h"

#include "rotate.h"

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

static int key_master(const char *id)
{
	printf("# Keep this file apart from the database and its backups: without it nobody reads "
	       "a name again.\n");
	key_print(id);
	printf("# Never changes: the search indexes hang on it.\n");
	key_print("blind");
	return 0;
}

static int key_rotate_command(struct arena *arena, const struct config *config, int argc,
			      char **argv)
{
	int64_t batch = ROTATE_BATCH;

	if (argc == 2 && strcmp(argv[0], "--batch") == 0) {
		if (text_to_int64(text_of(argv[1]), &batch) != 0 || batch < 1 ||
		    batch > ROTATE_BATCH_MAX)
			return EXIT_USAGE;
	} else if (argc != 0) {
		return EXIT_USAGE;
	}
	return key_rotate(arena, config, batch);
}

static int key(struct arena *arena, const struct config *config, int argc, char **argv)
{
	const char *act = argc > 0 ? argv[0] : "";

	if (strcmp(act, "rotate") == 0)
		return key_rotate_command(arena, config, argc - 1, argv + 1);
	if (strcmp(act, "status") == 0 && argc == 1)
		return key_status(arena, config);
	if (argc != 2 || argv[1][0] == '\0')
		return EXIT_USAGE;
	if (strcmp(act, "new-master") == 0)
		return key_master(argv[1]);
	if (strcmp(act, "new") != 0)
		return EXIT_USAGE;
	key_print(argv[1]);
	return 0;
}

const struct command command_key = {
	"key", "new ID | new-master ID | rotate [--batch N] | status",
	"Print a fresh key line, or a whole master key file; wrap all data keys by the file's "
	"first master key while servers run (as the owner), or count what each one wraps",
	key
};
