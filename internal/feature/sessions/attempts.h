#ifndef FEATURE_SESSIONS_ATTEMPTS_H
#define FEATURE_SESSIONS_ATTEMPTS_H

#include "engine/call.h"

/*
 * Failed sign-ins are slowed per account and per client's network, in the database. An attempt is
 * pending from before the password is looked at until its verdict: so a thousand parallel guesses
 * pass no more than a thousand in a row. Only a wrong password is charged. An attempt without a
 * verdict (no connection, no memory, no core) is forgiven at once, or where the database is away
 * lapses after ten seconds.
 */
struct attempt {
	struct text keys[2]; /* keyed hashes of account and network as bytea text, in the arena */
	bool pending;	     /* admitted, and without a verdict */
};

/* account: the normalised e-mail, whether there is such an account or not, or a user's id. */
int attempt_make(struct ctx *ctx, const struct keyring *keyring, struct text account,
		 struct text client_address, struct attempt *ret);

/* Two statements: makes the attempt pending unless account or network is blocked; tells the seconds
 * to wait. */
#define ATTEMPT_ADMIT 2
void attempt_admit(const struct attempt *attempt, struct query queries[ATTEMPT_ADMIT]);
/* From their replies: P_TOO_MANY_ATTEMPTS with retry_after when it was not admitted. */
int attempt_admitted(struct ctx *ctx, struct attempt *attempt,
		     const struct reply replies[ATTEMPT_ADMIT]);

/* The password was right: the account starts anew. */
struct query attempt_succeed(const struct attempt *attempt);
/* It was wrong: account and network are charged; and a few rows that nobody needs are swept away.
 * The attempt is no longer pending. */
#define ATTEMPT_FAIL 3
void attempt_fail(struct attempt *attempt, struct query queries[ATTEMPT_FAIL]);

/* To be called on every error: takes a pending attempt back as far as that is possible now, and
 * passes rc on with what ctx tells of it. Needs no transaction. */
int attempt_forgive(struct ctx *ctx, struct engine *engine, struct attempt *attempt, int rc);

#endif
