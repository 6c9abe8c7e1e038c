/* The paths and operations of resources in the OpenAPI document. Enter at paths_resource. */

#include "openapi/paths.h"

#include "engine/engine.h"
#include "engine/read/expand.h"
#include "openapi/doc.h"
#include "openapi/parts.h"
#include "openapi/schema.h"
#include "engine/read/query.h"

static const struct {
	enum operation operation;
	enum action action;
	bool item;
	const char *method;
	const char *verb;
	const char *summary;
} operations[OPERATION_COUNT] = {
	{ OPERATION_LIST, ACTION_LIST, false, "get", "list", "List" },
	{ OPERATION_CREATE, ACTION_CREATE, false, "post", "create", "Create" },
	{ OPERATION_READ, ACTION_READ, true, "get", "read", "Read" },
	{ OPERATION_UPDATE, ACTION_UPDATE, true, "patch", "update", "Change" },
	{ OPERATION_DELETE, ACTION_DELETE, true, "delete", "delete", "Delete" },
};

static const char *const scope_names[] = {
	[SCOPE_NONE] = "none", [SCOPE_ALL] = "all",	[SCOPE_OWN] = "own",
	[SCOPE_TEAM] = "team", [SCOPE_NAMED] = "named", [SCOPE_SELF] = "self",
};

static void template_put(struct buf *buf, const struct resource *resource, bool item)
{
	if (resource->parent != NULL)
		template_put(buf, resource->parent, true);
	buf_printf(buf, "/%s", resource_segment(resource));
	if (item)
		buf_printf(buf, "/{%s_id}", resource->singular);
}

struct text paths_template(struct arena *arena, const struct resource *resource, bool item)
{
	struct text path = TEXT_NULL;
	struct buf buf;

	buf_init(&buf, arena);
	buf_puts(&buf, "/v1");
	template_put(&buf, resource, item);
	return buf_text(&buf, &path) == 0 ? path : TEXT_NULL;
}

bool paths_same(struct text a, struct text b)
{
	while (a.ptr != NULL && b.ptr != NULL) {
		struct text x = text_cut(&a, '/');
		struct text y = text_cut(&b, '/');

		if (!text_eq(x, y) && !(text_starts(x, "{") && text_starts(y, "{")))
			return false;
	}
	return a.ptr == b.ptr;
}

bool paths_has(const struct resource *resource, bool item)
{
	for (size_t i = 0; i < OPERATION_COUNT; i++)
		if (operations[i].item == item && (resource->actions & operations[i].action))
			return true;
	return false;
}

static void put_ids(struct buf *buf, const struct resource *resource, bool item)
{
	struct text name = arena_format(buf->arena, "%s_id", resource->singular);

	if (resource->parent != NULL)
		put_ids(buf, resource->parent, true);
	if (item)
		parts_parameter(buf, name.ptr != NULL ? name.ptr : "");
}

static void put_sort_names(struct buf *buf, const char *name)
{
	doc_string(buf, NULL, name);
	doc_text(buf, NULL, arena_format(buf->arena, "-%s", name));
}

static void put_sort(struct buf *buf, const struct resource *resource)
{
	doc_open(buf, NULL, '{');
	doc_string(buf, "name", "sort");
	doc_string(buf, "in", "query");
	doc_string(buf, "description", "Order; - is descending. Equal ones follow by id.");
	doc_open(buf, "schema", '{');
	doc_string(buf, "type", "string");
	doc_open(buf, "enum", '[');
	put_sort_names(buf, "id");
	for (size_t i = 0; i < record_field_count; i++)
		if ((record_fields[i].flags & SORT) && resource_has(resource, &record_fields[i]))
			put_sort_names(buf, record_fields[i].name);
	for (size_t i = 0; i < resource->field_count; i++)
		if (resource->fields[i].flags & SORT)
			put_sort_names(buf, resource->fields[i].name);
	doc_close(buf, ']');
	doc_string(buf, "default", resource->sort != NULL ? resource->sort : "id");
	doc_close(buf, '}');
	doc_close(buf, '}');
}

static void put_fields(struct buf *buf, const struct resource *resource, bool item)
{
	doc_open(buf, NULL, '{');
	doc_string(buf, "name", "fields");
	doc_string(buf, "in", "query");
	doc_string(buf, "description",
		   item ? "Only these members, beside id and version. All that the role sees by "
			  "default."
			: "Only these members, beside id and version. Those of the overview by "
			  "default.");
	doc_string(buf, "style", "form");
	doc_flag(buf, "explode", false);
	doc_open(buf, "schema", '{');
	doc_string(buf, "type", "array");
	doc_open(buf, "items", '{');
	doc_string(buf, "type", "string");
	doc_open(buf, "enum", '[');
	for (size_t i = 0; i < record_field_count; i++)
		if (resource_has(resource, &record_fields[i]))
			doc_string(buf, NULL, record_fields[i].name);
	for (size_t i = 0; i < resource->field_count; i++)
		if (item || !(resource->fields[i].flags & ITEM_ONLY))
			doc_string(buf, NULL, resource->fields[i].name);
	doc_close(buf, ']');
	doc_close(buf, '}');
	doc_close(buf, '}');
	doc_close(buf, '}');
}

/* Nothing if no member leads to a resource that anybody reads. */
static void put_expand(struct buf *buf, const struct resource *resource)
{
	const struct field *field;

	if (expand_name(resource, 0) == NULL)
		return;
	doc_open(buf, NULL, '{');
	doc_string(buf, "name", "expand");
	doc_string(buf, "in", "query");
	doc_string(buf, "description",
		   "Also tell the rows that these members lead to, as far as the caller may read "
		   "them: under expanded, by resource and id, as their own lists show them. One "
		   "that is not there cannot be told from one that is not the caller's.");
	doc_string(buf, "style", "form");
	doc_flag(buf, "explode", false);
	doc_open(buf, "schema", '{');
	doc_string(buf, "type", "array");
	doc_flag(buf, "uniqueItems", true);
	doc_open(buf, "items", '{');
	doc_string(buf, "type", "string");
	doc_open(buf, "enum", '[');
	for (size_t i = 0; (field = expand_name(resource, i)) != NULL; i++)
		doc_string(buf, NULL, field->name);
	doc_close(buf, ']');
	doc_close(buf, '}');
	doc_close(buf, '}');
	doc_close(buf, '}');
}

static void put_filter(struct buf *buf, const struct field *field, const char *op,
		       const char *about)
{
	bool in = strcmp(op, "[in]") == 0;

	doc_open(buf, NULL, '{');
	doc_text(buf, "name", arena_format(buf->arena, "%s%s", field->name, op));
	doc_string(buf, "in", "query");
	doc_string(buf, "description", about);
	if (in) {
		doc_string(buf, "style", "form");
		doc_flag(buf, "explode", false);
		doc_open(buf, "schema", '{');
		doc_string(buf, "type", "array");
		doc_int(buf, "maxItems", FILTER_ITEMS_MAX);
		schema_field(buf, "items", field, SCHEMA_QUERY);
		doc_close(buf, '}');
	} else {
		schema_field(buf, "schema", field, SCHEMA_QUERY);
	}
	doc_close(buf, '}');
}

static void put_filters(struct buf *buf, const struct field *field)
{
	bool ranged = field->type == FIELD_INTEGER || field->type == FIELD_DATE ||
		      field->type == FIELD_INSTANT;
	bool list = field->type == FIELD_TEXTS || field->type == FIELD_ENUMS;

	if (!(field->flags & FILTER))
		return;
	put_filter(buf, field, "",
		   list ? "Those whose list has this item." : "Those with this value.");
	if (field->blind == BLIND_NONE && !list)
		put_filter(buf, field, "[in]", "Those with one of these values.");
	if (!ranged)
		return;
	put_filter(buf, field, "[gte]", "Those from this value on.");
	put_filter(buf, field, "[lte]", "Those up to this value.");
}

static void put_list_parameters(struct buf *buf, const struct resource *resource)
{
	parts_parameter(buf, "limit");
	parts_parameter(buf, "cursor");
	parts_parameter(buf, "count");
	put_sort(buf, resource);
	put_fields(buf, resource, false);
	put_expand(buf, resource);
	for (size_t i = 0; i < record_field_count; i++)
		if (resource_has(resource, &record_fields[i]))
			put_filters(buf, &record_fields[i]);
	for (size_t i = 0; i < resource->field_count; i++)
		put_filters(buf, &resource->fields[i]);
}

static void put_parameters(struct buf *buf, const struct resource *resource,
			   enum operation operation, bool item)
{
	doc_open(buf, "parameters", '[');
	put_ids(buf, resource, item);
	if (operation == OPERATION_LIST)
		put_list_parameters(buf, resource);
	if (operation == OPERATION_READ) {
		put_fields(buf, resource, true);
		put_expand(buf, resource);
		if (!(resource->traits & IS_VIEW))
			parts_parameter(buf, "if_none_match");
	}
	if (operation == OPERATION_CREATE)
		parts_parameter(buf, "idempotency_key");
	if (operation == OPERATION_UPDATE || operation == OPERATION_DELETE)
		parts_parameter(buf, "if_match");
	parts_parameter(buf, "purpose");
	parts_parameter(buf, "accept_language");
	parts_parameter(buf, "request_id");
	doc_close(buf, ']');
}

static void put_request(struct buf *buf, const struct resource *resource, enum operation operation)
{
	bool create = operation == OPERATION_CREATE;
	struct text schema =
		arena_format(buf->arena, create ? "%s_create" : "%s_update", resource->singular);

	if (schema.ptr == NULL)
		buf->failed = true;
	if (schema.ptr == NULL || (!create && operation != OPERATION_UPDATE))
		return;
	doc_open(buf, "requestBody", '{');
	doc_flag(buf, "required", true);
	parts_content(buf, create ? "application/json" : "application/merge-patch+json",
		      schema.ptr);
	doc_close(buf, '}');
}

static void put_answer(struct buf *buf, const char *status, const char *about, const char *schema,
		       const char *const *headers)
{
	doc_open(buf, status, '{');
	doc_string(buf, "description", about);
	parts_answer_headers(buf, headers);
	if (schema != NULL)
		parts_content(buf, "application/json", schema);
	doc_close(buf, '}');
}

static void put_success(struct buf *buf, const struct resource *resource, enum operation operation)
{
	static const char *const page[] = { "Link", "Cache-Control", "X-Request-Id", NULL };
	static const char *const item[] = { "ETag", "Cache-Control", "X-Request-Id", NULL };
	static const char *const view[] = { "Cache-Control", "X-Request-Id", NULL };
	static const char *const made[] = { "Location",	     "ETag",	     "Idempotent-Replayed",
					    "Cache-Control", "X-Request-Id", NULL };
	struct text list = arena_format(buf->arena, "%s_list", resource->singular);

	if (operation == OPERATION_LIST)
		put_answer(buf, "200", "A page.", list.ptr, page);
	if (operation == OPERATION_READ)
		put_answer(buf, "200", "The row.", resource->singular,
			   resource->traits & IS_VIEW ? view : item);
	if (operation == OPERATION_READ && !(resource->traits & IS_VIEW))
		put_answer(buf, "304", "It is what If-None-Match names.", NULL, item);
	if (operation == OPERATION_CREATE)
		put_answer(buf, "201", "Created.", resource->singular, made);
	if (operation == OPERATION_UPDATE)
		put_answer(buf, "200", "Changed; as it is now.", resource->singular, item);
	if (operation == OPERATION_DELETE)
		put_answer(buf, "204", "Deleted.", NULL, view);
}

static void put_responses(struct buf *buf, const struct resource *resource,
			  enum operation operation)
{
	struct problem_set set = { 0 };

	doc_open(buf, "responses", '{');
	put_success(buf, resource, operation);
	problem_set_operation(&set, operation);
	if (operation >= OPERATION_CREATE)
		problem_set_add(&set, resource->problems);
	/* Nothing begins in a case that has gone, and nothing of it moves past the last day. */
	if ((operation == OPERATION_CREATE || operation == OPERATION_UPDATE) &&
	    (resource->traits & OF_CASE) && resource->parent)
		set.has[P_CASE_TRANSFERRED] = true;
	if (resource->parent == NULL && operation == OPERATION_LIST)
		set.has[P_NOT_FOUND] = false;
	parts_problems(buf, &set, &operation);
	doc_close(buf, '}');
}

static void put_roles(struct buf *buf, const struct resource *resource, enum action action)
{
	doc_open(buf, "x-roles", '{');
	for (int role = 1; role < role_values.count; role++) {
		struct access access = access_of((enum role)role, resource);

		if (access.actions & action)
			doc_string(buf, role_values.names[role], scope_names[access.scope]);
	}
	doc_close(buf, '}');
}

/* "List case team", "Read an escort" */
static void put_summary(struct buf *buf, const struct resource *resource, const char *verb,
			bool list)
{
	const char *noun = list ? resource->name : resource->singular;
	const char *article = strchr("aeiou", noun[0]) != NULL ? " an " : " a ";
	char *summary = arena_strdup(
		buf->arena, arena_format(buf->arena, "%s%s%s", verb, list ? " " : article, noun));

	if (summary == NULL) {
		buf->failed = true;
		return;
	}
	for (char *p = summary; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	doc_string(buf, "summary", summary);
}

static void put_operation(struct buf *buf, const struct resource *resource, size_t index)
{
	enum operation operation = operations[index].operation;
	bool list = operation == OPERATION_LIST;

	doc_open(buf, operations[index].method, '{');
	doc_text(buf, "operationId",
		 arena_format(buf->arena, "%s_%s", operations[index].verb,
			      list ? resource->name : resource->singular));
	put_summary(buf, resource, operations[index].summary, list);
	doc_string(buf, "description", resource->about);
	doc_open(buf, "tags", '[');
	doc_string(buf, NULL, resource->tag);
	doc_close(buf, ']');
	put_parameters(buf, resource, operation, operations[index].item);
	put_request(buf, resource, operation);
	put_responses(buf, resource, operation);
	put_roles(buf, resource, operations[index].action);
	doc_close(buf, '}');
}

static void paths_one(struct buf *buf, const struct resource *resource, bool item)
{
	struct text path = paths_template(buf->arena, resource, item);

	if (path.ptr == NULL || !paths_has(resource, item)) {
		buf->failed |= path.ptr == NULL;
		return;
	}
	doc_open(buf, path.ptr, '{');
	for (size_t i = 0; i < OPERATION_COUNT; i++)
		if (operations[i].item == item && (resource->actions & operations[i].action))
			put_operation(buf, resource, i);
	paths_endpoints_at(buf, path.ptr);
	doc_close(buf, '}');
}

void paths_resource(struct buf *buf, const struct resource *resource)
{
	paths_one(buf, resource, false);
	paths_one(buf, resource, true);
}
