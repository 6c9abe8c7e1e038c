#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "store/connect.h"
#include "store/stmt.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

/* Only for this package. Protocol: a struct conn is either in the pool's queue (under
 * store->mutex) or belongs to its holder alone. The pool owns the array of all connections. pg is
 * NULL until it is first needed and after a loss. A connection is in pipeline mode and
 * non-blocking all its life. Only the pool frees pg (conn_close), only run.c sets broken. */

#define PIPELINE_MAX 128	/* queries of one pipeline */
#define REPLIES_MAX 1024	/* results kept between two conn_forget */
#define DEADLINE_MARGIN_MS 1000 /* beyond the statement timeout the machine counts as dead */
#define ROLLBACK_MS 1000
#define SILENCE_MS 1000 /* without an answer until the other connections are pinged */
#define PING_MS 500	/* longest wait for the answer to a ping */
#define SCRATCH_KEPT ((size_t)64 * 1024) /* a larger parameter buffer is freed after use */

struct conn {
	struct conn *next; /* in the line */
	struct store *store;
	PGconn *pg;
	struct statements statements;
	PGresult *replies[REPLIES_MAX];
	size_t reply_count;
	char *scratch; /* parameters of the statement being sent, NUL-terminated */
	size_t scratch_size;
	int64_t released_at; /* ticks */
	int generation;
	int heard;	     /* the store's silences when the session answered last */
	size_t failed_at;    /* SIZE_MAX: no query */
	bool broken;	     /* the connection is lost or its protocol state unknown: close it */
	bool spent;	     /* usable, but close it when it is released */
	bool undone;	     /* the last pipeline met a deadlock or a serialisation failure */
	bool wait_cancelled; /* the server gave up waiting for its synchronous standby */
	struct {
		int64_t acquired, round_trips, statements, prepared, errors;
	} counts; /* since acquired */
};

struct waiter;

struct store {
	struct connector connector;
	int size;
	int wait_ms;
	int statement_timeout_ms;
	atomic_int generation;
	atomic_int silences; /* silences of sessions that had answered since the silence before */
	atomic_bool unreachable; /* set during an outage, so that only its begin and its end are
				    logged */
	atomic_llong errors_by_class[STORE_ERROR_COUNT];
	pthread_mutex_t mutex;
	struct conn *free_first; /* connected ones first, the warmest at the head */
	struct conn *free_last;
	struct waiter *wait_first;
	struct waiter *wait_last;
	struct store_stats stats; /* size, generation apart */
	struct conn *conns;
};

/* Replaces all connections of this generation and older; the idle ones are closed now. */
void store_doom(struct store *store, int generation);

/* Reports that this session has not answered for SILENCE_MS: it hangs, or it is slow. No
 * connection is closed, because a timeout says nothing about other connections. Each of them is
 * pinged once, before its next use. */
void store_suspect(struct store *store, const struct conn *conn);

/* Counts an error of the database for the metrics. */
void store_count_error(struct store *store, enum store_error error);

/* Ends an open transaction in one round trip; marks the connection broken when that fails. */
void conn_roll_back(struct conn *conn);

/* One round trip that does nothing. False, and the connection is broken, if no answer came within
 * PING_MS. */
bool conn_ping(struct conn *conn);

/* Logs, sets P_UNAVAILABLE with Retry-After and returns it. */
int conn_unavailable(struct ctx *ctx, const char *event, const char *why);

#endif
