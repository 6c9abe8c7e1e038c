/* The engine under its current keys, counted by its holders. Enter at engines_take, engines_give
 * and engines_renew. One mutex guards the count and the current engine. */

#include "engine/engines.h"

#include "core/log/log.h"

#include <assert.h>
#include <errno.h>

/* Protocol: holders is under the mutex, the rest never changes. current holds once itself. */
struct engine_held {
	struct engine engine; /* first: what is taken is this */
	struct keyring keyring;
	int holders;
};

static struct engine_held *held_new(const struct engine *engine, const struct keyring *keyring)
{
	struct engine_held *held = memory_take(sizeof(*held));

	held->engine = *engine;
	held->keyring = *keyring;
	held->engine.keyring = &held->keyring;
	held->holders = 1;
	return held;
}

static void held_free(struct engine_held *held)
{
	explicit_bzero(held, sizeof(*held));
	memory_give(held);
}

void engines_init(struct engines *engines, const struct engine *engine)
{
	pthread_mutex_init(&engines->mutex, NULL);
	engines->current = held_new(engine, engine->keyring);
}

void engines_done(struct engines *engines)
{
	if (engines->current == NULL)
		return;
	assert(engines->current->holders == 1);
	held_free(engines->current);
	engines->current = NULL;
	pthread_mutex_destroy(&engines->mutex);
}

void engines_open(struct engines *engines)
{
	atomic_store(&engines->open, true);
}

bool engines_are_open(struct engines *engines)
{
	return atomic_load(&engines->open);
}

struct engine *engines_take(struct engines *engines)
{
	struct engine_held *held;

	pthread_mutex_lock(&engines->mutex);
	held = engines->current;
	held->holders++;
	pthread_mutex_unlock(&engines->mutex);
	return &held->engine;
}

static void held_give(struct engines *engines, struct engine_held *held)
{
	bool last;

	pthread_mutex_lock(&engines->mutex);
	last = --held->holders == 0;
	pthread_mutex_unlock(&engines->mutex);
	if (last)
		held_free(held);
}

void engines_give(struct engines *engines, struct engine *engine)
{
	held_give(engines, (struct engine_held *)(void *)engine);
}

int engines_renew(struct engines *engines, const struct keyring *keyring,
		  const struct token_config *token)
{
	struct engine_held *old = engines->current; /* who renews is one thread alone */
	struct engine_held *held;

	if (engines_are_open(engines) &&
	    !secret_eq((struct text){ (const char *)keyring->blind_secret, MASTER_KEY_SIZE },
		       (struct text){ (const char *)old->keyring.blind_secret, MASTER_KEY_SIZE })) {
		log_error("key_file_refused",
			  LOG_TEXT("error", TEXT("the line blind has changed")));
		return -EINVAL;
	}
	held = held_new(&old->engine, keyring);
	memcpy(held->engine.token.keys, token->keys, sizeof(token->keys));
	held->engine.token.key_count = token->key_count;
	pthread_mutex_lock(&engines->mutex);
	engines->current = held;
	pthread_mutex_unlock(&engines->mutex);
	held_give(engines, old);
	return 0;
}
