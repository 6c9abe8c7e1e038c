#ifndef ENGINE_READ_CURSOR_H
#define ENGINE_READ_CURSOR_H

#include "engine/read/query.h"

/* Cursors: where a page ended, authenticated and bound to path, user, filters and sort. */

struct cursor {
	struct text key; /* the sort column's value as SQL text */
	struct text id;
};

int cursor_make(struct ctx *ctx, const struct engine *engine, const struct call *call,
		const struct list_query *query, struct cursor cursor, struct text *ret);

/* P_BAD_CURSOR for anything that cursor_make did not give for the same path, user, filters and
 * sort. */
int cursor_read(struct ctx *ctx, const struct engine *engine, const struct call *call,
		const struct list_query *query, struct cursor *ret);

/* The relative URI of the next page: the request's own parameters with this cursor. */
int cursor_uri(struct ctx *ctx, const struct call *call, struct text cursor, struct text *ret);

#endif
