/* Answers the OpenAPI document and the descriptions of problems. Enter at document_answer. */

#include "web/document.h"

#include "web/problem.h"

#include <errno.h>
#include <inttypes.h>

/* FNV-1a: distinguishes the documents of releases; it is no signature. */
static uint64_t digest(struct text text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

int document_prepare(struct web *web)
{
	struct engine *engine = engines_take(web->config->engines);

	web->openapi = engine->openapi; /* lives as long as the process */
	engines_give(web->config->engines, engine);
	web->openapi_etag = arena_format(&web->arena, "\"%016" PRIx64 "\"", digest(web->openapi));
	return web->openapi_etag.ptr != NULL ? 0 : -ENOMEM;
}

int document_answer(struct ctx *ctx, struct web *web, const struct route_match *match,
		    const struct call *call, struct answer *ret)
{
	struct answer answer = { .status = 200, .cacheable = true };
	int rc = 0;

	for (size_t i = 0; i < call->param_count; i++)
		violate(ctx, P_UNKNOWN_PARAMETER,
			arena_format(ctx->arena, "query:%.*s", (int)call->params[i].name.len,
				     call->params[i].name.ptr));
	rc = violations_close(ctx, P_BAD_PARAMETER);
	if (rc != 0)
		return rc;
	if (match->route->kind == ROUTE_PROBLEMS)
		rc = problems_write(ctx->arena, &answer.body);
	if (match->route->kind == ROUTE_PROBLEM)
		rc = problem_write_one(ctx->arena, match->name, &answer.body);
	if (rc == -ENOENT)
		return fail(ctx, P_NOT_FOUND, TEXT_NULL);
	if (rc != 0)
		return rc;
	if (match->route->kind == ROUTE_OPENAPI) {
		answer.body = web->openapi;
		answer.etag = web->openapi_etag;
	}
	if (answer.etag.ptr != NULL && etag_listed(call->if_none_match, answer.etag)) {
		answer.status = 304;
		answer.body = TEXT_NULL;
	}
	*ret = answer;
	return 0;
}
