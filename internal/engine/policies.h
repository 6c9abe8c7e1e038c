#ifndef ENGINE_POLICIES_H
#define ENGINE_POLICIES_H

#include "core/fail.h"

/* Row-level security as SQL, from the registry and auth/access.def: for every table of a resource
 * one policy each to select, insert, update and delete, and for data_keys who may open and make
 * keys. Run by migrate as the owner; the same registry gives the same text, so that it can be
 * compared. *ret is owned by the arena. 0 or -ENOMEM. */
int policies_text(struct ctx *ctx, struct text *ret);

#endif
