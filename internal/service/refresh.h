#ifndef SERVICE_REFRESH_H
#define SERVICE_REFRESH_H

#include "auth/seal.h"

/*
 * Refresh tokens: "session.nonce.mac". The mac says that we made it, so that a used one can be told
 * from an invented one: only the first may end a session. The session's row holds the keyed hash of
 * the one that is good.
 */

/* A fresh one and its hash as bytea text, both in the arena. */
int refresh_make(struct ctx *ctx, const struct keyring *keyring, struct text session_id,
		 struct text *ret_token, struct text *ret_hash);

/* P_REFRESH_FAILED unless we made it; *ret_session_id borrows from token. */
int refresh_read(struct ctx *ctx, const struct keyring *keyring, struct text token,
		 struct text *ret_session_id, struct text *ret_hash);

#endif
