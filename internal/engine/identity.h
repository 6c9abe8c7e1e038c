#ifndef ENGINE_IDENTITY_H
#define ENGINE_IDENTITY_H

#include "core/actor.h"
#include "store/store.h"

/* The transaction's identity where no session statement tells it, and audit rows of what no
 * trigger sees. */

#define IDENTITY_PARAMS 6
/* Sets the settings that audit reads, for this transaction. actor's null texts stay unknown. */
struct query identity_query(const struct ctx *ctx, const struct actor *actor,
			    struct text params[IDENTITY_PARAMS]);

#define AUDIT_PARAMS 3
/* An audit row of an act ("sign_in") on a row of a resource; row_id may be null. */
struct query audit_query(const char *action, const char *resource, struct text row_id,
			 struct text params[AUDIT_PARAMS]);

#endif
