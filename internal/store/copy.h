#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"

/* Loads by COPY … FROM STDIN in text format, for commands that act as the owner: a pipeline cannot
 * do this. It blocks, so never call it for a request. */
struct copy {
	struct conn *conn;
	char *buffer; /* owned; freed by copy_end */
	size_t len;
	size_t size;
};

/* sql: "COPY table (columns) FROM STDIN". The connection is the caller's and may be in a
 * transaction, which continues afterwards. After 0 call copy_end; in between the connection must
 * not be used for anything else. SQL errors as conn_run. */
int copy_begin(struct ctx *ctx, struct conn *conn, const char *sql, struct copy *ret);

/* One row; a null text is NULL. The texts are copied. A fault when the connection is lost. */
int copy_row(struct ctx *ctx, struct copy *copy, const struct text *cells, size_t count);

/* Ends the load. With rc 0 the rows are kept, and errors of the server are reported here;
 * otherwise all rows are dropped and rc is returned. */
int copy_end(struct ctx *ctx, struct copy *copy, int rc);

#endif
