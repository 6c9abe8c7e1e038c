#ifndef SERVICE_RENDER_H
#define SERVICE_RENDER_H

#include "core/buf.h"
#include "service/service.h"
#include "store/sqlgen.h"

/* Rows of a projection to JSON and to structs; the one place where sealed cells are opened. */

/* The key of a row: unwrapped from the projection's last columns. A row without key (erased): id
 * null, and its sealed cells read as null. */
int render_key(struct ctx *ctx, const struct service *service, const struct projection *projection,
	       struct reply reply, size_t row, struct data_key *ret);

/* Appends the row as a JSON object. reader as the session row tells: the notes of a profession that
 * is not a specialist's own are null. key may be NULL: then it is taken from the row. */
int render_row(struct ctx *ctx, const struct service *service, const struct actor *reader,
	       const struct projection *projection, struct reply reply, size_t row,
	       const struct data_key *key, struct buf *buf);

/* Fills a resource's struct from a row; texts are copied into the arena. */
int render_load(struct ctx *ctx, const struct service *service, const struct projection *projection,
		struct reply reply, size_t row, const struct data_key *key, void *base);

/* The cell of a column by field name; null text when the projection lacks it. */
struct text render_cell(const struct projection *projection, struct reply reply, size_t row,
			const char *name);

/* What became of writing an answer: one that did not fit, or left no room for its headers, is
 * P_ANSWER_TOO_LARGE. */
int render_fits(struct ctx *ctx, int rc);

/* "\"7\"" from the version column, in the arena; null for views. */
struct text render_etag(struct ctx *ctx, const struct projection *projection, struct reply reply,
			size_t row);

#endif
