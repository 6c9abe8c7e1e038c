#ifndef FEATURE_BATCH_BATCH_H
#define FEATURE_BATCH_BATCH_H

#include "engine/write/idempotency.h"

/* POST /v1/batch: up to 50 creations, changes and deletions of resources in one transaction, all or
 * nothing, for a frontend that was offline. Each runs through the same code as alone, on the
 * transaction that the batch lends it (engine/call.h, call->lent). */

#define BATCH_MAX 50

#define BATCH_METHODS(X) X(batch_method, POST) X(batch_method, PATCH) X(batch_method, DELETE)
ENUM_DECLARE(batch_method, BATCH_METHODS)

static inline enum method batch_method_verb(enum batch_method method)
{
	static const enum method verbs[] = { METHOD_NONE, METHOD_POST, METHOD_PATCH,
					     METHOD_DELETE };

	return verbs[method];
}

struct operation {
	enum batch_method method;
	struct text path; /* as sent */
	struct text if_match;
	struct text ref;
	struct text body; /* JSON text of an object; null: none */

	struct text id;	    /* of the row that it makes, so that later ones can name it */
	struct text target; /* path with ids in the place of refs */
	size_t ref_count;   /* refs of the operations before it */
	size_t told;	    /* path ids before the first that a ref stands for */
	const struct resource *resource; /* where the path leads; NULL: to none */
	bool item;
	struct text ids[CALL_IDS_MAX];
	size_t id_count;
};

struct batch {
	struct ctx *ctx;
	struct engine *engine;
	struct call *call; /* the batch's own */
	struct operation operations[BATCH_MAX];
	size_t count;
	struct ref refs[BATCH_MAX];
	size_t ref_count;
	struct idempotency idempotency;
	struct conn *conn;
	struct arena scratch; /* of one operation at a time */
	struct arena output;  /* of results, fresh for each attempt */
	struct buf results;   /* {"results":[… being written */
};

/* Reads the body. All that is wrong with its form is told at once; what the operations do is not
 * looked at. */
int batch_read(struct batch *batch);

/* Adds the locks of all cases that the operations lie in, and of other rows that they change, each
 * kind in the order of ids: two batches never wait for each other crosswise. */
int batch_lock(struct batch *batch, struct trip *trip);

/* The call under which an operation's answer is stored: its route is nobody else's. -ENOMEM. */
int batch_part(const struct batch *batch, struct arena *arena, size_t index, struct call *ret);

/* Appends {"status": …, "location": …, "etag": …, "body": …} to batch->results. */
void batch_result(struct batch *batch, const struct answer *answer);

/* The stored answers again, for whom may still reach all that they tell of, with access rows. */
int batch_replay(struct batch *batch, struct answer *answer);

#endif
