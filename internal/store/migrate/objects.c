/* Applies the schema's replaceable objects and compares them at start. Enter at objects_apply and
 * objects_compare. Applying takes exclusive locks on views and tables until its one
 * transaction ends; schema/05_gate.sql says how it comes by them under load. */

#include "store/migrate/objects.h"

#include "core/buf.h"
#include "core/log/log.h"

#include <errno.h>

/* Function bodies may name objects of a later file; PostgreSQL checks bodies when they run. */
#define BODIES_SQL "SET LOCAL check_function_bodies = off;\n"

static const char CHECKSUM_SQL[] =
	"SELECT h.sum, o.checksum, coalesce(to_jsonb(o) -> 'earlier' ? h.sum, false)"
	" FROM (SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS sum) h"
	" LEFT JOIN schema_objects o ON true";
/* earlier is a stack: applying an earlier version's objects again removes the later ones from it.
 * */
static const char REMEMBER_SQL[] =
	"INSERT INTO schema_objects AS o (checksum) VALUES ($1) ON CONFLICT (only_one)"
	" DO UPDATE SET checksum = excluded.checksum, applied_at = now(), earlier ="
	" CASE WHEN o.checksum = excluded.checksum THEN o.earlier"
	" WHEN array_position(o.earlier, excluded.checksum) IS NULL"
	" THEN array_append(o.earlier, o.checksum)"
	" ELSE o.earlier[:array_position(o.earlier, excluded.checksum) - 1] END";

/* The texts joined, NUL-terminated, in the arena; NULL when there is no memory. */
static char *texts_join(struct ctx *ctx, const char *first, const char *second, struct text third)
{
	struct text whole;
	struct buf buf;

	buf_init(&buf, ctx->arena);
	buf_puts(&buf, first);
	buf_puts(&buf, second);
	if (third.ptr != NULL)
		buf_put(&buf, third.ptr, third.len);
	return buf_text(&buf, &whole) == 0 ? arena_strdup(ctx->arena, whole) : NULL;
}

/* The text that the checksum covers. */
static const char *objects_text(struct ctx *ctx, const struct schema *schema)
{
	return texts_join(ctx, schema->base, schema->objects, schema->policies);
}

int objects_apply_base(struct owner *owner, const struct schema *schema)
{
	const char *sql = texts_join(owner->ctx, BODIES_SQL, schema->base, TEXT_NULL);

	return sql != NULL ? owner_apply(owner, "schema base", sql, NULL, 0, NULL) : -ENOMEM;
}

static int checksum_ask(struct owner *owner, const struct schema *schema, PGresult **ret)
{
	const char *text = objects_text(owner->ctx, schema);

	return text != NULL ? owner_ask(owner, CHECKSUM_SQL, 1, &text, ret) : -ENOMEM;
}

int objects_same(struct owner *owner, const struct schema *schema, bool *ret_same)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	int rc = checksum_ask(owner, schema, &result);

	if (rc == 0)
		*ret_same = strcmp(PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1)) == 0;
	return rc;
}

int objects_apply(struct owner *owner, const struct schema *schema)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	const char *sql = texts_join(owner->ctx, BODIES_SQL, schema->objects, schema->policies);
	const char *checksum;
	int rc = sql != NULL ? checksum_ask(owner, schema, &result) : -ENOMEM;

	if (rc != 0)
		return rc;
	checksum = PQgetvalue(result, 0, 0);
	rc = owner_apply(owner, "schema", sql, REMEMBER_SQL, 1, &checksum);
	if (rc == 0)
		log_info("schema_applied", LOG_TEXT("checksum", text_of(checksum)));
	return rc;
}

int objects_query(struct ctx *ctx, const struct schema *schema, struct text params[1],
		  struct query *ret)
{
	const char *text = objects_text(ctx, schema);

	if (text == NULL)
		return -ENOMEM;
	params[0] = text_of(text);
	*ret = (struct query){ TEXT(CHECKSUM_SQL), params, 1 };
	return 0;
}

int objects_compare(struct ctx *ctx, struct reply reply)
{
	struct text recorded = reply_cell(reply, 0, 1);

	if (text_eq(reply_cell(reply, 0, 0), recorded))
		return 0;
	if (!text_is(reply_cell(reply, 0, 2), "t"))
		return fail(ctx, P_SCHEMA,
			    TEXT("The database has other views, functions, triggers or row-level "
				 "security policies."));
	log_info("schema_objects_are_later", LOG_TEXT("checksum", recorded));
	return 0;
}
