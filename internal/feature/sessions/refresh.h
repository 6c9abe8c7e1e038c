#ifndef FEATURE_SESSIONS_REFRESH_H
#define FEATURE_SESSIONS_REFRESH_H

#include "engine/engine.h"

/*
 * Refresh tokens: "session.generation.mac". The mac is a keyed hash of session, generation and the
 * session's secret: so the server can give a token again that it does not store, and tells a used
 * one from an invented one. Only the first may end a session.
 */
struct refresh_token {
	struct text session_id; /* borrowed from the token, as the others */
	struct text generation;
	struct text mac;
};

/* A session's secret as bytea text, in the arena. */
int refresh_secret(struct ctx *ctx, struct text *ret);

/* The token of this generation, in the arena. secret: bytea text. */
int refresh_make(struct ctx *ctx, const struct keyring *keyring, struct text session_id,
		 int64_t generation, struct text secret, struct text *ret);

/* Takes a token apart. P_REFRESH_FAILED when it has another form; says nothing of who made it. */
int refresh_read(struct ctx *ctx, struct text token, struct refresh_token *ret);

/* Whether it is the session's; the generation as a number. P_REFRESH_FAILED when it is not. */
int refresh_check(struct ctx *ctx, const struct keyring *keyring, const struct refresh_token *token,
		  struct text secret, int64_t *ret_generation);

#endif
