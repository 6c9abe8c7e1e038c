/* JSON schemas of resources, fields and problems. Enter at schema_resource, schema_field and
 * schema_problems. */

#include "openapi/schema.h"

#include "openapi/doc.h"
#include "engine/read/query.h"

const char *const schema_sights[SIGHT_COUNT] = {
	[SIGHT_UNSAID] = "unsaid", /* in no document: such a registry is refused */
	[SIGHT_PLAIN] = "plain",
	[SIGHT_IDENTITY] = "identity",
	[SIGHT_ADDRESS] = "address",
	[SIGHT_NARRATIVE] = "narrative",
	[SIGHT_PROTOCOL] = "protocol",
	[SIGHT_DECISION] = "decision",
	[SIGHT_PROFESSIONAL] = "professional",
};

static const char *const format_names[] = {
	[FORMAT_EMAIL] = "email",
	[FORMAT_ACCOUNT] = "email",
	[FORMAT_PHONE] = "e164",
	[FORMAT_PERSONAL_CODE] = "lv-personal-code",
	[FORMAT_COUNTRY] = "iso-3166-1-alpha-2",
	[FORMAT_LANGUAGE] = "iso-639-1",
	[FORMAT_CURRENCY] = "iso-4217",
	[FORMAT_ISIC] = "isic-rev4",
	[FORMAT_FILE_NAME] = "file-name",
	[FORMAT_SHA256] = "sha-256",
	[FORMAT_MONTH] = "iso-8601-month",
};

/* Sealed members of an erased person and notes of another profession are null, required or not. */
static bool schema_nullable(const struct field *field, enum schema_use use)
{
	if (use == SCHEMA_QUERY || (field->flags & PARENT))
		return false;
	if (use == SCHEMA_ANSWER && ((field->flags & SEALED) || field->sight == SIGHT_PROFESSIONAL))
		return true;
	return !(field->flags & REQUIRED);
}

static void schema_type(struct buf *buf, const char *type, bool nullable)
{
	const char *const both[] = { type, "null", NULL };

	if (nullable)
		doc_strings(buf, "type", both);
	else
		doc_string(buf, "type", type);
}

static void schema_enum(struct buf *buf, const struct enumeration *values, bool nullable)
{
	doc_open(buf, "enum", '[');
	for (int i = 1; i < values->count; i++)
		doc_string(buf, NULL, values->names[i]);
	if (nullable)
		doc_raw(buf, NULL, TEXT("null"));
	doc_close(buf, ']');
}

static void schema_text(struct buf *buf, const struct field *field, int64_t low, int64_t high)
{
	if (field->format != FORMAT_NONE)
		doc_string(buf, "format", format_names[field->format]);
	if (low > 0)
		doc_int(buf, "minLength", low);
	doc_int(buf, "maxLength", high);
}

static void schema_list(struct buf *buf, const struct field *field, bool bounded)
{
	doc_open(buf, "items", '{');
	doc_string(buf, "type", "string");
	if (field->type == FIELD_ENUMS)
		schema_enum(buf, field->values, false);
	else if (bounded)
		schema_text(buf, field, 1, FIELD_ITEM_MAX);
	doc_close(buf, '}');
	if (!bounded)
		return;
	if (field_low(field) > 0)
		doc_int(buf, "minItems", field_low(field));
	doc_int(buf, "maxItems", field_high(field));
	doc_flag(buf, "uniqueItems", true);
}

static const char *schema_type_name(const struct field *field)
{
	switch (field->type) {
	case FIELD_FLAG:
		return "boolean";
	case FIELD_INTEGER:
		return "integer";
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		return "array";
	default:
		return "string";
	}
}

/* bounded: the reader has checked it against the field's own bounds. */
static void schema_limits(struct buf *buf, const struct field *field, bool nullable, bool bounded)
{
	switch (field->type) {
	case FIELD_ID:
		doc_string(buf, "format", "uuid");
		break;
	case FIELD_TEXT:
		if (bounded)
			schema_text(buf, field, field_low(field), field_high(field));
		break;
	case FIELD_ENUM:
		schema_enum(buf, field->values, nullable);
		break;
	case FIELD_INTEGER:
		if (bounded)
			doc_int(buf, "minimum", field_low(field));
		if (bounded)
			doc_int(buf, "maximum", field_high(field));
		break;
	case FIELD_DATE:
		doc_string(buf, "format", "date");
		break;
	case FIELD_INSTANT:
		doc_string(buf, "format", "date-time");
		break;
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		schema_list(buf, field, bounded);
		break;
	case FIELD_FLAG:
		break;
	}
}

static void schema_example(struct buf *buf, const struct field *field)
{
	bool list = field->type == FIELD_TEXTS || field->type == FIELD_ENUMS;

	if (field->example == NULL)
		return;
	doc_open(buf, "examples", '[');
	if (list)
		doc_open(buf, NULL, '[');
	if (field->type == FIELD_INTEGER || field->type == FIELD_FLAG)
		doc_raw(buf, NULL, text_of(field->example));
	else
		doc_string(buf, NULL, field->example);
	if (list)
		doc_close(buf, ']');
	doc_close(buf, ']');
}

static void schema_marks(struct buf *buf, const struct field *field, enum schema_use use)
{
	if (use == SCHEMA_ANSWER && (field->flags & READ_ONLY))
		doc_flag(buf, "readOnly", true);
	if (use == SCHEMA_UPDATE && (field->flags & CREATE_ONLY))
		doc_flag(buf, "x-immutable", true);
	if (field->flags & SEALED)
		doc_flag(buf, "x-sealed", true);
	if (field_sight(field) != SIGHT_PLAIN)
		doc_string(buf, "x-sight", schema_sights[field_sight(field)]);
	if (field->references != NULL)
		doc_string(buf, "x-references", field->references);
}

/* A list is searched for one of its items. */
static struct field schema_item(const struct field *field)
{
	struct field item = *field;

	item.type = field->type == FIELD_ENUMS ? FIELD_ENUM : FIELD_TEXT;
	item.min = 1;
	item.max = FIELD_ITEM_MAX;
	return item;
}

void schema_field(struct buf *buf, const char *key, const struct field *field, enum schema_use use)
{
	bool nullable = schema_nullable(field, use);
	bool bounded = use != SCHEMA_ANSWER || !(field->flags & READ_ONLY);
	struct field item = *field;

	if (use == SCHEMA_QUERY && (field->type == FIELD_TEXTS || field->type == FIELD_ENUMS))
		item = schema_item(field);
	doc_open(buf, key, '{');
	schema_type(buf, schema_type_name(&item), nullable);
	schema_limits(buf, &item, nullable, bounded);
	if (field->about != NULL && use != SCHEMA_QUERY)
		doc_string(buf, "description", field->about);
	if (use != SCHEMA_QUERY) {
		schema_example(buf, field);
		schema_marks(buf, field, use);
	}
	doc_close(buf, '}');
}

static bool schema_has(const struct field *field, enum schema_use use)
{
	return use == SCHEMA_ANSWER || !(field->flags & READ_ONLY);
}

static void schema_required(struct buf *buf, const struct field *fields, size_t count,
			    enum schema_use use)
{
	if (use == SCHEMA_UPDATE)
		return;
	doc_open(buf, "required", '[');
	for (size_t i = 0; i < count; i++)
		if (use == SCHEMA_ANSWER ||
		    (schema_has(&fields[i], use) && (fields[i].flags & REQUIRED)))
			doc_string(buf, NULL, fields[i].name);
	doc_close(buf, ']');
}

static void schema_properties(struct buf *buf, const struct field *fields, size_t count,
			      enum schema_use use)
{
	for (size_t i = 0; i < count; i++)
		if (schema_has(&fields[i], use))
			schema_field(buf, fields[i].name, &fields[i], use);
}

void schema_object(struct buf *buf, const char *key, const struct field *fields, size_t count,
		   enum schema_use use)
{
	doc_open(buf, key, '{');
	doc_string(buf, "type", "object");
	schema_required(buf, fields, count, use);
	doc_open(buf, "properties", '{');
	schema_properties(buf, fields, count, use);
	doc_close(buf, '}');
	doc_flag(buf, "additionalProperties", false);
	doc_close(buf, '}');
}

static bool schema_is_sealed(const struct resource *resource)
{
	for (size_t i = 0; i < resource->field_count; i++)
		if (resource->fields[i].flags & SEALED)
			return true;
	return false;
}

static void schema_item_object(struct buf *buf, const struct resource *resource)
{
	const char *const view[] = { "id", NULL };
	const char *const table[] = { "id", "version", NULL };

	doc_open(buf, resource->singular, '{');
	doc_string(buf, "type", "object");
	doc_string(buf, "description", resource->about);
	doc_strings(buf, "required", resource->traits & IS_VIEW ? view : table);
	doc_open(buf, "properties", '{');
	for (size_t i = 0; i < record_field_count; i++)
		if (resource_has(resource, &record_fields[i]))
			schema_field(buf, record_fields[i].name, &record_fields[i], SCHEMA_ANSWER);
	schema_properties(buf, resource->fields, resource->field_count, SCHEMA_ANSWER);
	doc_ref(buf, "expanded", "schemas", "", "expanded");
	if (schema_is_sealed(resource))
		doc_ref(buf, "unreadable", "schemas", "", "unreadable");
	doc_close(buf, '}');
	doc_flag(buf, "additionalProperties", false);
	doc_close(buf, '}');
}

static void schema_page(struct buf *buf, const struct resource *resource)
{
	const char *const required[] = { "data", "next", NULL };
	struct text key = arena_format(buf->arena, "%s_list", resource->singular);

	doc_open(buf, key.ptr, '{');
	doc_string(buf, "type", "object");
	doc_strings(buf, "required", required);
	doc_open(buf, "properties", '{');
	doc_open(buf, "data", '{');
	doc_string(buf, "type", "array");
	doc_int(buf, "maxItems", LIST_LIMIT_MAX);
	doc_ref(buf, "items", "schemas", "", resource->singular);
	doc_close(buf, '}');
	doc_ref(buf, "next", "schemas", "", "next_cursor");
	doc_ref(buf, "count", "schemas", "", "exact_count");
	doc_ref(buf, "expanded", "schemas", "", "expanded");
	doc_close(buf, '}');
	doc_flag(buf, "additionalProperties", false);
	doc_close(buf, '}');
}

void schema_resource(struct buf *buf, const struct resource *resource)
{
	struct text create = arena_format(buf->arena, "%s_create", resource->singular);
	struct text update = arena_format(buf->arena, "%s_update", resource->singular);

	if (create.ptr == NULL || update.ptr == NULL) {
		buf->failed = true;
		return;
	}
	schema_item_object(buf, resource);
	if (resource->actions & ACTION_LIST)
		schema_page(buf, resource);
	if (resource->actions & ACTION_CREATE)
		schema_object(buf, create.ptr, resource->fields, resource->field_count,
			      SCHEMA_CREATE);
	if (resource->actions & ACTION_UPDATE)
		schema_object(buf, update.ptr, resource->fields, resource->field_count,
			      SCHEMA_UPDATE);
}

static const char VIOLATION[] =
	"{\"type\":\"object\",\"required\":[\"pointer\",\"code\",\"detail\"],\"properties\":{"
	"\"pointer\":{\"type\":\"string\",\"description\":\"JSON pointer (RFC 6901) into the body, "
	"or "
	"query:name, or header:Name.\",\"examples\":[\"/languages/1\",\"query:limit\"]},"
	"\"code\":{\"type\":\"string\",\"examples\":[\"too_long\"]},"
	"\"detail\":{\"type\":\"string\"}},\"additionalProperties\":false}";

static const char PROBLEM_ROW[] =
	"{\"type\":\"object\",\"required\":[\"type\",\"code\",\"status\",\"title\",\"detail\"],"
	"\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
	"\"code\":{\"type\":\"string\"},"
	"\"status\":{\"type\":[\"integer\",\"null\"],\"description\":\"null: only ever one of "
	"errors.\"},"
	"\"title\":{\"$ref\":\"#/components/schemas/both_languages\"},"
	"\"detail\":{\"$ref\":\"#/components/schemas/"
	"both_languages\"}},\"additionalProperties\":false}";

static const char PROBLEM_LIST[] =
	"{\"type\":\"object\",\"required\":[\"data\",\"next\"],\"properties\":{"
	"\"data\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
	"problem_description\"}},"
	"\"next\":{\"type\":\"null\"}},\"additionalProperties\":false}";

static const char BOTH_LANGUAGES[] =
	"{\"type\":\"object\",\"required\":[\"en\",\"lv\"],\"properties\":{\"en\":{\"type\":"
	"\"string\"},"
	"\"lv\":{\"type\":\"string\"}},\"additionalProperties\":false}";

static void schema_problem_codes(struct buf *buf)
{
	doc_open(buf, "code", '{');
	doc_string(buf, "type", "string");
	doc_open(buf, "enum", '[');
	for (int i = P_NONE + 1; i < P_COUNT; i++)
		if (problem_texts[i].status != 0)
			doc_string(buf, NULL, problem_texts[i].code);
	doc_close(buf, ']');
	doc_close(buf, '}');
}

static const char BATCH_RESULT[] =
	"{\"type\":\"object\",\"required\":[\"status\"],\"properties\":{"
	"\"status\":{\"type\":\"integer\",\"description\":\"As the operation alone is "
	"answered; 424 for one that another's refusal undid.\",\"examples\":[201,424]},"
	"\"location\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
	"\"etag\":{\"type\":\"string\",\"description\":\"For If-Match; with 412 the current "
	"one.\"},"
	"\"body\":{\"type\":\"object\",\"description\":\"The row, or the problem.\"}},"
	"\"additionalProperties\":false}";

static void schema_problem(struct buf *buf)
{
	const char *const required[] = { "type", "title", "status", "code", NULL };

	doc_open(buf, "problem", '{');
	doc_string(buf, "type", "object");
	doc_string(buf, "description", "What went wrong (RFC 9457), in the language asked for.");
	doc_strings(buf, "required", required);
	doc_open(buf, "properties", '{');
	doc_raw(buf, "type",
		TEXT("{\"type\":\"string\",\"format\":\"uri-reference\","
		     "\"examples\":[\"/problems/not_found\"]}"));
	doc_raw(buf, "title", TEXT("{\"type\":\"string\"}"));
	doc_raw(buf, "status", TEXT("{\"type\":\"integer\",\"minimum\":400,\"maximum\":599}"));
	doc_raw(buf, "detail", TEXT("{\"type\":\"string\"}"));
	schema_problem_codes(buf);
	doc_raw(buf, "request_id", TEXT("{\"type\":\"string\"}"));
	doc_raw(buf, "errors",
		TEXT("{\"type\":\"array\",\"maxItems\":100,\"items\":"
		     "{\"$ref\":\"#/components/schemas/violation\"}}"));
	doc_raw(buf, "results",
		TEXT("{\"type\":\"array\",\"maxItems\":50,\"description\":\"Of batch_failed: the "
		     "answer to each operation, in order.\",\"items\":"
		     "{\"$ref\":\"#/components/schemas/batch_result\"}}"));
	doc_close(buf, '}');
	doc_flag(buf, "additionalProperties", false);
	doc_close(buf, '}');
}

void schema_problems(struct buf *buf)
{
	schema_problem(buf);
	doc_raw(buf, "violation", TEXT(VIOLATION));
	doc_raw(buf, "batch_result", TEXT(BATCH_RESULT));
	doc_raw(buf, "problem_description", TEXT(PROBLEM_ROW));
	doc_raw(buf, "problem_description_list", TEXT(PROBLEM_LIST));
	doc_raw(buf, "both_languages", TEXT(BOTH_LANGUAGES));
	doc_raw(buf, "next_cursor",
		TEXT("{\"type\":[\"string\",\"null\"],\"description\":\"The cursor of the next "
		     "page; "
		     "null on the last one.\"}"));
	doc_raw(buf, "expanded",
		TEXT("{\"type\":\"object\",\"readOnly\":true,\"description\":\"Only with "
		     "expand=: by resource and id, each row as its own list shows it.\","
		     "\"additionalProperties\":{\"type\":\"object\",\"additionalProperties\":{"
		     "\"type\":\"object\",\"required\":[\"id\"]}}}"));
	doc_raw(buf, "unreadable",
		TEXT("{\"type\":\"array\",\"readOnly\":true,\"minItems\":1,\"uniqueItems\":true,"
		     "\"items\":{\"type\":\"string\"},\"description\":\"Only where stored "
		     "values are damaged: the members that are null for this reason alone. A "
		     "change of such a row is refused, so that the values can be restored from a "
		     "backup.\"}"));
	doc_raw(buf, "exact_count",
		TEXT("{\"type\":\"integer\",\"minimum\":0,"
		     "\"description\":\"Only with count=exact.\"}"));
}
