#ifndef ENGINE_READ_NOTES_H
#define ENGINE_READ_NOTES_H

#include "engine/call.h"

/* A profession's notes (SIGHT_PROFESSIONAL) in writes; reads close them in engine/read/render.h. */

/*
 * A specialist writes notes for the own profession only, and does not make another's notes the
 * own by changing whose they are. Asked after the session row told the profession. before is NULL
 * on create, where only what is not null counts; given: bits of the fields in the body.
 * P_VALIDATION_FAILED with P_NOT_VISIBLE at each member.
 */
int notes_check(struct ctx *ctx, const struct call *call, const void *before, const void *after,
		uint64_t given);

#endif
