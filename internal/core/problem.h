#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include "core/buf.h"
#include "core/fail.h"

/* The body of RFC 9457 that tells a problem with the words, violations and further members of ctx,
 * in its language. Owned by the arena, which may be another than ctx' own. -ENOMEM at its maximum.
 */
int problem_write(const struct ctx *ctx, struct arena *arena, enum problem problem,
		  struct text *ret);

#endif
