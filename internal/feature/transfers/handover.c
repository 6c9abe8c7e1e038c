/* Copies the client's rows to the receiver, under the receiver's keys. Enter at handover_accept.
 * Runs in the answer's transaction, whose locks are held already. */

#include "feature/transfers/handover.h"

#include "engine/engine.h"
#include "engine/read/render.h"
#include "engine/write/row.h"

#include <errno.h>
#include <stdio.h>

/* Parents come before the rows that name them. All other rows stay with the giver: papers, plans
 * and services are its record of its own period. */
static const char *const handed[] = {
	"clients",
	"representatives",
	"family_members",
	"trafficking_profiles",
	"reflection_periods",
	"cases",
	"case_flags",
	"criminal_proceedings",
	"support_periods",
};
#define HANDED (sizeof(handed) / sizeof(handed[0]))

/* Notes are long: some at a time, each time with memory of their own. */
#define NOTES_PAGE 8
#define NOTES_MEMORY ((size_t)8 * 1024 * 1024)
#define NOTES_FIRST "00000000-0000-0000-0000-000000000000"
enum { NOTE_ID, NOTE_PROFESSION, NOTE_WRITTEN_ON, NOTE_ORIGIN, NOTE_FIELD, NOTE_SEALED };

struct handover_part {
	const struct resource *resource;
	struct projection projection;
	struct reply rows;
	size_t at;
};

static void handover_ask(struct handover *handover, struct handover_part *part)
{
	struct sql *sql = trip_add(handover->trip, &part->at);

	projection_init(&part->projection, part->resource, UINT64_MAX, true);
	sql_puts(sql, "SELECT ");
	sql_columns(sql, &part->projection);
	sql_puts(sql, " FROM handover_");
	sql_puts(sql, part->resource->name);
	sql_puts(sql, "(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ") t LEFT JOIN handover_data_keys(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ") k ON k.id = t.key_id ORDER BY t.created_at, t.id");
}

static void handover_call(struct handover *handover, const char *function)
{
	struct sql *sql = trip_add(handover->trip, NULL);

	sql_puts(sql, "SELECT ");
	sql_puts(sql, function);
	sql_puts(sql, "(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ")");
}

/* Runs the trip and begins a new one; its replies hold until the connection forgets them. */
static int handover_run(struct handover *handover)
{
	int rc = trip_run(handover->ctx, handover->trip, handover->conn, false);

	trip_init(handover->trip, handover->ctx->arena);
	return rc;
}

/* A new trip unless the one that is being built has room for a row and its key. */
static int handover_room(struct handover *handover)
{
	return handover->trip->count + 2 <= TRIP_MAX ? 0 : handover_run(handover);
}

static struct text handover_find(const struct handover *handover, struct text id)
{
	for (size_t i = 0; i < handover->id_count; i++)
		if (text_eq(handover->ids[i].from, id))
			return handover->ids[i].to;
	return TEXT_NULL;
}

/* Removes references to the giver's staff and papers; a copied row is named by its new id. */
static void handover_reference(const struct handover *handover, const struct field *field,
			       void *base)
{
	struct text *id = (struct text *)(void *)((char *)base + field->offset);
	struct text references = text_of(field->references);

	if (id->ptr == NULL || text_is(references, "providers") || text_is(references, "rulesets"))
		return;
	*id = text_is(references, "clients") ? handover->client_id : handover_find(handover, *id);
}

static void handover_fields(const struct handover *handover, const struct resource *resource,
			    void *base)
{
	for (size_t i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		bool told = field->sight == SIGHT_NARRATIVE || field->sight == SIGHT_PROFESSIONAL;

		if (told && (field->flags & SEALED) && !handover->notes)
			field_set_null(field, base);
		else if (field->type == FIELD_ID && field->references != NULL)
			handover_reference(handover, field, base);
	}
}

static void handover_member(const struct resource *resource, void *base, const char *name,
			    const void *value)
{
	int index = field_find(resource->fields, resource->field_count, text_of(name));

	field_copy(&resource->fields[index], value, base);
}

/* The ids of a row that is the receiver's. */
static int handover_record(struct handover *handover, const struct resource *resource,
			   struct record *record)
{
	struct text was = record->id;

	if (resource->traits & IS_CLIENT)
		record->id = handover->client_id;
	else if (resource->traits & IS_CASE)
		record->id = handover->case_id;
	else
		record->id = uuid_text(handover->ctx->arena);
	if (record->id.ptr == NULL)
		return -ENOMEM;
	handover->ids[handover->id_count++] = (struct handover_id){ was, record->id };
	record->provider_id = handover->provider_id;
	record->client_id = (resource->traits & IS_CLIENT) ? TEXT_NULL : handover->client_id;
	record->case_id = handover->case_id;
	record->key_id = handover->own.id;
	return 0;
}

/* A person gets a key of its own; the client's seals what is about the client. */
static int handover_insert(struct handover *handover, const struct resource *resource, void *values)
{
	struct data_key key = handover->own;
	struct row row = { handover->ctx, handover->engine->keyring, resource, &key, values };
	int rc = handover_room(handover);

	if (rc == 0)
		rc = row_key(row.ctx, row.keyring, resource, values, handover->trip, &key);
	if (rc == 0 && (resource->traits & IS_CLIENT))
		handover->own = key;
	if (rc == 0)
		rc = row_insert(&row, NULL, handover->trip, NULL);
	explicit_bzero(&key, sizeof(key));
	return rc;
}

static int handover_row(struct handover *handover, const struct handover_part *part, size_t row)
{
	const struct resource *resource = part->resource;
	void *values = arena_alloc(handover->ctx->arena, resource->size);
	int rc;

	if (values == NULL)
		return -ENOMEM;
	rc = render_load(handover->ctx, handover->engine, &part->projection, part->rows, row, NULL,
			 values);
	if (rc == 0)
		rc = handover_record(handover, resource, values);
	if (rc != 0)
		return rc;
	handover_fields(handover, resource, values);
	if (resource->traits & IS_CASE) {
		handover_member(resource, values, "opened_on", &handover->opened_on);
		handover_member(resource, values, "case_worker_id", &handover->case_worker_id);
	}
	return handover_insert(handover, resource, values);
}

/* All rows are read before the giver's case is closed. */
static int handover_read(struct handover *handover, struct handover_part *parts)
{
	size_t rows = 0;
	int rc;

	for (size_t i = 0; i < HANDED; i++) {
		parts[i].resource = registry_find(text_of(handed[i]));
		handover_ask(handover, &parts[i]);
	}
	handover_call(handover, "transfer_leaves");
	rc = trip_run(handover->ctx, handover->trip, handover->conn, false);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < HANDED; i++) {
		parts[i].rows = handover->trip->replies[parts[i].at];
		rows += reply_rows(parts[i].rows);
	}
	handover->ids = arena_alloc(handover->ctx->arena, (rows + 1) * sizeof(*handover->ids));
	trip_init(handover->trip, handover->ctx->arena);
	return handover->ids == NULL ? -ENOMEM : 0;
}

static int handover_rows(struct handover *handover)
{
	struct handover_part *parts = arena_alloc(handover->ctx->arena, HANDED * sizeof(*parts));
	int rc;

	if (parts == NULL)
		return -ENOMEM;
	rc = handover_read(handover, parts);
	for (size_t i = 0; rc == 0 && i < HANDED; i++) {
		/* The first row is the client itself; the receiver may have the client already. */
		if (i == 0 && handover->known)
			continue;
		for (size_t row = 0; rc == 0 && row < reply_rows(parts[i].rows); row++)
			rc = handover_row(handover, &parts[i], row);
	}
	return rc;
}

/* A consultation's notes become a note of its specialist's profession and day. */
static int handover_note(struct handover *handover, const struct resource *notes,
			 struct reply reply, size_t row)
{
	struct arena *arena = handover->ctx->arena;
	struct seal_place place = { arena_strdup(arena, reply_cell(reply, row, NOTE_ORIGIN)),
				    arena_strdup(arena, reply_cell(reply, row, NOTE_FIELD)),
				    reply_cell(reply, row, NOTE_ID) };
	static const char *const members[] = { "profession", "written_on", "text" };
	struct text cells[3] = { reply_cell(reply, row, NOTE_PROFESSION),
				 reply_cell(reply, row, NOTE_WRITTEN_ON), TEXT_NULL };
	struct record *record = arena_alloc(arena, notes->size);
	int rc;

	if (record == NULL || place.table == NULL || place.column == NULL)
		return -ENOMEM;
	rc = unseal(handover->ctx, &handover->giver, place, reply_cell(reply, row, NOTE_SEALED),
		    &cells[2]);
	for (size_t i = 0; rc == 0 && i < 3; i++) {
		int index = field_find(notes->fields, notes->field_count, text_of(members[i]));

		rc = field_from_sql(&notes->fields[index], cells[i], arena, record);
	}
	if (rc != 0)
		return rc;
	*record = (struct record){ .id = uuid_text(arena),
				   .provider_id = handover->provider_id,
				   .client_id = handover->client_id,
				   .case_id = handover->case_id,
				   .key_id = handover->own.id };
	return record->id.ptr == NULL ? -ENOMEM : handover_insert(handover, notes, record);
}

/* after: the last id of the page before, and of this one; *ret_more: there may be others. */
static int handover_page(struct handover *handover, const struct resource *notes,
			 char after[UUID_SIZE], bool *ret_more)
{
	struct trip *trip = handover->trip;
	struct reply reply;
	struct sql *sql;
	size_t at, rows;
	int rc;

	trip_init(trip, handover->ctx->arena);
	sql = trip_add(trip, &at);
	sql_puts(sql, "SELECT * FROM handover_notes(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ", ");
	sql_param(sql, text_of(after));
	sql_puts(sql, ", ");
	buf_put_int(&sql->buf, NOTES_PAGE);
	sql_puts(sql, ")");
	rc = trip_run(handover->ctx, trip, handover->conn, false);
	if (rc != 0)
		return rc;
	reply = trip->replies[at];
	rows = reply_rows(reply);
	trip_init(trip, handover->ctx->arena);
	for (size_t row = 0; rc == 0 && row < rows; row++)
		rc = handover_note(handover, notes, reply, row);
	if (rc == 0 && rows > 0) {
		snprintf(after, UUID_SIZE, "%s", reply_cell(reply, rows - 1, NOTE_ID).ptr);
		rc = handover_run(handover);
	}
	*ret_more = rows == NOTES_PAGE;
	conn_forget(handover->conn);
	return rc;
}

static int handover_notes(struct handover *handover)
{
	const struct resource *notes = registry_find(TEXT("case_notes"));
	struct ctx *ctx = handover->ctx;
	struct arena *whole = ctx->arena;
	char after[UUID_SIZE] = NOTES_FIRST;
	bool more = true;
	int rc = 0;

	while (rc == 0 && more) {
		struct arena page;

		arena_init(&page, NOTES_MEMORY);
		ctx->arena = &page;
		rc = handover_page(handover, notes, after, &more);
		ctx->arena = whole;
		/* The problem's words live in the page's arena: rebuild it before freeing. */
		if (rc > 0) {
			int retry_after = ctx->retry_after;

			ctx_clear(ctx);
			rc = fail(ctx, (enum problem)rc);
			ctx->retry_after = retry_after;
		}
		arena_done(&page);
	}
	return rc;
}

int handover_accept(struct handover *handover)
{
	int rc = handover_rows(handover);

	if (rc == 0)
		rc = handover_run(handover);
	if (rc == 0 && handover->notes) {
		conn_forget(handover->conn);
		rc = handover_notes(handover);
	}
	trip_init(handover->trip, handover->ctx->arena);
	handover_call(handover, "transfer_arrives");
	return rc;
}
