/* Metrics of pool, database, keys, audit and log. Enter at gauges_print. Asks the database over
 * a connection outside the requests' pool. */

#include "gauges.h"

#include "core/clock.h"
#include "core/log/log.h"
#include "web/metrics.h"

/* The newest row of the outbox, which the audit's trigger writes together with its own row; and
 * the bytes of WAL that are not on the disk yet: access rows are answered before they are on the
 * disk, and only writes wait for it. */
static const char AUDIT_SQL[] = "SELECT newest_change, unflushed_bytes FROM audit_state()";

static void print_pool(const struct store_stats *stats, struct buf *buf)
{
	metric_head(buf, "atbalsts_pool_connections", "gauge", "Database connections.");
	buf_printf(buf,
		   "atbalsts_pool_connections{state=\"size\"} %d\n"
		   "atbalsts_pool_connections{state=\"in_use\"} %d\n",
		   stats->size, stats->in_use);
	metric_head(buf, "atbalsts_pool_waiting", "gauge", "Requests in line for a connection.");
	buf_printf(buf, "atbalsts_pool_waiting %d\n", stats->waiting);
	metric_head(buf, "atbalsts_pool_renewals_total", "counter",
		    "How often all connections were given up after a loss or a fail-over.");
	buf_printf(buf, "atbalsts_pool_renewals_total %d\n", stats->generation);
}

static void print_database(const struct store_stats *stats, struct buf *buf)
{
	metric_head(buf, "atbalsts_database_total", "counter", "Database events.");
	buf_printf(buf,
		   "atbalsts_database_total{event=\"acquired\"} %lld\n"
		   "atbalsts_database_total{event=\"timeout\"} %lld\n"
		   "atbalsts_database_total{event=\"round_trip\"} %lld\n"
		   "atbalsts_database_total{event=\"statement\"} %lld\n"
		   "atbalsts_database_total{event=\"prepared\"} %lld\n"
		   "atbalsts_database_total{event=\"error\"} %lld\n",
		   (long long)stats->acquired, (long long)stats->timeouts,
		   (long long)stats->round_trips, (long long)stats->statements,
		   (long long)stats->prepared, (long long)stats->errors);
	metric_head(buf, "atbalsts_database_errors_total", "counter",
		    "Errors of the database, by PostgreSQL's name of their class.");
	for (size_t i = 0; i < STORE_ERROR_COUNT; i++)
		buf_printf(buf, "atbalsts_database_errors_total{class=\"%s\"} %lld\n",
			   store_error_names[i], (long long)stats->errors_by_class[i]);
}

/* The keys that this replica knows: all replicas must know a key before one uses it. */
static void print_keys(struct gauges *gauges, struct buf *buf)
{
	struct engine *engine = engines_take(gauges->engines);

	metric_head(buf, "atbalsts_key_info", "gauge",
		    "Keys that are loaded, by id; the first makes, each opens.");
	for (size_t i = 0; i < engine->keyring->count; i++)
		buf_printf(buf, "atbalsts_key_info{kind=\"master\",id=\"%s\",first=\"%s\"} 1\n",
			   engine->keyring->keys[i].id, i == 0 ? "true" : "false");
	for (size_t i = 0; i < engine->token.key_count; i++)
		buf_printf(buf, "atbalsts_key_info{kind=\"token\",id=\"%s\",first=\"%s\"} 1\n",
			   engine->token.keys[i].kid, i == 0 ? "true" : "false");
	engines_give(gauges->engines, engine);
	metric_head(buf, "atbalsts_key_reloads_total", "counter", "SIGHUPs, by what came of them.");
	buf_printf(buf,
		   "atbalsts_key_reloads_total{result=\"taken\"} %lld\n"
		   "atbalsts_key_reloads_total{result=\"refused\"} %lld\n",
		   atomic_load(&gauges->keys_taken), atomic_load(&gauges->keys_refused));
}

static int audit_ask(struct gauges *gauges, struct arena *arena, struct text ret[2])
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct query query = { TEXT(AUDIT_SQL), NULL, 0 };
	struct reply reply;
	struct ctx ctx;
	int rc;

	command_ctx(&ctx, arena);
	rc = store_acquire(&ctx, gauges->store, &conn);
	if (rc == 0)
		rc = conn_run(&ctx, conn, &query, 1, &reply);
	if (rc != 0 || reply_rows(reply) != 1)
		return -1;
	ret[0] = arena_copy(arena, reply_cell(reply, 0, 0));
	ret[1] = arena_copy(arena, reply_cell(reply, 0, 1));
	return 0;
}

/* How much older the newest recorded change is than the newest record that was acknowledged here:
 * 0 unless a trigger is missing, or the database lost acknowledged changes. */
static void print_lag(struct instant newest, struct instant last_created, struct buf *buf)
{
	int64_t lag_us = last_created.us > newest.us ? last_created.us - newest.us : 0;

	/* No change is recorded at all. */
	if (newest.us == 0 && lag_us > 0)
		lag_us = clock_now().us - last_created.us;
	metric_head(buf, "atbalsts_audit_lag_seconds", "gauge",
		    "How far the newest audited change is behind what was acknowledged here.");
	buf_printf(buf, "atbalsts_audit_lag_seconds %lld.%06lld\n",
		   (long long)(lag_us / INSTANT_SECOND), (long long)(lag_us % INSTANT_SECOND));
}

static void print_audit(struct gauges *gauges, struct instant last_created, struct buf *buf)
{
	struct instant newest = { 0 };
	struct text cells[2];

	if (audit_ask(gauges, buf->arena, cells) != 0)
		return;
	if (cells[0].ptr != NULL && instant_parse_sql(cells[0], &newest) != 0)
		return;
	print_lag(newest, last_created, buf);
	if (cells[1].ptr == NULL)
		return;
	metric_head(buf, "atbalsts_audit_unflushed_bytes", "gauge",
		    "WAL that is not on the disk yet: what a crash could take of the access log.");
	buf_printf(buf, "atbalsts_audit_unflushed_bytes %.*s\n", (int)cells[1].len, cells[1].ptr);
}

static void print_log(struct buf *buf)
{
	metric_head(buf, "atbalsts_log_lines_dropped_total", "counter",
		    "Lines of the log that nobody took in time, or that the output refused.");
	buf_printf(buf, "atbalsts_log_lines_dropped_total %lld\n", (long long)log_dropped());
}

void gauges_print(struct gauges *gauges, struct instant last_created, struct buf *buf)
{
	struct store_stats stats;

	store_stats(gauges->server->engine.store, &stats);
	print_pool(&stats, buf);
	print_database(&stats, buf);
	print_keys(gauges, buf);
	print_audit(gauges, last_created, buf);
	print_log(buf);
	process_print(buf);
}
