/* Reads the rows and cells of a reply. The connection owns the reply; cells are borrowed. */

#include "store/store.h"

#include <assert.h>
#include <libpq-fe.h>

size_t reply_rows(struct reply reply)
{
	return (size_t)PQntuples(reply.result);
}

size_t reply_columns(struct reply reply)
{
	return (size_t)PQnfields(reply.result);
}

struct text reply_cell(struct reply reply, size_t row, size_t column)
{
	assert(row < reply_rows(reply) && column < reply_columns(reply));
	if (PQgetisnull(reply.result, (int)row, (int)column))
		return TEXT_NULL;
	return (struct text){ PQgetvalue(reply.result, (int)row, (int)column),
			      (size_t)PQgetlength(reply.result, (int)row, (int)column) };
}

size_t reply_touched(struct reply reply)
{
	int64_t touched;

	/* libpq gives "" for a statement that cannot touch rows. */
	if (text_to_int64(text_of(PQcmdTuples(reply.result)), &touched) != 0)
		return 0;
	return (size_t)touched;
}
