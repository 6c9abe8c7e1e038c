#ifndef MODEL_FORMAT_H
#define MODEL_FORMAT_H

#include "core/fail.h"
#include "model/field.h"

/* Whether a text has the format; *ret is its canonical form (personal code with dash, codes in
 * their case, e-mail without surrounding spaces, that of an account in lower case), borrowed or in
 * the arena. 0, -EINVAL or -ENOMEM. */
int format_check(enum format format, struct text text, struct arena *arena, struct text *ret);

/* The problem that describes the format in English and Latvian (problems.def), for a text that
 * does not have it. */
enum problem format_problem(enum format format);

/* The value that is hashed for exact search: names folded (case, Latvian diacritics, spaces),
 * codes without dash, e-mail in lower case. 0 or -ENOMEM. */
int blind_normalise(enum blind blind, struct text text, struct arena *arena, struct text *ret);

#endif
