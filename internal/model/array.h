#ifndef MODEL_ARRAY_H
#define MODEL_ARRAY_H

#include "core/buf.h"

/* One-dimensional array literals of PostgreSQL: {a,"b \"c\"",NULL}. */

/* Walks the items of a literal. Init to the whole literal: { .rest = cell }. */
struct array_walk {
	struct text rest;
	bool begun;
};

/* 1 with the next item, borrowed or, where it held escapes, in the arena; 0 after the last one;
 * -EINVAL for a NULL item, a nested array or any other literal; -ENOMEM. */
int array_next(struct array_walk *walk, struct arena *arena, struct text *ret);

/* Appends a literal of the items, each of them quoted. */
void array_write(struct buf *buf, const struct texts *items);

#endif
