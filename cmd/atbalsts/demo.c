/* The command demo: fills an empty database with the data of 2018. Enter at command_demo. Acts
 * through the engine, except for the volume. */

#include "demo.h"

#include "core/log/log.h"

#include <errno.h>
#include <stdio.h>

#define DEMO_TOKEN_SECONDS 3600
#define DEMO_CLIENTS_MAX 1000000
/* A database with more clients than this is no demonstration any more, and a load would mix with
 * them. */
#define DEMO_CLIENTS_FEW 1000

static int demo_state(struct ctx *ctx, struct conn *conn, int64_t *ret_users, int64_t *ret_clients)
{
	const struct query query = { TEXT("SELECT (SELECT count(*) FROM users),"
					  " (SELECT count(*) FROM (SELECT FROM clients"
					  " LIMIT 1001) c)"),
				     NULL, 0 };
	struct reply reply;
	int rc = conn_run(ctx, conn, &query, 1, &reply);

	if (rc != 0)
		return rc;
	if (text_to_int64(reply_cell(reply, 0, 0), ret_users) != 0 ||
	    text_to_int64(reply_cell(reply, 0, 1), ret_clients) != 0)
		return fault(ctx, EPROTO, "count_is_no_number", TEXT_NULL);
	conn_forget(conn);
	return 0;
}

static int demo_make(struct demo *demo)
{
	int rc = router_new(demo->ctx->arena, &demo->router);

	if (rc == 0)
		rc = demo_accounts(demo);
	if (rc == 0)
		rc = demo_people(demo);
	if (rc == 0)
		rc = demo_statements(demo);
	if (rc != 0)
		fprintf(stderr, "atbalsts: the demo data is not complete: begin again with an "
				"empty database\n");
	return rc;
}

static int demo_run(struct demo *demo, int64_t clients)
{
	int64_t users = 0, known = 0;
	int rc = demo_state(demo->ctx, demo->owner, &users, &known);

	if (rc != 0)
		return command_fail(demo->ctx, rc);
	if (users > 0 && clients == 0) {
		fprintf(stderr,
			"atbalsts: demo fills only an empty database; this one has %lld"
			" accounts\n",
			(long long)users);
		return EXIT_TROUBLE;
	}
	if (known > DEMO_CLIENTS_FEW) {
		fprintf(stderr,
			"atbalsts: demo --clients loads only where there are at most %d"
			" clients\n",
			DEMO_CLIENTS_FEW);
		return EXIT_TROUBLE;
	}
	rc = server_check(demo->ctx, &demo->server.engine, true);
	if (rc == 0 && users == 0)
		rc = demo_make(demo);
	(void)fflush(stdout);
	if (rc == 0 && clients > 0)
		rc = demo_volume(demo->ctx, &demo->server.keyring, demo->owner, clients);
	return rc != 0 ? command_fail(demo->ctx, rc) : 0;
}

static int demo_arguments(int argc, char **argv, int64_t *ret_clients)
{
	*ret_clients = 0;
	if (argc == 0)
		return 0;
	if (argc != 2 || strcmp(argv[0], "--clients") != 0 ||
	    text_to_int64(text_of(argv[1]), ret_clients) != 0 || *ret_clients < 1 ||
	    *ret_clients > DEMO_CLIENTS_MAX)
		return EXIT_USAGE;
	return 0;
}

static int demo(struct arena *arena, const struct config *config, int argc, char **argv)
{
	struct store *store = NULL;
	struct demo demo = { 0 };
	struct ctx ctx;
	int64_t clients;
	int rc;

	if (demo_arguments(argc, argv, &clients) != 0) {
		fprintf(stderr, "usage: atbalsts demo [--clients 1..%d]\n", DEMO_CLIENTS_MAX);
		return EXIT_USAGE;
	}
	if (!command_needs(config->owner_database, "OWNER_DATABASE"))
		return EXIT_CONFIG;
	/* Only the accounts go to standard output. */
	log_set_level(LOG_LEVEL_ERROR);
	command_ctx(&ctx, arena);
	demo.ctx = &ctx;
	rc = server_load(&ctx, config, &demo.server);
	demo.server.engine.token.lifetime = DEMO_TOKEN_SECONDS;
	if (rc == 0)
		rc = command_connect(&ctx, config, &store, &demo.owner);
	rc = rc != 0 ? command_fail(&ctx, rc) : demo_run(&demo, clients);
	conn_release(&demo.owner);
	store_free(store);
	server_done(&demo.server);
	explicit_bzero(&demo, sizeof(demo));
	return rc;
}

const struct command command_demo = {
	"demo", "[--clients N]",
	"Fill an empty database with accounts and invented people, printing \"e-mail password role "
	"provider\" a line; and load N more clients for measuring",
	demo
};
