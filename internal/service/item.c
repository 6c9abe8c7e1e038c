#include "auth/access.h"
#include "service/authorize.h"
#include "service/query.h"
#include "service/render.h"

#include <errno.h>

/* RFC 9110, 13.1.2: weak comparison; the list may hold several tags or "*". */
static bool item_matches(struct text header, struct text etag)
{
	struct text rest = header;

	while (rest.ptr != NULL) {
		struct text tag = text_trim(text_cut(&rest, ','));

		if (text_starts(tag, "W/"))
			tag = (struct text){ tag.ptr + 2, tag.len - 2 };
		if (text_is(tag, "*") || text_eq(tag, etag))
			return true;
	}
	return false;
}

static int item_answer(struct ctx *ctx, struct service *service, struct call *call,
		       const struct projection *projection, struct reply reply,
		       struct answer *answer)
{
	struct buf buf;
	int rc;

	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	answer->etag = render_etag(ctx, projection, reply, 0);
	answer->status = 200;
	if (call->if_none_match.ptr != NULL && item_matches(call->if_none_match, answer->etag)) {
		answer->status = 304;
		return 0;
	}
	buf_init(&buf, ctx->arena);
	rc = render_row(ctx, service, &call->actor, projection, reply, 0, NULL, &buf);
	if (rc != 0)
		return rc;
	return buf_text(&buf, &answer->body);
}

/* Once: the statement is chosen by the role that the token told. */
static int item_try(struct ctx *ctx, struct service *service, struct call *call,
		    const struct list_query *query, struct answer *answer)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	const struct resource *resource = call->resource;
	struct access access = access_of(call->actor.role, resource);
	struct place place = { call->ids[call->id_count - 1], call->ids, call->id_count - 1,
			       access.scope, &call->actor };
	struct projection projection;
	struct text params[AUTHORIZE_PARAMS];
	struct query queries[2];
	struct reply replies[2];
	struct sql sql;
	int rc;

	if (!(access.actions & ACTION_READ))
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	rc = query_projection(ctx, call, query, &projection);
	if (rc != 0)
		return rc;
	sql_init(&sql, ctx->arena);
	rc = sql_read(&sql, &projection, &place, (resource->traits & OF_CLIENT) != 0);
	if (rc == 0)
		rc = sql_query(&sql, &queries[1]);
	if (rc != 0)
		return rc;
	queries[0] = authorize_query(ctx, call, true, params);
	rc = store_acquire(ctx, service->store, &conn);
	if (rc == 0)
		rc = conn_run(ctx, conn, queries, 2, replies);
	if (rc == 0)
		rc = authorize_accept(ctx, call, replies[0]);
	return rc != 0 ? rc : item_answer(ctx, service, call, &projection, replies[1], answer);
}

int crud_read(struct ctx *ctx, struct service *service, struct call *call, struct answer *ret)
{
	struct list_query query;
	int rc = query_read(ctx, service, call, &query);

	if (rc == 0)
		rc = item_try(ctx, service, call, &query, ret);
	if (rc == AUTHORIZE_AGAIN)
		rc = item_try(ctx, service, call, &query, ret);
	return rc == AUTHORIZE_AGAIN ? fail(ctx, P_UNAUTHENTICATED) : rc;
}
