#include "store_help.h"

#include "store/sqlstate.h"

#include <errno.h>

struct row {
	const char *name;
	enum problem problem;
	const char *pointer;
};

static const struct row constraints[] = {
#define CONSTRAINT(name, problem, pointer) { name, problem, pointer },
#define RULE(name, problem, pointer) { name, problem, pointer },
#define SQLSTATE(prefix, problem)
#define FAILOVER(prefix)
#include "store/sqlstate.def"
#undef CONSTRAINT
#undef RULE
#undef SQLSTATE
#undef FAILOVER
};

/* A problem without a status of its own stands below errors; the answer as a whole is this. */
static enum problem answered(enum problem problem)
{
	return problem_texts[problem].status != 0 ? problem : P_VALIDATION_FAILED;
}

/* By way of the server: a constraint of this name is broken in a table of the session's own. */
static void check_constraint(struct ctx *ctx, struct conn *conn, const struct row *row)
{
	const enum problem expected = answered(row->problem);
	char sql[512];

	ctx_clear(ctx);
	snprintf(sql, sizeof(sql),
		 "CREATE TEMP TABLE broken (x int CONSTRAINT \"%s\" CHECK (x > 0))", row->name);
	assert_int_equal(run(ctx, conn, sql, NULL), 0);
	assert_int_equal(run(ctx, conn, "INSERT INTO broken VALUES (0)", NULL), expected);
	assert_int_equal(ctx->problem, expected);
	assert_int_equal(ctx->violation_count, row->pointer[0] != '\0');
	if (row->pointer[0] != '\0') {
		assert_string_equal(ctx->violations[0].pointer.ptr, row->pointer);
		assert_int_equal(ctx->violations[0].problem, row->problem);
	}
	assert_int_equal(run(ctx, conn, "DROP TABLE broken", NULL), 0);
}

static void every_listed_constraint_is_its_problem(void **state)
{
	struct store *store = store_make(1, 1000);
	struct conn *conn = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(constraints); i++) {
		struct scene scene;
		struct ctx *ctx = scene_begin(&scene);

		assert_int_equal(store_acquire(ctx, store, &conn), 0);
		check_constraint(ctx, conn, &constraints[i]);
		conn_release(&conn);
		scene_end(&scene);
	}
	store_free(store);
}

static void no_constraint_is_listed_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(constraints); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(constraints[i].name, constraints[j].name);
}

static void a_foreign_key_stops_a_delete_as_in_use(void **state)
{
	struct store *store = store_make(1, 1000);
	struct conn *conn = NULL;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	(void)state;
	assert_int_equal(store_acquire(ctx, store, &conn), 0);
	run(ctx, conn, "CREATE TEMP TABLE shelf (id int PRIMARY KEY)", NULL);
	run(ctx, conn, "CREATE TEMP TABLE book (shelf int REFERENCES shelf)", NULL);
	assert_int_equal(run(ctx, conn, "INSERT INTO book VALUES (1)", NULL), -EIO);
	run(ctx, conn, "INSERT INTO shelf VALUES (1)", NULL);
	assert_int_equal(run(ctx, conn, "INSERT INTO book VALUES (1)", NULL), 0);
	assert_int_equal(run(ctx, conn, "DELETE FROM shelf", NULL), P_IN_USE);
	conn_release(&conn);
	store_free(store);
	scene_end(&scene);
}

static void codes_become_problems_by_class(void **state)
{
	static const struct {
		const char *sqlstate;
		int rc;
		bool failover;
	} codes[] = {
		{ "55P03", P_BUSY, false },
		{ "57014", P_BUSY, false },
		{ "40001", P_BUSY, false },
		{ "40P01", P_BUSY, false },
		{ "53300", P_UNAVAILABLE, false },
		{ "53100", P_UNAVAILABLE, false },
		{ "25006", P_UNAVAILABLE, true },
		{ "57P01", P_UNAVAILABLE, true },
		{ "57P03", P_UNAVAILABLE, true },
		{ "08006", P_UNAVAILABLE, true },
		{ "23505", -EIO, false },
		{ "23503", -EIO, false },
		{ "23514", -EIO, false },
		{ "23P01", -EIO, false },
		{ "42501", -EIO, false },
		{ "P0001", -EIO, false },
		{ "5", -EIO, false },
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct sql_error error = { .sqlstate = text_of(codes[i].sqlstate),
					   .constraint = TEXT("unlisted") };
		struct ctx *ctx = scene_begin(&scene);

		assert_int_equal(sqlstate_fail(ctx, &error), codes[i].rc);
		assert_int_equal(ctx->retry_after, codes[i].rc > 0);
		assert_int_equal(sqlstate_is_failover(error.sqlstate), codes[i].failover);
		scene_end(&scene);
	}
}

static void only_errors_without_any_effect_count_as_undone(void **state)
{
	(void)state;
	assert_true(sqlstate_is_undone(TEXT("40001")));
	assert_true(sqlstate_is_undone(TEXT("40P01")));
	/* The statement's outcome is unknown; a lock timeout says nothing of another. */
	assert_false(sqlstate_is_undone(TEXT("40003")));
	assert_false(sqlstate_is_undone(TEXT("55P03")));
	assert_false(sqlstate_is_undone(TEXT("57014")));
}

static void the_log_never_quotes_data(void **state)
{
	struct sql_error error = {
		TEXT("22P02"), TEXT_NULL,
		TEXT_NULL,     TEXT("invalid input syntax for type uuid: \"Anna\""),
		TEXT_NULL,     false
	};
	char buf[SQL_ERROR_SIZE];

	(void)state;
	assert_null(strstr(sql_error_print(&error, buf).ptr, "Anna"));
	error.sqlstate = TEXT("42P01");
	assert_non_null(strstr(sql_error_print(&error, buf).ptr, "Anna"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_listed_constraint_is_its_problem),
		cmocka_unit_test(no_constraint_is_listed_twice),
		cmocka_unit_test(a_foreign_key_stops_a_delete_as_in_use),
		cmocka_unit_test(codes_become_problems_by_class),
		cmocka_unit_test(only_errors_without_any_effect_count_as_undone),
		cmocka_unit_test(the_log_never_quotes_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
