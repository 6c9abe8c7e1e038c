/* Compares the registry with the database at start. Enter at engine_check. */

#include "engine/check.h"
#include "engine/policies.h"
#include "store/migrate/migrate.h"
#include "store/sqlgen.h"

#include <errno.h>

/* The registry against the database: every column that a resource reads or writes must be there, of
 * its type, and a SORT or REQUIRED field's must be NOT NULL. */

static const char COLUMNS_SQL[] =
	"SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull OR c.relkind = "
	"'v'"
	" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
	" WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p')"
	" AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2";

size_t check_find(struct reply reply, const char *table, struct text column)
{
	size_t low = 0, high = reply_rows(reply);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct text have = reply_cell(reply, middle, 0);
		int order = strcmp(have.ptr, table);

		if (order == 0)
			order = strcmp(reply_cell(reply, middle, 1).ptr, column.ptr);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

static int check_column(struct ctx *ctx, struct reply reply, const struct resource *resource,
			const struct field *field, const char *suffix, const char *type)
{
	const char *table = resource_table(resource);
	struct text column = arena_format(ctx->arena, "%s%s", field->name, suffix);
	size_t row = column.ptr != NULL ? check_find(reply, table, column) : SIZE_MAX;
	const char *wrong = NULL;

	if (row == SIZE_MAX)
		wrong = "is missing";
	else if (!text_is(reply_cell(reply, row, 2), type))
		wrong = "has another type than the registry says";
	else if (suffix[0] == '\0' && (field->flags & (SORT | REQUIRED)) &&
		 !text_is(reply_cell(reply, row, 3), "t"))
		wrong = "must be NOT NULL";
	if (wrong == NULL)
		return 0;
	return fail(
		ctx, P_SCHEMA,
		arena_format(ctx->arena, "column %s.%s%s %s", table, field->name, suffix, wrong));
}

static int check_resource(struct ctx *ctx, struct reply reply, const struct resource *resource)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < record_field_count; i++)
		if (resource_has(resource, &record_fields[i]))
			rc = check_column(ctx, reply, resource, &record_fields[i], "",
					  sql_type(&record_fields[i]));
	for (size_t i = 0; rc == 0 && i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		rc = check_column(ctx, reply, resource, field, "", sql_type(field));
		if (rc == 0 && field->blind != BLIND_NONE)
			rc = check_column(ctx, reply, resource, field, "_index", "bytea");
	}
	return rc;
}

/* As anything stronger than atbalsts_api, row-level security would be no lock at all. */
static int check_role(struct ctx *ctx, struct reply reply)
{
	if (text_is(reply_cell(reply, 0, 0), "f"))
		return 0;
	return fail(ctx, P_SCHEMA,
		    TEXT("the server's database role owns tables, is superuser or bypasses "
			 "row-level security"));
}

/* Without its trait a case would not be locked, or a sitting not be found. */
static int check_traits(struct ctx *ctx)
{
	for (unsigned trait = 1; trait <= TRAITS_OF_ONE; trait <<= 1) {
		int count = 0;

		for (size_t i = 0; i < registry_count; i++)
			count += (registry[i]->traits & trait) != 0;
		if ((trait & TRAITS_OF_ONE) && count != 1)
			return fail(ctx, P_SCHEMA,
				    arena_format(ctx->arena, "%d resources have the trait 0x%x",
						 count, trait));
	}
	return 0;
}

int engine_check(struct ctx *ctx, struct engine *engine, struct conn *conn)
{
	struct query queries[] = {
		{ TEXT(COLUMNS_SQL), NULL, 0 },
		{ text_of(check_values_sql), NULL, 0 },
		{ TEXT("SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c"
		       " WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace)"
		       " FROM pg_roles r WHERE r.rolname = current_user"),
		  NULL, 0 },
	};
	struct reply replies[3];
	struct text policies;
	int rc = registry_check(ctx);

	(void)engine;
	if (rc == 0)
		rc = check_traits(ctx);
	if (rc == 0)
		rc = policies_text(ctx, &policies);
	if (rc == 0)
		rc = migrate_check(ctx, conn, policies);
	if (rc == 0)
		rc = conn_run(ctx, conn, queries, 3, replies);
	if (rc == 0)
		rc = check_role(ctx, replies[2]);
	for (size_t i = 0; rc == 0 && i < registry_count; i++)
		rc = check_resource(ctx, replies[0], registry[i]);
	if (rc == 0)
		rc = check_values(ctx, replies[1]);
	return rc;
}
