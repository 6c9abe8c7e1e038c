#ifndef ENGINE_READ_RENDER_H
#define ENGINE_READ_RENDER_H

#include "core/buf.h"
#include "engine/call.h"
#include "store/sqlgen.h"

/* Rows of a projection to JSON and to structs; the one place where a row's sealed cells are opened.
 * Only render_row forgives one that does not open: it answers null, which is true of no other use.
 * Whoever writes, judges or hands over reads by render_load, where it is a fault. */

/* The key of a row: unwrapped from the projection's last columns. Id null for a row that has none.
 * A key that was destroyed, cannot be seen or does not open is a fault. */
int render_key(struct ctx *ctx, const struct engine *engine, const struct projection *projection,
	       struct reply reply, size_t row, struct data_key *ret);

/* Appends the row as a JSON object. reader as the session row tells: the notes of a profession that
 * is not a specialist's own are null. A sealed cell that does not open, itself or for want of the
 * row's key, is null and named in the member "unreadable", counted in ctx and told in the log. An
 * erased person's sealed cells are null, which is right. */
int render_row(struct ctx *ctx, const struct engine *engine, const struct actor *reader,
	       const struct projection *projection, struct reply reply, size_t row,
	       struct buf *buf);

/* The same for the first row, which was just written: if a cell does not open with this key it is
 * a fault, so that it is not committed. */
int render_written(struct ctx *ctx, const struct actor *reader, const struct projection *projection,
		   struct reply reply, const struct data_key *key, struct buf *buf);

/* Fills a resource's struct from a row; texts are copied into the arena. key may be NULL: then it
 * is taken from the row. A sealed cell that does not open is a fault. */
int render_load(struct ctx *ctx, const struct engine *engine, const struct projection *projection,
		struct reply reply, size_t row, const struct data_key *key, void *base);

/* The cell of a column by field name; null text when the projection lacks it. */
struct text render_cell(const struct projection *projection, struct reply reply, size_t row,
			const char *name);

/* The outcome of writing an answer: P_ANSWER_TOO_LARGE if it did not fit, or left no room for its
 * headers. */
int render_fits(struct ctx *ctx, int rc);

/* "\"7\"" from the version column, in the arena; null for views. */
struct text render_etag(struct ctx *ctx, const struct projection *projection, struct reply reply,
			size_t row);

#endif
