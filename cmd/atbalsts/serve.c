#include "command.h"

#include "core/log.h"
#include "start.h"
#include "web/server.h"

#include <signal.h>
#include <stdatomic.h>
#include <yder.h>

#define ATBALSTS_VERSION "0.1.0"
#define READY_ARENA ((size_t)4 * 1024 * 1024)

/* The schema is compared once with success; later readiness is a connection that answers. */
struct serving {
	struct server server;
	atomic_bool checked;
};

static int serve_ping(struct ctx *ctx, struct server *server)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct query query = { TEXT("SELECT 1"), NULL, 0 };
	struct reply reply;
	int rc = store_acquire(ctx, server->service.store, &conn);

	return rc != 0 ? rc : conn_run(ctx, conn, &query, 1, &reply);
}

static bool serve_ready(void *user)
{
	struct serving *serving = user;
	struct arena arena;
	struct ctx ctx;
	int rc;

	arena_init(&arena, READY_ARENA);
	command_ctx(&ctx, &arena);
	if (atomic_load(&serving->checked)) {
		rc = serve_ping(&ctx, &serving->server);
	} else {
		rc = server_check(&ctx, &serving->server);
		if (rc == 0)
			atomic_store(&serving->checked, true);
		else if (rc == P_SCHEMA)
			log_error("schema_mismatch", LOG_TEXT("what", ctx.words[0]));
	}
	arena_done(&arena);
	return rc == 0;
}

static void serve_metrics(void *user, struct buf *buf)
{
	struct serving *serving = user;
	struct store_stats stats;

	store_stats(serving->server.service.store, &stats);
	buf_printf(buf,
		   "# HELP atbalsts_pool_connections Database connections.\n"
		   "# TYPE atbalsts_pool_connections gauge\n"
		   "atbalsts_pool_connections{state=\"size\"} %d\n"
		   "atbalsts_pool_connections{state=\"in_use\"} %d\n"
		   "# HELP atbalsts_pool_waiting Requests in line for a connection.\n"
		   "# TYPE atbalsts_pool_waiting gauge\n"
		   "atbalsts_pool_waiting %d\n",
		   stats.size, stats.in_use, stats.waiting);
	buf_printf(buf,
		   "# HELP atbalsts_database_total Database events.\n"
		   "# TYPE atbalsts_database_total counter\n"
		   "atbalsts_database_total{event=\"acquired\"} %lld\n"
		   "atbalsts_database_total{event=\"timeout\"} %lld\n"
		   "atbalsts_database_total{event=\"round_trip\"} %lld\n"
		   "atbalsts_database_total{event=\"statement\"} %lld\n"
		   "atbalsts_database_total{event=\"prepared\"} %lld\n"
		   "atbalsts_database_total{event=\"error\"} %lld\n",
		   (long long)stats.acquired, (long long)stats.timeouts,
		   (long long)stats.round_trips, (long long)stats.statements,
		   (long long)stats.prepared, (long long)stats.errors);
}

static enum log_level serve_log_level(const char *name)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

/* The libraries' own words may hold a URL with ids, so that only their being there is told; debug
 * tells them. */
static void serve_yder(void *user, const char *app, const time_t date, const unsigned long level,
		       const char *message)
{
	(void)user;
	(void)app;
	(void)date;
	if (level == Y_LOG_LEVEL_ERROR)
		log_error("library", LOG_TEXT("message", TEXT("told at level debug")));
	log_debug("library_message", LOG_TEXT("message", text_of(message)));
}

static int serve_until_stopped(const struct config *config, struct serving *serving)
{
	struct web_config settings = {
		.listen = config->listen,
		.admin_listen = config->admin_listen,
		.connection_limit = (int)config->connection_limit,
		.connection_timeout_s = (int)config->connection_timeout_s,
		.drain_s = (int)config->drain_s,
		.allowed_origins = config->allowed_origins,
		.trusted_proxies = config->trusted_proxies,
		.version = ATBALSTS_VERSION,
		.service = &serving->server.service,
		.ready = serve_ready,
		.metrics = serve_metrics,
		.user = serving,
	};
	struct web *web;
	sigset_t stop;
	int signal_number;
	int rc;

	/* Blocked before any thread is made, so that sigwait alone receives them. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	rc = web_start(&settings, &web);
	if (rc != 0)
		return rc;
	log_info("started", LOG_TEXT("listen", text_of(config->listen)),
		 LOG_TEXT("version", TEXT(ATBALSTS_VERSION)));
	while (sigwait(&stop, &signal_number) != 0)
		;
	log_info("stopping", LOG_NUMBER("signal", signal_number));
	web_stop(web);
	log_info("stopped", LOG_TEXT("version", TEXT(ATBALSTS_VERSION)));
	return 0;
}

static int serve(struct arena *arena, const struct config *config, int argc, char **argv)
{
	static struct serving serving;
	struct ctx ctx;
	int rc;

	(void)argv;
	if (argc > 0)
		return EXIT_USAGE;
	log_set_level(serve_log_level(config->log_level));
	y_init_logs("atbalsts", Y_LOG_MODE_CALLBACK, Y_LOG_LEVEL_WARNING, NULL, "atbalsts");
	y_set_logs_callback(serve_yder, NULL, "atbalsts");
	command_ctx(&ctx, arena);
	rc = server_load(&ctx, config, &serving.server);
	if (rc == 0)
		rc = server_check(&ctx, &serving.server);
	/* A database that is away now may come: not ready until then. One of another version may
	 * not. */
	if (rc == P_UNAVAILABLE) {
		log_warning("database_away", LOG_TEXT("what", TEXT("starting without it")));
		rc = 0;
	} else if (rc == 0) {
		atomic_store(&serving.checked, true);
	}
	if (rc == 0)
		rc = serve_until_stopped(config, &serving);
	server_done(&serving.server);
	y_close_logs();
	return rc != 0 ? command_fail(&ctx, rc) : 0;
}

const struct command command_serve = { "serve", "", "Serve the API until SIGTERM", serve };
