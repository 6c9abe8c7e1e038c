/* The pool of connections and its fair queue. Enter at store_new, store_acquire and
 * conn_release. store->mutex guards queue and counters and is not held while a server is waited
 * for. */

#include "core/clock.h"
#include "core/log/log.h"
#include "store/conn.h"

#include <assert.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

/* A connection that was idle for longer is checked before its use. After a shorter time the check
 * is not worth a system call for each request. */
#define QUIET_TICKS (INT64_C(100) * 1000000)
#define NOTICES_MAX 16

/* Each waiter's queue node lives on its stack; a released connection goes to the first waiter. */
struct waiter {
	struct waiter *next;
	pthread_cond_t cond;
	struct conn *granted;
};

int store_new(const struct store_config *config, struct store **ret)
{
	const struct connect_limits limits = { config->statement_timeout_ms,
					       config->lock_timeout_ms, 10000 };
	struct store *store = memory_take(sizeof(*store));
	int rc;

	*store = (struct store){ .size = config->size,
				 .wait_ms = config->wait_ms,
				 .statement_timeout_ms = config->statement_timeout_ms };
	rc = connector_init(&store->connector, config->dsn, &limits);
	if (rc != 0) {
		memory_give(store);
		return rc;
	}
	pthread_mutex_init(&store->mutex, NULL);
	store->conns = memory_take((size_t)config->size * sizeof(*store->conns));
	memset(store->conns, 0, (size_t)config->size * sizeof(*store->conns));
	for (int i = 0; i < config->size; i++) {
		struct conn *conn = &store->conns[i];

		conn->store = store;
		conn->next = i + 1 < config->size ? conn + 1 : NULL;
		statements_init(&conn->statements);
	}
	store->free_first = store->conns;
	store->free_last = &store->conns[config->size - 1];
	*ret = store;
	return 0;
}

static void conn_close(struct conn *conn)
{
	if (conn->pg == NULL)
		return;
	PQfinish(conn->pg);
	conn->pg = NULL;
	conn->broken = false;
	conn->spent = false;
	statements_done(&conn->statements);
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	assert(store->stats.in_use == 0);
	for (int i = 0; i < store->size; i++) {
		conn_close(&store->conns[i]);
		memory_give(store->conns[i].scratch);
	}
	pthread_mutex_destroy(&store->mutex);
	connector_done(&store->connector);
	memory_give(store->conns);
	memory_give(store);
}

void store_doom(struct store *store, int generation)
{
	int current = generation;

	pthread_mutex_lock(&store->mutex);
	if (atomic_compare_exchange_strong(&store->generation, &current, generation + 1))
		for (struct conn *conn = store->free_first; conn != NULL; conn = conn->next)
			conn_close(conn);
	pthread_mutex_unlock(&store->mutex);
}

/* Count the silence only if this session has answered since the last one: when several sessions
 * fall silent together one count is enough, and an unanswered ping adds no information. */
void store_suspect(struct store *store, const struct conn *conn)
{
	int heard = conn->heard;

	atomic_compare_exchange_strong(&store->silences, &heard, heard + 1);
}

static void waiter_leave(struct store *store, struct waiter *waiter)
{
	struct waiter **link = &store->wait_first;
	struct waiter *before = NULL;

	while (*link != waiter) {
		before = *link;
		link = &before->next;
	}
	*link = waiter->next;
	if (store->wait_last == waiter)
		store->wait_last = before;
	store->stats.waiting--;
}

static struct conn *line_wait(struct store *store, int64_t deadline)
{
	const struct timespec until = { deadline / 1000000000, deadline % 1000000000 };
	struct waiter waiter = { NULL, PTHREAD_COND_INITIALIZER, NULL };
	int rc = 0;

	if (store->wait_last != NULL)
		store->wait_last->next = &waiter;
	else
		store->wait_first = &waiter;
	store->wait_last = &waiter;
	store->stats.waiting++;
	while (waiter.granted == NULL && rc == 0)
		rc = pthread_cond_clockwait(&waiter.cond, &store->mutex, CLOCK_MONOTONIC, &until);
	if (waiter.granted == NULL) {
		waiter_leave(store, &waiter);
		store->stats.timeouts++;
	}
	pthread_cond_destroy(&waiter.cond);
	return waiter.granted;
}

/* Returns a connection, connected or not, that is now the caller's; NULL if none became free in
 * time. */
static struct conn *line_take(struct store *store, int64_t deadline)
{
	struct conn *conn;

	pthread_mutex_lock(&store->mutex);
	conn = store->free_first;
	if (conn == NULL) {
		conn = line_wait(store, deadline);
	} else {
		store->free_first = conn->next;
		if (conn->next == NULL)
			store->free_last = NULL;
		store->stats.in_use++;
	}
	pthread_mutex_unlock(&store->mutex);
	return conn;
}

static void line_append(struct store *store, struct conn *conn)
{
	if (store->free_first == NULL || conn->pg != NULL) {
		conn->next = store->free_first;
		store->free_first = conn;
		if (conn->next == NULL)
			store->free_last = conn;
		return;
	}
	conn->next = NULL;
	store->free_last->next = conn;
	store->free_last = conn;
}

static void line_give(struct store *store, struct conn *conn)
{
	struct store_stats *stats = &store->stats;
	struct waiter *waiter;

	pthread_mutex_lock(&store->mutex);
	stats->acquired += conn->counts.acquired;
	stats->round_trips += conn->counts.round_trips;
	stats->statements += conn->counts.statements;
	stats->prepared += conn->counts.prepared;
	stats->errors += conn->counts.errors;
	memset(&conn->counts, 0, sizeof(conn->counts));
	waiter = store->wait_first;
	if (waiter != NULL) {
		waiter_leave(store, waiter);
		waiter->granted = conn;
		pthread_cond_signal(&waiter->cond);
	} else {
		stats->in_use--;
		line_append(store, conn);
	}
	pthread_mutex_unlock(&store->mutex);
}

/* The server sends a last message on an idle connection before it closes it: check for both. */
static bool conn_is_alive(struct conn *conn)
{
	char byte;

	if (clock_ticks() - conn->released_at < QUIET_TICKS)
		return true;
	for (int i = 0; i < NOTICES_MAX; i++) {
		if (recv(PQsocket(conn->pg), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
			return true;
		if (PQconsumeInput(conn->pg) == 0)
			return false;
		PQfreemem(PQnotifies(conn->pg)); /* parses the consumed input */
	}
	return false;
}

static bool conn_is_clean(struct conn *conn)
{
	return PQstatus(conn->pg) == CONNECTION_OK &&
	       PQtransactionStatus(conn->pg) == PQTRANS_IDLE &&
	       PQpipelineStatus(conn->pg) == PQ_PIPELINE_ON;
}

/* The server translates a warning's text, but not the name of the function that raised it. */
static void conn_notice(void *arg, const PGresult *result)
{
	struct conn *conn = arg;

	if (text_is(text_of(PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION)),
		    "SyncRepWaitForLSN"))
		conn->wait_cancelled = true;
}

int conn_unavailable(struct ctx *ctx, const char *event, const char *why)
{
	log_warning(event, LOG_TEXT("request_id", ctx->request_id), LOG_TEXT("what", text_of(why)));
	ctx->retry_after = 1;
	return fail(ctx, P_UNAVAILABLE);
}

static int conn_open(struct ctx *ctx, struct conn *conn, int64_t deadline)
{
	struct store *store = conn->store;
	int host = atomic_load(&store->connector.good);
	char why[WHY_SIZE];
	int rc;

	conn->generation = atomic_load(&store->generation);
	conn->heard = atomic_load(&store->silences);
	rc = connector_open(&store->connector, deadline, &conn->pg, why);
	/* We connected to another host because this one did not answer: replace the remaining
	 * connections to it. */
	if (rc == 0 && atomic_load(&store->connector.good) != host) {
		store_doom(store, conn->generation);
		conn->generation = atomic_load(&store->generation);
	}
	if (rc == 0 && (PQsetnonblocking(conn->pg, 1) != 0 || PQenterPipelineMode(conn->pg) != 1)) {
		message_line(PQerrorMessage(conn->pg), why);
		conn_close(conn);
		rc = -1;
	}
	if (rc != 0) {
		store_count_error(store, STORE_UNREACHABLE);
		if (!atomic_exchange(&store->unreachable, true))
			log_error("database_unreachable", LOG_TEXT("what", text_of(why)));
		ctx->retry_after = 1;
		return fail(ctx, P_UNAVAILABLE);
	}
	if (atomic_exchange(&store->unreachable, false))
		log_info("database_reached", LOG_NUMBER("generation", conn->generation));
	PQsetNoticeReceiver(conn->pg, conn_notice, conn);
	return 0;
}

/* Pings only if another session has fallen silent since this one answered. */
static bool conn_answers(struct ctx *ctx, struct conn *conn)
{
	struct store *store = conn->store;

	if (conn->heard == atomic_load(&store->silences) || conn_ping(conn))
		return true;
	store_count_error(store, STORE_CONNECTION_LOST);
	log_warning("database_session_silent", LOG_TEXT("request_id", ctx->request_id));
	return false;
}

static int conn_make_ready(struct ctx *ctx, struct conn *conn, int64_t deadline)
{
	struct store *store = conn->store;
	int64_t asked_at = clock_ticks();

	if (conn->pg != NULL && conn->generation == atomic_load(&store->generation)) {
		bool alive = conn_is_alive(conn) && conn_is_clean(conn);

		if (alive && conn_answers(ctx, conn))
			return 0;
		if (!alive || PQstatus(conn->pg) == CONNECTION_BAD)
			store_doom(store, conn->generation);
	}
	conn_close(conn);
	/* The new connection has the time that was left before the old one was pinged. */
	return conn_open(ctx, conn, deadline + (clock_ticks() - asked_at));
}

int store_acquire(struct ctx *ctx, struct store *store, struct conn **ret)
{
	int64_t deadline = clock_ticks() + store->wait_ms * INT64_C(1000000);
	struct conn *conn = line_take(store, deadline);
	int rc;

	if (conn == NULL) {
		store_count_error(store, STORE_POOL_TIMEOUT);
		return conn_unavailable(ctx, "pool_exhausted", "no connection came free in time");
	}
	rc = conn_make_ready(ctx, conn, deadline);
	if (rc != 0) {
		conn->counts.errors++;
		line_give(store, conn);
		return rc;
	}
	conn->counts.acquired++;
	*ret = conn;
	return 0;
}

void conn_release(struct conn **conn_ptr)
{
	struct conn *conn = *conn_ptr;

	if (conn == NULL)
		return;
	*conn_ptr = NULL;
	conn_forget(conn);
	if (!conn->broken && PQtransactionStatus(conn->pg) != PQTRANS_IDLE)
		conn_roll_back(conn);
	if (conn->broken || conn->spent || !conn_is_clean(conn) ||
	    conn->generation != atomic_load(&conn->store->generation))
		conn_close(conn);
	conn->released_at = clock_ticks();
	line_give(conn->store, conn);
}

void conn_forget(struct conn *conn)
{
	while (conn->reply_count > 0)
		PQclear(conn->replies[--conn->reply_count]);
}

void store_stats(struct store *store, struct store_stats *ret)
{
	pthread_mutex_lock(&store->mutex);
	*ret = store->stats;
	pthread_mutex_unlock(&store->mutex);
	ret->size = store->size;
	ret->generation = atomic_load(&store->generation);
	for (size_t i = 0; i < STORE_ERROR_COUNT; i++)
		ret->errors_by_class[i] = atomic_load(&store->errors_by_class[i]);
}

void store_count_error(struct store *store, enum store_error error)
{
	atomic_fetch_add_explicit(&store->errors_by_class[error], 1, memory_order_relaxed);
}
