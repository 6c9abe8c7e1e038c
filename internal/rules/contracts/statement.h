#ifndef RULES_CONTRACTS_STATEMENT_H
#define RULES_CONTRACTS_STATEMENT_H

#include "core/actor.h"
#include "core/clock.h"
#include "core/fail.h"

#define STATEMENT_STATES(X)                                                                        \
	X(statement_state, drafted)                                                                \
	X(statement_state, submitted)                                                              \
	X(statement_state, returned)                                                               \
	X(statement_state, accepted)
ENUM_DECLARE(statement_state, STATEMENT_STATES)

/*
 * Who takes which step (the ministry pays, the provider bills): the manager submits and reopens,
 * the ministry returns or accepts. From none: the creation. P_ILLEGAL_TRANSITION, P_FORBIDDEN for
 * the other side's step.
 */
int statement_state_check(struct ctx *ctx, enum role role, enum statement_state from,
			  enum statement_state to);

/* A month is billed when it is over: P_MONTH_NOT_OVER at /state. */
int statement_month_check(struct ctx *ctx, struct text month, struct date today);

#endif
