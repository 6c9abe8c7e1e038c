/* The course of support: contract, grant, last day, and services by day. Enter at course_check
 * and course_service_check. Pure. */

#include "rules/services/course.h"

#include "rules/words.h"

ENUM_DEFINE(funding, FUNDINGS)
ENUM_DEFINE(service_kind, SERVICE_KINDS)

const struct contract_term *contract_find(const struct contract_terms *contracts, struct date day)
{
	for (size_t i = 0; i < contracts->count; i++) {
		const struct contract_term *term = &contracts->items[i];

		if (date_within(day, term->from, term->to))
			return term;
	}
	return NULL;
}

struct date course_last_day(struct date start, struct number days)
{
	if (start.day == 0 || !days.set)
		return (struct date){ 0 };
	return date_add_days(start, (int32_t)days.value - 1);
}

int course_check_order(struct ctx *ctx, const struct case_facts *facts)
{
	if (facts->course_start.day == 0 || facts->course_end.day == 0 ||
	    facts->course_end.day >= facts->course_start.day)
		return 0;
	return fail_at(ctx, P_END_BEFORE_START, "/course_end",
		       words_date(ctx, facts->course_start));
}

int course_check(struct ctx *ctx, const struct case_facts *facts)
{
	struct number days = facts->course_days;
	struct date last;
	int rc = course_check_order(ctx, facts);

	if (rc != 0 || facts->course_start.day == 0)
		return rc;
	if (!days.set)
		return limit_missing(ctx, NULL, TEXT("course"));
	if (facts->course_end.day == 0)
		return 0;
	if (facts->suspended_days.set)
		days.value += facts->suspended_days.value;
	last = course_last_day(facts->course_start, days);
	if (facts->course_end.day <= last.day)
		return 0;
	return fail_at(ctx, P_COURSE_TOO_LONG, "/course_end", words_number(ctx, days.value),
		       words_date(ctx, last));
}

int contract_check(struct ctx *ctx, const struct contract_terms *contracts,
		   const struct service_act *act, const char *pointer)
{
	if (act->funding != funding_state || contract_find(contracts, act->day) != NULL)
		return 0;
	return fail_at(ctx, P_NO_CONTRACT, pointer, words_date(ctx, act->day));
}

int grant_check(struct ctx *ctx, const struct case_facts *facts, const struct service_act *act,
		const char *pointer)
{
	if (act->funding != funding_state)
		return 0;
	if (facts->granted_on.day != 0 && act->day.day >= facts->granted_on.day)
		return 0;
	return fail_at(ctx, P_NOT_GRANTED, pointer);
}

/* R2 without its contract. A course whose days are not both known has none that are paid for. */
static int course_day_check(struct ctx *ctx, const struct case_facts *facts,
			    const struct service_act *act, const char *pointer)
{
	struct date start = facts->course_start;
	struct date end = facts->course_end;

	if (act->funding != funding_state)
		return 0;
	if (start.day != 0 && act->day.day >= start.day && act->day.day <= end.day)
		return 0;
	return fail_at(ctx, P_OUTSIDE_COURSE, pointer, words_date(ctx, start),
		       words_date(ctx, end));
}

int course_service_check(struct ctx *ctx, const struct case_facts *facts,
			 const struct contract_terms *contracts, const struct service_act *act,
			 const char *pointer)
{
	int rc;

	rc = grant_check(ctx, facts, act, pointer);
	if (rc != 0)
		return rc;
	rc = course_day_check(ctx, facts, act, pointer);
	if (rc != 0)
		return rc;
	return contract_check(ctx, contracts, act, pointer);
}

bool service_is_start_up(enum service_kind kind)
{
	static const enum service_kind start_up[] = {
		service_kind_commission,      service_kind_journey,
		service_kind_escort,	      service_kind_accommodation_abroad,
		service_kind_case_management, service_kind_interpretation,
	};

	for (size_t i = 0; i < sizeof(start_up) / sizeof(start_up[0]); i++)
		if (start_up[i] == kind)
			return true;
	return false;
}

int start_up_check(struct ctx *ctx, enum service_kind kind, const struct case_facts *facts,
		   const struct contract_terms *contracts, const struct service_act *act,
		   const char *pointer)
{
	if (!service_is_start_up(kind))
		return course_service_check(ctx, facts, contracts, act, pointer);
	return contract_check(ctx, contracts, act, pointer);
}
