/* What a decision of the agency must say and what it does to the case. Enter at decision_check
 * and decision_status. Pure. */

#include "rules/admission/decision.h"

#include "rules/services/course.h"
#include "rules/words.h"

ENUM_DEFINE(decision_kind, DECISION_KINDS)

#define DECISION_KIND_COUNT (decision_kind_termination + 1)

int decider_check(struct ctx *ctx, const struct decision_facts *facts)
{
	const struct actor *actor = facts->actor;

	if (party_of(actor->role) != PARTY_AGENCY)
		return fail(ctx, P_FORBIDDEN, enumeration_name(&role_values, (int)actor->role));
	for (size_t i = 0; i < facts->participant_count; i++)
		if (text_eq(facts->participants[i].user_id, actor->user_id))
			return fail(ctx, P_SELF_APPROVAL);
	return 0;
}

static bool decision_is_possible(enum decision_kind kind, enum case_status status)
{
	switch (kind) {
	case decision_kind_grant: /* refused: after an appeal */
		return status == case_status_awaiting_decision || status == case_status_refused;
	case decision_kind_refusal:
		return status == case_status_awaiting_decision;
	default:
		return case_is_running(status);
	}
}

static int decision_check_kind(struct ctx *ctx, enum case_status status, enum decision_kind kind)
{
	struct buf possible;

	if (decision_is_possible(kind, status))
		return 0;
	buf_init(&possible, ctx->arena);
	for (int i = decision_kind_grant; i < DECISION_KIND_COUNT; i++)
		if (decision_is_possible((enum decision_kind)i, status))
			words_append(&possible, enumeration_name(&decision_kind_values, i));
	return fail_at(ctx, P_ILLEGAL_TRANSITION, "/kind",
		       enumeration_name(&case_status_values, (int)status),
		       possible.len > 0 ? words_end(&possible) : TEXT("–"),
		       enumeration_name(&decision_kind_values, (int)kind));
}

/* What burdens the person is reasoned: refusal and termination. */
static int decision_check_reasons(struct ctx *ctx, const struct decision_terms *terms)
{
	if (terms->kind != decision_kind_refusal && terms->kind != decision_kind_termination)
		return 0;
	if (text_trim(terms->reasons).len > 0)
		return 0;
	return fail_at(ctx, P_REASONS_REQUIRED, "/reasons");
}

static int decision_check_days(struct ctx *ctx, struct date today,
			       const struct decision_terms *terms)
{
	struct date known = terms->delivered_on.day != 0 ? terms->delivered_on : terms->decided_on;

	if (terms->decided_on.day > today.day)
		return fail_at(ctx, P_IN_THE_FUTURE, "/decided_on");
	if (terms->delivered_on.day > today.day)
		return fail_at(ctx, P_IN_THE_FUTURE, "/delivered_on");
	if (known.day < terms->decided_on.day)
		return fail_at(ctx, P_END_BEFORE_START, "/delivered_on",
			       words_date(ctx, terms->decided_on));
	if (terms->appeal_until.day != 0 && terms->appeal_until.day < known.day)
		return fail_at(ctx, P_END_BEFORE_START, "/appeal_until", words_date(ctx, known));
	return 0;
}

static int grant_check_start(struct ctx *ctx, const struct decision_terms *terms)
{
	if (terms->course_start.day == 0) {
		violate(ctx, P_REQUIRED, TEXT("/course_start"));
		return violations_close(ctx, P_VALIDATION_FAILED);
	}
	if (terms->course_start.day < terms->decided_on.day)
		return fail_at(ctx, P_END_BEFORE_START, "/course_start",
			       words_date(ctx, terms->decided_on));
	return 0;
}

static int termination_check_end(struct ctx *ctx, const struct case_facts *facts,
				 const struct decision_terms *terms)
{
	struct date end = facts->course_end;

	if (end.day == 0 || terms->course_end.day <= end.day)
		return 0;
	return fail_at(ctx, P_COURSE_TOO_LONG, "/course_end",
		       words_number(ctx, end.day - facts->course_start.day + 1),
		       words_date(ctx, end));
}

static int decision_check_course(struct ctx *ctx, const struct decision_facts *decision,
				 const struct decision_terms *terms)
{
	const struct case_facts *facts = decision->facts;
	struct case_facts after = *facts;
	int rc = 0;

	if (terms->kind == decision_kind_refusal)
		return 0;
	if (terms->kind == decision_kind_grant)
		rc = ruleset_check_limits(ctx, &decision->limits);
	if (rc == 0 && terms->kind == decision_kind_grant)
		rc = grant_check_start(ctx, terms);
	if (terms->kind == decision_kind_termination)
		rc = termination_check_end(ctx, facts, terms);
	if (rc != 0)
		return rc;
	if (terms->course_start.day != 0)
		after.course_start = terms->course_start;
	after.course_end = decision_course_end(facts, terms);
	if (terms->kind == decision_kind_grant)
		after.suspended_days.set = false; /* a new course was never suspended */
	if (terms->kind == decision_kind_termination)
		return course_check_order(ctx, &after);
	return course_check(ctx, &after);
}

int decision_check(struct ctx *ctx, const struct decision_facts *facts,
		   const struct decision_terms *terms)
{
	int rc;

	rc = decider_check(ctx, facts);
	if (rc != 0)
		return rc;
	rc = decision_check_kind(ctx, facts->facts->status, terms->kind);
	if (rc != 0)
		return rc;
	rc = decision_check_reasons(ctx, terms);
	if (rc != 0)
		return rc;
	rc = decision_check_days(ctx, facts->today, terms);
	if (rc != 0)
		return rc;
	return decision_check_course(ctx, facts, terms);
}

struct date decision_course_end(const struct case_facts *facts, const struct decision_terms *terms)
{
	if (terms->course_end.day != 0)
		return terms->course_end;
	if (terms->kind == decision_kind_grant)
		return course_last_day(terms->course_start, facts->course_days);
	if (terms->kind != decision_kind_termination)
		return facts->course_end;
	if (terms->decided_on.day < facts->course_start.day)
		return (struct date){ 0 };
	if (facts->course_end.day != 0 && facts->course_end.day < terms->decided_on.day)
		return facts->course_end;
	return terms->decided_on;
}

enum case_status decision_status(enum decision_kind kind, enum case_status before)
{
	switch (kind) {
	case decision_kind_grant:
		return case_status_granted;
	case decision_kind_refusal:
		return case_status_refused;
	case decision_kind_termination:
		return before == case_status_granted ? case_status_closed : case_status_aftercare;
	default:
		return before;
	}
}
