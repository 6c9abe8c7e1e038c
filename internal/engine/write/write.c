/* What create, update and delete share of one write. Enter at write_attempt. Owns the connection
 * and the transaction of the attempt; locks the case before the facts are read. */

#include "engine/write/write.h"

#include "engine/authorize.h"

#include <errno.h>

int write_attempt(struct ctx *ctx, struct engine *engine, struct call *call,
		  int (*attempt)(struct write *write, struct answer *answer), struct answer *answer)
{
	struct write *write = arena_alloc(ctx->arena, sizeof(*write));
	int rc;

	if (write == NULL)
		return -ENOMEM;
	write->ctx = ctx;
	write->engine = engine;
	write->call = call;
	rc = attempt(write, answer);
	explicit_bzero(&write->key, sizeof(write->key));
	/* If the transaction is lent, its lender begins it again. */
	if (call->lent != NULL)
		return rc;
	rc = act_end(rc, write->conn);
	conn_release(&write->conn);
	return rc;
}

int write_open(struct write *write, enum action action)
{
	struct ctx *ctx = write->ctx;
	struct call *call = write->call;
	struct text *params;

	write->resource = call->resource;
	write->access = access_of(call->actor.role, call->resource);
	if (!(write->access.actions & action))
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	write->change.action = action;
	write->change.actor = &call->actor;
	write->change.now = clock_now();
	write->change.today = instant_date(write->change.now);
	for (size_t i = 0; i < call->id_count - (call->item ? 1 : 0); i++)
		write->change.parent_ids[write->change.parent_count++] = call->ids[i];
	projection_init(&write->projection, write->resource, UINT64_MAX, true);
	trip_init(&write->trip, ctx->arena);
	if (call->lent != NULL) {
		write->conn = call->lent;
		return 0;
	}
	params = arena_alloc(ctx->arena, AUTHORIZE_PARAMS * sizeof(*params));
	if (params == NULL)
		return -ENOMEM;
	sql_puts(trip_add(&write->trip, NULL), "BEGIN");
	write->session_at = write->trip.count;
	trip_add_query(&write->trip, authorize_query(ctx, call, false, params));
	return 0;
}

void write_lock_case(struct write *write)
{
	struct call *call = write->call;
	const struct resource *root = resource_root(write->resource);
	struct place place = { TEXT_NULL, NULL, 0, access_of(call->actor.role, root).scope,
			       &call->actor };
	struct sql *sql;

	/* A commission's outside member votes without reaching the case. */
	if (!(root->traits & IS_CASE) || call->id_count == 0 || place.scope == SCOPE_NONE)
		return;
	place.id = call->ids[0];
	write->case_locked = true;
	sql = trip_add(&write->trip, &write->case_at);
	sql_reach(sql, root, &place);
	sql_puts(sql, " FOR NO KEY UPDATE");
}

int write_look(struct write *write)
{
	int rc = 0;

	if (write->conn == NULL)
		rc = store_acquire(write->ctx, write->engine->store, &write->conn);
	if (rc == 0)
		rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc == 0 && write->call->lent == NULL)
		rc = authorize_accept(write->ctx, write->call,
				      write->trip.replies[write->session_at]);
	if (rc == 0 && write->case_locked && reply_rows(write->trip.replies[write->case_at]) == 0)
		rc = fail(write->ctx, P_NOT_FOUND);
	return rc;
}

int write_visible(struct write *write, uint64_t given)
{
	uint64_t hidden = given & ~access_fields(write->call->actor.role, write->resource);

	for (size_t i = 0; i < write->resource->field_count; i++) {
		if (!(hidden & (UINT64_C(1) << i)))
			continue;
		struct text pointer =
			arena_format(write->ctx->arena, "/%s", write->resource->fields[i].name);

		violate(write->ctx, P_NOT_VISIBLE, pointer);
	}
	return violations_close(write->ctx, P_VALIDATION_FAILED);
}

int write_rules(struct write *write)
{
	const struct resource *resource = write->resource;
	int rc = 0;

	if (resource->check != NULL)
		rc = resource->check(write->ctx, &write->change);
	if (rc == 0)
		rc = violations_close(write->ctx, P_VALIDATION_FAILED);
	if (rc == 0 && resource->effects != NULL)
		rc = resource->effects(write->ctx, &write->change, &write->effects);
	if (rc == 0 && write->effects.count > EFFECTS_MAX)
		rc = fault(write->ctx, E2BIG, "too_many_effects", text_of(resource->name));
	return rc;
}

struct row write_row(const struct write *write)
{
	return (struct row){ write->ctx, write->engine->keyring, write->resource, &write->key,
			     write->after };
}

void write_apply(struct write *write, struct text id)
{
	const struct record *record =
		write_record(write->after != NULL ? write->after : write->before);
	struct act act = { write->resource->name, id, record->provider_id, record->client_id,
			   record->case_id };

	apply_effects(&write->trip, &write->effects, &act, &write->applied);
}

int write_finish(struct write *write)
{
	return trip_run(write->ctx, &write->trip, write->conn, write->call->lent == NULL);
}

struct text write_client(struct write *write)
{
	const struct resource *resource = write->resource;
	const struct record *record =
		write_record(write->after != NULL ? write->after : write->before);

	if (!(resource->traits & OF_CLIENT))
		return TEXT_NULL;
	return record->client_id.ptr != NULL ? record->client_id : record->id;
}

void write_seen(struct write *write, struct text row_id, struct text client_id)
{
	const struct record *record =
		write_record(write->after != NULL ? write->after : write->before);

	sql_seen_again(trip_add(&write->trip, NULL), write->resource, row_id, client_id,
		       record->provider_id);
}

/* If an effect met no row, do not commit the change either. */
int write_run(struct write *write, bool commit)
{
	bool looks = write->applied.set_count > 0;
	int rc;

	commit = commit && write->call->lent == NULL;
	rc = trip_run(write->ctx, &write->trip, write->conn, commit && !looks);

	if (rc != 0)
		return apply_refusal(write->ctx, &write->applied, conn_failed_at(write->conn), rc);
	rc = apply_check(write->ctx, &write->applied, &write->trip);
	if (rc != 0 || !commit || !looks)
		return rc;
	return conn_commit(write->ctx, write->conn, NULL, 0, NULL);
}

int write_answer(struct write *write, struct reply reply, struct answer *answer)
{
	struct projection shown = write->projection;
	uint64_t mask = access_fields(write->call->actor.role, write->resource);
	struct buf buf;
	int rc;

	answer->etag = render_etag(write->ctx, &write->projection, reply, 0);
	for (size_t i = 0; i < write->resource->field_count; i++)
		if (!(mask & (UINT64_C(1) << i)))
			shown.hidden |= UINT64_C(1) << i;
	buf_init(&buf, write->ctx->arena);
	rc = render_written(write->ctx, &write->call->actor, &shown, reply, &write->key, &buf);
	return rc != 0 ? rc : buf_text(&buf, &answer->body);
}
