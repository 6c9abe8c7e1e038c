/* Sets a response's headers. Enter at response_of_answer, response_common and response_cors. */

#include "web/response.h"

#include "engine/engine.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

void response_put(struct response *response, const char *name, struct text value)
{
	if (value.ptr == NULL)
		return;
	assert(response->header_count < RESPONSE_HEADERS_MAX);
	response->headers[response->header_count].name = name;
	response->headers[response->header_count++].value = value;
}

/* RFC 8187, 3.2.1: characters that need no escape in an extended parameter. */
static bool is_attr_char(char c)
{
	static const char others[] = "!#$&+-.^_`|~";

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr(others, c) != NULL);
}

/* RFC 6266: the browser saves the file under its name, if the name can be read, and never shows it
 * in place. */
static struct text disposition(struct arena *arena, struct text name)
{
	struct text text = TEXT_NULL;
	struct buf buf;

	if (name.ptr == NULL)
		return TEXT("attachment");
	buf_init(&buf, arena);
	buf_puts(&buf, "attachment; filename*=UTF-8''");
	for (size_t i = 0; i < name.len; i++) {
		if (is_attr_char(name.ptr[i]))
			buf_putc(&buf, name.ptr[i]);
		else
			buf_printf(&buf, "%%%02X", (unsigned char)name.ptr[i]);
	}
	return buf_text(&buf, &text) == 0 ? text : TEXT_NULL;
}

/* Headers of an uploaded file: whatever it contains, the browser must not run it. */
static int stream_headers(const struct ctx *ctx, const struct answer *answer, struct response *ret)
{
	const struct stream *stream = answer->stream;
	struct text range = TEXT_NULL;
	struct text name = disposition(ctx->arena, answer->file_name);
	struct text digest = arena_format(ctx->arena, "sha-256=:%.*s:", (int)answer->sha256.len,
					  answer->sha256.ptr);

	if (answer->status == 206)
		range = arena_format(ctx->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
				     stream->first, stream->first + stream->length - 1,
				     stream->size);
	if (name.ptr == NULL || digest.ptr == NULL || (answer->status == 206 && range.ptr == NULL))
		return -ENOMEM;
	response_put(ret, "Content-Type", answer->media_type);
	response_put(ret, "Content-Disposition", name);
	response_put(ret, "Repr-Digest", digest);
	response_put(ret, "Content-Security-Policy", TEXT("sandbox"));
	response_put(ret, "Accept-Ranges", TEXT("bytes"));
	response_put(ret, "Content-Range", range);
	return 0;
}

int response_of_answer(const struct ctx *ctx, const struct answer *answer, struct response *ret)
{
	struct text link = TEXT_NULL;

	if (answer->next.ptr != NULL) {
		link = arena_format(ctx->arena, "<%.*s>; rel=\"next\"", (int)answer->next.len,
				    answer->next.ptr);
		if (link.ptr == NULL)
			return -ENOMEM;
	}
	ret->status = answer->status;
	ret->body = answer->body;
	if (answer->body.ptr != NULL)
		response_put(ret, "Content-Type", TEXT("application/json"));
	if (answer->stream != NULL && stream_headers(ctx, answer, ret) != 0)
		return -ENOMEM;
	response_put(ret, "ETag", answer->etag);
	response_put(ret, "Location", answer->location);
	response_put(ret, "Link", link);
	response_put(ret, "Cache-Control",
		     answer->cacheable ? TEXT("public, max-age=300") : TEXT("no-store"));
	if (answer->idempotent_replay)
		response_put(ret, "Idempotent-Replayed", TEXT("true"));
	return 0;
}

void response_common(const struct ctx *ctx, const struct request *request, bool close,
		     struct response *response)
{
	response_put(response, "X-Request-Id", ctx->request_id);
	response_put(response, "traceparent", request->traceparent);
	response_put(response, "X-Content-Type-Options", TEXT("nosniff"));
	if (close)
		response_put(response, "Connection", TEXT("close"));
}

void response_cors(const struct request *request, bool configured, bool allowed, struct text allow,
		   struct response *response)
{
	if (configured)
		response_put(response, "Vary", TEXT("Origin"));
	if (!allowed)
		return;
	response_put(response, "Access-Control-Allow-Origin", request->headers[HEADER_ORIGIN]);
	if (request->method == METHOD_OPTIONS &&
	    request->headers[HEADER_REQUEST_METHOD].ptr != NULL) {
		response_put(response, "Access-Control-Allow-Methods", allow);
		response_put(response, "Access-Control-Allow-Headers",
			     TEXT("Authorization, Content-Type, Idempotency-Key, If-Match, "
				  "If-None-Match, "
				  "Purpose, Accept-Language, X-Request-Id, traceparent"));
		response_put(response, "Access-Control-Max-Age", TEXT("600"));
		return;
	}
	response_put(response, "Access-Control-Expose-Headers",
		     TEXT("ETag, Location, Link, Retry-After, RateLimit, Allow, X-Request-Id, "
			  "traceparent, "
			  "Idempotent-Replayed, Content-Disposition, Repr-Digest, Content-Range"));
}
