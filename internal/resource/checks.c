/* Checks that many resources share; each adds its violations and lets the caller go on. */

#include "resource/checks.h"

#include "rules/words.h"

void check_period(struct ctx *ctx, struct date from, struct date to, const char *pointer)
{
	if (from.day != 0 && to.day != 0 && to.day < from.day)
		violate(ctx, P_END_BEFORE_START, text_of(pointer), words_date(ctx, from));
}

void check_not_future(struct ctx *ctx, struct date day, struct date today, const char *pointer)
{
	if (day.day > today.day)
		violate(ctx, P_IN_THE_FUTURE, text_of(pointer));
}

void check_present(struct ctx *ctx, bool present, const char *pointer)
{
	if (!present)
		violate(ctx, P_REQUIRED, text_of(pointer));
}

void check_giver(struct ctx *ctx, bool represented, struct text representative_id,
		 const char *member)
{
	check_present(ctx, !represented || representative_id.ptr != NULL, "/representative_id");
	if (!represented && representative_id.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/representative_id"), text_of(member));
}

void texts_present(struct texts *texts)
{
	texts->set = true;
}
