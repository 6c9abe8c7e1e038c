/* Support of family members. Enter at family_check. Pure. */

#include "rules/services/family.h"

#include "rules/age.h"
#include "rules/services/course.h"
#include "rules/words.h"

/* An unknown birth or day of application leaves the presumption that the client is a minor. */
static int family_check_minor(struct ctx *ctx, const struct family_facts *facts)
{
	struct date received = facts->facts->received_on;

	if (!age_is_adult(&(struct age_fact){ .birth_on = facts->client_birth_on }, received))
		return 0;
	return fail(ctx, P_NOT_A_MINOR, words_date(ctx, received));
}

static int family_check_left(struct ctx *ctx, const struct family_facts *facts,
			     const struct consultation_act *act)
{
	struct limit_claim claims[LIMIT_CLAIMS_MAX];
	size_t count;

	if (facts->limit == NULL)
		return limit_missing(ctx, "/funding", TEXT("family"));
	if (facts->uses == NULL)
		return 0;
	count = limit_claim(facts->limit, act->start, act->minutes.value, claims);
	for (size_t i = 0; i < count; i++)
		if (limit_blocks(ctx, facts->limit, facts->uses, &claims[i]))
			return fail(ctx, P_FAMILY_LIMIT_REACHED,
				    words_number(ctx, facts->limit->amount.value));
	return 0;
}

int family_check(struct ctx *ctx, const struct family_facts *facts,
		 const struct consultation_act *act, const char *pointer)
{
	struct service_act paid = { act->funding, instant_date(act->start) };
	int rc;

	if (act->funding != funding_state)
		return 0;
	rc = grant_check(ctx, facts->facts, &paid, pointer);
	if (rc != 0)
		return rc;
	rc = family_check_minor(ctx, facts);
	if (rc != 0)
		return rc;
	if (facts->member_in_latvia != FLAG_YES)
		return fail_at(ctx, P_NOT_IN_LATVIA, "/family_member_id");
	rc = family_check_left(ctx, facts, act);
	if (rc != 0)
		return rc;
	return contract_check(ctx, facts->contracts, &paid, pointer);
}
