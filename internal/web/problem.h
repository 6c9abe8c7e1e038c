#ifndef WEB_PROBLEM_H
#define WEB_PROBLEM_H

#include "web/response.h"

/* The problem of ctx as RFC 9457 with its headers. arena is a fresh one, because ctx' own may be
 * full; if that one is too small as well, the body lacks its words. signed_in: a token was sent;
 * if the problem is a 401, it was refused. */
void response_of_problem(const struct ctx *ctx, struct arena *arena, enum problem problem,
			 bool signed_in, struct response *ret);

/* All problems, and the problem with this code, in both languages: the page that "type" links to.
 * -ENOENT, -ENOMEM. */
int problems_write(struct arena *arena, struct text *ret);
int problem_write_one(struct arena *arena, struct text code, struct text *ret);

#endif
