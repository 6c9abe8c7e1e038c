#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"

/* Loads by COPY … FROM STDIN in text format, for commands that act as the owner: the one thing that
 * a pipeline cannot do. Blocks, so never on a request's path. */
struct copy {
	struct conn *conn;
	char *buffer; /* owned; freed by copy_end */
	size_t len;
	size_t size;
};

/* sql: "COPY table (columns) FROM STDIN". The connection is the caller's and may stand in a
 * transaction, which goes on afterwards. After 0 copy_end must be called; in between nothing else
 * may be asked of the connection. SQL errors as conn_run. */
int copy_begin(struct ctx *ctx, struct conn *conn, const char *sql, struct copy *ret);

/* One row; a null text is NULL. The texts are copied. A fault when the connection is lost. */
int copy_row(struct ctx *ctx, struct copy *copy, const struct text *cells, size_t count);

/* Ends it: with rc 0 the rows count, and refusals of the server come here; otherwise all of them
 * are thrown away and rc is given back. */
int copy_end(struct ctx *ctx, struct copy *copy, int rc);

#endif
