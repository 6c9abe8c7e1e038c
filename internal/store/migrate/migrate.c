/* Brings a database to this binary's schema, and checks at start that it is there. Enter at
 * migrate_run (the owner's connection, under an advisory lock) and migrate_check. */

#include "core/log/log.h"
#include "store/migrate/objects.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>

static const char REMEMBER_SQL[] =
	"INSERT INTO schema_migrations (number, name, checksum, contracts) VALUES ($1, $2, $3, $4)";
/* Indexes that an interrupted CREATE INDEX CONCURRENTLY left invalid. */
static const char INVALID_SQL[] =
	"SELECT format('DROP INDEX CONCURRENTLY %I', c.relname) FROM pg_index i"
	" JOIN pg_class c ON c.oid = i.indexrelid"
	" WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace";

/* Readable for the API's role, whose server checks them at start. */
static const char TABLES_SQL[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL,"
	" checksum text NOT NULL, contracts boolean NOT NULL DEFAULT false,"
	" applied_at timestamptz NOT NULL DEFAULT now());"
	"CREATE TABLE IF NOT EXISTS schema_objects (only_one boolean PRIMARY KEY DEFAULT true"
	" CHECK (only_one), checksum text NOT NULL, earlier text[] NOT NULL DEFAULT '{}',"
	" applied_at timestamptz NOT NULL DEFAULT now());"
	"GRANT SELECT ON schema_migrations, schema_objects TO PUBLIC";

static const char EXISTS_SQL[] = "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL"
				 " AND to_regclass('schema_objects') IS NOT NULL";
static const char APPLIED_SQL[] =
	"SELECT number, name, checksum, contracts FROM schema_migrations ORDER BY number";
static int schema_fail(struct ctx *ctx, const char *what, const char *migration)
{
	char words[256];

	snprintf(words, sizeof(words), "%s %s.", what, migration);
	return fail(ctx, P_SCHEMA, text_of(words));
}

static int applied_compare_one(struct ctx *ctx, struct reply applied, size_t row,
			       const struct migration *migration)
{
	const char *name = reply_cell(applied, row, 1).ptr;
	int64_t number;

	if (text_to_int64(reply_cell(applied, row, 0), &number) != 0)
		return fault(ctx, EPROTO, "bad_migration_number", TEXT_NULL);
	if (number < migration->number)
		return schema_fail(ctx,
				   "The database has a migration that is not known here:", name);
	if (number > migration->number)
		return schema_fail(ctx, "The database has later migrations, but not",
				   migration->name);
	if (!text_is(reply_cell(applied, row, 2), migration->checksum))
		return schema_fail(ctx, "The database has another text of migration",
				   migration->name);
	return 0;
}

struct applied {
	size_t known; /* how many of the list's first ones are applied, with the same text */
	size_t later; /* applied after all of the list's, by a later version */
};

/* Compares the rows of APPLIED_SQL with the list. P_SCHEMA also for a later migration that
 * contracts. */
static int applied_compare(struct ctx *ctx, struct reply rows, const struct migration *list,
			   struct applied *ret)
{
	struct applied applied = { 0, 0 };

	for (size_t i = 0; i < reply_rows(rows); i++) {
		const char *name = reply_cell(rows, i, 1).ptr;
		int rc = 0;

		if (list[applied.known].name != NULL) {
			rc = applied_compare_one(ctx, rows, i, &list[applied.known++]);
		} else if (text_is(reply_cell(rows, i, 3), "t")) {
			rc = schema_fail(ctx, "A later version has contracted the schema:", name);
		} else {
			applied.later++;
			log_info("schema_is_later", LOG_TEXT("migration", text_of(name)));
		}
		if (rc != 0)
			return rc;
	}
	*ret = applied;
	return 0;
}

/* Outside a transaction a statement can be interrupted, so first remove what an earlier try left.
 * It waits for every older transaction to end, without blocking others. */
static int owner_alone(struct owner *owner, const struct migration *migration,
		       const char *const *params)
{
	__attribute__((cleanup(result_done))) PGresult *invalid = NULL;
	__attribute__((cleanup(result_done))) PGresult *remembered = NULL;
	int rc = owner_ask(owner, INVALID_SQL, 0, NULL, &invalid);

	if (rc == 0)
		rc = owner_run(owner, migration->name, "SET lock_timeout = 0");
	for (int i = 0; rc == 0 && i < PQntuples(invalid); i++)
		rc = owner_run(owner, migration->name, PQgetvalue(invalid, i, 0));
	if (rc == 0)
		rc = owner_run(owner, migration->name, migration->sql);
	if (rc == 0)
		rc = owner_run(owner, migration->name, "RESET lock_timeout");
	if (rc == 0)
		rc = owner_ask(owner, REMEMBER_SQL, 4, params, &remembered);
	return rc == -EAGAIN
		       ? fault(owner->ctx, EBUSY, "migration_blocked", text_of(migration->name))
		       : rc;
}

static int migration_apply(struct owner *owner, const struct migration *migration)
{
	char number[12];
	const char *const params[] = { number, migration->name, migration->checksum,
				       migration->traits & MIGRATION_CONTRACTS ? "true" : "false" };
	int rc;

	snprintf(number, sizeof(number), "%d", migration->number);
	if (migration->traits & MIGRATION_ALONE)
		rc = owner_alone(owner, migration, params);
	else
		rc = owner_apply(owner, migration->name, migration->sql, REMEMBER_SQL, 4, params);
	if (rc != 0)
		return rc;
	log_info("migration_applied", LOG_TEXT("migration", text_of(migration->name)));
	return 0;
}

/* Applies base, migrations and objects. If any of them differs, apply all again: a new table needs
 * its triggers and policies. */
static int schema_apply(struct owner *owner, const struct schema *schema, size_t known)
{
	int rc = objects_apply_base(owner, schema);

	for (size_t i = known; rc == 0 && schema->migrations[i].name != NULL; i++)
		rc = migration_apply(owner, &schema->migrations[i]);
	return rc != 0 ? rc : objects_apply(owner, schema);
}

static int applied_ask(struct owner *owner, const struct schema *schema, struct applied *ret)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	int rc = owner_lock(owner);

	if (rc == 0)
		rc = owner_run(owner, "tables", TABLES_SQL);
	if (rc == 0)
		rc = owner_ask(owner, APPLIED_SQL, 0, NULL, &result);
	if (rc == 0)
		rc = applied_compare(owner->ctx, (struct reply){ result }, schema->migrations, ret);
	return rc == -EAGAIN ? fault(owner->ctx, EBUSY, "migration_blocked", TEXT_NULL) : rc;
}

/* Leave a later version's objects alone: they belong to its tables. */
static int owner_migrate(struct owner *owner, const struct schema *schema, int *ret_applied)
{
	struct applied applied;
	size_t next;
	bool same;
	int rc = applied_ask(owner, schema, &applied);

	if (rc != 0)
		return rc;
	*ret_applied = 0;
	if (applied.later > 0)
		return 0;
	for (next = applied.known; schema->migrations[next].name != NULL; next++)
		;
	rc = objects_same(owner, schema, &same);
	if (rc == 0 && (!same || next > applied.known))
		rc = schema_apply(owner, schema, applied.known);
	if (rc == 0)
		*ret_applied = (int)(next - applied.known);
	return rc;
}

int migrations_apply(struct ctx *ctx, const char *owner_dsn, const struct schema *schema,
		     int *ret_applied)
{
	__attribute__((cleanup(owner_done))) struct owner owner = { ctx, NULL };
	int applied;
	int rc = owner_open(&owner, owner_dsn);

	if (rc == 0)
		rc = owner_migrate(&owner, schema, &applied);
	if (rc == 0)
		*ret_applied = applied;
	return rc;
}

static int migrations_ask(struct ctx *ctx, struct conn *conn, const struct schema *schema,
			  struct reply replies[2])
{
	const struct query exists = { TEXT(EXISTS_SQL), NULL, 0 };
	struct query queries[2] = { { TEXT(APPLIED_SQL), NULL, 0 } };
	struct text params[1];
	int rc = objects_query(ctx, schema, params, &queries[1]);

	if (rc == 0)
		rc = conn_run(ctx, conn, &exists, 1, replies);
	if (rc != 0)
		return rc;
	if (reply_rows(replies[0]) == 0)
		return schema_fail(ctx, "The database", "was never migrated");
	return conn_run(ctx, conn, queries, 2, replies);
}

int migrations_compare(struct ctx *ctx, struct conn *conn, const struct schema *schema)
{
	struct reply replies[2];
	struct applied applied;
	int rc = migrations_ask(ctx, conn, schema, replies);

	if (rc == 0)
		rc = applied_compare(ctx, replies[0], schema->migrations, &applied);
	if (rc != 0)
		return rc;
	if (schema->migrations[applied.known].name != NULL)
		return schema_fail(ctx, "The database lacks migration",
				   schema->migrations[applied.known].name);
	return applied.later > 0 ? 0 : objects_compare(ctx, replies[1]);
}

static struct schema schema_of(struct text policies)
{
	return (struct schema){ migrations, schema_base, schema_objects, policies };
}

int migrate_run(struct ctx *ctx, const char *owner_dsn, struct text policies, int *ret_applied)
{
	const struct schema schema = schema_of(policies);

	return migrations_apply(ctx, owner_dsn, &schema, ret_applied);
}

int migrate_check(struct ctx *ctx, struct conn *conn, struct text policies)
{
	const struct schema schema = schema_of(policies);

	return migrations_compare(ctx, conn, &schema);
}
