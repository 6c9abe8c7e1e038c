/* Parameters, headers and bodies that operations of the document share. Enter at
 * parts_parameters, parts_headers and parts_content. */

#include "openapi/parts.h"

#include "openapi/doc.h"
#include "openapi/paths.h"
#include "openapi/schema.h"
#include "engine/read/query.h"

struct part {
	const char *name;  /* in components */
	const char *shown; /* parameter's or header's own name */
	const char *in;
	bool required;
	const char *about;
	const char *schema;
};

#define STRING_SCHEMA "{\"type\":\"string\"}"

static const struct part parameters[] = {
	{ "limit", "limit", "query", false, "Elements a page.", NULL },
	{ "cursor", "cursor", "query", false,
	  "`next` of the page before; filters and sort must stay as they were.", STRING_SCHEMA },
	{ "count", "count", "query", false, "`exact`: the answer has `count`, which costs time.",
	  "{\"type\":\"string\",\"enum\":[\"exact\"]}" },
	{ "idempotency_key", "Idempotency-Key", "header", true,
	  "A fresh key for each act. The same key and body within 24 hours get the first answer "
	  "again, "
	  "with Idempotent-Replayed: true.",
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,\"pattern\":\"^[!-~]+$\"}" },
	{ "if_match", "If-Match", "header", true, "The ETag that was read.",
	  "{\"type\":\"string\",\"examples\":[\"\\\"7\\\"\"]}" },
	{ "if_none_match", "If-None-Match", "header", false,
	  "The ETag that is known: 304 while it holds.", STRING_SCHEMA },
	{ "range", "Range", "header", false,
	  "One range of bytes, `bytes=1000-`: 206 with these (RFC 9110, 14).", STRING_SCHEMA },
	{ "if_range", "If-Range", "header", false, "The ETag under which the range is meant.",
	  STRING_SCHEMA },
	{ "purpose", "Purpose", "header", false,
	  "Purpose of use, recorded with each access; the role's own by default.", NULL },
	{ "accept_language", "Accept-Language", "header", false,
	  "Language of the problems: `lv` or `en`, `en` by default.", STRING_SCHEMA },
	{ "request_id", "X-Request-Id", "header", false,
	  "The request's name in answers and logs; made where it is absent.", STRING_SCHEMA },
};

static const struct part headers[] = {
	{ "ETag", NULL, NULL, false, "The version, quoted: send it as If-Match.", STRING_SCHEMA },
	{ "Location", NULL, NULL, false, "The path of what was created.",
	  "{\"type\":\"string\",\"format\":\"uri-reference\"}" },
	{ "Link", NULL, NULL, false,
	  "`<path>; rel=\"next\"` while there is a next page (RFC 8288).", STRING_SCHEMA },
	{ "X-Request-Id", NULL, NULL, false, "The request's name in the logs.", STRING_SCHEMA },
	{ "Idempotent-Replayed", NULL, NULL, false, "`true` when this is the first answer again.",
	  "{\"type\":\"string\",\"enum\":[\"true\"]}" },
	{ "Cache-Control", NULL, NULL, false, "`no-store` for everything but public documents.",
	  STRING_SCHEMA },
	{ "Content-Disposition", NULL, NULL, false, "`attachment` with the file's name (RFC 6266).",
	  STRING_SCHEMA },
	{ "Content-Range", NULL, NULL, false, "Which bytes of how many.", STRING_SCHEMA },
	{ "Repr-Digest", NULL, NULL, false, "`sha-256` of the whole (RFC 9530).", STRING_SCHEMA },
	{ "Retry-After", NULL, NULL, false, "Seconds to wait.",
	  "{\"type\":\"integer\",\"minimum\":1}" },
	{ "RateLimit", NULL, NULL, false,
	  "What is left of the attempts, and when they are given again.", STRING_SCHEMA },
	{ "WWW-Authenticate", NULL, NULL, false, "How to sign in (RFC 6750).", STRING_SCHEMA },
};

static void part_schema(struct buf *buf, const struct part *part)
{
	static const struct field limit = { .type = FIELD_INTEGER,
					    .min = 1,
					    .max = LIST_LIMIT_MAX };
	static const struct field purpose = { .type = FIELD_ENUM, .values = &purpose_values };

	if (part->schema != NULL)
		doc_raw(buf, "schema", text_of(part->schema));
	else
		schema_field(buf, "schema", strcmp(part->name, "limit") == 0 ? &limit : &purpose,
			     SCHEMA_QUERY);
}

static void part_write(struct buf *buf, const struct part *part)
{
	doc_open(buf, part->name, '{');
	if (part->in != NULL) {
		doc_string(buf, "name", part->shown);
		doc_string(buf, "in", part->in);
		doc_flag(buf, "required", part->required);
	}
	doc_string(buf, "description", part->about);
	part_schema(buf, part);
	doc_close(buf, '}');
}

/* Whether some path holds the resource's id. */
static bool path_names(const struct resource *resource)
{
	for (size_t i = 0; i < registry_count; i++)
		if (registry[i]->parent == resource)
			return true;
	return paths_has(resource, true);
}

static void path_parameter(struct buf *buf, const struct resource *resource)
{
	struct text key = arena_format(buf->arena, "%s_id", resource->singular);

	if (key.ptr == NULL) {
		buf->failed = true;
		return;
	}
	doc_open(buf, key.ptr, '{');
	doc_text(buf, "name", key);
	doc_string(buf, "in", "path");
	doc_flag(buf, "required", true);
	doc_raw(buf, "schema", TEXT("{\"type\":\"string\",\"format\":\"uuid\"}"));
	doc_close(buf, '}');
}

void parts_parameters(struct buf *buf)
{
	doc_open(buf, "parameters", '{');
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		part_write(buf, &parameters[i]);
	for (size_t i = 0; i < registry_count; i++)
		if (path_names(registry[i]))
			path_parameter(buf, registry[i]);
	doc_close(buf, '}');
}

void parts_headers(struct buf *buf)
{
	doc_open(buf, "headers", '{');
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		part_write(buf, &headers[i]);
	doc_close(buf, '}');
}

void parts_parameter(struct buf *buf, const char *name)
{
	doc_ref(buf, NULL, "parameters", "", name);
}

void parts_answer_headers(struct buf *buf, const char *const *names)
{
	doc_open(buf, "headers", '{');
	for (; *names != NULL; names++)
		doc_ref(buf, *names, "headers", "", *names);
	doc_close(buf, '}');
}

void parts_content(struct buf *buf, const char *type, const char *schema)
{
	doc_open(buf, "content", '{');
	doc_open(buf, type, '{');
	doc_ref(buf, "schema", "schemas", "", schema);
	doc_close(buf, '}');
	doc_close(buf, '}');
}
