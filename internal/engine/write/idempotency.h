#ifndef ENGINE_WRITE_IDEMPOTENCY_H
#define ENGINE_WRITE_IDEMPOTENCY_H

#include "engine/call.h"
#include "engine/trip.h"

/* Idempotency-Key: the stored answer again for 24 hours, per user and route. Stored in the act's
 * own transaction. */

struct idempotency {
	struct text key;
	size_t lock; /* index of its reply; the look-up's is the next */
	/* Keyed hash of path, role, provider, profession and body as bytea text; of who the session
	 * row says asks, so it is known after the trip. */
	struct text fingerprint;
};

/* P_KEY_REQUIRED; adds lock and look-up to the act's first trip. */
int idempotency_open(struct ctx *ctx, const struct call *call, struct trip *trip,
		     struct idempotency *ret);

/* After the trip: P_KEY_IN_USE, P_KEY_REUSED, or 0; *ret_replay says that answer holds the stored
 * one. */
int idempotency_find(struct ctx *ctx, const struct engine *engine, const struct call *call,
		     struct idempotency *idempotency, const struct trip *trip,
		     struct answer *answer, bool *ret_replay);

/* A statement of the trip that ends a replay with COMMIT. What is told again must be as safe as
 * what was told at first: a commit that gave up its wait for the synchronous standby was in_doubt
 * and yet can be seen; a record of our own behind it waits for both, or is in doubt again. */
void idempotency_confirm(struct sql *sql);

/* Adds the statements that store the answer, sealed, and remove a few answers that are older than
 * 24 hours, to the trip that commits. They come last: another act may wait for what was removed. */
int idempotency_store(struct ctx *ctx, const struct engine *engine, const struct call *call,
		      const struct idempotency *idempotency, const struct answer *answer,
		      struct trip *trip);

/* Stores alone, for an operation of a batch: more follows in its transaction. */
int idempotency_store_part(struct ctx *ctx, const struct engine *engine, const struct call *call,
			   const struct idempotency *idempotency, const struct answer *answer,
			   struct trip *trip);

/* The look-up alone, for what a batch has stored of each operation under a route of its own; and
 * the answer in its reply, which has a row. */
void idempotency_select(struct sql *sql, const struct call *call,
			const struct idempotency *idempotency);
int idempotency_take(struct ctx *ctx, const struct engine *engine,
		     const struct idempotency *idempotency, struct reply found,
		     struct answer *answer);

#endif
