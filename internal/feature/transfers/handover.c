#include "feature/transfers/handover.h"

#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>

/* Parents stand before what names them. What else there is stays with the giver: papers, plans and
 * services are its record of its own period. */
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
	struct sql *sql = trip_add(&handover->write->trip, &part->at);

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
	struct sql *sql = trip_add(&handover->write->trip, NULL);

	sql_puts(sql, "SELECT ");
	sql_puts(sql, function);
	sql_puts(sql, "(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ")");
}

/* A new trip unless the one that is being built has room for a row and its key. */
static int handover_room(struct handover *handover)
{
	struct write *write = handover->write;
	int rc;

	if (write->trip.count + 2 <= TRIP_MAX)
		return 0;
	rc = trip_run(write->ctx, &write->trip, write->conn, false);
	trip_init(&write->trip, write->ctx->arena);
	return rc;
}

static struct text handover_find(const struct handover *handover, struct text id)
{
	for (size_t i = 0; i < handover->id_count; i++)
		if (text_eq(handover->ids[i].from, id))
			return handover->ids[i].to;
	return TEXT_NULL;
}

/* The giver's staff and papers are named no more; what came along is named by its new id. */
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
static int handover_record(struct handover *handover, struct record *record)
{
	struct write *write = handover->write;
	struct text was = record->id;

	if (text_is(text_of(write->resource->name), "clients"))
		record->id = handover->client_id;
	else if (text_is(text_of(write->resource->name), "cases"))
		record->id = handover->case_id;
	else
		record->id = uuid_text(write->ctx->arena);
	if (record->id.ptr == NULL)
		return -ENOMEM;
	handover->ids[handover->id_count++] = (struct handover_id){ was, record->id };
	record->provider_id = write->call->actor.provider_id;
	record->client_id = write->resource->traits & KEY_OWN && write->resource->parent == NULL
				    ? TEXT_NULL
				    : handover->client_id;
	record->case_id = handover->case_id;
	record->key_id = handover->own.id;
	return 0;
}

static int handover_insert(struct handover *handover)
{
	struct write *write = handover->write;
	int rc = handover_room(handover);

	write->key = handover->own;
	if (rc == 0)
		rc = create_key(write);
	if (rc == 0 && write->resource->parent == NULL && (write->resource->traits & KEY_OWN))
		handover->own = write->key;
	return rc != 0 ? rc : create_insert(write, NULL);
}

static int handover_row(struct handover *handover, const struct handover_part *part, size_t row)
{
	struct write *write = handover->write;
	int rc;

	write->resource = part->resource;
	write->projection = part->projection;
	write->after = arena_alloc(write->ctx->arena, part->resource->size);
	if (write->after == NULL)
		return -ENOMEM;
	rc = render_load(write->ctx, write->engine, &part->projection, part->rows, row, NULL,
			 write->after);
	if (rc == 0)
		rc = handover_record(handover, write_record(write->after));
	if (rc != 0)
		return rc;
	handover_fields(handover, part->resource, write->after);
	if (text_is(text_of(part->resource->name), "cases")) {
		handover_member(part->resource, write->after, "opened_on", &handover->opened_on);
		handover_member(part->resource, write->after, "case_worker_id",
				&handover->case_worker_id);
	}
	return handover_insert(handover);
}

/* All rows are read before the giver's case is closed. */
static int handover_read(struct handover *handover, struct handover_part *parts)
{
	struct write *write = handover->write;
	size_t rows = 0;
	int rc;

	for (size_t i = 0; i < HANDED; i++) {
		parts[i].resource = registry_find(text_of(handed[i]));
		handover_ask(handover, &parts[i]);
	}
	handover_call(handover, "transfer_leaves");
	rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < HANDED; i++) {
		parts[i].rows = write->trip.replies[parts[i].at];
		rows += reply_rows(parts[i].rows);
	}
	handover->ids = arena_alloc(write->ctx->arena, (rows + 1) * sizeof(*handover->ids));
	trip_init(&write->trip, write->ctx->arena);
	return handover->ids == NULL ? -ENOMEM : 0;
}

static int handover_rows(struct handover *handover)
{
	struct handover_part *parts =
		arena_alloc(handover->write->ctx->arena, HANDED * sizeof(*parts));
	int rc;

	if (parts == NULL)
		return -ENOMEM;
	rc = handover_read(handover, parts);
	for (size_t i = 0; rc == 0 && i < HANDED; i++) {
		/* The first of them: the client itself, whom the receiver may have. */
		if (i == 0 && handover->known)
			continue;
		for (size_t row = 0; rc == 0 && row < reply_rows(parts[i].rows); row++)
			rc = handover_row(handover, &parts[i], row);
	}
	return rc;
}

/* A consultation's notes become a note of its specialist's profession and day. */
static int handover_note(struct handover *handover, struct reply reply, size_t row)
{
	struct write *write = handover->write;
	struct arena *arena = write->ctx->arena;
	const struct resource *notes = write->resource;
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
	rc = unseal(write->ctx, &handover->giver, place, reply_cell(reply, row, NOTE_SEALED),
		    &cells[2]);
	for (size_t i = 0; rc == 0 && i < 3; i++) {
		int index = field_find(notes->fields, notes->field_count, text_of(members[i]));

		rc = field_from_sql(&notes->fields[index], cells[i], arena, record);
	}
	if (rc != 0)
		return rc;
	*record = (struct record){ .id = uuid_text(arena),
				   .provider_id = write->call->actor.provider_id,
				   .client_id = handover->client_id,
				   .case_id = handover->case_id,
				   .key_id = handover->own.id };
	write->after = record;
	return record->id.ptr == NULL ? -ENOMEM : handover_insert(handover);
}

/* after: the last id of the page before, and of this one; *ret_more: there may be others. */
static int handover_page(struct handover *handover, char after[UUID_SIZE], bool *ret_more)
{
	struct write *write = handover->write;
	struct reply reply;
	struct sql *sql;
	size_t at, rows;
	int rc;

	trip_init(&write->trip, write->ctx->arena);
	sql = trip_add(&write->trip, &at);
	sql_puts(sql, "SELECT * FROM handover_notes(");
	sql_param(sql, handover->transfer_id);
	sql_puts(sql, ", ");
	sql_param(sql, text_of(after));
	sql_puts(sql, ", ");
	buf_put_int(&sql->buf, NOTES_PAGE);
	sql_puts(sql, ")");
	rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc != 0)
		return rc;
	reply = write->trip.replies[at];
	rows = reply_rows(reply);
	trip_init(&write->trip, write->ctx->arena);
	for (size_t row = 0; rc == 0 && row < rows; row++)
		rc = handover_note(handover, reply, row);
	if (rc == 0 && rows > 0) {
		snprintf(after, UUID_SIZE, "%s", reply_cell(reply, rows - 1, NOTE_ID).ptr);
		rc = trip_run(write->ctx, &write->trip, write->conn, false);
	}
	*ret_more = rows == NOTES_PAGE;
	conn_forget(write->conn);
	return rc;
}

static int handover_notes(struct handover *handover)
{
	struct write *write = handover->write;
	struct ctx *ctx = write->ctx;
	struct arena *whole = ctx->arena;
	char after[UUID_SIZE] = NOTES_FIRST;
	bool more = true;
	int rc = 0;

	write->resource = registry_find(TEXT("case_notes"));
	projection_init(&write->projection, write->resource, UINT64_MAX, true);
	while (rc == 0 && more) {
		struct arena page;

		arena_init(&page, NOTES_MEMORY);
		ctx->arena = &page;
		rc = handover_page(handover, after, &more);
		ctx->arena = whole;
		/* What a problem was told of lies in the page's memory. */
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
	struct write *write = handover->write;
	int rc = handover_rows(handover);

	if (rc == 0)
		rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc == 0 && handover->notes) {
		conn_forget(write->conn);
		rc = handover_notes(handover);
	}
	trip_init(&write->trip, write->ctx->arena);
	handover_call(handover, "transfer_arrives");
	return rc;
}
