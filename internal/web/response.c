#include "web/response.h"

#include <assert.h>
#include <errno.h>

void response_put(struct response *response, const char *name, struct text value)
{
	if (value.ptr == NULL)
		return;
	assert(response->header_count < RESPONSE_HEADERS_MAX);
	response->headers[response->header_count].name = name;
	response->headers[response->header_count++].value = value;
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
			  "Idempotent-Replayed"));
}
