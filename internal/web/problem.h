#ifndef WEB_PROBLEM_H
#define WEB_PROBLEM_H

#include "web/response.h"

/* The problem of ctx as RFC 9457 with its headers. arena is a fresh one, since ctx' own may be
 * full; when that is too small as well the body lacks its words. signed_in: a token was sent, and
 * refused if this is a 401. */
void response_of_problem(const struct ctx *ctx, struct arena *arena, enum problem problem,
			 bool signed_in, struct response *ret);

/* All problems, and the one with this code, in both languages: what "type" leads to. -ENOENT,
 * -ENOMEM. */
int problems_write(struct arena *arena, struct text *ret);
int problem_write_one(struct arena *arena, struct text code, struct text *ret);

#endif
