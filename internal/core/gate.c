/* Bounds how many threads do a costly thing at once. Enter at gate_enter and gate_leave; the
 * gate's own mutex is held only while its counter changes. */

#include "core/gate.h"

#include <time.h>

#define GATE_WAIT_S 1

int gate_enter(struct ctx *ctx, struct gate *gate)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += GATE_WAIT_S;
	pthread_mutex_lock(&gate->mutex);
	while (gate->inside == gate->width && rc == 0)
		rc = pthread_cond_clockwait(&gate->freed, &gate->mutex, CLOCK_MONOTONIC, &until);
	if (gate->inside < gate->width) {
		gate->inside++;
		rc = 0;
	}
	pthread_mutex_unlock(&gate->mutex);
	if (rc == 0)
		return 0;
	ctx->retry_after = GATE_WAIT_S;
	return fail(ctx, P_BUSY);
}

void gate_leave(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->inside--;
	pthread_cond_signal(&gate->freed);
	pthread_mutex_unlock(&gate->mutex);
}
