#include "engine/services.h"

#include "core/log.h"

#include <assert.h>
#include <errno.h>

/* Protocol: holders is under the mutex, the rest never changes. current holds once itself. */
struct service_held {
	struct service service; /* first: what is taken is this */
	struct keyring keyring;
	int holders;
};

static struct service_held *held_new(const struct service *service, const struct keyring *keyring)
{
	struct service_held *held = memory_take(sizeof(*held));

	held->service = *service;
	held->keyring = *keyring;
	held->service.keyring = &held->keyring;
	held->holders = 1;
	return held;
}

static void held_free(struct service_held *held)
{
	explicit_bzero(held, sizeof(*held));
	memory_give(held);
}

void services_init(struct services *services, const struct service *service)
{
	pthread_mutex_init(&services->mutex, NULL);
	services->current = held_new(service, service->keyring);
}

void services_done(struct services *services)
{
	if (services->current == NULL)
		return;
	assert(services->current->holders == 1);
	held_free(services->current);
	services->current = NULL;
	pthread_mutex_destroy(&services->mutex);
}

void services_open(struct services *services)
{
	atomic_store(&services->open, true);
}

bool services_are_open(struct services *services)
{
	return atomic_load(&services->open);
}

struct service *services_take(struct services *services)
{
	struct service_held *held;

	pthread_mutex_lock(&services->mutex);
	held = services->current;
	held->holders++;
	pthread_mutex_unlock(&services->mutex);
	return &held->service;
}

static void held_give(struct services *services, struct service_held *held)
{
	bool last;

	pthread_mutex_lock(&services->mutex);
	last = --held->holders == 0;
	pthread_mutex_unlock(&services->mutex);
	if (last)
		held_free(held);
}

void services_give(struct services *services, struct service *service)
{
	held_give(services, (struct service_held *)(void *)service);
}

int services_renew(struct services *services, const struct keyring *keyring,
		   const struct token_config *token)
{
	struct service_held *old = services->current; /* who renews is one thread alone */
	struct service_held *held;

	if (services_are_open(services) &&
	    !secret_eq((struct text){ (const char *)keyring->blind_secret, MASTER_KEY_SIZE },
		       (struct text){ (const char *)old->keyring.blind_secret, MASTER_KEY_SIZE })) {
		log_error("key_file_refused",
			  LOG_TEXT("error", TEXT("the line blind has changed")));
		return -EINVAL;
	}
	held = held_new(&old->service, keyring);
	memcpy(held->service.token.keys, token->keys, sizeof(token->keys));
	held->service.token.key_count = token->key_count;
	pthread_mutex_lock(&services->mutex);
	services->current = held;
	pthread_mutex_unlock(&services->mutex);
	held_give(services, old);
	return 0;
}
