#ifndef RULES_STEPS_H
#define RULES_STEPS_H

#include "core/enumeration.h"
#include "core/fail.h"

/* A state machine small enough to be a table. from 0 is the creation. */
struct step {
	int from;
	int to;
};

struct steps {
	const struct enumeration *values;
	const char *pointer; /* the member that holds the state */
	const struct step *items;
	size_t count;
};

/* An unchanged state is always allowed. P_ILLEGAL_TRANSITION with from, the allowed ones, to. */
int steps_check(struct ctx *ctx, const struct steps *steps, int from, int to);

#endif
