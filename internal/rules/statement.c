/* The monthly statement: its states, order and month. Enter at statement_state_check. Pure. */

#include "rules/statement.h"

#include "rules/steps.h"
#include "rules/words.h"

ENUM_DEFINE(statement_state, STATEMENT_STATES)

int statement_state_check(struct ctx *ctx, enum role role, enum statement_state from,
			  enum statement_state to)
{
	static const struct step items[] = {
		{ statement_state_none, statement_state_drafted },
		{ statement_state_drafted, statement_state_submitted },
		{ statement_state_submitted, statement_state_returned },
		{ statement_state_submitted, statement_state_accepted },
		{ statement_state_returned, statement_state_drafted },
		{ statement_state_returned, statement_state_submitted },
	};
	static const struct steps steps = { &statement_state_values, "/state", items,
					    sizeof(items) / sizeof(items[0]) };
	bool decides = to == statement_state_returned || to == statement_state_accepted;
	int rc = steps_check(ctx, &steps, (int)from, (int)to);

	if (rc == 0 && from != to && decides != (role == role_ministry_officer))
		return fail(ctx, P_FORBIDDEN, enumeration_name(&role_values, (int)role));
	return rc;
}

static bool statement_is_billed(enum statement_state state)
{
	return state == statement_state_submitted || state == statement_state_accepted;
}

int statement_order_check(struct ctx *ctx, struct text month, enum statement_state to,
			  const struct statement_facts *others)
{
	for (size_t i = 0; i < others->count; i++) {
		const struct statement_fact *other = &others->items[i];
		int order = strncmp(other->month.ptr, month.ptr, month.len);
		bool billed = statement_is_billed(other->state);

		if ((order > 0 && billed) ||
		    (order < 0 && !billed && to == statement_state_submitted))
			return fail_at(ctx, P_STATEMENT_ORDER, "/month", other->month);
	}
	return 0;
}

int statement_month_check(struct ctx *ctx, struct text month, struct date today)
{
	struct date next = { 0 };

	if (month_parse(month, &next) == 0)
		next = date_add_months(next, 1);
	if (today.day >= next.day)
		return 0;
	return fail_at(ctx, P_MONTH_NOT_OVER, "/state", words_date(ctx, next));
}
