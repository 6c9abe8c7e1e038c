/* GET of one row. Enter at crud_read. One round trip; locks nothing. */

#include "auth/access.h"
#include "engine/authorize.h"
#include "engine/read/expand.h"
#include "engine/read/query.h"
#include "engine/read/render.h"

#include <errno.h>

/* 0: session, 1: the row, then what is expanded. */
struct item_plan {
	struct sql sql;
	struct expand expand;
	struct query queries[2 + EXPAND_MAX];
	struct reply replies[2 + EXPAND_MAX];
};

/* The ETag is the row's version, without the expanded rows: if there are any, always send the
 * body. */
static int item_answer(struct ctx *ctx, struct engine *engine, struct call *call,
		       const struct projection *projection, const struct item_plan *plan,
		       struct answer *answer)
{
	struct reply reply = plan->replies[1];
	struct buf buf;
	int rc;

	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	answer->etag = render_etag(ctx, projection, reply, 0);
	answer->status = 200;
	if (plan->expand.count == 0 && call->if_none_match.ptr != NULL &&
	    etag_listed(call->if_none_match, answer->etag)) {
		answer->status = 304;
		return 0;
	}
	buf_init(&buf, ctx->arena);
	rc = render_row(ctx, engine, &call->actor, projection, reply, 0, &buf);
	if (rc == 0 && plan->expand.count > 0) {
		buf.len--; /* the object goes on */
		rc = expand_write(ctx, engine, &call->actor, &plan->expand, &plan->replies[2],
				  &buf);
		buf_putc(&buf, '}');
	}
	if (rc != 0)
		return rc;
	return buf_text(&buf, &answer->body);
}

static int item_plan(struct ctx *ctx, const struct call *call, const struct projection *projection,
		     const struct place *place, struct item_plan *plan)
{
	int rc;

	sql_init(&plan->sql, ctx->arena);
	rc = sql_read(&plan->sql, projection, place, (call->resource->traits & OF_CLIENT) != 0);
	if (rc == 0)
		rc = sql_query(&plan->sql, &plan->queries[1]);
	for (size_t i = 0; rc == 0 && i < plan->expand.count; i++) {
		expand_open(&plan->expand, i, place);
		rc = expand_close(&plan->expand, i, &plan->queries[2 + i]);
	}
	return rc;
}

static int item_try(struct ctx *ctx, struct engine *engine, struct call *call,
		    const struct list_query *query, struct answer *answer)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	const struct resource *resource = call->resource;
	struct access access = access_of(call->actor.role, resource);
	struct place place = { call->ids[call->id_count - 1], call->ids, call->id_count - 1,
			       access.scope, &call->actor };
	struct item_plan *plan = arena_alloc(ctx->arena, sizeof(*plan));
	struct projection projection;
	struct text params[AUTHORIZE_PARAMS];
	int rc;

	if (plan == NULL)
		return -ENOMEM;
	if (!(access.actions & ACTION_READ))
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	rc = query_projection(ctx, call, query, &projection);
	if (rc == 0)
		rc = expand_read(ctx, call, query->expand, &projection, &plan->expand);
	if (rc == 0)
		rc = item_plan(ctx, call, &projection, &place, plan);
	if (rc != 0)
		return rc;
	plan->queries[0] = authorize_query(ctx, call, true, params);
	rc = store_acquire(ctx, engine->store, &conn);
	if (rc == 0)
		rc = conn_run(ctx, conn, plan->queries, 2 + plan->expand.count, plan->replies);
	if (rc == 0)
		rc = authorize_accept(ctx, call, plan->replies[0]);
	if (rc != 0)
		return rc;
	return render_fits(ctx, item_answer(ctx, engine, call, &projection, plan, answer));
}

int crud_read(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	struct list_query query;
	int rc = query_read(ctx, engine, call, &query);

	return rc != 0 ? rc : item_try(ctx, engine, call, &query, ret);
}
