#include "service/render.h"

#include "auth/access.h"
#include "model/write.h"

#include <errno.h>

int render_key(struct ctx *ctx, const struct service *service, const struct projection *projection,
	       struct reply reply, size_t row, struct data_key *ret)
{
	struct text id = reply_cell(reply, row, projection->count);
	struct text wrapped = reply_cell(reply, row, projection->count + 1);

	if (id.ptr == NULL || wrapped.ptr == NULL) {
		*ret = (struct data_key){ 0 };
		return 0;
	}
	return data_key_unwrap(ctx, service->keyring, id, wrapped, ret);
}

static int render_open(struct ctx *ctx, const struct projection *projection,
		       const struct field *field, const struct data_key *key, struct text row_id,
		       struct text *cell)
{
	struct seal_place place = { resource_table(projection->resource), field->name, row_id };

	if (!(field->flags & SEALED) || cell->ptr == NULL)
		return 0;
	if (key->id.ptr == NULL) {
		*cell = TEXT_NULL;
		return 0;
	}
	return unseal(ctx, key, place, *cell, cell);
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

/* Calls take for each column with its cell opened; a profession's stay closed without notes. */
static int render_each(struct ctx *ctx, const struct service *service,
		       const struct projection *projection, struct reply reply, size_t row,
		       const struct data_key *key, bool notes,
		       int (*take)(void *to, struct arena *arena, const struct field *field,
				   size_t column, struct text cell),
		       void *to)
{
	struct data_key own = { 0 };
	struct text id = render_cell(projection, reply, row, "id");
	int rc;

	if (projection->sealed && key == NULL) {
		rc = render_key(ctx, service, projection, reply, row, &own);
		if (rc != 0)
			return rc;
		key = &own;
	}
	for (size_t i = 0; i < projection->count; i++) {
		struct text cell = reply_cell(reply, row, i);

		if (!notes && projection->fields[i]->sight == SIGHT_PROFESSIONAL)
			cell = TEXT_NULL;
		rc = render_open(ctx, projection, projection->fields[i], key, id, &cell);
		if (rc == 0)
			rc = take(to, ctx->arena, projection->fields[i], i, cell);
		if (rc != 0)
			return rc;
	}
	return 0;
}

struct render_to {
	struct buf *buf;
	const struct projection *projection;
};

static bool render_hidden(const struct projection *projection, const struct field *field)
{
	const struct resource *resource = projection->resource;

	if (projection->hidden == 0 || field < resource->fields ||
	    field >= resource->fields + resource->field_count)
		return false;
	return (projection->hidden >> (field - resource->fields)) & 1;
}

static int render_json(void *to, struct arena *arena, const struct field *field, size_t column,
		       struct text cell)
{
	struct buf *buf = ((struct render_to *)to)->buf;

	(void)arena;
	if (render_hidden(((struct render_to *)to)->projection, field))
		return 0;
	buf_put(buf, column == 0 ? "\"" : ",\"", column == 0 ? 1 : 2);
	buf_puts(buf, field->name);
	buf_put(buf, "\":", 2);
	return write_cell(buf, field, cell);
}

int render_row(struct ctx *ctx, const struct service *service, const struct actor *reader,
	       const struct projection *projection, struct reply reply, size_t row,
	       const struct data_key *key, struct buf *buf)
{
	struct render_to to = { buf, projection };
	bool notes = render_notes(projection, reader, reply, row);
	int rc;

	buf_putc(buf, '{');
	rc = render_each(ctx, service, projection, reply, row, key, notes, render_json, &to);
	if (rc == -EINVAL)
		return fault(ctx, EINVAL, "row_unreadable", text_of(projection->resource->name));
	buf_putc(buf, '}');
	return rc;
}

static int render_member(void *to, struct arena *arena, const struct field *field, size_t column,
			 struct text cell)
{
	struct text copy = cell;

	(void)column;
	if (cell.ptr != NULL) {
		copy = arena_copy(arena, cell);
		if (copy.ptr == NULL)
			return -ENOMEM;
	}
	return field_from_sql(field, copy, arena, to);
}

int render_load(struct ctx *ctx, const struct service *service, const struct projection *projection,
		struct reply reply, size_t row, const struct data_key *key, void *base)
{
	int rc = render_each(ctx, service, projection, reply, row, key, true, render_member, base);

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
