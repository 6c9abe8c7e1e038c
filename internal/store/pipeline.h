#ifndef STORE_PIPELINE_H
#define STORE_PIPELINE_H

#include "store/conn.h"

/* Only for this package: one pipeline on the wire. What its outcome means to a caller is decided
 * in run.c. */

enum step_kind { STEP_DEALLOCATE, STEP_PREPARE, STEP_QUERY, STEP_SYNC };

/* The steps that the server has still to answer, in order. */
struct step {
	enum step_kind kind;
	uint16_t at; /* STEP_QUERY: index of the query; STEP_PREPARE: statement's slot */
};

/* A query may bring a DEALLOCATE and a PREPARE; the last one may be a COMMIT; two Syncs. */
#define STEPS_MAX (3 * (PIPELINE_MAX + 1) + 2)

struct pipeline {
	struct conn *conn;
	const struct query *queries;
	size_t count;
	const struct query *last; /* sent after the queries; NULL: nothing */
	int64_t deadline;	  /* ticks */

	/* outcome */
	size_t answered; /* queries with a result in conn->replies, from first_reply on */
	size_t first_reply;
	PGresult *error; /* the first SQL error, owned */
	size_t error_at; /* its query */
	bool lost;	 /* the connection broke, or the deadline passed; conn->broken is set */
	const char *why; /* lost: for the log */

	uint16_t slots[PIPELINE_MAX + 1];
	struct step steps[STEPS_MAX];
	size_t step_count;
};

/* Sends all queries with one Sync (only the Sync if there is no query) and reads every answer up
 * to it. After SILENCE_MS without an answer, and when the deadline passes, the pool is told
 * (store_suspect). count <= PIPELINE_MAX, and conn has room for count + 1 replies. Unless lost is
 * set, the connection is in step with the server afterwards. */
void pipeline_exchange(struct pipeline *pipeline);

/* Clears the error and, if drop is set, the replies that this pipeline added. */
void pipeline_done(struct pipeline *pipeline, bool drop);

#endif
