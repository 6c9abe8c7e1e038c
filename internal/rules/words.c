/* Words of problems, made in the request's arena. */

#include "rules/words.h"

struct text words_date(struct ctx *ctx, struct date date)
{
	char day[DATE_SIZE];

	date_print(date, day);
	return arena_copy(ctx->arena, text_of(day));
}

struct text words_number(struct ctx *ctx, int64_t value)
{
	return arena_format(ctx->arena, "%lld", (long long)value);
}

void words_append(struct buf *list, struct text word)
{
	if (list->len > 0)
		buf_puts(list, ", ");
	buf_put_text(list, word);
}

struct text words_end(struct buf *list)
{
	struct text text = TEXT_NULL;

	/* At the arena's maximum the words are missing, the problem stands. */
	(void)buf_text(list, &text);
	return text;
}
