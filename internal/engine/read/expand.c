/* The rows that ?expand= adds to an answer. Enter at expand_read, expand_open and expand_write.
 * */

#include "engine/read/expand.h"

#include "auth/access.h"
#include "engine/read/render.h"

#include <errno.h>

/* Whether some row can be read behind the field. */
static const struct resource *expand_target(const struct field *field)
{
	const struct resource *target =
		field->type == FIELD_ID ? registry_find(text_of(field->references)) : NULL;

	return target != NULL && (target->actions & ACTION_READ) ? target : NULL;
}

static bool expand_allowed(enum role role, const struct resource *resource,
			   const struct field *field)
{
	return (access_of(role, expand_target(field)).actions & ACTION_READ) &&
	       query_sees(role, resource, field);
}

const struct field *expand_name(const struct resource *resource, size_t index)
{
	for (size_t i = 0; i < record_field_count + resource->field_count; i++) {
		const struct field *field = i < record_field_count
						    ? &record_fields[i]
						    : &resource->fields[i - record_field_count];

		if (expand_target(field) == NULL ||
		    (i < record_field_count && !resource_has(resource, field)))
			continue;
		if (index-- == 0)
			return field;
	}
	return NULL;
}

/* What the role could name instead. */
static void expand_refuse(struct ctx *ctx, const struct call *call)
{
	const struct field *field;
	struct text names;
	struct buf buf;

	buf_init(&buf, ctx->arena);
	for (size_t i = 0; (field = expand_name(call->resource, i)) != NULL; i++)
		if (expand_allowed(call->actor.role, call->resource, field))
			buf_printf(&buf, "%s%s", buf.len > 0 ? ", " : "", field->name);
	if (buf_text(&buf, &names) == 0 && names.len > 0)
		violate(ctx, P_NOT_IN_LIST, TEXT("query:expand"), names);
	else
		violate(ctx, P_UNKNOWN_PARAMETER, TEXT("query:expand"));
}

static bool expand_has(const struct expand *expand, const struct field *field)
{
	for (size_t i = 0; i < expand->name_count; i++)
		if (expand->names[i] == field)
			return true;
	return false;
}

/* The item of the resource; a new one is as its list's element. */
static int expand_item(struct ctx *ctx, const struct call *call, const struct resource *resource,
		       struct expand *expand, size_t *ret_index)
{
	static const struct list_query everything;
	const struct call list = { .resource = resource, .actor = call->actor };
	size_t i = 0;

	while (i < expand->count && expand->items[i]->resource != resource)
		i++;
	*ret_index = i;
	if (i < expand->count)
		return 0;
	expand->items[i] = arena_alloc(ctx->arena, sizeof(*expand->items[i]));
	if (expand->items[i] == NULL)
		return -ENOMEM;
	expand->count++;
	expand->items[i]->resource = resource;
	sql_init(&expand->items[i]->sql, ctx->arena);
	return query_projection(ctx, &list, &everything, &expand->items[i]->projection);
}

int expand_read(struct ctx *ctx, const struct call *call, struct text names,
		struct projection *shown, struct expand *ret)
{
	int rc = 0;

	ret->call = call;
	while (rc == 0 && names.ptr != NULL) {
		struct text name = text_cut(&names, ',');
		const struct field *field = query_field(call->resource, name);

		if (field == NULL || expand_target(field) == NULL ||
		    !expand_allowed(call->actor.role, call->resource, field)) {
			expand_refuse(ctx, call);
		} else if (expand_has(ret, field)) {
			violate(ctx, P_DUPLICATE_ITEM, TEXT("query:expand"), name);
		} else if (ret->name_count == EXPAND_NAMES_MAX || ret->count == EXPAND_MAX) {
			violate(ctx, P_TOO_MANY_ITEMS, TEXT("query:expand"), TEXT("12"));
		} else {
			rc = expand_item(ctx, call, expand_target(field), ret,
					 &ret->leads[ret->name_count]);
			ret->names[ret->name_count++] = field;
			projection_add(shown, field);
		}
	}
	return rc != 0 ? rc : violations_close(ctx, P_BAD_PARAMETER);
}

static void expand_columns(const struct expand *expand, size_t index, struct sql *sql,
			   const char *alias)
{
	const char *separator = "";

	for (size_t i = 0; i < expand->name_count; i++) {
		if (expand->leads[i] != index)
			continue;
		sql_puts(sql, separator);
		sql_puts(sql, alias);
		sql_puts(sql, expand->names[i]->name);
		separator = ", ";
	}
}

struct sql *expand_open(struct expand *expand, size_t index, const struct place *place)
{
	const struct call *call = expand->call;
	const struct resource *resource = expand->items[index]->resource;
	struct place reach = { .scope = access_of(call->actor.role, resource).scope,
			       .actor = &call->actor };
	struct sql *sql = &expand->items[index]->sql;

	sql_page_open(sql, &expand->items[index]->projection, &reach);
	sql_puts(sql, " AND t.id IN (SELECT unnest(ARRAY[");
	expand_columns(expand, index, sql, "s.");
	sql_puts(sql, "]) FROM (SELECT ");
	expand_columns(expand, index, sql, "t.");
	sql_from(sql, call->resource, false);
	sql_where(sql, call->resource, place);
	return sql;
}

int expand_close(struct expand *expand, size_t index, struct query *ret)
{
	struct sql *sql = &expand->items[index]->sql;
	bool logged = (expand->items[index]->resource->traits & OF_CLIENT) != 0;

	sql_puts(sql, ") s)");
	sql_page_close(sql, &expand->items[index]->projection, logged,
		       LIST_LIMIT_MAX * EXPAND_NAMES_MAX, false);
	return sql_query(sql, ret);
}

static int expand_rows(struct ctx *ctx, struct engine *engine, const struct actor *reader,
		       const struct projection *projection, struct reply reply, struct buf *buf)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < reply_rows(reply); i++) {
		buf_puts(buf, i > 0 ? "," : "");
		buf_put_json(buf, render_cell(projection, reply, i, "id"));
		buf_putc(buf, ':');
		rc = render_row(ctx, engine, reader, projection, reply, i, buf);
	}
	return rc;
}

int expand_write(struct ctx *ctx, struct engine *engine, const struct actor *reader,
		 const struct expand *expand, const struct reply *replies, struct buf *buf)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < expand->count; i++) {
		buf_puts(buf, i > 0 ? ",\"" : ",\"expanded\":{\"");
		buf_puts(buf, expand->items[i]->resource->name);
		buf_puts(buf, "\":{");
		rc = expand_rows(ctx, engine, reader, &expand->items[i]->projection, replies[i],
				 buf);
		buf_putc(buf, '}');
	}
	if (expand->count > 0)
		buf_putc(buf, '}');
	return rc;
}
