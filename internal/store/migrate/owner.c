/* The owner's connection, on which migrations and the schema's objects are applied: statements run
 * in turn with PQexec, because no request waits here. Enter at owner_open. */

#include "store/migrate/owner.h"

#include "core/clock.h"
#include "core/log/log.h"
#include "store/connect.h"
#include "store/sqlstate.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define CONNECT_NS (INT64_C(10) * 1000000000)
#define LOCK_TIMEOUT_MS 30000
/* A statement that waits for an exclusive lock blocks every request that comes after it. So it
 * waits for less time than a request does (LOCK_TIMEOUT_MS of the configuration) and less than
 * PostgreSQL waits before it checks for a deadlock (1 s). Then it gives up and tries again. */
#define APPLY_SQL "SET LOCAL lock_timeout = '500ms'"
#define APPLY_TRIES 90
#define PAUSE_NS 200000000

/* Poll for the lock instead of waiting: a waiting statement is an open transaction, and building
 * an index concurrently waits for all of these to end. */
static const char LOCK_SQL[] = "SELECT pg_try_advisory_lock(hashtext('atbalsts migrations'))";
#define LOCK_TRIES 150

void owner_done(struct owner *owner)
{
	PQfinish(owner->pg);
}

void result_done(PGresult **result)
{
	PQclear(*result);
}

int owner_open(struct owner *owner, const char *dsn)
{
	const struct connect_limits limits = { 0, LOCK_TIMEOUT_MS, 0 };
	struct connector connector;
	char why[WHY_SIZE];
	int rc = connector_init(&connector, dsn, &limits);

	if (rc != 0)
		return fault(owner->ctx, EINVAL, "bad_connection_string", TEXT_NULL);
	rc = connector_open(&connector, clock_ticks() + CONNECT_NS, &owner->pg, why);
	connector_done(&connector);
	if (rc != 0)
		return fault(owner->ctx, -rc, "database_unreachable", text_of(why));
	return 0;
}

/* The line of the character that PostgreSQL reports; 0 if it reports none. */
static int error_line(const char *sql, const PGresult *result)
{
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	int64_t left;
	int line = 1;

	if (position == NULL || text_to_int64(text_of(position), &left) != 0)
		return 0;
	for (; *sql != '\0' && left > 1; sql++) {
		line += *sql == '\n';
		left -= (*sql & 0xc0) != 0x80;
	}
	return line;
}

static int owner_fault(struct owner *owner, const char *what, const char *sql,
		       const PGresult *result)
{
	const struct sql_error error = {
		.sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
		.constraint = text_of(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME)),
		.table = text_of(PQresultErrorField(result, PG_DIAG_TABLE_NAME)),
		.message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
	};
	char print[SQL_ERROR_SIZE], line[SQL_ERROR_SIZE + 128];

	/* libpq's own errors, such as a lost connection, have no fields. */
	if (error.sqlstate.ptr == NULL)
		message_line(PQresultErrorMessage(result), print);
	else
		sql_error_print(&error, print);
	snprintf(line, sizeof(line), "%.80s line %d: %s", what, error_line(sql, result), print);
	return fault(owner->ctx, EIO, "migration_failed", text_of(line));
}

/* A lock did not become free, or there was a deadlock: try again. */
static bool lock_failed(const PGresult *result)
{
	struct text sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));

	return text_is(sqlstate, "55P03") || text_is(sqlstate, "40P01");
}

int owner_run(struct owner *owner, const char *what, const char *sql)
{
	__attribute__((cleanup(result_done))) PGresult *result = PQexec(owner->pg, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return 0;
	if (!lock_failed(result))
		return owner_fault(owner, what, sql, result);
	log_warning("migration_waits", LOG_TEXT("what", text_of(what)));
	return -EAGAIN;
}

int owner_ask(struct owner *owner, const char *sql, size_t count, const char *const *params,
	      PGresult **ret)
{
	PGresult *result = PQexecParams(owner->pg, sql, (int)count, NULL, params, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	int rc;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		*ret = result;
		return 0;
	}
	rc = owner_fault(owner, "bookkeeping", sql, result);
	PQclear(result);
	return rc;
}

static int owner_commit(struct owner *owner, const char *what)
{
	__attribute__((cleanup(result_done))) PGresult *result = PQexec(owner->pg, "COMMIT");

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return owner_fault(owner, what, "", result);
	if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		return fault(owner->ctx, ECANCELED, "migration_rolled_back", text_of(what));
	return 0;
}

static int apply_once(struct owner *owner, const char *what, const char *sql, const char *remember,
		      size_t count, const char *const *params)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	int rc = owner_run(owner, what, "BEGIN");

	if (rc == 0)
		rc = owner_run(owner, what, APPLY_SQL);
	if (rc == 0)
		rc = owner_run(owner, what, sql);
	if (rc != 0)
		return rc;
	if (PQtransactionStatus(owner->pg) != PQTRANS_INTRANS)
		return fault(owner->ctx, EPROTO, "migration_ends_its_transaction", text_of(what));
	if (remember != NULL)
		rc = owner_ask(owner, remember, count, params, &result);
	if (rc != 0)
		return rc;
	return owner_commit(owner, what);
}

int owner_apply(struct owner *owner, const char *what, const char *sql, const char *remember,
		size_t count, const char *const *params)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < APPLY_TRIES; i++) {
		int rc = apply_once(owner, what, sql, remember, count, params);

		if (rc != -EAGAIN)
			return rc;
		rc = owner_run(owner, what, "ROLLBACK");
		if (rc != 0)
			return rc;
		nanosleep(&pause, NULL);
	}
	return fault(owner->ctx, ETIMEDOUT, "migration_blocked", text_of(what));
}

int owner_lock(struct owner *owner)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < LOCK_TRIES; i++) {
		__attribute__((cleanup(result_done))) PGresult *result = NULL;
		int rc = owner_ask(owner, LOCK_SQL, 0, NULL, &result);

		if (rc != 0 || strcmp(PQgetvalue(result, 0, 0), "t") == 0)
			return rc;
		nanosleep(&pause, NULL);
	}
	return fault(owner->ctx, EBUSY, "migration_blocked", TEXT("another migrate is at work"));
}
