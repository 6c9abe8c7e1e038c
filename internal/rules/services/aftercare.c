/* When aftercare ends and what it includes. Enter at aftercare_check. Pure. */

#include "rules/services/aftercare.h"

#include "rules/services/course.h"
#include "rules/words.h"

static int aftercare_check_window(struct ctx *ctx, const struct aftercare_facts *facts,
				  struct date day, const char *pointer)
{
	struct date end = facts->facts->course_end;
	struct date last = facts->facts->aftercare_until;

	if (end.day == 0 || day.day <= end.day)
		return fail_at(ctx, P_COURSE_NOT_ENDED, pointer);
	if (facts->limit == NULL || last.day == 0)
		return limit_missing(ctx, "/funding", TEXT("aftercare"));
	if (day.day <= last.day)
		return 0;
	return fail_at(ctx, P_AFTERCARE_EXPIRED, pointer, words_date(ctx, end),
		       words_date(ctx, last));
}

static int aftercare_check_length(struct ctx *ctx, const struct case_facts *facts,
				  const struct consultation_act *act)
{
	struct number longest = facts->aftercare_minutes;

	if (!longest.set)
		return limit_missing(ctx, "/funding", TEXT("aftercare_minutes"));
	if (act->minutes.set && act->minutes.value <= longest.value)
		return 0;
	return fail_at(ctx, P_AFTERCARE_TOO_LONG, "/minutes", words_number(ctx, longest.value));
}

static int aftercare_check_left(struct ctx *ctx, const struct aftercare_facts *facts,
				const struct consultation_act *act, const char *pointer)
{
	struct limit_claim claims[LIMIT_CLAIMS_MAX];
	size_t count;

	if (facts->uses == NULL)
		return 0;
	count = limit_claim(facts->limit, act->start, act->minutes.value, claims);
	for (size_t i = 0; i < count; i++)
		if (limit_blocks(ctx, facts->limit, facts->uses, &claims[i]))
			return fail_at(ctx, P_AFTERCARE_EXHAUSTED, pointer,
				       words_number(ctx, facts->limit->amount.value));
	return 0;
}

int aftercare_check(struct ctx *ctx, const struct aftercare_facts *facts,
		    const struct consultation_act *act, const char *pointer)
{
	struct service_act paid = { act->funding, instant_date(act->start) };
	const struct support_period *support;
	int rc;

	if (act->funding != funding_state)
		return 0;
	rc = aftercare_check_window(ctx, facts, paid.day, pointer);
	if (rc != 0)
		return rc;
	rc = aftercare_check_length(ctx, facts->facts, act);
	if (rc != 0)
		return rc;
	support = support_find(facts->supports, paid.day);
	if (support != NULL)
		return fail_at(ctx, P_CRIMINAL_SUPPORT_ACTIVE, pointer,
			       words_date(ctx, support->from));
	rc = aftercare_check_left(ctx, facts, act, pointer);
	if (rc != 0)
		return rc;
	return contract_check(ctx, facts->contracts, &paid, pointer);
}
