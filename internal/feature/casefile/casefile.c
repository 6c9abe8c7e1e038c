/* The whole file of a case in one answer. Enter at case_file_endpoint. One pipeline of reads;
 * locks nothing. */

#include "feature/endpoints.h"

#include "engine/engine.h"
#include "engine/authorize.h"
#include "engine/read/query.h"
#include "engine/read/render.h"

#include <errno.h>

/* Rows of one kind; as many as the longest page of a list. */
#define FILE_ROWS_MAX LIST_LIMIT_MAX

/* One resource's share of the file. */
struct file_part {
	const struct resource *resource;
	const char *name; /* member of the answer */
	bool item;	  /* the case and the client: one row, whole */
	struct projection projection;
	struct sql sql;
};

/* A trip of its own (engine/trip.h is for writes): a part for each resource that the role lists.
 */
struct file_plan {
	struct file_part **parts; /* the case first */
	struct query *queries;	  /* queries[i + 1] is parts[i]'s; the first asks for the session */
	struct reply *replies;
	size_t count;
};

/* Segments are unique below one parent only: what lies deeper goes by its full name. */
static const char *file_member(const struct resource *resource)
{
	if (resource->parent == NULL)
		return resource->singular;
	return resource->parent->parent == NULL ? resource_segment(resource) : resource->name;
}

static void file_where(struct sql *sql, const struct resource *resource, struct text case_id)
{
	if (resource->traits & OF_CASE) {
		/* The case's own id has the index. */
		sql_puts(sql, resource->traits & IS_CASE ? " AND t.id = " : " AND t.case_id = ");
		sql_param(sql, case_id);
		return;
	}
	sql_puts(sql, resource->traits & IS_CLIENT ? " AND t.id = " : " AND t.client_id = ");
	sql_puts(sql, "(SELECT c.client_id FROM cases c WHERE c.id = ");
	sql_param(sql, case_id);
	sql_puts(sql, ")");
}

/* One access for the whole file, in the statement that shows the case: no case, no access. It
 * stands between page and the parenthesis that sql_page_close writes. */
static void file_seen(struct sql *sql)
{
	sql_puts(sql, "), seen AS (INSERT INTO audit_events"
		      " (action, resource, row_id, client_id, client_provider_id)"
		      " SELECT 'read', 'case_file', s.seen_id, s.seen_client, s.seen_provider"
		      " FROM page s");
}

static void file_sql(struct file_part *part, const struct call *call, struct text case_id)
{
	const struct resource *resource = part->resource;
	const char *sort = resource->sort != NULL ? resource->sort : "id";
	bool descending = sort[0] == '-';
	struct place place = { .scope = access_of(call->actor.role, resource).scope,
			       .actor = &call->actor };

	part->projection.sort_key = descending ? sort + 1 : sort;
	sql_page_open(&part->sql, &part->projection, &place);
	file_where(&part->sql, resource, case_id);
	if (!part->item) {
		sql_puts(&part->sql, " ORDER BY t.");
		sql_puts(&part->sql, part->projection.sort_key);
		sql_puts(&part->sql, descending ? " DESC, t.id DESC LIMIT " : ", t.id LIMIT ");
		buf_put_int(&part->sql.buf, FILE_ROWS_MAX + 1);
	}
	if (resource->traits & IS_CASE)
		file_seen(&part->sql);
	sql_page_close(&part->sql, &part->projection, false, FILE_ROWS_MAX, descending);
}

/* The projection is that of the role's own list or item. */
static int file_add(struct ctx *ctx, const struct call *call, const struct resource *resource,
		    struct file_plan *plan)
{
	static const struct list_query everything;
	struct call view = { .resource = resource,
			     .item = resource->parent == NULL,
			     .actor = call->actor };
	unsigned wanted = view.item ? ACTION_READ : ACTION_LIST;
	struct file_part *part;
	int rc;

	if (!(access_of(call->actor.role, resource).actions & resource->actions & wanted))
		return 0;
	part = arena_alloc(ctx->arena, sizeof(*part));
	if (part == NULL)
		return -ENOMEM;
	part->resource = resource;
	part->name = file_member(resource);
	part->item = view.item;
	rc = query_projection(ctx, &view, &everything, &part->projection);
	if (rc != 0)
		return rc;
	sql_init(&part->sql, ctx->arena);
	file_sql(part, call, call->ids[0]);
	plan->parts[plan->count++] = part;
	return sql_query(&part->sql, &plan->queries[plan->count]);
}

static int file_plan(struct ctx *ctx, const struct call *call, struct file_plan *plan)
{
	const struct resource *cases = registry_of(IS_CASE);
	int rc;

	plan->count = 0;
	plan->parts = arena_alloc(ctx->arena, registry_count * sizeof(struct file_part *));
	plan->queries = arena_alloc(ctx->arena, (registry_count + 1) * sizeof(*plan->queries));
	plan->replies = arena_alloc(ctx->arena, (registry_count + 1) * sizeof(*plan->replies));
	if (plan->parts == NULL || plan->queries == NULL || plan->replies == NULL)
		return -ENOMEM;
	rc = file_add(ctx, call, cases, plan);
	if (rc == 0 && plan->count == 0)
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	for (size_t i = 0; rc == 0 && i < registry_count; i++)
		if (registry[i] != cases && registry_participations[i].casefile == CASEFILE_FILED)
			rc = file_add(ctx, call, registry[i], plan);
	return rc;
}

static int file_write_part(struct ctx *ctx, struct engine *engine, const struct actor *reader,
			   const struct file_part *part, struct reply reply, struct buf *buf)
{
	size_t rows = reply_rows(reply);
	int rc = 0;

	if (part->item && rows == 0)
		return fail(ctx, P_NOT_FOUND);
	buf_printf(buf, "\"%s\":%s", part->name, part->item ? "" : "[");
	for (size_t i = 0; rc == 0 && i < rows && i < FILE_ROWS_MAX; i++) {
		if (i > 0)
			buf_putc(buf, ',');
		rc = render_row(ctx, engine, reader, &part->projection, reply, i, buf);
	}
	buf_puts(buf, part->item ? "," : "],");
	return rc;
}

static int file_write(struct ctx *ctx, struct engine *engine, const struct actor *reader,
		      const struct file_plan *plan, struct text *ret)
{
	const char *separator = "";
	struct buf buf;
	int rc;

	buf_init(&buf, ctx->arena);
	buf_putc(&buf, '{');
	for (size_t i = 0; i < plan->count; i++) {
		rc = file_write_part(ctx, engine, reader, plan->parts[i], plan->replies[i + 1],
				     &buf);
		if (rc != 0)
			return rc;
	}
	buf_puts(&buf, "\"truncated\":[");
	for (size_t i = 0; i < plan->count; i++) {
		if (reply_rows(plan->replies[i + 1]) <= FILE_ROWS_MAX)
			continue;
		buf_printf(&buf, "%s\"%s\"", separator, plan->parts[i]->name);
		separator = ",";
	}
	buf_puts(&buf, "]}");
	return buf_text(&buf, ret);
}

static int case_file(struct ctx *ctx, struct engine *engine, struct call *call,
		     struct answer *answer)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text params[AUTHORIZE_PARAMS];
	struct file_plan plan;
	int rc = file_plan(ctx, call, &plan);

	if (rc != 0)
		return rc;
	plan.queries[0] = authorize_query(ctx, call, true, params);
	rc = store_acquire(ctx, engine->store, &conn);
	if (rc == 0)
		rc = conn_run(ctx, conn, plan.queries, plan.count + 1, plan.replies);
	if (rc == 0)
		rc = authorize_accept(ctx, call, plan.replies[0]);
	if (rc != 0)
		return rc;
	return render_fits(ctx, file_write(ctx, engine, &call->actor, &plan, &answer->body));
}

static const char CASE_FILE_SCHEMA[] =
	"{\"type\":\"object\",\"required\":[\"case\",\"client\",\"truncated\"],\"properties\":{"
	"\"case\":{\"$ref\":\"#/components/schemas/case\"},"
	"\"client\":{\"$ref\":\"#/components/schemas/client\"},"
	"\"truncated\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true,"
	"\"description\":\"Members that hold the first 200 rows only; their lists have the "
	"rest.\"}},"
	"\"description\":\"What the caller may list below the case and its client, as these lists "
	"tell it and in their order: a member for each, named as in the path; what lies deeper "
	"(the documents of the applications) by the resource's name.\","
	"\"additionalProperties\":{\"type\":\"array\",\"maxItems\":200,\"items\":{"
	"\"type\":\"object\",\"required\":[\"id\"]}}}";

#define READER(role) (1u << (role))

static const enum problem case_file_problems[] = { P_ANSWER_TOO_LARGE, P_NONE };

const struct endpoint case_file_endpoint = {
	.method = METHOD_GET,
	.path = "/v1/cases/{case_id}/file",
	.about = "All of one case in one answer, logged as one access.",
	.tag = "Cases",
	.reply_schema = CASE_FILE_SCHEMA,
	.status = 200,
	.roles = READER(role_agency_officer) | READER(role_provider_manager) |
		 READER(role_case_worker) | READER(role_specialist),
	.problems = case_file_problems,
	.handle = case_file,
};
