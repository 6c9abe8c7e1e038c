/* Turns an SQL error into a problem by sqlstate.def. Enter at sqlstate_fail. Constant tables. */

#include "store/sqlstate.h"

#include "core/log/log.h"

#include <errno.h>
#include <stdio.h>

struct constraint_row {
	const char *name;
	enum problem problem;
	const char *pointer;
	bool hinted; /* the word is the error's hint */
};

static const struct constraint_row constraint_rows[] = {
#define CONSTRAINT(name, problem, pointer) { name, problem, pointer, false },
#define RULE(name, problem, pointer) { name, problem, pointer, true },
#define SQLSTATE(prefix, problem)
#define FAILOVER(prefix)
#include "store/sqlstate.def"
#undef CONSTRAINT
#undef RULE
#undef SQLSTATE
	{ NULL, P_NONE, NULL, false }
};

struct state_row {
	const char *prefix;
	enum problem problem;
};

static const struct state_row state_rows[] = {
#define CONSTRAINT(name, problem, pointer)
#define RULE(name, problem, pointer)
#define SQLSTATE(prefix, problem) { prefix, problem },
#include "store/sqlstate.def"
#undef SQLSTATE
#undef FAILOVER
	{ NULL, P_NONE }
};

static const char *const failover_rows[] = {
#define SQLSTATE(prefix, problem)
#define FAILOVER(prefix) prefix,
#include "store/sqlstate.def"
#undef CONSTRAINT
#undef RULE
#undef SQLSTATE
#undef FAILOVER
	NULL
};

const char *const store_error_names[STORE_ERROR_COUNT] = {
#define STORE_ERROR(id, prefix, name) name,
	STORE_ERRORS(STORE_ERROR)
#undef STORE_ERROR
};

static const char *const error_prefixes[STORE_ERROR_COUNT] = {
#define STORE_ERROR(id, prefix, name) prefix,
	STORE_ERRORS(STORE_ERROR)
#undef STORE_ERROR
};

enum store_error sqlstate_class(struct text sqlstate)
{
	for (int i = 0; i < STORE_ERROR_COUNT; i++)
		if (error_prefixes[i][0] != '\0' && text_starts(sqlstate, error_prefixes[i]))
			return (enum store_error)i;
	return STORE_OTHER;
}

#define FOREIGN_KEY_VIOLATION "23503"

bool sqlstate_is_failover(struct text sqlstate)
{
	for (const char *const *prefix = failover_rows; *prefix != NULL; prefix++)
		if (text_starts(sqlstate, *prefix))
			return true;
	return false;
}

/* Not the whole class 40: after 40003 the statement's outcome is unknown. */
bool sqlstate_is_undone(struct text sqlstate)
{
	return text_is(sqlstate, "40001") || text_is(sqlstate, "40P01");
}

static enum problem sqlstate_problem(struct text sqlstate)
{
	const struct state_row *row = state_rows;

	while (row->prefix != NULL && !text_starts(sqlstate, row->prefix))
		row++;
	return row->problem;
}

static const struct constraint_row *constraint_find(struct text name)
{
	for (const struct constraint_row *row = constraint_rows; row->name != NULL; row++)
		if (text_is(name, row->name))
			return row;
	return NULL;
}

static int constraint_fail(struct ctx *ctx, const struct constraint_row *row, struct text hint)
{
	if (row->pointer[0] == '\0')
		return fail(ctx, row->problem, text_of(row->name));
	return fail_at(ctx, row->problem, row->pointer,
		       row->hinted ? hint : text_of(row->pointer + 1));
}

struct text sql_error_print(const struct sql_error *error, char buf[SQL_ERROR_SIZE])
{
	bool quotes = text_starts(error->sqlstate, "22") || text_starts(error->sqlstate, "23");
	struct text message = quotes ? TEXT_NULL : error->message;
	int len;

	len = snprintf(buf, SQL_ERROR_SIZE, "%.*s %.*s %.*s %.*s", (int)error->sqlstate.len,
		       error->sqlstate.ptr, (int)error->table.len, error->table.ptr,
		       (int)error->constraint.len, error->constraint.ptr, (int)message.len,
		       message.ptr);
	return (struct text){ buf, len < SQL_ERROR_SIZE ? (size_t)len : SQL_ERROR_SIZE - 1 };
}

int sqlstate_fail(struct ctx *ctx, const struct sql_error *error)
{
	const struct constraint_row *row = constraint_find(error->constraint);
	enum problem problem = sqlstate_problem(error->sqlstate);
	char buf[SQL_ERROR_SIZE];
	struct text line = sql_error_print(error, buf);

	if (error->deleting && text_is(error->sqlstate, FOREIGN_KEY_VIOLATION))
		return fail(ctx, P_IN_USE);
	if (row != NULL)
		return constraint_fail(ctx, row, error->hint);
	if (sqlstate_is_failover(error->sqlstate))
		problem = P_UNAVAILABLE;
	if (problem == P_NONE)
		return fault(ctx, EIO, "sql_error", line);
	log_warning("sql_refused", LOG_TEXT("request_id", ctx->request_id), LOG_TEXT("what", line));
	ctx->retry_after = 1;
	return fail(ctx, problem);
}
