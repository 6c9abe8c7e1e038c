/* Rehabilitation plans and when they are due. Enter at plan_check and plan_status_check. Pure.
 * */

#include "rules/services/plan.h"

#include "rules/steps.h"
#include "rules/words.h"

ENUM_DEFINE(plan_status, PLAN_STATUSES)

int plan_check(struct ctx *ctx, const struct case_facts *facts, const struct plan_terms *plan)
{
	if (plan->assessed_on.day == 0 || plan->assessed_on.day > plan->drawn_on.day)
		return fail(ctx, P_ASSESSMENT_MISSING);
	if (plan->ends_on.day == 0)
		return 0;
	if (plan->ends_on.day < plan->starts_on.day)
		return fail_at(ctx, P_END_BEFORE_START, "/ends_on",
			       words_date(ctx, plan->starts_on));
	if (facts->course_end.day == 0 || plan->ends_on.day <= facts->course_end.day)
		return 0;
	return fail_at(ctx, P_PLAN_TOO_LONG, "/ends_on", words_date(ctx, facts->course_end));
}

int plan_status_check(struct ctx *ctx, enum plan_status from, enum plan_status to)
{
	static const struct step items[] = {
		{ plan_status_none, plan_status_draft },
		{ plan_status_draft, plan_status_agreed },
		{ plan_status_agreed, plan_status_active },
		{ plan_status_agreed, plan_status_replaced }, /* overtaken before it began */
		{ plan_status_active, plan_status_replaced },
		{ plan_status_active, plan_status_completed },
	};
	static const struct steps steps = { &plan_status_values, "/status", items,
					    sizeof(items) / sizeof(items[0]) };

	return steps_check(ctx, &steps, (int)from, (int)to);
}

int plan_edit_check(struct ctx *ctx, enum plan_status before)
{
	if (before == plan_status_none || before == plan_status_draft)
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}
