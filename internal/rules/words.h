#ifndef RULES_WORDS_H
#define RULES_WORDS_H

#include "core/buf.h"
#include "core/clock.h"
#include "core/fail.h"

/*
 * Words of problems, in the request's arena; null texts at its maximum (the problem stays the
 * same).
 */
struct text words_date(struct ctx *ctx, struct date date);
struct text words_number(struct ctx *ctx, int64_t value);

/* "a, b, c": appends ", " first unless the list is empty. */
void words_append(struct buf *list, struct text word);
struct text words_end(struct buf *list);

#endif
