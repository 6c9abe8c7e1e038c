#include "store_help.h"

#include "store/migrate/migrations.h"

#include <errno.h>

static const struct migration first = { 1,  "0001_shelf", "CREATE TABLE m_shelf (id int);\n",
					31, "a1",	  0 };
static const struct migration second = { 2,
					 "0002_book",
					 "CREATE TABLE m_book (id int);\n"
					 "INSERT INTO m_book VALUES (1), (2);\n",
					 66,
					 "a2",
					 0 };
static const struct migration fourth = { 4,  "0004_box", "ALTER TABLE m_book ADD box int;\n",
					 32, "a4",	 0 };
static const struct migration none;

#define POLICIES TEXT("DROP VIEW IF EXISTS m_view; CREATE VIEW m_view AS SELECT * FROM m_shelf;")

struct world {
	struct scene scene;
	struct ctx *ctx;
	struct store *store;
	struct conn *conn;
};

static int setup(void **state)
{
	static struct world world;

	world.ctx = scene_begin(&world.scene);
	world.store = store_make(1, 1000);
	world.conn = NULL;
	admin("SET client_min_messages = warning; DROP VIEW IF EXISTS m_view;"
	      " DROP TABLE IF EXISTS schema_migrations, schema_objects, m_shelf, m_book");
	if (store_acquire(world.ctx, world.store, &world.conn) != 0)
		return -1;
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	conn_release(&world->conn);
	store_free(world->store);
	scene_end(&world->scene);
	return 0;
}

/* rc is what applying gives; on success applied as many. */
static void apply(struct world *world, const struct migration *list, struct text policies, int rc,
		  int applied)
{
	const struct schema schema = { list, "", "", policies };
	int count = -1;

	ctx_clear(world->ctx);
	assert_int_equal(migrations_apply(world->ctx, "", &schema, &count), rc);
	assert_int_equal(count, rc == 0 ? applied : -1);
}

static void compare(struct world *world, const struct migration *list, struct text policies, int rc)
{
	const struct schema schema = { list, "", "", policies };

	ctx_clear(world->ctx);
	assert_int_equal(migrations_compare(world->ctx, world->conn, &schema), rc);
}

static void assert_says(const struct world *world, const char *words)
{
	assert_int_equal(world->ctx->problem, P_SCHEMA);
	assert_true(text_is(world->ctx->words[0], words));
}

static void migrations_run_once_and_in_order(void **state)
{
	const struct migration two[] = { first, second, none };
	const struct migration three[] = { first, second, fourth, none };
	struct world *world = *state;

	compare(world, two, POLICIES, P_SCHEMA);
	assert_says(world, "The database was never migrated.");
	apply(world, two, POLICIES, 0, 2);
	apply(world, two, POLICIES, 0, 0);
	compare(world, two, POLICIES, 0);
	assert_int_equal(admin("SELECT count(*) FROM m_book"), 2);
	compare(world, three, POLICIES, P_SCHEMA);
	assert_says(world, "The database lacks migration 0004_box.");
	apply(world, three, POLICIES, 0, 1);
	compare(world, three, POLICIES, 0);
	assert_int_equal(admin("SELECT count(*) FROM schema_migrations"), 3);
}

static void a_later_version_that_expanded_is_served_and_left_alone(void **state)
{
	const struct migration two[] = { first, second, none };
	const struct migration one[] = { first, none };
	const struct text others = TEXT("SELECT 1");
	struct world *world = *state;

	apply(world, two, POLICIES, 0, 2);
	compare(world, one, others, 0);
	apply(world, one, others, 0, 0);
	compare(world, two, POLICIES, 0);
}

static void a_later_version_that_contracted_is_refused(void **state)
{
	const struct migration drops = { 2,  "0002_drop", "DROP TABLE m_shelf CASCADE",
					 26, "a2",	  MIGRATION_CONTRACTS };
	const struct migration two[] = { first, drops, none };
	const struct migration one[] = { first, none };
	struct world *world = *state;

	apply(world, one, TEXT("SELECT 1"), 0, 1);
	apply(world, two, TEXT("SELECT 1"), 0, 1);
	compare(world, two, TEXT("SELECT 1"), 0);
	compare(world, one, TEXT("SELECT 1"), P_SCHEMA);
	assert_says(world, "A later version has contracted the schema: 0002_drop.");
	apply(world, one, TEXT("SELECT 1"), P_SCHEMA, 0);
}

static void an_unknown_migration_in_between_is_refused(void **state)
{
	const struct migration with[] = { first, second, fourth, none };
	const struct migration without[] = { first, fourth, none };
	struct world *world = *state;

	apply(world, with, POLICIES, 0, 3);
	apply(world, without, POLICIES, P_SCHEMA, 0);
	assert_says(world, "The database has a migration that is not known here: 0002_book.");
	compare(world, without, POLICIES, P_SCHEMA);
}

/* A version knows its own objects after a later one has replaced them, and no later ones. */
static void policies_of_a_later_version_are_served(void **state)
{
	const struct migration one[] = { first, none };
	const struct text a = TEXT("SELECT 1"), b = TEXT("SELECT 2"), c = TEXT("SELECT 3");
	struct world *world = *state;

	apply(world, one, a, 0, 1);
	compare(world, one, b, P_SCHEMA);
	apply(world, one, b, 0, 0);
	apply(world, one, c, 0, 0);
	compare(world, one, a, 0);
	compare(world, one, b, 0);
	apply(world, one, b, 0, 0);
	compare(world, one, a, 0);
	compare(world, one, c, P_SCHEMA);
	assert_says(world, "The database has other views, functions, triggers or row-level "
			   "security policies.");
}

static void a_changed_migration_is_refused(void **state)
{
	struct migration list[] = { first, second, none };
	struct world *world = *state;

	apply(world, list, POLICIES, 0, 2);
	list[0].checksum = "b1";
	apply(world, list, POLICIES, P_SCHEMA, 0);
	assert_says(world, "The database has another text of migration 0001_shelf.");
	compare(world, list, POLICIES, P_SCHEMA);
}

static void a_migration_that_comes_late_is_refused(void **state)
{
	const struct migration without[] = { first, fourth, none };
	const struct migration with[] = { first, second, fourth, none };
	struct migration early = { 4, "0004_box", "CREATE TABLE m_book (id int)", 28, "a4", 0 };
	struct world *world = *state;
	struct migration list[] = { without[0], early, none };

	apply(world, list, POLICIES, 0, 2);
	apply(world, with, POLICIES, P_SCHEMA, 0);
	assert_says(world, "The database has later migrations, but not 0002_book.");
}

static void a_failing_migration_leaves_no_trace_and_keeps_the_former(void **state)
{
	const struct migration wrong = {
		2, "0002_book", "CREATE TABLE m_book (id int);\nSELEC 1;\n", 39, "a2", 0
	};
	const struct migration ends = { 2, "0002_book", "COMMIT", 6, "a2", 0 };
	const struct migration bad[] = { first, wrong, none };
	const struct migration cut[] = { first, ends, none };
	const struct migration good[] = { first, second, none };
	struct world *world = *state;

	apply(world, bad, POLICIES, -EIO, 0);
	assert_int_equal(admin("SELECT count(*) FROM schema_migrations"), 1);
	assert_int_equal(admin("SELECT count(*) FROM pg_class WHERE relname = 'm_book'"), 0);
	apply(world, cut, POLICIES, -EPROTO, 0);
	apply(world, good, POLICIES, 0, 1);
}

static void policies_are_applied_when_their_text_changes(void **state)
{
	const struct text narrow = TEXT("DROP VIEW m_view; CREATE VIEW m_view AS SELECT 1 AS one");
	const struct migration one[] = { first, none };
	struct world *world = *state;

	apply(world, one, POLICIES, 0, 1);
	compare(world, one, narrow, P_SCHEMA);
	assert_says(world, "The database has other views, functions, triggers or row-level "
			   "security policies.");
	apply(world, one, narrow, 0, 0);
	compare(world, one, narrow, 0);
	assert_int_equal(admin("SELECT one FROM m_view"), 1);
	apply(world, one, TEXT("DROP VIEW m_view; SELECT 1 / 0"), -EIO, 0);
	compare(world, one, narrow, 0);
	assert_int_equal(admin("SELECT one FROM m_view"), 1);
}

static void policies_are_applied_again_after_any_migration(void **state)
{
	const struct migration drops = { 2, "0002_drop", "DROP VIEW m_view", 16, "a2", 0 };
	const struct migration one[] = { first, none };
	const struct migration two[] = { first, drops, none };
	struct world *world = *state;

	apply(world, one, POLICIES, 0, 1);
	apply(world, two, POLICIES, 0, 1);
	assert_int_equal(admin("SELECT count(*) FROM m_view"), 0);
}

/* It runs outside a transaction, and a former try's rest does not stand for the index. */
static void an_index_is_built_without_a_transaction(void **state)
{
	const struct migration index = { 3,
					 "0003_index",
					 "-- alone: large\n"
					 "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS m_index"
					 " ON m_book (id);\n",
					 0,
					 "a3",
					 MIGRATION_ALONE };
	const struct migration doubled = { 2,
					   "0002_book",
					   "CREATE TABLE m_book (id int);"
					   "INSERT INTO m_book VALUES (1), (1);",
					   0,
					   "a2",
					   0 };
	const struct migration list[] = { first, doubled, index, none };
	struct world *world = *state;

	apply(world, list, POLICIES, -EIO, 0);
	assert_int_equal(admin("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
	compare(world, list, POLICIES, P_SCHEMA);
	admin("UPDATE m_book SET id = 2 WHERE ctid = '(0,2)'");
	apply(world, list, POLICIES, 0, 1);
	assert_int_equal(admin("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
	assert_int_equal(admin("SELECT count(*) FROM pg_class WHERE relname = 'm_index'"), 1);
	compare(world, list, POLICIES, 0);
}

static void schema_applies(struct world *world, const struct schema *schema, int rc)
{
	int count = -1;

	ctx_clear(world->ctx);
	assert_int_equal(migrations_apply(world->ctx, "", schema, &count), rc);
}

/* A table of the migration uses the base; the objects use the table. */
static void the_base_comes_before_and_the_objects_after_the_migrations(void **state)
{
	const struct migration uses = {
		1, "0001_shelf", "CREATE TABLE m_shelf (id int DEFAULT m_base())", 47, "a1", 0
	};
	const struct migration one[] = { uses, none };
	struct schema schema = { one,
				 "CREATE OR REPLACE FUNCTION m_base() RETURNS int LANGUAGE sql"
				 " AS $$ SELECT count(*)::int FROM m_view $$;",
				 "CREATE OR REPLACE VIEW m_view AS SELECT * FROM m_shelf;",
				 TEXT_NULL };
	struct world *world = *state;

	schema_applies(world, &schema, 0);
	assert_int_equal(migrations_compare(world->ctx, world->conn, &schema), 0);
	admin("DROP VIEW m_view");
	schema_applies(world, &schema, 0);
	assert_int_equal(admin("SELECT count(*) FROM pg_class WHERE relname = 'm_view'"), 0);
	schema.objects = "CREATE OR REPLACE VIEW m_view AS SELECT 7 AS id FROM m_shelf;";
	assert_int_equal(migrations_compare(world->ctx, world->conn, &schema), P_SCHEMA);
	schema_applies(world, &schema, 0);
	assert_int_equal(migrations_compare(world->ctx, world->conn, &schema), 0);
	assert_int_equal(admin("SELECT count(*) FROM pg_class WHERE relname = 'm_view'"), 1);
	admin("DROP TABLE m_shelf CASCADE; DROP FUNCTION m_base()");
}

static void the_objects_are_applied_together_or_not_at_all(void **state)
{
	const struct migration one[] = { first, none };
	struct schema schema = { one, "", "CREATE VIEW m_view AS SELECT 1 AS id", TEXT_NULL };
	struct world *world = *state;

	schema_applies(world, &schema, 0);
	schema.objects = "DROP VIEW m_view; CREATE VIEW m_other AS SELECT 1; SELECT 1 / 0;";
	schema_applies(world, &schema, -EIO);
	assert_int_equal(admin("SELECT id FROM m_view"), 1);
	assert_int_equal(admin("SELECT count(*) FROM pg_class WHERE relname = 'm_other'"), 0);
}

static void empty_policies_are_accepted(void **state)
{
	const struct migration one[] = { first, none };
	struct world *world = *state;

	apply(world, one, TEXT_NULL, 0, 1);
	compare(world, one, TEXT_NULL, 0);
}

static void an_unreachable_owner_is_a_fault(void **state)
{
	const struct migration one[] = { first, none };
	const struct schema schema = { one, "", "", POLICIES };
	struct world *world = *state;
	int count = -1;

	assert_int_equal(migrations_apply(world->ctx, "host=/nonexistent", &schema, &count),
			 -EHOSTUNREACH);
	assert_int_equal(migrations_apply(world->ctx, "wrong=1", &schema, &count), -EINVAL);
}

/* The house's own: ascending, each with its text and SHA-256. */
static void the_embedded_ones_are_well_formed(void **state)
{
	int last = 0;

	(void)state;
	for (const struct migration *m = migrations; m->name != NULL; m++) {
		assert_true(m->number > last);
		assert_int_equal(strlen(m->sql), m->len);
		assert_int_equal(strlen(m->checksum), 64);
		last = m->number;
	}
	assert_true(last > 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(migrations_run_once_and_in_order),
		T(a_later_version_that_expanded_is_served_and_left_alone),
		T(a_later_version_that_contracted_is_refused),
		T(an_unknown_migration_in_between_is_refused),
		T(policies_of_a_later_version_are_served),
		T(a_changed_migration_is_refused),
		T(a_migration_that_comes_late_is_refused),
		T(a_failing_migration_leaves_no_trace_and_keeps_the_former),
		T(policies_are_applied_when_their_text_changes),
		T(policies_are_applied_again_after_any_migration),
		T(an_index_is_built_without_a_transaction),
		T(the_base_comes_before_and_the_objects_after_the_migrations),
		T(the_objects_are_applied_together_or_not_at_all),
		T(empty_policies_are_accepted),
		T(an_unreachable_owner_is_a_fault),
		T(the_embedded_ones_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
