/* Reads query parameters: filters, sort, limit, fields. Enter at query_read, query_projection
 * and query_filters. */

#include "engine/read/query.h"

#include "auth/access.h"
#include "model/read.h"

#include <errno.h>

static struct text query_pointer(struct ctx *ctx, const struct param *param)
{
	if (param->op.ptr == NULL)
		return arena_format(ctx->arena, "query:%.*s", (int)param->name.len,
				    param->name.ptr);
	return arena_format(ctx->arena, "query:%.*s[%.*s]", (int)param->name.len, param->name.ptr,
			    (int)param->op.len, param->op.ptr);
}

const struct field *query_field(const struct resource *resource, struct text name)
{
	int index = field_find(resource->fields, resource->field_count, name);

	if (index >= 0)
		return &resource->fields[index];
	index = field_find(record_fields, record_field_count, name);
	if (index >= 0 && resource_has(resource, &record_fields[index]))
		return &record_fields[index];
	return NULL;
}

bool query_sees(enum role role, const struct resource *resource, const struct field *field)
{
	if (field < resource->fields || field >= resource->fields + resource->field_count)
		return true;
	return access_sees(role, field_sight(field));
}

static bool query_op(const struct field *field, struct text op, enum filter_op *ret)
{
	bool ranged = field->type == FIELD_INTEGER || field->type == FIELD_DATE ||
		      field->type == FIELD_INSTANT;

	if (op.ptr == NULL)
		*ret = FILTER_EQ;
	else if (text_is(op, "in") && field->blind == BLIND_NONE && field->type != FIELD_TEXTS &&
		 field->type != FIELD_ENUMS)
		*ret = FILTER_IN;
	else if (text_is(op, "gte") && ranged)
		*ret = FILTER_GTE;
	else if (text_is(op, "lte") && ranged)
		*ret = FILTER_LTE;
	else
		return false;
	return true;
}

/* One value as SQL text; null text after a violation. */
static int query_value(struct ctx *ctx, const struct resource *resource, const struct field *field,
		       struct text value, const char *pointer, struct text *ret)
{
	struct field single = *field;
	size_t before = ctx->violation_count;
	void *base = arena_alloc(ctx->arena, resource->size);
	int rc;

	if (base == NULL)
		return -ENOMEM;
	/* A list is searched for one of its items. */
	if (field->type == FIELD_TEXTS)
		single = (struct field){ .name = field->name,
					 .type = FIELD_TEXT,
					 .format = field->format };
	else if (field->type == FIELD_ENUMS)
		single = (struct field){ .name = field->name,
					 .type = FIELD_ENUM,
					 .values = field->values };
	single.flags &= ~(unsigned)READ_ONLY;
	single.offset = single.type != field->type ? 0 : field->offset;
	rc = read_value(ctx, &single, value, pointer, base);
	*ret = TEXT_NULL;
	if (rc != 0 || ctx->violation_count != before)
		return rc;
	return field_to_sql(&single, base, ctx->arena, ret);
}

static int query_in(struct ctx *ctx, const struct resource *resource, const struct field *field,
		    struct text value, const char *pointer, struct text *ret)
{
	static const struct field list = { .name = "in", .type = FIELD_TEXTS };
	struct text items[FILTER_ITEMS_MAX];
	struct texts texts = { items, 0, true };
	struct text rest = value;

	while (rest.ptr != NULL) {
		struct text item = text_cut(&rest, ',');
		int rc;

		if (texts.count == FILTER_ITEMS_MAX) {
			violate(ctx, P_TOO_MANY_ITEMS, text_of(pointer), TEXT("50"));
			return 0;
		}
		rc = query_value(ctx, resource, field, item, pointer, &items[texts.count++]);
		if (rc != 0)
			return rc;
	}
	return field_to_sql(&list, &texts, ctx->arena, ret);
}

static int query_filter(struct ctx *ctx, const struct engine *engine, const struct call *call,
			const struct param *param, struct list_query *query)
{
	struct text pointer = query_pointer(ctx, param);
	const struct field *field = query_field(call->resource, param->name);
	struct filter *filter;
	int rc;

	if (pointer.ptr == NULL)
		return -ENOMEM;
	if (query->filter_count == FILTERS_MAX) {
		violate(ctx, P_TOO_MANY_ITEMS, pointer, TEXT("16"));
		return 0;
	}
	filter = &query->filters[query->filter_count];
	if (field == NULL || !(field->flags & FILTER) ||
	    !query_sees(call->actor.role, call->resource, field) ||
	    !query_op(field, param->op, &filter->op)) {
		violate(ctx, P_UNKNOWN_PARAMETER, pointer);
		return 0;
	}
	filter->field = field;
	query->filter_count++;
	if (filter->op == FILTER_IN)
		return query_in(ctx, call->resource, field, param->value, pointer.ptr,
				&filter->value);
	rc = query_value(ctx, call->resource, field, param->value, pointer.ptr, &filter->value);
	if (rc != 0 || field->blind == BLIND_NONE || filter->value.ptr == NULL)
		return rc;
	return blind_index(ctx, engine->keyring, resource_table(call->resource), field,
			   filter->value, &filter->value);
}

static void query_sort(struct ctx *ctx, const struct resource *resource, struct text value,
		       struct list_query *query)
{
	query->descending = text_starts(value, "-");
	if (query->descending)
		value = (struct text){ value.ptr + 1, value.len - 1 };
	query->sort = query_field(resource, value);
	if (query->sort == NULL ||
	    (!(query->sort->flags & SORT) && strcmp(query->sort->name, "id") != 0))
		violate(ctx, P_UNKNOWN_PARAMETER, TEXT("query:sort"), value);
}

static int query_limit(struct ctx *ctx, struct text value, struct list_query *query)
{
	if (text_to_int64(value, &query->limit) != 0 || query->limit < 1 ||
	    query->limit > LIST_LIMIT_MAX)
		violate(ctx, P_OUT_OF_RANGE, TEXT("query:limit"), TEXT("1"), TEXT("200"));
	return 0;
}

static int query_param(struct ctx *ctx, const struct engine *engine, const struct call *call,
		       const struct param *param, struct list_query *query)
{
	if (param->op.ptr == NULL && text_is(param->name, "fields")) {
		query->fields = param->value;
		return 0;
	}
	if (param->op.ptr == NULL && text_is(param->name, "expand")) {
		query->expand = param->value;
		return 0;
	}
	if (call->item || param->op.ptr != NULL)
		return call->item
			       ? (violate(ctx, P_UNKNOWN_PARAMETER, query_pointer(ctx, param)), 0)
			       : query_filter(ctx, engine, call, param, query);
	if (text_is(param->name, "limit"))
		return query_limit(ctx, param->value, query);
	if (text_is(param->name, "sort")) {
		query_sort(ctx, call->resource, param->value, query);
	} else if (text_is(param->name, "cursor")) {
		query->cursor = param->value;
	} else if (text_is(param->name, "count")) {
		query->count = true;
		if (!text_is(param->value, "exact"))
			violate(ctx, P_NOT_IN_LIST, TEXT("query:count"), TEXT("exact"));
	} else {
		return query_filter(ctx, engine, call, param, query);
	}
	return 0;
}

static bool query_repeated(const struct call *call, size_t index)
{
	const struct param *param = &call->params[index];

	for (size_t i = 0; i < index; i++)
		if (text_eq(call->params[i].name, param->name) &&
		    text_eq(call->params[i].op, param->op))
			return true;
	return false;
}

int query_read(struct ctx *ctx, const struct engine *engine, const struct call *call,
	       struct list_query *ret)
{
	const char *sort = call->resource->sort != NULL ? call->resource->sort : "id";

	*ret = (struct list_query){ .limit = LIST_LIMIT_DEFAULT };
	query_sort(ctx, call->resource, text_of(sort), ret);
	for (size_t i = 0; i < call->param_count; i++) {
		int rc = 0;

		if (query_repeated(call, i))
			violate(ctx, P_REPEATED_PARAMETER, query_pointer(ctx, &call->params[i]));
		else
			rc = query_param(ctx, engine, call, &call->params[i], ret);
		if (rc != 0)
			return rc;
	}
	return violations_close(ctx, P_BAD_PARAMETER);
}

int query_read_endpoint(struct ctx *ctx, const struct call *call, void *base)
{
	const struct endpoint *endpoint = call->endpoint;

	for (size_t i = 0; i < call->param_count; i++) {
		const struct param *param = &call->params[i];
		struct text pointer = query_pointer(ctx, param);
		int at = field_find(endpoint->query, endpoint->query_count, param->name);
		int rc = pointer.ptr == NULL ? -ENOMEM : 0;

		if (query_repeated(call, i))
			violate(ctx, P_REPEATED_PARAMETER, pointer);
		else if (at < 0 || param->op.ptr != NULL)
			violate(ctx, P_UNKNOWN_PARAMETER, pointer);
		else if (rc == 0)
			rc = read_value(ctx, &endpoint->query[at], param->value, pointer.ptr, base);
		if (rc != 0)
			return rc;
	}
	return violations_close(ctx, P_BAD_PARAMETER);
}

static uint64_t query_default_mask(const struct resource *resource, bool item)
{
	uint64_t mask = 0;

	if (item)
		return UINT64_MAX;
	for (size_t i = 0; i < resource->field_count; i++)
		if (resource->fields[i].flags & (IN_LIST | PARENT))
			mask |= UINT64_C(1) << i;
	return mask;
}

int query_projection(struct ctx *ctx, const struct call *call, const struct list_query *query,
		     struct projection *ret)
{
	const struct resource *resource = call->resource;
	struct text rest = query->fields;

	if (query->fields.ptr == NULL) {
		projection_init(ret, resource,
				query_default_mask(resource, call->item) &
					access_fields(call->actor.role, resource),
				true);
		return 0;
	}
	projection_init(ret, resource, 0, false);
	while (rest.ptr != NULL) {
		struct text name = text_cut(&rest, ',');
		const struct field *field = query_field(resource, name);

		if (field == NULL)
			violate(ctx, P_UNKNOWN_PARAMETER, TEXT("query:fields"), name);
		else if ((field->flags & ITEM_ONLY) && !call->item)
			violate(ctx, P_ITEM_ONLY, TEXT("query:fields"), name);
		else if (!query_sees(call->actor.role, resource, field))
			violate(ctx, P_NOT_VISIBLE, TEXT("query:fields"), name);
		else
			projection_add(ret, field);
	}
	return violations_close(ctx, P_BAD_PARAMETER);
}

void query_filters(struct sql *sql, const struct list_query *query)
{
	static const char *const ops[] = { " = ", " >= ", " <= ", " = ANY(" };

	for (size_t i = 0; i < query->filter_count; i++) {
		const struct filter *filter = &query->filters[i];
		bool list =
			filter->field->type == FIELD_TEXTS || filter->field->type == FIELD_ENUMS;
		const char *column = filter->field->name;

		sql_puts(sql, " AND t.");
		sql_puts(sql, column);
		if (list) {
			sql_puts(sql, " @> ARRAY[");
			sql_param(sql, filter->value);
			sql_puts(sql, "::text]");
			continue;
		}
		sql_puts(sql, filter->field->blind != BLIND_NONE ? "_index" : "");
		sql_puts(sql, ops[filter->op]);
		sql_param(sql, filter->value);
		if (filter->op == FILTER_IN) {
			sql_puts(sql, "::");
			sql_puts(sql, sql_type(filter->field));
			sql_puts(sql, "[])");
		}
	}
}
