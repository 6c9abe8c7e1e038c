/* Turns rows into JSON and structs, and opens sealed cells. Enter at render_row and render_load.
 * The caller owns the key and wipes it. */

#include "engine/read/render.h"

#include "auth/access.h"
#include "core/log/log.h"
#include "model/write.h"

#include <errno.h>

/* What opens a row's sealed cells. */
enum row_key {
	ROW_OPENS,
	ROW_ERASED, /* the key was destroyed, or there never was one: sealed cells are null */
	ROW_CLOSED, /* there is a key, and it cannot be had: its sealed cells are unreadable */
};

static enum row_key row_key_open(const struct engine *engine, const struct projection *projection,
				 struct reply reply, size_t row, struct data_key *ret)
{
	struct text id = reply_cell(reply, row, projection->count);
	struct text wrapped = reply_cell(reply, row, projection->count + 1);

	*ret = (struct data_key){ 0 };
	if (id.ptr == NULL || data_key_destroyed(wrapped))
		return ROW_ERASED;
	if (wrapped.ptr == NULL || data_key_try(engine->keyring, id, wrapped, ret) != 0)
		return ROW_CLOSED;
	return ROW_OPENS;
}

int render_key(struct ctx *ctx, const struct engine *engine, const struct projection *projection,
	       struct reply reply, size_t row, struct data_key *ret)
{
	struct text id = reply_cell(reply, row, projection->count);
	struct data_key key;

	if (id.ptr != NULL && row_key_open(engine, projection, reply, row, &key) != ROW_OPENS)
		return fault(ctx, EBADMSG, "data_key_not_unwrapped", id);
	*ret = id.ptr != NULL ? key : (struct data_key){ 0 };
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static struct seal_place render_place(const struct projection *projection,
				      const struct field *field, struct text row_id)
{
	return (struct seal_place){ resource_table(projection->resource), field->name, row_id };
}

static bool render_notes(const struct projection *projection, const struct actor *reader,
			 struct reply reply, size_t row)
{
	const char *member = projection->resource->profession_member;
	struct text profession = TEXT_NULL;

	if (member != NULL)
		profession = render_cell(projection, reply, row, member);
	return access_reads_notes(reader, projection->resource, profession);
}

static bool render_hidden(const struct projection *projection, const struct field *field)
{
	const struct resource *resource = projection->resource;

	if (projection->hidden == 0 || field < resource->fields ||
	    field >= resource->fields + resource->field_count)
		return false;
	return (projection->hidden >> (field - resource->fields)) & 1;
}

/* A row on its way into an answer. */
struct shown {
	struct ctx *ctx;
	const struct projection *projection;
	struct reply reply;
	size_t row;
	struct text id;
	bool notes;    /* whether the reader sees a profession's notes */
	bool forgives; /* a cell that does not open is null and named */
	enum row_key state;
	const struct data_key *key;
	struct buf *buf;
	const struct field *unreadable[FIELDS_MAX];
	size_t unreadable_count;
};

/* The cell as the reader sees it. A cell that does not open is null only if shown->forgives. */
static int shown_cell(struct shown *shown, const struct field *field, struct text *cell)
{
	int rc = -EBADMSG;

	if (!shown->notes && field->sight == SIGHT_PROFESSIONAL)
		*cell = TEXT_NULL;
	if (!(field->flags & SEALED) || cell->ptr == NULL)
		return 0;
	if (!shown->forgives)
		return unseal(shown->ctx, shown->key,
			      render_place(shown->projection, field, shown->id), *cell, cell);
	if (shown->state == ROW_OPENS)
		rc = unseal_try(shown->ctx, shown->key,
				render_place(shown->projection, field, shown->id), *cell, cell);
	if (rc != -EBADMSG)
		return rc;
	*cell = TEXT_NULL;
	if (shown->state != ROW_ERASED)
		shown->unreadable[shown->unreadable_count++] = field;
	return 0;
}

/* One log line for each row. Only a reader of the database can find the row by the key. */
static int shown_unreadable(struct shown *shown)
{
	struct ctx *ctx = shown->ctx;
	struct text names;
	struct buf list;
	int rc;

	buf_init(&list, ctx->arena);
	buf_puts(shown->buf, ",\"unreadable\":[");
	for (size_t i = 0; i < shown->unreadable_count; i++) {
		const char *name = shown->unreadable[i]->name;

		buf_printf(shown->buf, "%s\"%s\"", i > 0 ? "," : "", name);
		buf_printf(&list, "%s%s", i > 0 ? "," : "", name);
	}
	buf_putc(shown->buf, ']');
	rc = buf_text(&list, &names);
	if (rc != 0)
		return rc;
	ctx->unreadable += shown->unreadable_count;
	log_error("cells_unreadable", LOG_TEXT("request_id", ctx->request_id),
		  LOG_TEXT("table", text_of(resource_table(shown->projection->resource))),
		  LOG_TEXT("members", names),
		  LOG_TEXT("key", reply_cell(shown->reply, shown->row, shown->projection->count)));
	return 0;
}

static int shown_members(struct shown *shown)
{
	const struct projection *projection = shown->projection;
	const char *separator = "\"";
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < projection->count; i++) {
		const struct field *field = projection->fields[i];
		struct text cell = reply_cell(shown->reply, shown->row, i);

		if (render_hidden(projection, field))
			continue;
		rc = shown_cell(shown, field, &cell);
		if (rc != 0)
			return rc;
		buf_puts(shown->buf, separator);
		buf_puts(shown->buf, field->name);
		buf_put(shown->buf, "\":", 2);
		rc = write_cell(shown->buf, field, cell);
		separator = ",\"";
	}
	return rc == 0 && shown->unreadable_count > 0 ? shown_unreadable(shown) : rc;
}

static int shown_write(struct shown *shown, const struct actor *reader)
{
	int rc;

	shown->id = render_cell(shown->projection, shown->reply, shown->row, "id");
	shown->notes = render_notes(shown->projection, reader, shown->reply, shown->row);
	buf_putc(shown->buf, '{');
	rc = shown_members(shown);
	if (rc == -EINVAL)
		return fault(shown->ctx, EINVAL, "row_unreadable",
			     text_of(shown->projection->resource->name));
	buf_putc(shown->buf, '}');
	return rc;
}

int render_row(struct ctx *ctx, const struct engine *engine, const struct actor *reader,
	       const struct projection *projection, struct reply reply, size_t row, struct buf *buf)
{
	struct data_key key = { 0 };
	struct shown shown = { .ctx = ctx,
			       .projection = projection,
			       .reply = reply,
			       .row = row,
			       .forgives = true,
			       .key = &key,
			       .buf = buf };
	int rc;

	if (projection->sealed)
		shown.state = row_key_open(engine, projection, reply, row, &key);
	rc = shown_write(&shown, reader);
	explicit_bzero(&key, sizeof(key));
	return rc;
}

int render_written(struct ctx *ctx, const struct actor *reader, const struct projection *projection,
		   struct reply reply, const struct data_key *key, struct buf *buf)
{
	struct shown shown = {
		.ctx = ctx, .projection = projection, .reply = reply, .key = key, .buf = buf
	};

	return shown_write(&shown, reader);
}

static int render_cell_load(struct ctx *ctx, const struct projection *projection, size_t column,
			    struct text row_id, struct text cell, const struct data_key *key,
			    void *base)
{
	const struct field *field = projection->fields[column];
	int rc = 0;

	if (cell.ptr != NULL && (field->flags & SEALED)) {
		rc = unseal(ctx, key, render_place(projection, field, row_id), cell, &cell);
	} else if (cell.ptr != NULL) {
		cell = arena_copy(ctx->arena, cell);
		rc = cell.ptr != NULL ? 0 : -ENOMEM;
	}
	return rc != 0 ? rc : field_from_sql(field, cell, ctx->arena, base);
}

int render_load(struct ctx *ctx, const struct engine *engine, const struct projection *projection,
		struct reply reply, size_t row, const struct data_key *key, void *base)
{
	struct text id = render_cell(projection, reply, row, "id");
	struct data_key own = { 0 };
	int rc = 0;

	if (projection->sealed && key == NULL)
		rc = render_key(ctx, engine, projection, reply, row, &own);
	for (size_t i = 0; rc == 0 && i < projection->count; i++)
		rc = render_cell_load(ctx, projection, i, id, reply_cell(reply, row, i),
				      key != NULL ? key : &own, base);
	explicit_bzero(&own, sizeof(own));
	if (rc == -EINVAL)
		return fault(ctx, EINVAL, "row_unreadable", text_of(projection->resource->name));
	return rc;
}

struct text render_cell(const struct projection *projection, struct reply reply, size_t row,
			const char *name)
{
	for (size_t i = 0; i < projection->count; i++)
		if (strcmp(projection->fields[i]->name, name) == 0)
			return reply_cell(reply, row, i);
	return TEXT_NULL;
}

#define HEADERS_ROOM 8192 /* Link repeats the target */

int render_fits(struct ctx *ctx, int rc)
{
	const struct arena *arena = ctx->arena;
	bool narrow = arena->used > arena->maximum / 2;

	if (rc == 0 && narrow && arena_alloc(ctx->arena, HEADERS_ROOM) == NULL)
		rc = -ENOMEM;
	return rc == -ENOMEM ? fail(ctx, P_ANSWER_TOO_LARGE) : rc;
}

struct text render_etag(struct ctx *ctx, const struct projection *projection, struct reply reply,
			size_t row)
{
	struct text version = render_cell(projection, reply, row, "version");

	if (version.ptr == NULL)
		return TEXT_NULL;
	return arena_format(ctx->arena, "\"%.*s\"", (int)version.len, version.ptr);
}
