/* The steps of a case: from which status to which, and by whom. Enter at transition_check. Pure.
 * */

#include "rules/admission/transitions.h"

#include "rules/words.h"

ENUM_DEFINE(case_status, CASE_STATUSES)
ENUM_DEFINE(close_reason, CASE_CLOSE_REASONS)

#define PROVIDER PARTY_PROVIDER
#define AGENCY PARTY_AGENCY
#define EITHER (PARTY_PROVIDER | PARTY_AGENCY)
#define STEP(from, to, parties, decides)                                                           \
	{ case_status_##from, case_status_##to, (parties), (decides) },

/* clang-format off */
const struct case_step case_steps[] = {
	STEP(inquiry,           applied,           PROVIDER, false)
	STEP(inquiry,           withdrawn,         PROVIDER, false)
	STEP(inquiry,           closed,            PROVIDER, false)
	STEP(applied,           under_assessment,  PROVIDER, false)
	STEP(applied,           withdrawn,         PROVIDER, false)
	STEP(applied,           closed,            PROVIDER, false)
	STEP(under_assessment,  awaiting_decision, PROVIDER, false)
	STEP(under_assessment,  withdrawn,         PROVIDER, false)
	STEP(under_assessment,  closed,            PROVIDER, false)
	/* Papers go back at the agency's wish, or the provider takes them back. */
	STEP(awaiting_decision, under_assessment,  EITHER,   false)
	STEP(awaiting_decision, granted,           AGENCY,   true)
	STEP(awaiting_decision, refused,           AGENCY,   true)
	STEP(awaiting_decision, withdrawn,         PROVIDER, false)
	STEP(awaiting_decision, closed,            PROVIDER, false)
	STEP(refused,           granted,           AGENCY,   true) /* after an appeal */
	STEP(refused,           withdrawn,         PROVIDER, false)
	STEP(refused,           closed,            PROVIDER, false)
	STEP(granted,           in_course,         PROVIDER, false)
	STEP(granted,           withdrawn,         PROVIDER, false)
	STEP(granted,           closed,            EITHER,   false)
	STEP(in_course,         suspended,         PROVIDER, false)
	STEP(in_course,         aftercare,         EITHER,   false)
	STEP(in_course,         closed,            EITHER,   false)
	STEP(suspended,         in_course,         PROVIDER, false)
	STEP(suspended,         aftercare,         EITHER,   false)
	STEP(suspended,         closed,            EITHER,   false)
	STEP(aftercare,         closed,            PROVIDER, false)
	STEP(withdrawn,         closed,            PROVIDER, false)
	STEP(closed,            aftercare,         PROVIDER, false) /* proceedings years later */
};
/* clang-format on */
const size_t case_step_count = sizeof(case_steps) / sizeof(case_steps[0]);

enum party party_of(enum role role)
{
	switch (role) {
	case role_agency_officer:
		return PARTY_AGENCY;
	case role_provider_manager:
	case role_case_worker:
	case role_specialist:
		return PARTY_PROVIDER;
	default:
		return PARTY_NONE;
	}
}

bool case_is_running(enum case_status status)
{
	return status == case_status_granted || status == case_status_in_course ||
	       status == case_status_suspended;
}

static int transition_refuse(struct ctx *ctx, enum case_status from, enum case_status to)
{
	struct buf allowed;

	buf_init(&allowed, ctx->arena);
	for (size_t i = 0; i < case_step_count; i++) {
		const struct case_step *step = &case_steps[i];

		if (step->from == from)
			words_append(&allowed,
				     enumeration_name(&case_status_values, (int)step->to));
	}
	return fail_at(ctx, P_ILLEGAL_TRANSITION, "/to",
		       enumeration_name(&case_status_values, (int)from), words_end(&allowed),
		       enumeration_name(&case_status_values, (int)to));
}

static const struct case_step *case_step_find(enum case_status from, enum case_status to)
{
	for (size_t i = 0; i < case_step_count; i++)
		if (case_steps[i].from == from && case_steps[i].to == to)
			return &case_steps[i];
	return NULL;
}

/* What a status needs of the case before it is reached. */
static int transition_check_target(struct ctx *ctx, const struct transition *transition)
{
	if (transition->to == case_status_in_course && transition->course_start.day == 0)
		return fail_at(ctx, P_NOT_GRANTED, "/to");
	if (transition->to == case_status_aftercare && transition->course_end.day == 0)
		return fail_at(ctx, P_COURSE_NOT_ENDED, "/to");
	if (transition->to != case_status_closed || transition->close_reason != close_reason_none)
		return 0;
	violate(ctx, P_REQUIRED, TEXT("/close_reason"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

int transition_check(struct ctx *ctx, const struct transition *transition)
{
	const struct case_step *step = case_step_find(transition->from, transition->to);

	if (step == NULL)
		return transition_refuse(ctx, transition->from, transition->to);
	if ((step->parties & party_of(transition->role)) == 0)
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)transition->role));
	if (step->decides && !transition->decided)
		return fail_at(ctx, P_DECISION_NEEDED, "/to",
			       enumeration_name(&case_status_values, (int)transition->to));
	return transition_check_target(ctx, transition);
}
