/* The command serve: start, signals, readiness, stop. Owns the store, the engines and the web
 * server; signals reach the main thread only. */

#include "command.h"

#include "core/clock.h"
#include "core/log/log.h"
#include "gauges.h"
#include "start.h"
#include "web/server.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <systemd/sd-daemon.h>
#include <yder.h>

#define ATBALSTS_VERSION "0.1.0"
#define READY_ARENA ((size_t)4 * 1024 * 1024)
/* Interval in which a server that started without its database polls it, to report READY to
 * systemd. */
#define READY_SECONDS 1

/* Schema and keys are compared until they have matched once, which opens the engines to requests.
 * After that, ready means that a connection answers. */
struct serving {
	struct server server;
	struct engines engines; /* the engine that requests take, with the keys, which server has
				   wiped by then */
	struct gauges gauges;
};

static int serve_ping(struct ctx *ctx, struct server *server)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct query query = { TEXT("SELECT 1"), NULL, 0 };
	struct reply reply;
	int rc = store_acquire(ctx, server->engine.store, &conn);

	return rc != 0 ? rc : conn_run(ctx, conn, &query, 1, &reply);
}

/* Logs why the database or the keys are refused. */
static void serve_tell(const struct ctx *ctx, int rc)
{
	if (rc == P_SCHEMA)
		log_error("schema_mismatch", LOG_TEXT("what", ctx->words[0]));
	else if (rc == P_MASTER_KEYS)
		log_error("master_keys_mismatch", LOG_TEXT("what", ctx->words[0]));
}

/* Compare with the keys that requests would get: a reload may have replaced those of the start. */
static int serve_compare(struct ctx *ctx, struct serving *serving)
{
	struct engine *engine = engines_take(&serving->engines);
	int rc = server_check(ctx, engine, true);

	engines_give(&serving->engines, engine);
	if (rc == 0)
		engines_open(&serving->engines);
	serve_tell(ctx, rc);
	return rc;
}

static bool serve_ready(void *user)
{
	struct serving *serving = user;
	struct arena arena;
	struct ctx ctx;
	int rc;

	arena_init(&arena, READY_ARENA);
	command_ctx(&ctx, &arena);
	if (engines_are_open(&serving->engines))
		rc = serve_ping(&ctx, &serving->server);
	else
		rc = serve_compare(&ctx, serving);
	arena_done(&arena);
	return rc == 0;
}

static void serve_metrics(void *user, struct instant last_created, struct buf *buf)
{
	struct serving *serving = user;

	gauges_print(&serving->gauges, last_created, buf);
}

static enum log_level serve_log_level(const char *name)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

/* Library messages may contain ids: log only that one occurred, and its text at debug level. */
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

/* sd_notify(3); does nothing where NOTIFY_SOCKET is not set. */
static void serve_reload(const struct config *config, struct serving *serving)
{
	struct arena arena;
	struct ctx ctx;
	int rc;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_ticks() / 1000);
	arena_init(&arena, READY_ARENA);
	command_ctx(&ctx, &arena);
	/* Do not use the pool: requests may hold all of its connections. */
	rc = server_renew(&ctx, config, serving->gauges.store, &serving->engines);
	serve_tell(&ctx, rc);
	arena_done(&arena);
	atomic_fetch_add(rc == 0 ? &serving->gauges.keys_taken : &serving->gauges.keys_refused, 1);
	if (rc == 0)
		log_info("keys_taken", LOG_TEXT("master_keys", text_of(config->master_keys)),
			 LOG_TEXT("token_keys", text_of(config->token_keys)));
	else
		log_error("keys_refused", LOG_TEXT("what", TEXT("the former keys stay in use")));
	sd_notify(0, rc == 0 ? "READY=1\nSTATUS=serving"
			     : "READY=1\nSTATUS=serving; the last reload's keys were refused");
}

/* Waits until SIGTERM or SIGINT and returns it. SIGHUP loads new keys. If the database was down at
 * start, the main thread polls it, so that systemd learns when the server can answer. */
static int serve_signals(const struct config *config, struct serving *serving,
			 const sigset_t *signals)
{
	const struct timespec pause = { READY_SECONDS, 0 };
	bool told = false;

	for (;;) {
		int number;

		if (!told && engines_are_open(&serving->engines)) {
			sd_notify(0, "READY=1\nSTATUS=serving");
			told = true;
		}
		number = told ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &pause);
		if (number == SIGHUP)
			serve_reload(config, serving);
		else if (number > 0)
			return number;
		else if (!told)
			serve_ready(serving);
	}
}

static int serve_until_stopped(const struct config *config, struct serving *serving,
			       const sigset_t *signals)
{
	struct web_config settings = {
		.listen = config->listen,
		.admin_listen = config->admin_listen,
		.connection_limit = (int)config->connection_limit,
		.connection_timeout_s = (int)config->connection_timeout_s,
		.stop_delay_s = (int)config->stop_delay_s,
		.drain_s = (int)config->drain_s,
		.allowed_origins = config->allowed_origins,
		.trusted_proxies = config->trusted_proxies,
		.version = ATBALSTS_VERSION,
		.engines = &serving->engines,
		.ready = serve_ready,
		.metrics = serve_metrics,
		.user = serving,
	};
	struct web *web;
	int rc = web_start(&settings, &web);

	if (rc != 0)
		return rc;
	log_info("started", LOG_TEXT("listen", text_of(config->listen)),
		 LOG_TEXT("version", TEXT(ATBALSTS_VERSION)));
	rc = serve_signals(config, serving, signals);
	sd_notify(0, "STOPPING=1\nSTATUS=answering the last requests");
	log_info("stopping", LOG_NUMBER("signal", rc));
	web_stop(web);
	log_info("stopped", LOG_TEXT("version", TEXT(ATBALSTS_VERSION)));
	return 0;
}

/* A database that is down may come back: until then no request is served. A database of another
 * version, or of other keys, ends the start. */
static int serve_check(struct ctx *ctx, struct serving *serving)
{
	int rc = server_check(ctx, &serving->server.engine, true);

	if (rc == P_UNAVAILABLE) {
		log_warning("database_away", LOG_TEXT("what", TEXT("starting without it")));
		return 0;
	}
	if (rc == 0)
		engines_open(&serving->engines);
	serve_tell(ctx, rc);
	return rc;
}

/* Block the signals before any thread is made, so that only the main thread receives them. */
static void serve_block(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
}

static int serve_run(struct ctx *ctx, const struct config *config, const sigset_t *signals)
{
	static struct serving serving;
	int rc;

	serving.gauges.server = &serving.server;
	serving.gauges.engines = &serving.engines;
	rc = server_load(ctx, config, &serving.server);
	if (rc == 0)
		rc = server_store(config, 1, &serving.gauges.store);
	if (rc == 0)
		rc = serve_check(ctx, &serving);
	if (rc == 0) {
		engines_init(&serving.engines, &serving.server.engine);
		server_forget_keys(&serving.server);
		rc = serve_until_stopped(config, &serving, signals);
	}
	engines_done(&serving.engines);
	store_free(serving.gauges.store);
	server_done(&serving.server);
	return rc;
}

static int serve(struct arena *arena, const struct config *config, int argc, char **argv)
{
	sigset_t signals;
	struct ctx ctx;
	int rc;

	(void)argv;
	if (argc > 0)
		return EXIT_USAGE;
	serve_block(&signals);
	log_set_level(serve_log_level(config->log_level));
	y_init_logs("atbalsts", Y_LOG_MODE_CALLBACK, Y_LOG_LEVEL_WARNING, NULL, "atbalsts");
	y_set_logs_callback(serve_yder, NULL, "atbalsts");
	command_ctx(&ctx, arena);
	rc = log_start();
	if (rc == 0)
		rc = serve_run(&ctx, config, &signals);
	y_close_logs();
	log_stop(LOG_LAST_MS);
	if (rc == 0)
		return 0;
	/* Perhaps nobody reads standard error either, so from here on a signal ends the process.
	 * */
	pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
	return command_fail(&ctx, rc);
}

const struct command command_serve = { "serve", "", "Serve the API until SIGTERM", serve };
