/* The monthly statement: its states, order and month. Enter at statement_state_check. Pure. */

#include "rules/contracts/statement.h"

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

int statement_month_check(struct ctx *ctx, struct text month, struct date today)
{
	struct date next = { 0 };

	if (month_parse(month, &next) == 0)
		next = date_add_months(next, 1);
	if (today.day >= next.day)
		return 0;
	return fail_at(ctx, P_MONTH_NOT_OVER, "/state", words_date(ctx, next));
}
