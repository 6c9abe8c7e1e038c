#ifndef ENGINE_READ_EXPAND_H
#define ENGINE_READ_EXPAND_H

#include "core/buf.h"
#include "engine/read/query.h"

/* expand=client_id,case_worker_id: the rows that members of an answer's rows lead to, one level
 * deep, by one statement for each resource in the same round trip. A row is shown as its own list
 * shows it, to whom may read it, and logged as read. */

#define EXPAND_MAX 12	    /* resources in one answer */
#define EXPAND_NAMES_MAX 16 /* members */

struct expand_item {
	const struct resource *resource;
	struct projection projection;
	struct sql sql;
};

struct expand {
	const struct call *call;
	struct expand_item *items[EXPAND_MAX]; /* in the arena */
	size_t count;
	const struct field *names[EXPAND_NAMES_MAX];
	size_t leads[EXPAND_NAMES_MAX]; /* the item that the name leads to */
	size_t name_count;
};

/* The index-th member of a resource that may be expanded, whoever asks; NULL past the last. */
const struct field *expand_name(const struct resource *resource, size_t index);

/* Reads expand= (null: nothing is expanded), and shows what is named in shown too. P_BAD_PARAMETER
 * that tells what the caller's role could name. */
int expand_read(struct ctx *ctx, const struct call *call, struct text names,
		struct projection *shown, struct expand *ret);

/* An item's statement up to the scope of the rows shown, of which place is the place: what chooses
 * among them follows (filters, order, limit). Then its end. */
struct sql *expand_open(struct expand *expand, size_t index, const struct place *place);
int expand_close(struct expand *expand, size_t index, struct query *ret);

/* Appends ,"expanded":{…} from the items' replies in order; nothing where nothing is expanded. */
int expand_write(struct ctx *ctx, struct engine *engine, const struct actor *reader,
		 const struct expand *expand, const struct reply *replies, struct buf *buf);

#endif
