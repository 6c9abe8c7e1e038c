/* Finds and runs the command. Enter at main, which owns the arena and the configuration. */

#include "command.h"

#include "core/clock.h"
#include "core/log/log.h"
#include "core/uuid.h"

#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <orcania.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COMMAND_ARENA ((size_t)64 * 1024 * 1024)

static const struct command *const commands[] = {
	&command_serve, &command_migrate, &command_demo,   &command_user,
	&command_key,	&command_openapi, &command_config, &command_healthcheck,
};

bool command_needs(const char *value, const char *name)
{
	if (value != NULL && value[0] != '\0')
		return true;
	fprintf(stderr, "atbalsts: ATBALSTS_%s (or ATBALSTS_%s_FILE) must be set\n", name, name);
	return false;
}

void command_ctx(struct ctx *ctx, struct arena *arena)
{
	*ctx = (struct ctx){ .arena = arena, .request_id = uuid_text(arena) };
}

int command_fail(const struct ctx *ctx, int rc)
{
	struct text detail;

	if (rc < 0) {
		fprintf(stderr, "atbalsts: failed: %s (see the log line above)\n",
			strerrordesc_np(-rc));
		return EXIT_TROUBLE;
	}
	if (problem_detail(ctx->arena, problem_texts[rc].detail[LANGUAGE_EN], ctx->words,
			   &detail) == 0)
		fprintf(stderr, "atbalsts: %s: %s\n", problem_texts[rc].code, detail.ptr);
	for (size_t i = 0; i < ctx->violation_count && i < VIOLATIONS_MAX; i++) {
		const struct violation *v = &ctx->violations[i];

		if (problem_detail(ctx->arena, problem_texts[v->problem].detail[LANGUAGE_EN],
				   v->words, &detail) == 0)
			fprintf(stderr, "  %.*s: %s\n", (int)v->pointer.len, v->pointer.ptr,
				detail.ptr);
	}
	return EXIT_TROUBLE;
}

int command_connect(struct ctx *ctx, const struct config *config, struct store **ret_store,
		    struct conn **ret_conn)
{
	struct store_config settings = { config->owner_database, 1, 10000, 600000, 60000 };
	int rc = store_new(&settings, ret_store);

	return rc != 0 ? rc : store_acquire(ctx, *ret_store, ret_conn);
}

static int main_usage(FILE *to)
{
	fprintf(to, "usage: atbalsts COMMAND …\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  atbalsts %s %s\n      %s\n", commands[i]->name, commands[i]->usage,
			commands[i]->about);
	fprintf(to,
		"\nConfiguration comes from ATBALSTS_… in the environment: atbalsts config dump\n");
	return to == stdout ? 0 : EXIT_USAGE;
}

/* Out of memory must be fail-stop in the libraries too: they would continue with half a request.
 * */
static void main_libraries(void)
{
	o_set_alloc_funcs(memory_take, memory_resize, memory_give);
	json_set_alloc_funcs(memory_take, memory_give);
	json_object_seed(0);
	/* Use two heaps: one for each of a thousand threads would cost more than contention for
	 * two. */
	mallopt(M_ARENA_MAX, 2); /* NOLINT(concurrency-mt-unsafe): there is one thread */
	(void)signal(SIGPIPE, SIG_IGN);
}

/* If standard output is closed, the next socket would get its number and receive the log. So open
 * /dev/null in its place for reading: then writing fails and is counted, as it would without the
 * descriptor. */
static void main_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int main_run(const struct command *command, int argc, char **argv)
{
	struct config config;
	struct arena arena;
	int status = EXIT_CONFIG;

	arena_init(&arena, COMMAND_ARENA);
	if (config_load(&arena, &config) == 0)
		status = command->run(&arena, &config, argc, argv);
	arena_done(&arena);
	return status;
}

int main(int argc, char **argv)
{
	main_descriptors();
	main_libraries();
	if (clock_init() != 0) {
		fprintf(stderr, "atbalsts: the zone Europe/Riga is unknown: install tzdata\n");
		return EXIT_CONFIG;
	}
	if (argc < 2)
		return main_usage(stderr);
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return main_usage(stdout);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return main_run(commands[i], argc - 2, argv + 2);
	return main_usage(stderr);
}
