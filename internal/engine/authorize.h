#ifndef ENGINE_AUTHORIZE_H
#define ENGINE_AUTHORIZE_H

#include "engine/call.h"

/* The token says who; the session row, read in every act's own transaction, says what they may do
 * now. */

/* Verifies the bearer token (no database) and the Purpose header: fills call->actor.
 * P_UNAUTHENTICATED; P_BAD_REQUEST for an unknown purpose. */
int authorize_call(struct ctx *ctx, struct engine *engine, struct call *call);

/* The session statement: to stand first in a pipeline, after BEGIN if any. It sets the identity
 * that row-level security and audit read; a dead session yields no row and sets nothing, one of an
 * account that is not approved sets no role, so that all that follows fails closed. lazy: an access
 * row need not reach the disk before the answer (reads). params needs room for AUTHORIZE_PARAMS
 * texts. */
#define AUTHORIZE_PARAMS 4
struct query authorize_query(const struct ctx *ctx, const struct call *call, bool lazy,
			     struct text params[AUTHORIZE_PARAMS]);

/* Takes the session statement's reply: P_UNAUTHENTICATED when it has no row;
 * P_PASSWORD_CHANGE_REQUIRED or P_NOT_APPROVED (R32) unless the endpoint is open to the restricted;
 * AUTHORIZE_AGAIN when role or provider are other than the token's: the caller rolls back and
 * passes it on, so that engine_call begins the act anew. */
int authorize_accept(struct ctx *ctx, struct call *call, struct reply reply);

/* Takes a connection, the caller's to release even after an error, and opens an endpoint's own
 * transaction on it: BEGIN and the session statement in one trip. P_FORBIDDEN when the role that
 * the caller has now is none of the endpoint's. */
int authorize_begin(struct ctx *ctx, struct engine *engine, struct call *call,
		    struct conn **ret_conn);

#endif
