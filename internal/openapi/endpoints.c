/* The operations of endpoints in the OpenAPI document. Enter at paths_endpoints_at,
 * paths_endpoints and paths_documents. */

#include "openapi/doc.h"
#include "openapi/parts.h"
#include "openapi/paths.h"
#include "openapi/schema.h"

#include <ctype.h>
#include <stdio.h>

static const char *const methods[] = {
	[METHOD_NONE] = "",	    [METHOD_GET] = "get",	  [METHOD_HEAD] = "head",
	[METHOD_POST] = "post",	    [METHOD_PATCH] = "patch",	  [METHOD_PUT] = "put",
	[METHOD_DELETE] = "delete", [METHOD_OPTIONS] = "options",
};

/* "post_sessions_refresh" from POST /v1/sessions/refresh */
static void endpoint_id(struct buf *buf, const struct endpoint *endpoint)
{
	const char *path = endpoint->path;
	struct text id = TEXT_NULL;
	struct buf out;

	if (strncmp(path, "/v1", 3) == 0)
		path += 3;
	buf_init(&out, buf->arena);
	buf_puts(&out, methods[endpoint->method]);
	for (; *path != '\0'; path++) {
		if (*path == '/')
			buf_putc(&out, '_');
		else if (isalnum((unsigned char)*path) || *path == '_')
			buf_putc(&out, *path);
	}
	if (buf_text(&out, &id) != 0)
		buf->failed = true;
	doc_text(buf, "operationId", id);
}

static void endpoint_id_schema(struct buf *buf, struct text name, int number_max)
{
	if (!text_is(name, "number")) {
		doc_raw(buf, "schema", TEXT("{\"type\":\"string\",\"format\":\"uuid\"}"));
		return;
	}
	doc_open(buf, "schema", '{');
	doc_string(buf, "type", "integer");
	doc_int(buf, "minimum", 1);
	doc_int(buf, "maximum", number_max);
	doc_close(buf, '}');
}

/* One path parameter per {name}. */
static void endpoint_ids(struct buf *buf, const struct endpoint *endpoint)
{
	for (const char *open = strchr(endpoint->path, '{'); open != NULL;
	     open = strchr(open + 1, '{')) {
		size_t len = strcspn(open + 1, "}");

		doc_open(buf, NULL, '{');
		doc_text(buf, "name", (struct text){ open + 1, len });
		doc_string(buf, "in", "path");
		doc_flag(buf, "required", true);
		endpoint_id_schema(buf, (struct text){ open + 1, len }, endpoint->number_max);
		doc_close(buf, '}');
	}
}

static void endpoint_query(struct buf *buf, const struct field *field)
{
	doc_open(buf, NULL, '{');
	doc_string(buf, "name", field->name);
	doc_string(buf, "in", "query");
	doc_flag(buf, "required", (field->flags & REQUIRED) != 0);
	doc_string(buf, "description", field->about != NULL ? field->about : "");
	schema_field(buf, "schema", field, SCHEMA_QUERY);
	doc_close(buf, '}');
}

static void endpoint_stream_parameters(struct buf *buf)
{
	parts_parameter(buf, "if_none_match");
	parts_parameter(buf, "range");
	parts_parameter(buf, "if_range");
}

static void endpoint_parameters(struct buf *buf, const struct endpoint *endpoint)
{
	doc_open(buf, "parameters", '[');
	endpoint_ids(buf, endpoint);
	for (size_t i = 0; i < endpoint->query_count; i++)
		endpoint_query(buf, &endpoint->query[i]);
	if (endpoint->reply_media != NULL)
		endpoint_stream_parameters(buf);
	if (endpoint->idempotent)
		parts_parameter(buf, "idempotency_key");
	if (endpoint->if_match)
		parts_parameter(buf, "if_match");
	if (!endpoint->public)
		parts_parameter(buf, "purpose");
	parts_parameter(buf, "accept_language");
	parts_parameter(buf, "request_id");
	doc_close(buf, ']');
}

static void endpoint_request(struct buf *buf, const struct endpoint *endpoint)
{
	const char *media = endpoint->request_media;

	if (endpoint->request == NULL && endpoint->request_schema == NULL && media == NULL)
		return;
	doc_open(buf, "requestBody", '{');
	doc_flag(buf, "required", true);
	doc_open(buf, "content", '{');
	doc_open(buf, media != NULL ? media : "application/json", '{');
	/* OpenAPI 3.1: bytes have a media type and no schema. */
	if (endpoint->request != NULL)
		schema_object(buf, "schema", endpoint->request, endpoint->request_count,
			      SCHEMA_CREATE);
	else if (media == NULL)
		doc_raw(buf, "schema", text_of(endpoint->request_schema));
	doc_close(buf, '}');
	doc_close(buf, '}');
	doc_close(buf, '}');
}

static void endpoint_bytes(struct buf *buf, const char *status, const char *about,
			   const char *const *headers, const struct enumeration *media)
{
	doc_open(buf, status, '{');
	doc_string(buf, "description", about);
	parts_answer_headers(buf, headers);
	doc_open(buf, "content", '{');
	for (int i = 1; i < media->count; i++)
		doc_raw(buf, media->names[i], TEXT("{}"));
	doc_close(buf, '}');
	doc_close(buf, '}');
}

/* Streamed bytes: each possible type, and the headers of items. */
static void endpoint_stream(struct buf *buf, const struct endpoint *endpoint)
{
	static const char *const whole[] = { "Content-Disposition", "Repr-Digest",  "ETag",
					     "Cache-Control",	    "X-Request-Id", NULL };
	static const char *const range[] = {
		"Content-Disposition", "Content-Range", "Repr-Digest", "ETag",
		"Cache-Control",       "X-Request-Id",	NULL
	};
	static const char *const known[] = { "ETag", "Cache-Control", "X-Request-Id", NULL };

	endpoint_bytes(buf, "200", "The bytes.", whole, endpoint->reply_media);
	endpoint_bytes(buf, "206", "Those of the Range.", range, endpoint->reply_media);
	doc_open(buf, "304", '{');
	doc_string(buf, "description", "They are what If-None-Match names.");
	parts_answer_headers(buf, known);
	doc_close(buf, '}');
}

static void endpoint_answer(struct buf *buf, const struct endpoint *endpoint)
{
	const char *headers[] = { "Cache-Control", "X-Request-Id",
				  endpoint->idempotent ? "Idempotent-Replayed" : NULL, NULL };
	char status[16];

	snprintf(status, sizeof(status), "%d", endpoint->status);
	doc_open(buf, status, '{');
	doc_string(buf, "description", "Done.");
	parts_answer_headers(buf, headers);
	if (endpoint->reply != NULL || endpoint->reply_schema != NULL) {
		doc_open(buf, "content", '{');
		doc_open(buf, "application/json", '{');
		if (endpoint->reply != NULL)
			schema_object(buf, "schema", endpoint->reply, endpoint->reply_count,
				      SCHEMA_ANSWER);
		else
			doc_raw(buf, "schema", text_of(endpoint->reply_schema));
		doc_close(buf, '}');
		doc_close(buf, '}');
	}
	doc_close(buf, '}');
}

static void endpoint_responses(struct buf *buf, const struct endpoint *endpoint)
{
	struct problem_set set = { 0 };

	doc_open(buf, "responses", '{');
	if (endpoint->reply_media != NULL)
		endpoint_stream(buf, endpoint);
	else
		endpoint_answer(buf, endpoint);
	problem_set_endpoint(&set, endpoint);
	parts_problems(buf, &set, NULL);
	doc_close(buf, '}');
}

/* Only the roles: which rows an endpoint reaches is not described. A role either may call it or
 * not. */
static void endpoint_roles(struct buf *buf, const struct endpoint *endpoint)
{
	if (endpoint->public) {
		doc_raw(buf, "security", TEXT("[]"));
		return;
	}
	doc_open(buf, "x-roles", '{');
	for (int role = 1; role < role_values.count; role++)
		if (endpoint->roles == 0 || (endpoint->roles & (1u << role)))
			doc_string(buf, role_values.names[role], "any");
	doc_close(buf, '}');
}

static void endpoint_operation(struct buf *buf, const struct endpoint *endpoint)
{
	doc_open(buf, methods[endpoint->method], '{');
	endpoint_id(buf, endpoint);
	doc_string(buf, "summary", endpoint->about);
	doc_open(buf, "tags", '[');
	doc_string(buf, NULL, endpoint->tag);
	doc_close(buf, ']');
	endpoint_parameters(buf, endpoint);
	endpoint_request(buf, endpoint);
	endpoint_responses(buf, endpoint);
	endpoint_roles(buf, endpoint);
	doc_close(buf, '}');
}

void paths_endpoints_at(struct buf *buf, const char *path)
{
	for (size_t i = 0; i < endpoint_count; i++)
		if (paths_same(text_of(endpoints[i]->path), text_of(path)))
			endpoint_operation(buf, endpoints[i]);
}

/* Whether a resource or an earlier endpoint has written the path. */
static bool endpoint_path_open(struct buf *buf, size_t index)
{
	struct text path = text_of(endpoints[index]->path);

	for (size_t i = 0; i < index; i++)
		if (paths_same(text_of(endpoints[i]->path), path))
			return true;
	for (size_t i = 0; i < registry_count; i++)
		for (int item = 0; item < 2; item++)
			if (paths_has(registry[i], item) &&
			    paths_same(paths_template(buf->arena, registry[i], item), path))
				return true;
	return false;
}

void paths_endpoints(struct buf *buf)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		if (endpoint_path_open(buf, i))
			continue;
		doc_open(buf, endpoints[i]->path, '{');
		paths_endpoints_at(buf, endpoints[i]->path);
		doc_close(buf, '}');
	}
}

static void document_path(struct buf *buf, const char *path, const char *id, const char *about,
			  const char *schema)
{
	static const char *const headers[] = { "Cache-Control", "X-Request-Id", NULL };
	struct endpoint endpoint = { .method = METHOD_GET, .path = path, .public = true };
	struct problem_set set = { 0 };

	doc_open(buf, path, '{');
	doc_open(buf, "get", '{');
	doc_string(buf, "operationId", id);
	doc_string(buf, "summary", about);
	doc_raw(buf, "tags", TEXT("[\"Documents\"]"));
	doc_open(buf, "parameters", '[');
	if (strchr(path, '{') != NULL)
		doc_raw(buf, NULL,
			TEXT("{\"name\":\"code\",\"in\":\"path\",\"required\":true,"
			     "\"schema\":{\"type\":\"string\"}}"));
	parts_parameter(buf, "accept_language");
	parts_parameter(buf, "request_id");
	doc_close(buf, ']');
	doc_open(buf, "responses", '{');
	doc_open(buf, "200", '{');
	doc_string(buf, "description", "The document.");
	parts_answer_headers(buf, headers);
	parts_content(buf, "application/json", schema);
	doc_close(buf, '}');
	problem_set_endpoint(&set, &endpoint);
	parts_problems(buf, &set, NULL);
	doc_close(buf, '}');
	doc_raw(buf, "security", TEXT("[]"));
	doc_close(buf, '}');
	doc_close(buf, '}');
}

void paths_documents(struct buf *buf)
{
	document_path(buf, "/v1/openapi.json", "get_openapi", "This document.", "any_object");
	document_path(buf, "/problems", "list_problems",
		      "Every problem that the API can answer with.", "problem_description_list");
	document_path(buf, "/problems/{code}", "read_problem", "What a problem's type means.",
		      "problem_description");
}
