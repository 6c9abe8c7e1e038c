/* Sends one pipeline of statements and reads every answer. Enter at pipeline_exchange. The
 * caller owns the connection; no lock is held. */

#include "store/pipeline.h"

#include "core/clock.h"

#include <poll.h>
#include <stdio.h>

static void pipeline_lose(struct pipeline *pipeline, const char *why)
{
	pipeline->lost = true;
	pipeline->why = why;
	pipeline->conn->broken = true;
}

static void pipeline_owe(struct pipeline *pipeline, enum step_kind kind, uint16_t at)
{
	pipeline->steps[pipeline->step_count++] = (struct step){ kind, at };
}

static size_t pipeline_queries(const struct pipeline *pipeline)
{
	return pipeline->count + (pipeline->last != NULL);
}

static const struct query *pipeline_query(const struct pipeline *pipeline, size_t at)
{
	return at < pipeline->count ? &pipeline->queries[at] : pipeline->last;
}

static int send_sync(struct pipeline *pipeline)
{
	pipeline_owe(pipeline, STEP_SYNC, 0);
	return PQpipelineSync(pipeline->conn->pg) == 1 ? 0 : -1;
}

static int send_deallocate(struct pipeline *pipeline, const char *name)
{
	char sql[sizeof("DEALLOCATE ") + STATEMENT_NAME];

	snprintf(sql, sizeof(sql), "DEALLOCATE %s", name);
	pipeline_owe(pipeline, STEP_DEALLOCATE, 0);
	return PQsendQueryParams(pipeline->conn->pg, sql, 0, NULL, NULL, NULL, NULL, 0) == 1 ? 0
											     : -1;
}

/* Finds or makes every query's statement. Evictions stand first, with a Sync of their own: the
 * caller's errors must not undo them, and they must not take a snapshot before the caller's BEGIN.
 * A pipeline has fewer queries than the table has slots, so it never evicts a statement of its
 * own. */
static int send_evictions(struct pipeline *pipeline)
{
	struct statements *statements = &pipeline->conn->statements;
	char evicted[STATEMENT_NAME];

	for (size_t i = 0; i < pipeline_queries(pipeline); i++) {
		struct text sql = pipeline_query(pipeline, i)->sql;

		pipeline->slots[i] = statements_find(statements, sql);
		if (pipeline->slots[i] != STATEMENT_NONE)
			continue;
		pipeline->slots[i] = statements_add(statements, sql, evicted);
		pipeline->conn->counts.prepared++;
		if (evicted[0] != '\0' && send_deallocate(pipeline, evicted) != 0)
			return -1;
	}
	return pipeline->step_count > 0 ? send_sync(pipeline) : 0;
}

/* libpq wants the parameters as an array of NUL-terminated strings. */
static const char *const *scratch_fill(struct conn *conn, const struct query *query)
{
	size_t size = query->param_count * sizeof(char *);
	const char **values;
	char *at;

	if (query->param_count == 0)
		return NULL;
	for (size_t i = 0; i < query->param_count; i++)
		size += query->params[i].len + 1;
	if (size > conn->scratch_size) {
		conn->scratch = memory_resize(conn->scratch, size);
		conn->scratch_size = size;
	}
	values = (const char **)(void *)conn->scratch;
	at = conn->scratch + query->param_count * sizeof(char *);
	for (size_t i = 0; i < query->param_count; i++) {
		struct text param = query->params[i];

		values[i] = param.ptr != NULL ? at : NULL;
		if (param.ptr == NULL)
			continue;
		memcpy(at, param.ptr, param.len);
		at[param.len] = '\0';
		at += param.len + 1;
	}
	return values;
}

static void scratch_trim(struct conn *conn)
{
	if (conn->scratch_size <= SCRATCH_KEPT)
		return;
	memory_give(conn->scratch);
	conn->scratch = NULL;
	conn->scratch_size = 0;
}

static int send_query(struct pipeline *pipeline, size_t at)
{
	struct conn *conn = pipeline->conn;
	const struct query *query = pipeline_query(pipeline, at);
	struct statement *statement = &conn->statements.slots[pipeline->slots[at]];
	const char *const *values = scratch_fill(conn, query);

	if (statement->state == STATEMENT_NEW) {
		pipeline_owe(pipeline, STEP_PREPARE, pipeline->slots[at]);
		if (PQsendPrepare(conn->pg, statement->name, statement->sql, 0, NULL) != 1)
			return -1;
		statement->state = STATEMENT_SENT;
	}
	pipeline_owe(pipeline, STEP_QUERY, (uint16_t)at);
	conn->counts.statements++;
	return PQsendQueryPrepared(conn->pg, statement->name, (int)query->param_count, values, NULL,
				   NULL, 0) == 1
		       ? 0
		       : -1;
}

static int pipeline_send(struct pipeline *pipeline)
{
	int rc = send_evictions(pipeline);

	for (size_t i = 0; i < pipeline_queries(pipeline) && rc == 0; i++)
		rc = send_query(pipeline, i);
	if (rc == 0)
		rc = send_sync(pipeline);
	scratch_trim(pipeline->conn);
	return rc;
}

/* Waits until the socket is ready: 1, or 0 at the deadline, or -errno. */
static int pipeline_poll(const struct pipeline *pipeline, short events)
{
	struct conn *conn = pipeline->conn;
	int64_t patience = clock_ticks() + INT64_C(1000000) * SILENCE_MS;
	int rc = 0;

	if (patience < pipeline->deadline)
		rc = socket_wait(PQsocket(conn->pg), events, patience);
	if (rc == 0 && patience < pipeline->deadline)
		store_suspect(conn->store, conn);
	if (rc == 0)
		rc = socket_wait(PQsocket(conn->pg), events, pipeline->deadline);
	if (rc == 0)
		store_suspect(conn->store, conn);
	return rc;
}

/* Waits until the next result is complete. Reads also while it cannot write: the server may be
 * waiting until we have read its answers. */
static int pipeline_wait(struct pipeline *pipeline)
{
	PGconn *pg = pipeline->conn->pg;

	for (;;) {
		int unsent = PQflush(pg);
		int rc;

		if (unsent == 0 && PQisBusy(pg) == 0)
			return 0;
		rc = unsent < 0 ? -1 : 1;
		if (rc == 1)
			rc = pipeline_poll(pipeline, (short)(POLLIN | (unsent ? POLLOUT : 0)));
		if (rc == 0) {
			pipeline_lose(pipeline, "no answer in time");
			return -1;
		}
		/* A failed read is not reported here: answers that came before it must still be
		 * parsed, and PQgetResult then reports the loss. */
		if (rc < 0 || (PQconsumeInput(pg) == 0 && PQisBusy(pg) != 0)) {
			pipeline_lose(pipeline, "connection lost");
			return -1;
		}
	}
}

static int pipeline_next(struct pipeline *pipeline, PGresult **ret)
{
	if (pipeline_wait(pipeline) != 0)
		return -1;
	*ret = PQgetResult(pipeline->conn->pg);
	return 0;
}

/* Keeps the result or clears it. */
static void receive_query(struct pipeline *pipeline, PGresult *result)
{
	struct conn *conn = pipeline->conn;

	conn->replies[conn->reply_count++] = result;
	pipeline->answered++;
}

static void receive_error(struct pipeline *pipeline, PGresult *result, size_t at)
{
	if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL)
		pipeline_lose(pipeline, "connection lost");
	if (pipeline->error != NULL || pipeline->lost) {
		PQclear(result);
		return;
	}
	pipeline->error = result;
	pipeline->error_at = at;
}

static void receive_result(struct pipeline *pipeline, const struct step *step, size_t query_at,
			   PGresult *result)
{
	struct conn *conn = pipeline->conn;
	ExecStatusType status = PQresultStatus(result);
	bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
		    status == PGRES_EMPTY_QUERY;

	/* A prepared statement outlives its transaction. A statement whose PREPARE was not reached
	 * does not exist. */
	if (step->kind == STEP_PREPARE && done)
		conn->statements.slots[step->at].state = STATEMENT_READY;
	else if (step->kind == STEP_PREPARE)
		statements_forget(&conn->statements, step->at);
	/* A DEALLOCATE fails only in a failed transaction: then the server keeps a statement that
	 * we have forgotten. */
	if (step->kind == STEP_DEALLOCATE && !done)
		conn->spent = true;

	if (step->kind == STEP_QUERY && done)
		receive_query(pipeline, result);
	else if (step->kind != STEP_DEALLOCATE && status == PGRES_FATAL_ERROR)
		receive_error(pipeline, result, query_at);
	else
		PQclear(result);
	if (!done && status != PGRES_FATAL_ERROR && status != PGRES_PIPELINE_ABORTED)
		pipeline_lose(pipeline, "COPY has no place in a pipeline");
}

/* An implicit transaction commits at the Sync, so a deferred constraint may fail here. */
static void receive_sync(struct pipeline *pipeline, size_t query_at)
{
	bool synced = false;

	while (!synced && !pipeline->lost) {
		PGresult *result = NULL;
		ExecStatusType status;

		if (pipeline_next(pipeline, &result) != 0)
			return;
		status = PQresultStatus(result);
		synced = status == PGRES_PIPELINE_SYNC;
		if (result != NULL && status == PGRES_FATAL_ERROR)
			receive_error(pipeline, result, query_at);
		else
			PQclear(result);
	}
}

static void receive_command(struct pipeline *pipeline, const struct step *step, size_t query_at)
{
	PGresult *result = NULL;

	if (pipeline_next(pipeline, &result) != 0)
		return;
	if (result == NULL) {
		pipeline_lose(pipeline, "connection lost");
		return;
	}
	receive_result(pipeline, step, query_at, result);
	/* Each command's results end with a NULL, a Sync's do not. */
	result = NULL;
	if (pipeline->lost || pipeline_next(pipeline, &result) != 0 || result == NULL)
		return;
	PQclear(result);
	pipeline_lose(pipeline, "connection lost");
}

void pipeline_exchange(struct pipeline *pipeline)
{
	struct conn *conn = pipeline->conn;
	int silences = atomic_load(&conn->store->silences);
	size_t query_at = 0;

	pipeline->first_reply = conn->reply_count;
	conn->wait_cancelled = false;
	conn->counts.round_trips++;
	if (pipeline_send(pipeline) != 0) {
		pipeline_lose(pipeline, "cannot send");
		return;
	}
	for (size_t i = 0; i < pipeline->step_count && !pipeline->lost; i++) {
		const struct step *step = &pipeline->steps[i];

		if (step->kind == STEP_SYNC)
			receive_sync(pipeline, query_at);
		else
			receive_command(pipeline, step, query_at);
		query_at += step->kind == STEP_QUERY;
	}
	if (!pipeline->lost)
		conn->heard = silences;
}

void pipeline_done(struct pipeline *pipeline, bool drop)
{
	struct conn *conn = pipeline->conn;

	PQclear(pipeline->error);
	pipeline->error = NULL;
	while (drop && conn->reply_count > pipeline->first_reply)
		PQclear(conn->replies[--conn->reply_count]);
}
