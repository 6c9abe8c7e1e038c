/* Answers a repeated batch from its stored answers. Enter at batch_replay. Checks access to
 * every row again. */

#include "engine/engine.h"
#include "feature/batch/batch.h"

#include <errno.h>

/* A pipeline of one or two statements for each operation. */
struct batch_trip {
	struct sql sqls[2 * BATCH_MAX];
	struct query queries[2 * BATCH_MAX];
	struct reply replies[2 * BATCH_MAX + 1]; /* COMMIT's too */
	size_t count;
};

static struct sql *replay_add(struct batch *batch, struct batch_trip *trip)
{
	struct sql *sql = &trip->sqls[trip->count++];

	sql_init(sql, batch->ctx->arena);
	return sql;
}

static int replay_queries(struct batch_trip *trip)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < trip->count; i++)
		rc = sql_query(&trip->sqls[i], &trip->queries[i]);
	return rc;
}

/* The row that the caller must still reach: the changed row, else its parent. Ids of refs are new
 * each time the body is read, so the known part of the path is used. */
static void replay_reach(struct batch *batch, struct batch_trip *trip, size_t index)
{
	const struct operation *operation = &batch->operations[index];
	const struct resource *resource = operation->resource;
	size_t count = operation->id_count;
	struct place place = { .actor = &batch->call->actor, .parents = operation->ids };

	if (operation->method == batch_method_POST)
		resource = resource->parent;
	else if (operation->method == batch_method_DELETE && resource->parent != NULL)
		resource = resource->parent, count--;
	for (; resource != NULL && count > operation->told; count--)
		resource = resource->parent;
	if (resource == NULL || count == 0) {
		sql_puts(replay_add(batch, trip), "SELECT 1");
		return;
	}
	place.id = operation->ids[count - 1];
	place.parent_count = count - 1;
	place.scope = access_of(batch->call->actor.role, resource).scope;
	sql_reach(replay_add(batch, trip), resource, &place);
}

static int replay_look(struct batch *batch, struct batch_trip *trip)
{
	struct call part;
	int rc;

	for (size_t i = 0; i < batch->count; i++) {
		rc = batch_part(batch, batch->ctx->arena, i, &part);
		if (rc != 0)
			return rc;
		idempotency_select(replay_add(batch, trip), &part, &batch->idempotency);
		replay_reach(batch, trip, i);
	}
	rc = replay_queries(trip);
	if (rc == 0)
		rc = conn_run(batch->ctx, batch->conn, trip->queries, trip->count, trip->replies);
	for (size_t i = 0; rc == 0 && i < trip->count; i++)
		if (reply_rows(trip->replies[i]) == 0)
			rc = fail(batch->ctx, P_NOT_FOUND);
	return rc;
}

/* The row's id is the last segment of where it stands. A ref stands for the id that its row got
 * then, which is what later ones are told of. */
static struct text replay_row(struct batch *batch, const struct operation *operation,
			      const struct answer *answer)
{
	struct ctx known = { .refs = batch->refs, .ref_count = operation->ref_count };
	struct text id = answer->location.ptr != NULL ? answer->location : operation->path;

	while (memchr(id.ptr, '/', id.len) != NULL)
		text_cut(&id, '/');
	if (ref_is(id) && ref_find(&known, id) != NULL)
		return ref_find(&known, id)->id;
	id = arena_copy(batch->ctx->arena, id);
	if (operation->ref.ptr != NULL)
		batch->refs[operation->ref_count].id = id;
	return id;
}

/* One stored answer, on memory of its own. */
static int replay_part(struct batch *batch, struct batch_trip *seen, size_t index,
		       struct reply found)
{
	const struct operation *operation = &batch->operations[index];
	struct ctx ctx = { .arena = &batch->scratch, .request_id = batch->ctx->request_id };
	struct answer answer = { 0 };
	struct text row;
	int rc = idempotency_take(&ctx, batch->engine, &batch->idempotency, found, &answer);

	if (rc == 0) {
		batch_result(batch, &answer);
		row = replay_row(batch, operation, &answer);
	}
	if (rc == 0 && answer.body.ptr != NULL && answer.client_id.ptr != NULL)
		sql_seen_again(replay_add(batch, seen), operation->resource, row,
			       arena_copy(batch->ctx->arena, answer.client_id), TEXT_NULL);
	arena_done(&batch->scratch);
	return rc;
}

int batch_replay(struct batch *batch, struct answer *answer)
{
	struct ctx *ctx = batch->ctx;
	struct batch_trip *look = arena_alloc(ctx->arena, sizeof(*look));
	struct batch_trip *seen = arena_alloc(ctx->arena, sizeof(*seen));
	int rc;

	if (look == NULL || seen == NULL)
		return -ENOMEM;
	rc = replay_look(batch, look);
	idempotency_confirm(replay_add(batch, seen));
	for (size_t i = 0; rc == 0 && i < batch->count; i++)
		rc = replay_part(batch, seen, i, look->replies[2 * i]);
	if (rc == 0)
		rc = replay_queries(seen);
	if (rc == 0)
		rc = conn_commit(ctx, batch->conn, seen->queries, seen->count, seen->replies);
	answer->location = answer->etag = TEXT_NULL;
	return rc;
}
