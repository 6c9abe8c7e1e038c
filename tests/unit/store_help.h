#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include "store/store.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* the house's own means a refusal */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One request; zeroed but for its arena. */
struct scene {
	struct arena arena;
	struct ctx ctx;
};

static inline struct ctx *scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	arena_init(&scene->arena, (size_t)1 << 20);
	scene->ctx.arena = &scene->arena;
	return &scene->ctx;
}

static inline void scene_end(struct scene *scene)
{
	arena_done(&scene->arena);
}

static inline struct store *store_make(int size, int wait_ms)
{
	const struct store_config config = { "", size, wait_ms, 400, 200 };
	struct store *store;

	assert_int_equal(store_new(&config, &store), 0);
	return store;
}

/* From beside the store: a plain connection, one statement, its first cell as a number. */
static inline long admin(const char *sql)
{
	PGconn *pg = PQconnectdb("");
	PGresult *result = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(result);
	long number = 0;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		print_message("%s: %s", sql, PQerrorMessage(pg));
	assert_true(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK);
	if (PQntuples(result) > 0)
		number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	PQfinish(pg);
	return number;
}

static inline int run(struct ctx *ctx, struct conn *conn, const char *sql, struct reply *ret)
{
	const struct query query = { text_of(sql), NULL, 0 };
	struct reply reply;
	int rc = conn_run(ctx, conn, &query, 1, &reply);

	if (rc == 0 && ret != NULL)
		*ret = reply;
	return rc;
}

/* The first cell as a number; the statement must succeed. */
static inline int64_t ask(struct ctx *ctx, struct conn *conn, const char *sql)
{
	struct reply reply;
	int64_t number;

	assert_int_equal(run(ctx, conn, sql, &reply), 0);
	assert_int_equal(text_to_int64(reply_cell(reply, 0, 0), &number), 0);
	return number;
}

/* Until a statement from beside gives this number; fails the test after five seconds. */
static inline void wait_for(const char *sql, long expected)
{
	for (int i = 0; i < 500; i++) {
		if (admin(sql) == expected)
			return;
		usleep(10000);
	}
	print_message("never became %ld: %s\n", expected, sql);
	assert_true(false);
}

#endif
