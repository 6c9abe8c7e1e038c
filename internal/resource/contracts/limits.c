/* What limits of rule sets and of contracts have in common: a code decides what is counted, and
 * in which unit. */

#include "resource/contracts/limits.h"

#include "resource/checks.h"
#include "resource/registry.h"

/* What each limit bounds, and in which unit: as the schema's CHECKs say, told at the member. */
static const struct {
	enum entitlement service;
	enum limit_unit unit;
} limit_kinds[] = {
	[limit_code_course] = { entitlement_course, limit_unit_days },
	[limit_code_criminal_support_minutes] = { entitlement_criminal_support,
						  limit_unit_minutes },
	[limit_code_criminal_support_consultations] = { entitlement_criminal_support,
							limit_unit_consultations },
	[limit_code_aftercare] = { entitlement_aftercare, limit_unit_consultations },
	[limit_code_family] = { entitlement_family, limit_unit_consultations },
};

/* A contract's course would bound nothing: the agency grants by the rule set. Without a window, a
 * rule set's aftercare would never end. */
static void limit_check_owner(struct ctx *ctx, const struct limit *limit)
{
	bool of_contract = limit->contract_id.ptr != NULL;

	if (of_contract && limit->code == limit_code_course)
		violate(ctx, P_CONSTRAINT, TEXT("/code"), TEXT("contract"));
	if (!of_contract && limit->code == limit_code_aftercare &&
	    limit->period != limit_period_window)
		violate(ctx, P_CONSTRAINT, TEXT("/period"), TEXT("period = window"));
}

int limit_check(struct ctx *ctx, struct change *change)
{
	const struct limit *limit = change->after;
	bool window;

	if (limit == NULL)
		return 0;
	window = limit->period == limit_period_window;
	if (limit->service != limit_kinds[limit->code].service)
		violate(ctx, P_CONSTRAINT, TEXT("/service"), TEXT("code"));
	if (limit->unit != limit_kinds[limit->code].unit)
		violate(ctx, P_CONSTRAINT, TEXT("/unit"), TEXT("code"));
	limit_check_owner(ctx, limit);
	if (window)
		check_present(ctx, limit->window_months.set, "/window_months");
	else if (limit->window_months.set)
		violate(ctx, P_CONSTRAINT, TEXT("/window_months"), TEXT("period = window"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

const enum problem limit_problems[] = { P_CONSTRAINT, P_CONFLICT, P_NONE };
