#ifndef ENGINE_ENGINES_H
#define ENGINE_ENGINES_H

#include "engine/call.h"

#include <pthread.h>
#include <stdatomic.h>

/* The engine under its current keys. A request takes it once and keeps the same keys to its end.
 * New keys are used by later requests; old keys are wiped when their last request has given them
 * back. */
struct engines {
	pthread_mutex_t mutex;
	struct engine_held *current;
	atomic_bool open;
};

/* Copies engine, its keyring and its token keys; what else engine points to is borrowed. */
void engines_init(struct engines *engines, const struct engine *engine);
/* Call it when nobody holds the engine any more. Also after an engines of zeros. */
void engines_done(struct engines *engines);

/* Closed until schema and keys were compared with the database: nothing may be sealed under keys
 * that have not been tried. Stays open. Also before engines_init. */
void engines_open(struct engines *engines);
bool engines_are_open(struct engines *engines);

/* The current engine, to be given back; never fails. */
struct engine *engines_take(struct engines *engines);
void engines_give(struct engines *engines, struct engine *engine);

/* Replaces the keys (of token: only these) by new ones, which keys_check has passed. -EINVAL,
 * logged, if open and the ring's blind secret differs: every search would miss the stored rows. */
int engines_renew(struct engines *engines, const struct keyring *keyring,
		  const struct token_config *token);

#endif
