/* GET of a list: one page, the count, the parent. Enter at crud_list. One round trip; locks
 * nothing. */

#include "auth/access.h"
#include "engine/authorize.h"
#include "engine/read/cursor.h"
#include "engine/read/expand.h"
#include "engine/read/render.h"

#include <errno.h>

/* Keyset: rows after (sort, id) in the list's own order; the index serves both directions. */
static void list_after(struct sql *sql, const struct list_query *query, const struct cursor *cursor)
{
	bool by_id = strcmp(query->sort->name, "id") == 0;

	sql_puts(sql, by_id ? " AND t.id" : " AND (t.");
	if (!by_id) {
		sql_puts(sql, query->sort->name);
		sql_puts(sql, ", t.id)");
	}
	sql_puts(sql, query->descending ? " < " : " > ");
	if (!by_id) {
		sql_puts(sql, "(");
		sql_param(sql, cursor->key);
		sql_puts(sql, "::");
		sql_puts(sql, sql_type(query->sort));
		sql_puts(sql, ", ");
	}
	sql_param(sql, cursor->id);
	sql_puts(sql, by_id ? "::uuid" : "::uuid)");
}

static void list_order(struct sql *sql, const struct list_query *query)
{
	const char *direction = query->descending ? " DESC" : "";

	sql_puts(sql, " ORDER BY t.");
	if (strcmp(query->sort->name, "id") != 0) {
		sql_puts(sql, query->sort->name);
		sql_puts(sql, direction);
		sql_puts(sql, ", t.");
	}
	sql_puts(sql, "id");
	sql_puts(sql, direction);
	sql_puts(sql, " LIMIT ");
}

/* What follows the scope: the rows of the page, and how many more. */
static void list_tail(struct sql *sql, const struct list_query *query, const struct cursor *cursor,
		      int64_t more)
{
	struct text limit = arena_format(sql->buf.arena, "%lld", (long long)(query->limit + more));

	if (limit.ptr == NULL)
		sql->buf.failed = true;
	query_filters(sql, query);
	if (query->cursor.ptr != NULL)
		list_after(sql, query, cursor);
	list_order(sql, query);
	sql_param(sql, limit);
	sql_puts(sql, "::bigint");
}

static void list_sql(struct call *call, const struct list_query *query, const struct cursor *cursor,
		     const struct projection *projection, const struct place *place,
		     struct sql *sql)
{
	sql_page_open(sql, projection, place);
	list_tail(sql, query, cursor, 1);
	sql_page_close(sql, projection, (call->resource->traits & OF_CLIENT) != 0, query->limit,
		       query->descending);
}

static void list_count_sql(struct sql *sql, const struct call *call, const struct list_query *query,
			   const struct place *place)
{
	sql_puts(sql, "SELECT count(*)");
	sql_from(sql, call->resource, false);
	sql_where(sql, call->resource, place);
	query_filters(sql, query);
}

static int list_next(struct ctx *ctx, struct engine *engine, struct call *call,
		     const struct list_query *query, const struct projection *projection,
		     struct reply reply, struct buf *buf, struct answer *answer)
{
	struct cursor cursor;
	struct text next;
	int rc;

	if (reply_rows(reply) <= (size_t)query->limit) {
		buf_puts(buf, "],\"next\":null");
		return 0;
	}
	cursor.id = render_cell(projection, reply, (size_t)query->limit - 1, "id");
	cursor.key =
		reply_cell(reply, (size_t)query->limit - 1, projection_columns(projection) - 1);
	rc = cursor_make(ctx, engine, call, query, cursor, &next);
	if (rc == 0)
		rc = cursor_uri(ctx, call, next, &answer->next);
	if (rc != 0)
		return rc;
	buf_puts(buf, "],\"next\":");
	buf_put_json(buf, next);
	return 0;
}

struct list_plan {
	struct sql sql[3];    /* page, count, parent */
	struct expand expand; /* its queries stand last */
	struct query queries[4 + EXPAND_MAX];
	struct reply replies[4 + EXPAND_MAX];
	size_t count;
	size_t parent; /* index of its query; 0: none */
};

static int list_answer(struct ctx *ctx, struct engine *engine, struct call *call,
		       const struct list_query *query, const struct projection *projection,
		       const struct list_plan *plan, struct answer *answer)
{
	const struct reply *replies = plan->replies;
	size_t rows = reply_rows(replies[1]);
	struct buf buf;
	int rc = 0;

	buf_init(&buf, ctx->arena);
	buf_puts(&buf, "{\"data\":[");
	for (size_t i = 0; rc == 0 && i < rows && i < (size_t)query->limit; i++) {
		if (i > 0)
			buf_putc(&buf, ',');
		rc = render_row(ctx, engine, &call->actor, projection, replies[1], i, &buf);
	}
	if (rc == 0)
		rc = list_next(ctx, engine, call, query, projection, replies[1], &buf, answer);
	if (rc != 0)
		return rc;
	if (query->count) {
		buf_puts(&buf, ",\"count\":");
		buf_put_text(&buf, reply_cell(replies[2], 0, 0));
	}
	rc = expand_write(ctx, engine, &call->actor, &plan->expand,
			  &replies[plan->count - plan->expand.count], &buf);
	if (rc != 0)
		return rc;
	buf_putc(&buf, '}');
	answer->status = 200;
	return buf_text(&buf, &answer->body);
}

/* A list below a row that does not exist, or is hidden, answers 404 and not an empty list. If a
 * role may see the child but never its parent (an auditor's accesses of a client), the child's own
 * scope decides. */
static bool list_parent_sql(struct call *call, struct sql *sql)
{
	const struct resource *parent = call->resource->parent;
	struct place place = { call->ids[call->id_count - 1], call->ids, call->id_count - 1,
			       access_of(call->actor.role, parent).scope, &call->actor };

	if (place.scope == SCOPE_NONE)
		return false;
	sql_reach(sql, parent, &place);
	return true;
}

/* The page query runs twice; a concurrent commit can make expanded rows differ from the page. */
static int list_expand(const struct list_query *query, const struct cursor *cursor,
		       const struct place *place, struct list_plan *plan)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->expand.count; i++) {
		struct sql *sql = expand_open(&plan->expand, i, place);

		list_tail(sql, query, cursor, 0);
		rc = expand_close(&plan->expand, i, &plan->queries[plan->count++]);
	}
	return rc;
}

static int list_plan(struct ctx *ctx, struct engine *engine, struct call *call,
		     const struct list_query *query, const struct projection *projection,
		     const struct place *place, struct list_plan *plan)
{
	struct cursor cursor;
	int rc = 0;

	for (size_t i = 0; i < 3; i++)
		sql_init(&plan->sql[i], ctx->arena);
	plan->count = 1;
	if (query->cursor.ptr != NULL)
		rc = cursor_read(ctx, engine, call, query, &cursor);
	if (rc != 0)
		return rc;
	list_sql(call, query, &cursor, projection, place, &plan->sql[0]);
	rc = sql_query(&plan->sql[0], &plan->queries[plan->count++]);
	if (rc == 0 && query->count) {
		list_count_sql(&plan->sql[1], call, query, place);
		rc = sql_query(&plan->sql[1], &plan->queries[plan->count++]);
	}
	if (rc == 0 && call->id_count > 0 && list_parent_sql(call, &plan->sql[2])) {
		plan->parent = plan->count;
		rc = sql_query(&plan->sql[2], &plan->queries[plan->count++]);
	}
	return rc != 0 ? rc : list_expand(query, &cursor, place, plan);
}

static int list_try(struct ctx *ctx, struct engine *engine, struct call *call,
		    const struct list_query *query, struct answer *answer)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct access access = access_of(call->actor.role, call->resource);
	struct place place = { TEXT_NULL, call->ids, call->id_count, access.scope, &call->actor };
	struct projection projection;
	struct text params[AUTHORIZE_PARAMS];
	struct list_plan *plan = arena_alloc(ctx->arena, sizeof(*plan));
	int rc;

	if (plan == NULL)
		return -ENOMEM;
	if (!(access.actions & ACTION_LIST))
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	rc = query_projection(ctx, call, query, &projection);
	if (rc == 0)
		rc = expand_read(ctx, call, query->expand, &projection, &plan->expand);
	if (rc != 0)
		return rc;
	projection.sort_key = query->sort->name;
	rc = list_plan(ctx, engine, call, query, &projection, &place, plan);
	if (rc != 0)
		return rc;
	plan->queries[0] = authorize_query(ctx, call, true, params);
	rc = store_acquire(ctx, engine->store, &conn);
	if (rc == 0)
		rc = conn_run(ctx, conn, plan->queries, plan->count, plan->replies);
	if (rc == 0)
		rc = authorize_accept(ctx, call, plan->replies[0]);
	if (rc == 0 && plan->parent > 0 && reply_rows(plan->replies[plan->parent]) == 0)
		rc = fail(ctx, P_NOT_FOUND);
	if (rc != 0)
		return rc;
	return render_fits(ctx, list_answer(ctx, engine, call, query, &projection, plan, answer));
}

int crud_list(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	struct list_query query;
	int rc = query_read(ctx, engine, call, &query);

	return rc != 0 ? rc : list_try(ctx, engine, call, &query, ret);
}
