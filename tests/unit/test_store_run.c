#include "store_help.h"

#include <errno.h>

/* One connection, so that what a test leaves behind meets the next statement. */
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
	world.store = store_make(1, 2000);
	admin("DROP TABLE IF EXISTS shelf");
	admin("CREATE TABLE shelf (id int CONSTRAINT shelf_id UNIQUE"
	      " DEFERRABLE INITIALLY DEFERRED, word text)");
	world.conn = NULL;
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

static void again(struct world *world)
{
	conn_release(&world->conn);
	assert_int_equal(store_acquire(world->ctx, world->store, &world->conn), 0);
}

static void our_settings_are_in_force(void **state)
{
	static const char *const expected[][2] = {
		{ "TimeZone", "UTC" },
		{ "DateStyle", "ISO, MDY" },
		{ "bytea_output", "hex" },
		{ "statement_timeout", "400ms" },
		{ "lock_timeout", "200ms" },
		{ "idle_in_transaction_session_timeout", "10s" },
		{ "plan_cache_mode", "force_generic_plan" },
		{ "application_name", "atbalsts" },
		{ "client_encoding", "UTF8" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct text params[] = { text_of(expected[i][0]) };
		const struct query query = { TEXT("SELECT current_setting($1)"), params, 1 };
		struct reply reply;

		assert_int_equal(conn_run(world->ctx, world->conn, &query, 1, &reply), 0);
		assert_string_equal(reply_cell(reply, 0, 0).ptr, expected[i][1]);
	}
}

static void a_pipeline_answers_each_query_in_order(void **state)
{
	const struct text params[] = { TEXT("7"), TEXT_NULL, TEXT("") };
	const struct query queries[] = {
		{ TEXT("INSERT INTO shelf VALUES (1, 'a'), (2, NULL)"), NULL, 0 },
		{ TEXT("SELECT $1::int, $2::text, $3::text"), params, 3 },
		{ TEXT("SELECT * FROM shelf ORDER BY id"), NULL, 0 },
		{ TEXT("UPDATE shelf SET word = 'b'"), NULL, 0 },
		{ TEXT("SELECT * FROM shelf ORDER BY id"), NULL, 0 },
	};
	struct world *world = *state;
	struct reply replies[COUNT(queries)];
	struct store_stats stats;

	assert_int_equal(conn_run(world->ctx, world->conn, queries, COUNT(queries), replies), 0);
	assert_int_equal(conn_failed_at(world->conn), SIZE_MAX);
	assert_int_equal(reply_touched(replies[0]), 2);
	assert_int_equal(reply_columns(replies[1]), 3);
	assert_true(text_is(reply_cell(replies[1], 0, 0), "7"));
	assert_null(reply_cell(replies[1], 0, 1).ptr);
	assert_true(text_is(reply_cell(replies[1], 0, 2), ""));
	assert_int_equal(reply_rows(replies[2]), 2);
	assert_true(text_is(reply_cell(replies[2], 0, 1), "a"));
	assert_null(reply_cell(replies[2], 1, 1).ptr);
	assert_int_equal(reply_touched(replies[3]), 2);
	assert_true(text_is(reply_cell(replies[4], 1, 1), "b"));
	again(world);
	store_stats(world->store, &stats);
	assert_int_equal(stats.round_trips, 1);
	assert_int_equal(stats.statements, 5);
	assert_int_equal(stats.prepared, 4); /* the repeated text once */
}

static void an_error_undoes_the_pipeline_and_leaves_the_connection_good(void **state)
{
	const struct query queries[] = {
		{ TEXT("INSERT INTO shelf VALUES (1)"), NULL, 0 },
		{ TEXT("SELECT 1 / (count(*) - 1) FROM shelf"), NULL, 0 },
		{ TEXT("SELECT 'never reached'"), NULL, 0 },
		{ TEXT("INSERT INTO shelf VALUES (2)"), NULL, 0 },
	};
	struct world *world = *state;
	struct reply replies[COUNT(queries)] = { { &replies } };
	int64_t pid = ask(world->ctx, world->conn, "SELECT pg_backend_pid()");

	/* Twice: the statements behind the error were never prepared and must not be taken as such.
	 */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(conn_run(world->ctx, world->conn, queries, 4, replies), -EIO);
		assert_int_equal(conn_failed_at(world->conn), 1);
		assert_ptr_equal(replies[0].result, &replies);
	}
	assert_int_equal(ask(world->ctx, world->conn, "SELECT count(*) FROM shelf"), 0);
	assert_int_equal(conn_run(world->ctx, world->conn, &queries[2], 2, replies), 0);
	assert_int_equal(ask(world->ctx, world->conn, "SELECT pg_backend_pid()"), pid);
}

static void a_statement_that_cannot_be_prepared_is_prepared_again(void **state)
{
	struct world *world = *state;

	assert_int_equal(run(world->ctx, world->conn, "SELECT * FROM box", NULL), -EIO);
	assert_int_equal(run(world->ctx, world->conn, "CREATE TEMP TABLE box (x int)", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "SELECT * FROM box", NULL), 0);
}

static void statements_beyond_the_bound_leave_the_server_too(void **state)
{
	struct world *world = *state;
	char sql[64];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 300; i++) {
			snprintf(sql, sizeof(sql), "SELECT %d", i);
			assert_int_equal(ask(world->ctx, world->conn, sql), i);
			conn_forget(world->conn);
		}
	}
	assert_int_equal(
		ask(world->ctx, world->conn, "SELECT count(*) FROM pg_prepared_statements"), 256);
}

/* The table is full, so that each of these queries evicts one; in a transaction and with an error
 * too. */
static void eviction_stays_out_of_the_way_of_transactions(void **state)
{
	static char sqls[40][64];
	const struct query first = { TEXT("BEGIN ISOLATION LEVEL REPEATABLE READ"), NULL, 0 };
	const struct query wrong = { TEXT("SELECT 1 / 0"), NULL, 0 };
	struct query queries[40];
	struct reply replies[40];
	struct world *world = *state;

	statements_beyond_the_bound_leave_the_server_too(state);
	for (int i = 0; i < 40; i++) {
		snprintf(sqls[i], sizeof(sqls[i]), "SELECT 'many', %d", i);
		queries[i] = (struct query){ text_of(sqls[i]), NULL, 0 };
	}
	queries[0] = first;
	assert_int_equal(conn_run(world->ctx, world->conn, queries, 20, replies), 0);
	assert_true(text_is(reply_cell(replies[19], 0, 1), "19"));
	queries[21] = wrong;
	assert_int_equal(conn_run(world->ctx, world->conn, &queries[20], 20, replies), -EIO);
	again(world);
	assert_int_equal(conn_run(world->ctx, world->conn, &queries[22], 18, replies), 0);
	assert_true(text_is(reply_cell(replies[17], 0, 1), "39"));
	assert_int_equal(
		ask(world->ctx, world->conn, "SELECT count(*) FROM pg_prepared_statements"), 256);
}

/* A failed transaction refuses DEALLOCATE: the statement stays, so the connection must go. */
static void a_statement_that_could_not_be_deallocated_goes_with_its_connection(void **state)
{
	struct world *world = *state;
	int64_t pid;

	statements_beyond_the_bound_leave_the_server_too(state);
	pid = ask(world->ctx, world->conn, "SELECT pg_backend_pid()");
	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1 / 0", NULL), -EIO);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 'evicts in vain'", NULL), -EIO);
	again(world);
	assert_int_not_equal(ask(world->ctx, world->conn, "SELECT pg_backend_pid()"), pid);
}

static void release_rolls_back_what_is_open(void **state)
{
	struct world *world = *state;
	int64_t pid = ask(world->ctx, world->conn, "SELECT pg_backend_pid()");

	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "INSERT INTO shelf VALUES (1)", NULL), 0);
	again(world);
	assert_int_equal(ask(world->ctx, world->conn, "SELECT count(*) FROM shelf"), 0);
	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1 / 0", NULL), -EIO);
	again(world);
	assert_int_equal(ask(world->ctx, world->conn, "SELECT pg_backend_pid()"), pid);
}

static void commit_in_the_same_trip_keeps_the_writes(void **state)
{
	const struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("INSERT INTO shelf VALUES (1, 'kept') RETURNING word"), NULL, 0 },
	};
	struct world *world = *state;
	struct reply replies[2];

	assert_int_equal(conn_commit(world->ctx, world->conn, queries, 2, replies), 0);
	assert_true(text_is(reply_cell(replies[1], 0, 0), "kept"));
	assert_int_equal(admin("SELECT count(*) FROM shelf"), 1);
}

static void a_commit_that_answers_rollback_is_a_fault(void **state)
{
	struct world *world = *state;

	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "INSERT INTO shelf VALUES (1)", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1 / 0", NULL), -EIO);
	assert_int_equal(conn_commit(world->ctx, world->conn, NULL, 0, NULL), -ECANCELED);
	assert_int_equal(admin("SELECT count(*) FROM shelf"), 0);
}

/* shelf_id is checked at the COMMIT, explicit or implicit: an unlisted constraint is a fault. */
static void a_deferred_constraint_fails_where_the_transaction_ends(void **state)
{
	const struct query query = { TEXT("INSERT INTO shelf VALUES (1), (1)"), NULL, 0 };
	struct world *world = *state;
	struct reply reply;

	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(conn_commit(world->ctx, world->conn, &query, 1, &reply), -EIO);
	assert_int_equal(conn_failed_at(world->conn), 1);
	again(world);
	assert_int_equal(conn_run(world->ctx, world->conn, &query, 1, &reply), -EIO);
	assert_int_equal(conn_failed_at(world->conn), 1);
	assert_int_equal(ask(world->ctx, world->conn, "SELECT count(*) FROM shelf"), 0);
}

static void a_statement_that_does_not_fit_is_a_fault_before_it_is_sent(void **state)
{
	const struct text nul = { "a\0b", 3 };
	const struct query query = { TEXT("SELECT $1::text"), &nul, 1 };
	static struct query queries[129];
	static struct reply replies[129];
	struct world *world = *state;

	assert_int_equal(conn_run(world->ctx, world->conn, &query, 1, replies), -EINVAL);
	for (size_t i = 0; i < COUNT(queries); i++)
		queries[i] = (struct query){ TEXT("SELECT 1"), NULL, 0 };
	assert_int_equal(conn_run(world->ctx, world->conn, queries, 129, replies), -E2BIG);
	for (int i = 0; i < 7; i++)
		assert_int_equal(conn_run(world->ctx, world->conn, queries, 128, replies), 0);
	assert_int_equal(conn_run(world->ctx, world->conn, queries, 128, replies), -ENOBUFS);
	conn_forget(world->conn);
	assert_int_equal(conn_run(world->ctx, world->conn, queries, 128, replies), 0);
}

/* More than both sockets' buffers hold, in both directions at once: neither side waits for the
 * other. */
static void large_parameters_and_answers_do_not_lock_up(void **state)
{
	struct world *world = *state;
	size_t len = (size_t)2 << 20;
	char *large = memory_take(len);
	const struct text params[] = { { large, len } };
	struct query queries[4];
	struct reply replies[4];

	memset(large, 'x', len);
	for (int i = 0; i < 4; i++)
		queries[i] = (struct query){ TEXT("SELECT $1::text"), params, 1 };
	assert_int_equal(conn_run(world->ctx, world->conn, queries, 4, replies), 0);
	for (int i = 0; i < 4; i++)
		assert_true(text_eq(reply_cell(replies[i], 0, 0), params[0]));
	memory_give(large);
}

static void slow_and_locked_statements_are_busy(void **state)
{
	struct world *world = *state;
	PGconn *other = PQconnectdb("");

	assert_int_equal(run(world->ctx, world->conn, "SELECT pg_sleep(5)", NULL), P_BUSY);
	assert_int_equal(world->ctx->retry_after, 1);
	PQclear(PQexec(other, "BEGIN; LOCK TABLE shelf"));
	assert_int_equal(run(world->ctx, world->conn, "SELECT * FROM shelf", NULL), P_BUSY);
	PQfinish(other);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1", NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(our_settings_are_in_force),
		T(a_pipeline_answers_each_query_in_order),
		T(an_error_undoes_the_pipeline_and_leaves_the_connection_good),
		T(a_statement_that_cannot_be_prepared_is_prepared_again),
		T(statements_beyond_the_bound_leave_the_server_too),
		T(eviction_stays_out_of_the_way_of_transactions),
		T(a_statement_that_could_not_be_deallocated_goes_with_its_connection),
		T(release_rolls_back_what_is_open),
		T(commit_in_the_same_trip_keeps_the_writes),
		T(a_commit_that_answers_rollback_is_a_fault),
		T(a_deferred_constraint_fails_where_the_transaction_ends),
		T(a_statement_that_does_not_fit_is_a_fault_before_it_is_sent),
		T(large_parameters_and_answers_do_not_lock_up),
		T(slow_and_locked_statements_are_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
