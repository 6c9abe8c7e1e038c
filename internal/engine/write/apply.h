#ifndef ENGINE_WRITE_APPLY_H
#define ENGINE_WRITE_APPLY_H

#include "engine/write/effects.h"
#include "engine/trip.h"

/* Effects as statements of the trip that writes. */

/* The row that acts: its ids go into the ledger. */
struct act {
	const char *name; /* resource */
	struct text id;
	struct text provider_id, client_id, case_id;
};

struct applied {
	size_t take_at[EFFECTS_MAX]; /* index of the entry statement of each take */
	const struct effect *take_of[EFFECTS_MAX];
	size_t take_count;
	size_t set_at[EFFECTS_MAX];
	size_t set_count;
};

/* Adds all statements; gives first, then takes in order, then sets. -ENOMEM through trip->rc. */
void apply_effects(struct trip *trip, const struct effects *effects, const struct act *act,
		   struct applied *ret);

/* Turns the pipeline's P_LIMIT_REACHED into the refusal of the take whose statement failed. */
int apply_refusal(struct ctx *ctx, const struct applied *applied, size_t failed_at, int rc);

/* After a good trip: a fault when a SET met no row (its policy or its id is wrong). */
int apply_check(struct ctx *ctx, const struct applied *applied, const struct trip *trip);

#endif
