#ifndef CORE_GATE_H
#define CORE_GATE_H

#include "core/fail.h"

#include <pthread.h>

/* Bounds how many threads do a costly thing at once. A thread that finds the gate full waits for
 * up to a second. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t freed;
	int width;
	int inside;
};

#define GATE(at_once)                                                                              \
	{                                                                                          \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, (at_once), 0                  \
	}

/* P_BUSY with retry_after when no place became free. After 0 the caller must leave. */
int gate_enter(struct ctx *ctx, struct gate *gate);
void gate_leave(struct gate *gate);

#endif
