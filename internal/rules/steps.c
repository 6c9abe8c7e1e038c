/* Checks a step of a small state machine against its table. Enter at steps_check. Pure. */

#include "rules/steps.h"

#include "rules/words.h"

int steps_check(struct ctx *ctx, const struct steps *steps, int from, int to)
{
	struct buf allowed;

	if (from == to)
		return 0;
	buf_init(&allowed, ctx->arena);
	for (size_t i = 0; i < steps->count; i++) {
		if (steps->items[i].from != from)
			continue;
		if (steps->items[i].to == to)
			return 0;
		words_append(&allowed, enumeration_name(steps->values, steps->items[i].to));
	}
	return fail_at(ctx, P_ILLEGAL_TRANSITION, steps->pointer,
		       from != 0 ? enumeration_name(steps->values, from) : TEXT("–"),
		       allowed.len > 0 ? words_end(&allowed) : TEXT("–"),
		       enumeration_name(steps->values, to));
}
