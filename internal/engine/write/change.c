/* PATCH and DELETE of a row. Enter at crud_update and crud_delete. Locks the case, then the row.
 * */

#include "model/read.h"
#include "engine/authorize.h"
#include "engine/read/notes.h"
#include "engine/write/write.h"

#include <errno.h>

static void change_look_row(struct write *write, size_t *ret_at)
{
	struct call *call = write->call;
	struct place place = { call->ids[call->id_count - 1], call->ids, call->id_count - 1,
			       write->access.scope, &call->actor };
	struct sql *sql = trip_add(&write->trip, ret_at);
	int rc = sql_lock_row(sql, &write->projection, &place);

	if (rc != 0)
		write->trip.rc = rc;
}

static int change_load(struct write *write, struct reply reply)
{
	struct ctx *ctx = write->ctx;
	const struct resource *resource = write->resource;
	int rc = 0;

	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	rc = match_check(ctx, write->call, render_etag(ctx, &write->projection, reply, 0));
	if (rc == 0 && write->projection.sealed)
		rc = render_key(ctx, write->engine, &write->projection, reply, 0, &write->key);
	if (rc != 0)
		return rc;
	write->key.id = arena_copy(ctx->arena, write->key.id);
	write->before = arena_alloc(ctx->arena, resource->size);
	write->after = arena_alloc(ctx->arena, resource->size);
	if (write->before == NULL || write->after == NULL)
		return -ENOMEM;
	rc = render_load(ctx, write->engine, &write->projection, reply, 0, &write->key,
			 write->before);
	memcpy(write->after, write->before, resource->size);
	write->change.before = write->before;
	write->change.after = write->after;
	return rc;
}

/* The client's key for facts of rows that have no sealed field of their own. */
static void change_look_key(struct write *write, size_t *ret_at)
{
	struct sql *sql = trip_add(&write->trip, ret_at);
	struct text client = TEXT_NULL;

	(void)facts_member(write->ctx->arena, write->resource, write->before, "client_id", &client);
	sql_puts(sql, "SELECT k.id, k.wrapped FROM clients c JOIN data_keys k ON k.id = c.key_id"
		      " WHERE c.id = ");
	sql_param(sql, client);
}

static int change_load_facts(struct write *write, size_t key_at)
{
	struct reply reply = write->trip.replies[key_at];
	struct data_key key = { 0 };
	int rc = 0;

	if (reply_rows(reply) == 1 && reply_cell(reply, 0, 1).ptr != NULL)
		rc = data_key_unwrap(write->ctx, write->engine->keyring, reply_cell(reply, 0, 0),
				     reply_cell(reply, 0, 1), &key);
	if (rc == 0)
		rc = facts_load(write->ctx, &write->trip, write->facts_at, &key, write->resource,
				&write->change);
	return rc;
}

/* The second trip of reads: the referenced rows and the facts of the rules. */
static int change_look_about(struct write *write)
{
	bool facts = write->resource->fact_count > 0;
	size_t key_at = 0;
	int rc;

	trip_init(&write->trip, write->ctx->arena);
	write->references.count = 0;
	if (write->change.after != NULL)
		references_add(&write->trip, write->resource, write->before, write->after,
			       &write->references);
	if (facts) {
		change_look_key(write, &key_at);
		facts_add(&write->trip, write->resource, write->after, &write->facts_at);
	}
	if (write->trip.count == 0)
		return 0;
	rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc == 0)
		rc = references_check(write->ctx, &write->trip, write->resource,
				      write_record(write->before), &write->references);
	return rc != 0 || !facts ? rc : change_load_facts(write, key_at);
}

static void change_set(struct sql *sql, const char *name, const char *suffix, struct text value)
{
	sql_puts(sql, ", \"");
	sql_puts(sql, name);
	sql_puts(sql, suffix);
	sql_puts(sql, "\" = ");
	sql_param(sql, value);
}

static bool change_touches_identity(const struct resource *resource, const struct field *field)
{
	for (size_t i = 0; resource->identity[i] != NULL; i++)
		if (strcmp(resource->identity[i], field->name) == 0)
			return true;
	return false;
}

/* Write only members that differ: the audit names just these, and sealed values keep their
 * ciphertext. */
static int change_columns(struct write *write, struct sql *sql, bool *ret_any)
{
	const struct resource *resource = write->resource;
	const struct row row = write_row(write);
	bool identity = false;
	struct text value;
	int rc = 0;

	*ret_any = false;
	for (size_t i = 0; rc == 0 && i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (field_same(field, write->before, write->after))
			continue;
		*ret_any = true;
		identity |= change_touches_identity(resource, field);
		rc = row_value(&row, field, &value);
		change_set(sql, field->name, "", value);
		if (rc == 0 && field->blind != BLIND_NONE) {
			rc = row_index(&row, field, &value);
			change_set(sql, field->name, "_index", value);
		}
	}
	if (rc == 0 && identity) {
		rc = row_identity(&row, &value);
		change_set(sql, "identity_index", "", value);
	}
	return rc;
}

/* Nothing differs, but the row is shown: log it as a read. */
static int update_nothing(struct write *write, struct reply looked, struct answer *answer)
{
	int rc = write_answer(write, looked, answer);

	if (rc != 0 || !(write->resource->traits & OF_CLIENT))
		return rc;
	trip_init(&write->trip, write->ctx->arena);
	write_seen(write, write_record(write->before)->id, write_client(write));
	return write_finish(write);
}

/* looked: the row's reply of the first trip; shown as it is when nothing differs. */
static int update_do(struct write *write, struct reply looked, struct answer *answer)
{
	struct sql *sql;
	size_t at;
	bool any;
	int rc;

	answer->status = 200;
	answer->client_id = write_client(write);
	trip_init(&write->trip, write->ctx->arena);
	write_apply(write, write_record(write->before)->id);
	sql = trip_add(&write->trip, &at);
	sql_puts(sql, "UPDATE ");
	sql_puts(sql, resource_table(write->resource));
	sql_puts(sql,
		 " t SET updated_at = now(), updated_by = app_user(), version = t.version + 1");
	rc = change_columns(write, sql, &any);
	if (rc != 0)
		return rc;
	if (!any)
		return update_nothing(write, looked, answer);
	sql_puts(sql, " WHERE t.id = ");
	sql_param(sql, write_record(write->before)->id);
	row_returning(sql, &write->projection);
	rc = write_run(write, true);
	return rc != 0 ? rc : write_answer(write, write->trip.replies[at], answer);
}

static int update_read(struct write *write, struct document *document)
{
	uint64_t given;
	int rc = read_members(write->ctx, document, write->resource->fields,
			      write->resource->field_count, READ_PATCH, write->after, &given);

	if (rc == 0)
		rc = write_visible(write, given);
	if (rc == 0)
		rc = notes_check(write->ctx, write->call, write->before, write->after, given);
	return rc;
}

/* Without a connection. */
static int change_open(struct write *write, enum action action)
{
	int rc = match_require(write->ctx, write->call);

	return rc != 0 ? rc : write_open(write, action);
}

/* Look: the case's lock, then the row itself. The row's reply index comes back. */
static int change_look(struct write *write, size_t *ret_at)
{
	int rc;

	write_lock_case(write);
	change_look_row(write, ret_at);
	rc = write_look(write);
	return rc != 0 ? rc : change_load(write, write->trip.replies[*ret_at]);
}

/* Parses the body before the connection is taken. A body that is no JSON object is told of after
 * 404 and 412: it is parsed again then, to be told. */
static int update_parse(struct write *write, struct document **ret)
{
	int rc = read_document(write->ctx, write->call->body, ret);

	if (rc <= 0)
		return rc;
	ctx_clear(write->ctx);
	return 0;
}

static int update_look(struct write *write, struct document **document, struct reply *ret_row)
{
	size_t at;
	int rc = change_open(write, ACTION_UPDATE);

	if (rc == 0)
		rc = update_parse(write, document);
	if (rc == 0)
		rc = change_look(write, &at);
	if (rc != 0)
		return rc;
	*ret_row = write->trip.replies[at];
	return *document != NULL ? 0 : read_document(write->ctx, write->call->body, document);
}

static int update_try(struct write *write, struct answer *answer)
{
	__attribute__((cleanup(document_free))) struct document *document = NULL;
	struct reply looked = { NULL };
	int rc = update_look(write, &document, &looked);

	if (rc == 0)
		rc = update_read(write, document);
	if (rc == 0)
		rc = change_look_about(write);
	if (rc == 0)
		rc = write_rules(write);
	return rc != 0 ? rc : update_do(write, looked, answer);
}

static int delete_try(struct write *write, struct answer *answer)
{
	struct sql *sql;
	size_t at;
	int rc = change_open(write, ACTION_DELETE);

	if (rc == 0)
		rc = change_look(write, &at);
	if (rc == 0) {
		write->change.after = NULL;
		rc = change_look_about(write);
	}
	if (rc == 0)
		rc = write_rules(write);
	if (rc != 0)
		return rc;
	trip_init(&write->trip, write->ctx->arena);
	write_apply(write, write_record(write->before)->id);
	sql = trip_add(&write->trip, NULL);
	sql_puts(sql, "DELETE FROM ");
	sql_puts(sql, resource_table(write->resource));
	sql_puts(sql, " t WHERE t.id = ");
	sql_param(sql, write_record(write->before)->id);
	answer->status = 204;
	return write_run(write, true);
}

int crud_update(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	return write_attempt(ctx, engine, call, update_try, ret);
}

int crud_delete(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	return write_attempt(ctx, engine, call, delete_try, ret);
}
