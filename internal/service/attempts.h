#ifndef SERVICE_ATTEMPTS_H
#define SERVICE_ATTEMPTS_H

#include "service/service.h"

/*
 * Failed sign-ins are slowed per account and per client's network, in the database. An attempt is
 * charged to its account before the password is looked at and taken back when it was right: so a
 * thousand parallel guesses pass no more than a thousand in a row.
 */
struct attempt {
	struct text keys[2]; /* keyed hashes of account and network as bytea text, in the arena */
};

/* account: the normalised e-mail, whether there is such an account or not, or a user's id. */
int attempt_make(struct ctx *ctx, const struct keyring *keyring, struct text account,
		 struct text client_address, struct attempt *ret);

/* Two statements: charges the attempt unless account or network is blocked; tells the seconds to
 * wait. */
#define ATTEMPT_ADMIT 2
void attempt_admit(const struct attempt *attempt, struct query queries[ATTEMPT_ADMIT]);
/* From their replies: P_TOO_MANY_ATTEMPTS with retry_after when it was not admitted. */
int attempt_admitted(struct ctx *ctx, const struct reply replies[ATTEMPT_ADMIT]);

/* The password was right: the account starts anew. */
struct query attempt_succeed(const struct attempt *attempt);
/* It was wrong: the network is charged too; and a few rows that nobody needs are swept away. */
#define ATTEMPT_FAIL 2
void attempt_fail(const struct attempt *attempt, struct query queries[ATTEMPT_FAIL]);

/* Nobody looked at the password (P_BUSY): takes the charge back as far as that is possible now, and
 * passes rc on. Needs no transaction. */
int attempt_forgive(struct ctx *ctx, struct service *service, const struct attempt *attempt,
		    int rc);

#endif
