/* The enumerations of C against the CHECK constraints of the database, where the same list stands a
 * second time. A value that only C has would be a 500 for who sends it, one that only the database
 * has a 500 for who reads it. Enters by check_values; locks nothing. */

#include "engine/check.h"

/* The literals of a CHECK that lists what one column may hold: = ANY (ARRAY['a'::text, …]), <@
 * ARRAY[…] for lists, = 'a'::text; and for what refers to service_units, the rows of that. */
const char check_values_sql[] =
	"SELECT t.relname, t.attname, string_agg(DISTINCT t.value, ',') FROM ("
	"SELECT r.relname, a.attname, v[1] AS value"
	" FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
	" JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = c.conkey[1],"
	" pg_get_constraintdef(c.oid) d, regexp_matches(d, '''([^'']*)''::text', 'g') v"
	" WHERE r.relnamespace = 'public'::regnamespace AND c.contype = 'c'"
	" AND cardinality(c.conkey) = 1"
	" AND d ~ '( = ANY \\(ARRAY\\[| <@ ARRAY\\[| = ''\\w*''::text\\))'"
	" UNION ALL SELECT r.relname, a.attname, u.value"
	" FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
	" JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)"
	" JOIN (SELECT 'service' AS name, service AS value FROM service_units"
	" UNION ALL SELECT 'unit', unit FROM service_units) u ON u.name = a.attname"
	" WHERE c.confrelid = 'service_units'::regclass) t GROUP BY 1, 2 ORDER BY 1, 2";

static const char *values_differ(const struct enumeration *values, struct text listed)
{
	int count = 0;

	for (struct text item; listed.ptr != NULL; count++) {
		item = text_cut(&listed, ',');
		if (enumeration_find(values, item) == 0)
			return "has a CHECK that allows a value which the registry does not have";
	}
	/* Each is another one and all are ours: fewer means that one of ours is refused. */
	return count == values->count - 1
		       ? NULL
		       : "has a CHECK that refuses a value which the registry has";
}

static int check_field(struct ctx *ctx, struct reply reply, const char *table,
		       const struct field *field)
{
	size_t row = check_find(reply, table, text_of(field->name));
	const char *wrong = row == SIZE_MAX
				    ? "has no CHECK that lists its values"
				    : values_differ(field->values, reply_cell(reply, row, 2));

	if (wrong == NULL)
		return 0;
	return fail(ctx, P_SCHEMA,
		    arena_format(ctx->arena, "column %s.%s %s (%s)", table, field->name, wrong,
				 field->values->name));
}

int check_values(struct ctx *ctx, struct reply reply)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < registry_count; i++) {
		const struct resource *resource = registry[i];

		for (size_t j = 0; rc == 0 && j < resource->field_count; j++) {
			const struct field *field = &resource->fields[j];

			/* What is sealed, and what a view computes, has no CHECK. */
			if (field->values != NULL && !(field->flags & SEALED) &&
			    !(resource->traits & IS_VIEW))
				rc = check_field(ctx, reply, resource_table(resource), field);
		}
	}
	return rc;
}
