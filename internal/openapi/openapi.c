/* The OpenAPI document as a whole. Enter at openapi_document, once at start. */

#include "openapi/openapi.h"

#include "engine/engine.h"
#include "openapi/doc.h"
#include "openapi/parts.h"
#include "openapi/paths.h"
#include "openapi/schema.h"

static const char ABOUT[] =
	"Support for victims of human trafficking: from the first call to the last "
	"consultation.\n\n"
	"Every GET answers HEAD too, and every path answers OPTIONS with Allow; other methods are "
	"a 405. Names "
	"are snake_case; times are RFC 3339 in UTC, days are civil days in Europe/Riga, money is "
	"integer cents, "
	"ids are UUIDs. Members that a role may not see are absent from its answers, not null. "
	"Unknown members "
	"and parameters are refused, and all violations of a body come in one answer.\n\n"
	"x-roles says which role may call an operation, and which rows it reaches: all; own (its "
	"provider's); "
	"team (cases that the caller is assigned to); named (sittings that name the caller, while "
	"open); self; "
	"any (the operation itself decides). x-sealed members are encrypted with the person's own "
	"key; one whose stored value is damaged is null and named in unreadable. x-sight is "
	"the kind of content; x-sights says which roles see which kind.";

static void document_info(struct buf *buf)
{
	doc_string(buf, "openapi", "3.1.0");
	doc_open(buf, "info", '{');
	doc_string(buf, "title", "Atbalsts");
	doc_string(buf, "version", "1");
	doc_string(buf, "description", ABOUT);
	doc_close(buf, '}');
	doc_raw(buf, "servers",
		TEXT("[{\"url\":\"/\",\"description\":\"Where this document was read.\"}]"));
	doc_raw(buf, "security", TEXT("[{\"bearer\":[]}]"));
}

#define TAGS_MAX 64

/* In the order of their first use. */
static void document_tag(struct buf *buf, const char *tag, const char *seen[TAGS_MAX],
			 size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(seen[i], tag) == 0)
			return;
	if (*count == TAGS_MAX) {
		buf->failed = true;
		return;
	}
	seen[(*count)++] = tag;
	doc_open(buf, NULL, '{');
	doc_string(buf, "name", tag);
	doc_close(buf, '}');
}

static void document_tags(struct buf *buf)
{
	const char *seen[TAGS_MAX];
	size_t count = 0;

	doc_open(buf, "tags", '[');
	for (size_t i = 0; i < endpoint_count; i++)
		document_tag(buf, endpoints[i]->tag, seen, &count);
	for (size_t i = 0; i < registry_count; i++)
		document_tag(buf, registry[i]->tag, seen, &count);
	document_tag(buf, "Documents", seen, &count);
	doc_close(buf, ']');
}

static void document_sights(struct buf *buf)
{
	doc_open(buf, "x-sights", '{');
	for (enum sight sight = SIGHT_PLAIN; sight < SIGHT_COUNT; sight++) {
		doc_open(buf, schema_sights[sight], '[');
		for (int role = 1; role < role_values.count; role++)
			if (access_sees((enum role)role, sight))
				doc_string(buf, NULL, role_values.names[role]);
		doc_close(buf, ']');
	}
	doc_close(buf, '}');
}

static void document_paths(struct buf *buf)
{
	doc_open(buf, "paths", '{');
	paths_endpoints(buf);
	for (size_t i = 0; i < registry_count; i++)
		paths_resource(buf, registry[i]);
	paths_documents(buf);
	doc_close(buf, '}');
}

static void document_components(struct buf *buf)
{
	doc_open(buf, "components", '{');
	doc_raw(buf, "securitySchemes",
		TEXT("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":"
		     "\"JWT\","
		     "\"description\":\"An access token from POST /v1/sessions; ten minutes.\"}}"));
	doc_open(buf, "schemas", '{');
	for (size_t i = 0; i < registry_count; i++)
		schema_resource(buf, registry[i]);
	schema_problems(buf);
	doc_raw(buf, "any_object", TEXT("{\"type\":\"object\"}"));
	doc_close(buf, '}');
	parts_parameters(buf);
	parts_headers(buf);
	parts_responses(buf);
	doc_close(buf, '}');
}

int openapi_document(struct ctx *ctx, struct text *ret)
{
	struct text compact;
	struct buf buf;
	int rc;

	buf_init(&buf, ctx->arena);
	doc_open(&buf, NULL, '{');
	document_info(&buf);
	document_tags(&buf);
	document_paths(&buf);
	document_components(&buf);
	document_sights(&buf);
	doc_close(&buf, '}');
	rc = buf_text(&buf, &compact);
	return rc != 0 ? rc : doc_indent(ctx->arena, compact, ret);
}
