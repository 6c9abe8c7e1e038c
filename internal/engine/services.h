#ifndef ENGINE_SERVICES_H
#define ENGINE_SERVICES_H

#include "engine/service.h"

#include <pthread.h>
#include <stdatomic.h>

/* The service under its current keys. A request takes it once and keeps the same keys to its end;
 * new keys are for those that take it later, and old ones are wiped when their last request has
 * given them back. */
struct services {
	pthread_mutex_t mutex;
	struct service_held *current;
	atomic_bool open;
};

/* Copies service, its keyring and its token keys; what else service points to is borrowed. */
void services_init(struct services *services, const struct service *service);
/* Nobody may hold it any more. Also after a services of zeros. */
void services_done(struct services *services);

/* Closed until schema and keys were compared with the database: nothing may be sealed under keys
 * that nobody has tried. Stays open. Also before services_init. */
void services_open(struct services *services);
bool services_are_open(struct services *services);

/* The current service, to be given back; never fails. */
struct service *services_take(struct services *services);
void services_give(struct services *services, struct service *service);

/* Swaps in new keys (of token: only these), which keys_check has passed. -EINVAL, told in the log,
 * when open and the ring's blind secret is another one: every search would miss what is stored. */
int services_renew(struct services *services, const struct keyring *keyring,
		   const struct token_config *token);

#endif
