#ifndef ENGINE_TRIP_H
#define ENGINE_TRIP_H

#include "store/sqlgen.h"

/* Statements of one round trip, built one by one. Owned by the request's arena. */

#define TRIP_MAX 56

struct trip {
	struct arena *arena;
	struct sql *sqls[TRIP_MAX];
	struct query queries[TRIP_MAX];
	struct reply replies[TRIP_MAX];
	size_t count;
	int rc; /* the first error sticks until trip_run */
};

void trip_init(struct trip *trip, struct arena *arena);

/* A new statement to write into; its reply will be replies[*ret_index] (ret_index may be NULL).
 * Never NULL: after an error it is a scratch whose text is not used. */
struct sql *trip_add(struct trip *trip, size_t *ret_index);
/* A statement that exists already. */
void trip_add_query(struct trip *trip, struct query query);

/* Runs all in one pipeline; with commit, COMMIT ends it. Errors of conn_run and conn_commit. */
int trip_run(struct ctx *ctx, struct trip *trip, struct conn *conn, bool commit);

#endif
