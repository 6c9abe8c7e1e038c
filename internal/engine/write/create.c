/* POST of a row. Enter at crud_create. Locks the idempotency key, then the case. */

#include "core/uuid.h"
#include "model/read.h"
#include "engine/authorize.h"
#include "engine/write/idempotency.h"
#include "engine/read/notes.h"
#include "engine/write/write.h"

#include <errno.h>

/* The values that a new row takes from the row above it. */
struct origin {
	const struct resource
		*resource; /* parent, or the client for what is about one; NULL: none */
	struct text id;
	size_t at; /* index of its reply */
};

/* The path's ids stand in the new row's struct, for facts and hooks. */
static int create_path(struct write *write)
{
	const struct resource *ancestor = write->resource->parent;
	struct record *record = write_record(write->after);
	struct call *call = write->call;

	record->id = call->new_id.ptr != NULL ? call->new_id : uuid_text(write->ctx->arena);
	record->provider_id = call->actor.provider_id;
	for (size_t i = call->id_count; i > 0 && ancestor != NULL; i--) {
		struct text name = arena_format(write->ctx->arena, "%s_id", ancestor->singular);
		int index = field_find(write->resource->fields, write->resource->field_count, name);

		if (ancestor->traits & IS_CASE)
			record->case_id = call->ids[i - 1];
		else if (ancestor->traits & IS_CLIENT)
			record->client_id = call->ids[i - 1];
		else if (index >= 0)
			memcpy((char *)write->after + write->resource->fields[index].offset,
			       &call->ids[i - 1], sizeof(struct text));
		ancestor = ancestor->parent;
	}
	return record->id.ptr == NULL ? -ENOMEM : 0;
}

static int create_read(struct write *write)
{
	const struct resource *resource = write->resource;
	uint64_t given;
	int rc;

	write->after = arena_alloc(write->ctx->arena, resource->size);
	if (write->after == NULL)
		return -ENOMEM;
	rc = read_object(write->ctx, write->call->body, resource->fields, resource->field_count,
			 READ_CREATE, write->after, &given);
	if (rc == 0)
		rc = write_visible(write, given);
	if (rc == 0)
		rc = create_path(write);
	write->change.after = write->after;
	return rc;
}

static struct origin create_origin(struct write *write)
{
	const struct resource *resource = write->resource;
	struct call *call = write->call;
	struct origin origin = { resource->parent, TEXT_NULL, 0 };

	if (origin.resource != NULL) {
		origin.id = call->ids[call->id_count - 1];
	} else if ((resource->traits & OF_CLIENT) && !(resource->traits & KEY_OWN)) {
		origin.resource = registry_of(IS_CLIENT);
		if (facts_member(write->ctx->arena, resource, write->after, "client_id",
				 &origin.id) != 0)
			origin.id = TEXT_NULL;
	}
	return origin;
}

/* provider, client, case, key id, wrapped key of the origin. */
static void create_look_origin(struct write *write, struct origin *origin)
{
	const struct resource *from = origin->resource;
	struct call *call = write->call;
	struct place place = { origin->id, call->ids, 0, access_of(call->actor.role, from).scope,
			       &call->actor };
	struct sql *sql = trip_add(&write->trip, &origin->at);

	if (from == write->resource->parent)
		place.parent_count = call->id_count - 1;
	sql_puts(sql, "SELECT ");
	sql_puts(sql, from->traits & (OF_PROVIDER | OF_CLIENT) ? "t.provider_id, " : "NULL, ");
	sql_puts(sql, from->traits & OF_CLIENT ? "t.client_id, " : "NULL, ");
	sql_puts(sql, from->traits & OF_CASE ? "t.case_id, " : "NULL, ");
	if (!(from->traits & OF_CLIENT)) {
		sql_puts(sql, "NULL, NULL");
		sql_from(sql, from, false);
	} else {
		sql_puts(sql, "k.id, k.wrapped FROM ");
		sql_puts(sql, resource_table(from));
		sql_puts(sql, " t JOIN clients c ON c.id = t.client_id"
			      " LEFT JOIN data_keys k ON k.id = c.key_id");
	}
	sql_where(sql, from, &place);
}

static int create_take_origin(struct write *write, const struct origin *origin)
{
	struct record *record = write_record(write->after);
	struct reply reply = write->trip.replies[origin->at];
	struct arena *arena = write->ctx->arena;
	struct text wrapped;

	if (origin->resource == NULL)
		return 0;
	if (reply_rows(reply) == 0)
		return write->resource->parent != NULL ? fail(write->ctx, P_NOT_FOUND)
						       : fail_at(write->ctx, P_UNKNOWN_REFERENCE,
								 "/client_id", TEXT("client"));
	if (origin->resource->traits & (OF_PROVIDER | OF_CLIENT))
		record->provider_id = arena_copy(arena, reply_cell(reply, 0, 0));
	record->client_id = arena_copy(arena, reply_cell(reply, 0, 1));
	if (write->resource->parent != NULL)
		record->case_id = arena_copy(arena, reply_cell(reply, 0, 2));
	wrapped = reply_cell(reply, 0, 4);
	/* A row with its own key uses the client's key until the key is made, for facts. */
	if (wrapped.ptr == NULL)
		return 0;
	record->key_id = arena_copy(arena, reply_cell(reply, 0, 3));
	return data_key_unwrap(write->ctx, write->engine->keyring, record->key_id, wrapped,
			       &write->key);
}

static int create_location(struct write *write, struct answer *answer)
{
	struct text id = write_record(write->after)->id;
	struct text path = write->call->path;

	answer->status = 201;
	answer->location = arena_format(write->ctx->arena, "%.*s/%.*s", (int)path.len, path.ptr,
					(int)id.len, id.ptr);
	return answer->location.ptr == NULL ? -ENOMEM : 0;
}

/* The second and third trip: the row with its effects, then the stored answer and COMMIT. */
static int create_do(struct write *write, const struct idempotency *idempotency,
		     struct answer *answer)
{
	const struct record *record = write_record(write->after);
	struct row row;
	size_t at = 0;
	int rc;

	trip_init(&write->trip, write->ctx->arena);
	rc = row_key(write->ctx, write->engine->keyring, write->resource,
		     write_record(write->after), &write->trip, &write->key);
	if (rc != 0)
		return rc;
	write_apply(write, record->id);
	row = write_row(write);
	rc = row_insert(&row, &write->projection, &write->trip, &at);
	if (rc == 0)
		rc = write_run(write, false);
	if (rc == 0)
		rc = write_answer(write, write->trip.replies[at], answer);
	if (rc == 0)
		rc = create_location(write, answer);
	if (rc != 0)
		return rc;
	answer->client_id = write_client(write);
	trip_init(&write->trip, write->ctx->arena);
	if (idempotency != NULL)
		rc = idempotency_store(write->ctx, write->engine, write->call, idempotency, answer,
				       &write->trip);
	return rc != 0 ? rc : write_finish(write);
}

/* The stored answer again, confirmed: it shows the row once more, so log it as a read. */
static int create_replay(struct write *write, struct answer *answer)
{
	struct text id = answer->location;

	while (memchr(id.ptr, '/', id.len) != NULL)
		text_cut(&id, '/');
	trip_init(&write->trip, write->ctx->arena);
	idempotency_confirm(trip_add(&write->trip, NULL));
	if ((write->resource->traits & OF_CLIENT) && answer->client_id.ptr != NULL)
		write_seen(write, id, answer->client_id);
	return write_finish(write);
}

/* Look: the key unless a batch has it, the case's lock, what stands above, the facts. */
static int create_look(struct write *write, struct idempotency *idempotency, struct origin *origin)
{
	int rc = write_open(write, ACTION_CREATE);

	if (rc == 0 && idempotency != NULL)
		rc = idempotency_open(write->ctx, write->call, &write->trip, idempotency);
	if (rc == 0)
		rc = create_read(write);
	if (rc != 0)
		return rc;
	write_lock_case(write);
	*origin = create_origin(write);
	if (origin->resource != NULL)
		create_look_origin(write, origin);
	facts_add(&write->trip, write->resource, write->after, &write->facts_at);
	references_add(&write->trip, write->resource, NULL, write->after, &write->references);
	rc = write_look(write);
	/* Check access to the parent first: a replay must not reveal a row that the caller has
	 * lost. */
	return rc != 0 ? rc : create_take_origin(write, origin);
}

static int create_try(struct write *write, struct answer *answer)
{
	struct idempotency key;
	struct idempotency *idempotency = write->call->lent == NULL ? &key : NULL;
	struct origin origin;
	bool replay = false;
	int rc = create_look(write, idempotency, &origin);

	if (rc == 0 && idempotency != NULL)
		rc = idempotency_find(write->ctx, write->engine, write->call, idempotency,
				      &write->trip, answer, &replay);
	if (rc != 0 || replay)
		return rc != 0 ? rc : create_replay(write, answer);
	rc = references_check(write->ctx, &write->trip, write->resource, write_record(write->after),
			      &write->references);
	if (rc == 0)
		rc = facts_load(write->ctx, &write->trip, write->facts_at, &write->key,
				write->resource, &write->change);
	if (rc == 0)
		rc = notes_check(write->ctx, write->call, NULL, write->after, UINT64_MAX);
	if (rc == 0)
		rc = write_rules(write);
	return rc != 0 ? rc : create_do(write, idempotency, answer);
}

int crud_create(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	return write_attempt(ctx, engine, call, create_try, ret);
}
