/* Runs statements on a connection and turns the outcome into a problem or a fault. Enter at
 * conn_run and conn_commit. The caller owns the connection. */

#include "core/clock.h"
#include "core/log/log.h"
#include "store/pipeline.h"
#include "store/sqlstate.h"

#include <errno.h>
#include <strings.h>

#define PARAMS_MAX 65535 /* of the protocol */

static const struct query commit_query = { TEXT("COMMIT"), NULL, 0 };
static const struct query rollback_query = { TEXT("ROLLBACK"), NULL, 0 };

static int queries_check(const struct ctx *ctx, const struct conn *conn,
			 const struct query *queries, size_t count)
{
	if (count > PIPELINE_MAX)
		return fault(ctx, E2BIG, "pipeline_too_long", TEXT_NULL);
	if (conn->reply_count + count + 1 > REPLIES_MAX)
		return fault(ctx, ENOBUFS, "replies_not_forgotten", TEXT_NULL);
	for (size_t i = 0; i < count; i++) {
		const struct query *query = &queries[i];

		if (query->param_count > PARAMS_MAX)
			return fault(ctx, E2BIG, "too_many_parameters", TEXT_NULL);
		/* libpq would silently cut the parameter at a NUL. */
		for (size_t j = 0; j < query->param_count; j++)
			if (query->params[j].len > 0 &&
			    memchr(query->params[j].ptr, '\0', query->params[j].len) != NULL)
				return fault(ctx, EINVAL, "parameter_with_nul", TEXT_NULL);
	}
	return 0;
}

static struct text error_field(const PGresult *error, int field)
{
	return text_of(PQresultErrorField(error, field));
}

static bool query_deletes(struct text sql)
{
	return sql.len >= 6 && strncasecmp(sql.ptr, "DELETE", 6) == 0;
}

static int pipeline_error(struct ctx *ctx, struct pipeline *pipeline)
{
	const PGresult *result = pipeline->error;
	const struct sql_error error = {
		.sqlstate = error_field(result, PG_DIAG_SQLSTATE),
		.constraint = error_field(result, PG_DIAG_CONSTRAINT_NAME),
		.table = error_field(result, PG_DIAG_TABLE_NAME),
		.message = error_field(result, PG_DIAG_MESSAGE_PRIMARY),
		.hint = error_field(result, PG_DIAG_MESSAGE_HINT),
		.deleting = pipeline->error_at < pipeline->count &&
			    query_deletes(pipeline->queries[pipeline->error_at].sql),
	};

	store_count_error(pipeline->conn->store, sqlstate_class(error.sqlstate));
	pipeline->conn->undone = sqlstate_is_undone(error.sqlstate);
	if (sqlstate_is_failover(error.sqlstate)) {
		pipeline->conn->spent = true;
		store_doom(pipeline->conn->store, pipeline->conn->generation);
	}
	return sqlstate_fail(ctx, &error);
}

/* A lost connection means that the server is gone. A timeout says nothing about other connections:
 * if the server is slow, reconnecting all would add load. */
static void lost_doom(const struct pipeline *pipeline)
{
	const struct conn *conn = pipeline->conn;

	if (pipeline->lost && PQstatus(conn->pg) == CONNECTION_BAD)
		store_doom(conn->store, conn->generation);
}

static int in_doubt(struct ctx *ctx, const struct pipeline *pipeline, const char *why)
{
	lost_doom(pipeline);
	store_count_error(pipeline->conn->store, STORE_IN_DOUBT);
	log_warning("commit_in_doubt", LOG_TEXT("request_id", ctx->request_id),
		    LOG_TEXT("what", text_of(why)));
	ctx->retry_after = 1;
	return fail(ctx, P_IN_DOUBT);
}

/* Whether the server may have committed although there was an error: it ended the session while
 * COMMIT ran. */
static bool error_is_doubtful(const struct pipeline *pipeline)
{
	return pipeline->error_at == pipeline->count && pipeline->last != NULL &&
	       !text_is(error_field(pipeline->error, PG_DIAG_SEVERITY_NONLOCALIZED), "ERROR");
}

/* The COMMIT has its answer; nothing that comes after it, not even the session's end, changes the
 * outcome. */
static int commit_answer(struct ctx *ctx, struct pipeline *pipeline)
{
	struct conn *conn = pipeline->conn;
	PGresult *last = conn->replies[--conn->reply_count];
	bool committed = strcmp(PQcmdStatus(last), "COMMIT") == 0;

	PQclear(last);
	lost_doom(pipeline);
	if (!committed)
		return fault(ctx, ECANCELED, "commit_rolled_back", TEXT_NULL);
	if (conn->wait_cancelled)
		return in_doubt(ctx, pipeline, "wait for the synchronous standby was cancelled");
	return 0;
}

/* The outcome of a pipeline that ended with COMMIT. */
static int commit_outcome(struct ctx *ctx, struct pipeline *pipeline)
{
	struct conn *conn = pipeline->conn;

	if (pipeline->answered > pipeline->count)
		return commit_answer(ctx, pipeline);
	if (pipeline->error == NULL)
		return in_doubt(ctx, pipeline, pipeline->why);
	if (!error_is_doubtful(pipeline))
		return pipeline_error(ctx, pipeline);
	store_doom(conn->store, conn->generation);
	return in_doubt(ctx, pipeline, "session ended during commit");
}

static int run_outcome(struct ctx *ctx, struct pipeline *pipeline)
{
	if (pipeline->error != NULL)
		return pipeline_error(ctx, pipeline);
	if (!pipeline->lost)
		return 0;
	lost_doom(pipeline);
	store_count_error(pipeline->conn->store, STORE_CONNECTION_LOST);
	return conn_unavailable(ctx, "database_lost", pipeline->why);
}

static void pipeline_begin(struct pipeline *pipeline, struct conn *conn, int ms)
{
	memset(pipeline, 0, offsetof(struct pipeline, slots));
	pipeline->step_count = 0;
	pipeline->conn = conn;
	pipeline->deadline = clock_ticks() + INT64_C(1000000) * ms;
}

static int conn_exchange(struct ctx *ctx, struct conn *conn, const struct query *queries,
			 size_t count, const struct query *last, struct reply *ret_replies)
{
	struct pipeline pipeline;
	int rc;

	conn->failed_at = SIZE_MAX;
	conn->undone = false;
	if (conn->broken)
		return conn_unavailable(ctx, "database_lost", "connection was lost before");
	rc = queries_check(ctx, conn, queries, count);
	if (rc != 0)
		return rc;
	pipeline_begin(&pipeline, conn, conn->store->statement_timeout_ms + DEADLINE_MARGIN_MS);
	pipeline.queries = queries;
	pipeline.count = count;
	pipeline.last = last;
	pipeline_exchange(&pipeline);
	if (pipeline.error != NULL && pipeline.error_at <= count)
		conn->failed_at = pipeline.error_at;
	rc = last != NULL ? commit_outcome(ctx, &pipeline) : run_outcome(ctx, &pipeline);
	if (rc != 0)
		conn->counts.errors++;
	for (size_t i = 0; i < count && rc == 0; i++)
		ret_replies[i].result = conn->replies[pipeline.first_reply + i];
	pipeline_done(&pipeline, rc != 0);
	return rc;
}

int conn_run(struct ctx *ctx, struct conn *conn, const struct query *queries, size_t count,
	     struct reply *ret_replies)
{
	return conn_exchange(ctx, conn, queries, count, NULL, ret_replies);
}

int conn_commit(struct ctx *ctx, struct conn *conn, const struct query *queries, size_t count,
		struct reply *ret_replies)
{
	return conn_exchange(ctx, conn, queries, count, &commit_query, ret_replies);
}

size_t conn_failed_at(const struct conn *conn)
{
	return conn->failed_at;
}

bool conn_undone(const struct conn *conn)
{
	return conn->undone;
}

bool conn_ping(struct conn *conn)
{
	struct pipeline pipeline;

	pipeline_begin(&pipeline, conn, PING_MS);
	pipeline_exchange(&pipeline);
	if (pipeline.error != NULL)
		conn->broken = true;
	pipeline_done(&pipeline, true);
	return !conn->broken;
}

void conn_roll_back(struct conn *conn)
{
	struct pipeline pipeline;

	pipeline_begin(&pipeline, conn, ROLLBACK_MS);
	pipeline.last = &rollback_query;
	pipeline_exchange(&pipeline);
	if (pipeline.error != NULL || pipeline.lost)
		conn->broken = true;
	pipeline_done(&pipeline, true);
}
