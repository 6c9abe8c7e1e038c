/* Loads rows with COPY. Enter at copy_begin, copy_row and copy_end; the caller owns the
 * connection. */

#include "store/copy.h"

#include "store/conn.h"
#include "store/sqlstate.h"

#include <errno.h>

#define COPY_BUFFER ((size_t)256 * 1024)

static void result_done(PGresult **result)
{
	PQclear(*result);
}

static int copy_lost(struct ctx *ctx, struct copy *copy)
{
	char why[WHY_SIZE];

	copy->conn->broken = true;
	message_line(PQerrorMessage(copy->conn->pg), why);
	return fault(ctx, EIO, "copy_lost", text_of(why));
}

static int copy_refused(struct ctx *ctx, const PGresult *result)
{
	const struct sql_error error = {
		.sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
		.constraint = text_of(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME)),
		.table = text_of(PQresultErrorField(result, PG_DIAG_TABLE_NAME)),
		.message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
	};

	if (error.sqlstate.ptr == NULL)
		return fault(ctx, EIO, "copy_failed", TEXT_NULL);
	return sqlstate_fail(ctx, &error);
}

/* Restores the state in which the pool keeps connections. */
static void copy_restore(struct copy *copy)
{
	PGconn *pg = copy->conn->pg;

	memory_give(copy->buffer);
	copy->buffer = NULL;
	if (PQsetnonblocking(pg, 1) != 0 || PQenterPipelineMode(pg) != 1)
		copy->conn->broken = true;
}

int copy_begin(struct ctx *ctx, struct conn *conn, const char *sql, struct copy *ret)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	struct copy copy = { conn, NULL, 0, COPY_BUFFER };
	int rc;

	if (conn->broken || PQexitPipelineMode(conn->pg) != 1 || PQsetnonblocking(conn->pg, 0) != 0)
		return copy_lost(ctx, &copy);
	copy.buffer = memory_take(copy.size);
	result = PQexec(conn->pg, sql);
	if (PQresultStatus(result) == PGRES_COPY_IN) {
		*ret = copy;
		return 0;
	}
	rc = copy_refused(ctx, result);
	copy_restore(&copy);
	return rc;
}

static int copy_flush(struct ctx *ctx, struct copy *copy)
{
	if (copy->len > 0 && PQputCopyData(copy->conn->pg, copy->buffer, (int)copy->len) != 1)
		return copy_lost(ctx, copy);
	copy->len = 0;
	return 0;
}

static char copy_escape(char c)
{
	switch (c) {
	case '\\':
		return '\\';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return '\0';
	}
}

static void copy_cell(struct copy *copy, struct text cell)
{
	char *at = copy->buffer + copy->len;

	for (size_t i = 0; i < cell.len; i++) {
		char escape = copy_escape(cell.ptr[i]);

		if (escape != '\0')
			*at++ = '\\';
		*at++ = escape != '\0' ? escape : cell.ptr[i];
	}
	if (cell.ptr == NULL) {
		*at++ = '\\';
		*at++ = 'N';
	}
	copy->len = (size_t)(at - copy->buffer);
}

int copy_row(struct ctx *ctx, struct copy *copy, const struct text *cells, size_t count)
{
	/* An escape may double each byte, and each cell has its separator. */
	size_t most = 3 * count;

	for (size_t i = 0; i < count; i++)
		most += 2 * cells[i].len;
	if (most > copy->size)
		return fault(ctx, E2BIG, "copy_row_too_long", TEXT_NULL);
	if (copy->size - copy->len < most) {
		int rc = copy_flush(ctx, copy);

		if (rc != 0)
			return rc;
	}
	for (size_t i = 0; i < count; i++) {
		copy_cell(copy, cells[i]);
		copy->buffer[copy->len++] = i + 1 < count ? '\t' : '\n';
	}
	return 0;
}

int copy_end(struct ctx *ctx, struct copy *copy, int rc)
{
	PGconn *pg = copy->conn->pg;
	PGresult *result;

	if (rc == 0)
		rc = copy_flush(ctx, copy);
	if (PQputCopyEnd(pg, rc != 0 ? "given up" : NULL) != 1 && rc == 0)
		rc = copy_lost(ctx, copy);
	while ((result = PQgetResult(pg)) != NULL) {
		if (rc == 0 && PQresultStatus(result) != PGRES_COMMAND_OK)
			rc = copy_refused(ctx, result);
		PQclear(result);
	}
	copy_restore(copy);
	return rc;
}
