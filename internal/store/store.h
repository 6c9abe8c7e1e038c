#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "core/fail.h"

/* The only user of libpq. A pool of connections; each has its prepared statements in a bounded
 * LRU. Callers wait in a queue (FIFO) for a bounded time. A connection that broke, or that met a
 * server in recovery or shutdown (25006, 57P0x), dooms its generation: all older connections are
 * replaced when idle. */
struct store;
struct conn;

struct store_config {
	const char *dsn; /* libpq connection string */
	int size;	 /* connections, made when first needed */
	int wait_ms;	 /* longest wait for one, then P_UNAVAILABLE with Retry-After */
	int statement_timeout_ms;
	int lock_timeout_ms;
};

/* -EINVAL for a bad dsn; does not connect. Owned by the caller. */
int store_new(const struct store_config *config, struct store **ret);
void store_free(struct store *store);

/* A clean connection of the current generation; it is the caller's until released. P_UNAVAILABLE
 * if none became free in time or the server cannot be reached. A request whose session hangs waits
 * for the deadline of conn_run. Once a session has not answered for a second, each other
 * connection is pinged once before its next use, and replaced if it does not answer within half a
 * second. So a later request loses at most that half second, in addition to wait_ms. */
int store_acquire(struct ctx *ctx, struct store *store, struct conn **ret);
/* Frees its replies, rolls an open transaction back and returns the connection to the pool. NULL
 * is fine. For cleanup. */
void conn_release(struct conn **conn);

/* One statement: text with $1…, parameters in text format (null text: NULL). All texts are borrowed
 * until conn_run returns. sql decides the prepared statement: the same text is prepared once per
 * connection. */
struct query {
	struct text sql;
	const struct text *params;
	size_t param_count;
};

/* A statement's result; lives until conn_release or conn_forget. */
struct reply {
	void *result;
};

/* Sends all queries in one pipeline with one Sync: one round trip, and outside BEGIN one implicit
 * transaction. replies[i] is queries[i]'s. On an SQL error nothing of the pipeline takes effect: a
 * problem by sqlstate.def (class and constraint; P_IN_USE if a DELETE meets a foreign key), else a
 * fault. P_UNAVAILABLE if the connection is lost, or there is no answer within the statement
 * timeout plus a second. If the outcome must be known, write between BEGIN and conn_commit. At
 * most 128 queries, and 1024 replies between two conn_forget; no COPY; a NUL in a parameter is a
 * fault. */
int conn_run(struct ctx *ctx, struct conn *conn, const struct query *queries, size_t count,
	     struct reply *ret_replies);

/* conn_run with COMMIT appended (BEGIN may be the first of queries: one round trip); P_IN_DOUBT
 * when its outcome is unknown or its synchronous wait was cancelled; a fault when the answer is
 * ROLLBACK. */
int conn_commit(struct ctx *ctx, struct conn *conn, const struct query *queries, size_t count,
		struct reply *ret_replies);

/* Index of the query that met an SQL error in the last conn_run or conn_commit, their count for the
 * COMMIT itself (implicit ones too); SIZE_MAX when none did. */
size_t conn_failed_at(const struct conn *conn);

/* Whether the last conn_run or conn_commit failed because PostgreSQL rolled the transaction back
 * so that another could go on (deadlock, serialisation): it certainly had no effect and may be
 * retried. */
bool conn_undone(const struct conn *conn);

/* Frees all replies of the connection; cells from them die. */
void conn_forget(struct conn *conn);

size_t reply_rows(struct reply reply);
size_t reply_columns(struct reply reply);
/* Null text for NULL; borrowed from the reply. row and column must exist. */
struct text reply_cell(struct reply reply, size_t row, size_t column);
/* Rows that INSERT, UPDATE or DELETE touched. */
size_t reply_touched(struct reply reply);

/* STORE_ERROR(id, "SQLSTATE's prefix or "" for what the server did not say", "name"): PostgreSQL's
 * names of the classes (its manual, appendix A). */
#define STORE_ERRORS(X)                                                                            \
	X(STORE_UNREACHABLE, "", "unreachable")                                                    \
	X(STORE_CONNECTION_LOST, "", "connection_lost")                                            \
	X(STORE_IN_DOUBT, "", "in_doubt")                                                          \
	X(STORE_POOL_TIMEOUT, "", "pool_timeout")                                                  \
	X(STORE_CONNECTION_EXCEPTION, "08", "connection_exception")                                \
	X(STORE_DATA_EXCEPTION, "22", "data_exception")                                            \
	X(STORE_CONSTRAINT, "23", "integrity_constraint_violation")                                \
	X(STORE_TRANSACTION_STATE, "25", "invalid_transaction_state")                              \
	X(STORE_AUTHORIZATION, "28", "invalid_authorization_specification")                        \
	X(STORE_ROLLBACK, "40", "transaction_rollback")                                            \
	X(STORE_ACCESS_RULE, "42", "syntax_error_or_access_rule_violation")                        \
	X(STORE_RESOURCES, "53", "insufficient_resources")                                         \
	X(STORE_LIMIT_EXCEEDED, "54", "program_limit_exceeded")                                    \
	X(STORE_OBJECT_STATE, "55", "object_not_in_prerequisite_state")                            \
	X(STORE_OPERATOR, "57", "operator_intervention")                                           \
	X(STORE_SYSTEM_ERROR, "58", "system_error")                                                \
	X(STORE_RAISED, "P0", "plpgsql_error")                                                     \
	X(STORE_SERVER_INTERNAL, "XX", "internal_error")                                           \
	X(STORE_OTHER, "", "other")

enum store_error {
#define STORE_ERROR(id, prefix, name) id,
	STORE_ERRORS(STORE_ERROR)
#undef STORE_ERROR
		STORE_ERROR_COUNT
};

extern const char *const store_error_names[STORE_ERROR_COUNT];

struct store_stats {
	int size, in_use, waiting, generation;
	int64_t acquired, timeouts, round_trips, statements, prepared, errors;
	int64_t errors_by_class[STORE_ERROR_COUNT];
};
void store_stats(struct store *store, struct store_stats *ret);

#endif
