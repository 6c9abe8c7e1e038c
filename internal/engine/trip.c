/* Collects the statements of one round trip. Enter at trip_init, trip_add and trip_run. The
 * request's arena owns the texts. */

#include "engine/trip.h"

#include <assert.h>
#include <errno.h>

void trip_init(struct trip *trip, struct arena *arena)
{
	*trip = (struct trip){ .arena = arena };
}

struct sql *trip_add(struct trip *trip, size_t *ret_index)
{
	static _Thread_local struct sql scratch;
	struct sql *sql = arena_alloc(trip->arena, sizeof(*sql));

	assert(trip->count < TRIP_MAX);
	if (sql == NULL) {
		trip->rc = -ENOMEM;
		sql = &scratch;
	}
	sql_init(sql, trip->arena);
	if (ret_index != NULL)
		*ret_index = trip->count;
	trip->sqls[trip->count++] = sql;
	return sql;
}

void trip_add_query(struct trip *trip, struct query query)
{
	assert(trip->count < TRIP_MAX);
	trip->queries[trip->count++] = query;
}

int trip_run(struct ctx *ctx, struct trip *trip, struct conn *conn, bool commit)
{
	for (size_t i = 0; trip->rc == 0 && i < trip->count; i++)
		if (trip->sqls[i] != NULL)
			trip->rc = sql_query(trip->sqls[i], &trip->queries[i]);
	if (trip->rc != 0 || (trip->count == 0 && !commit))
		return trip->rc;
	if (commit)
		return conn_commit(ctx, conn, trip->queries, trip->count, trip->replies);
	return conn_run(ctx, conn, trip->queries, trip->count, trip->replies);
}
