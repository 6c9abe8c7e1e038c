#include "rules_kit.h"
#include "rules/admission/decision.h"

/* An agency officer decides on 2017-02-20 about a case that awaits it. */
struct story {
	struct actor actor;
	struct case_facts facts;
	struct participant participants[2];
	struct limit_terms limits[4];
	struct decision_facts known;
	struct decision_terms terms;
};

static const enum limit_code named[] = { limit_code_course, limit_code_criminal_support_minutes,
					 limit_code_aftercare, limit_code_family };

static void story_begin(struct story *story, enum decision_kind kind, enum case_status status)
{
	*story = (struct story){
		.actor = { .user_id = TEXT("officer"), .role = role_agency_officer },
		.facts = { .status = status, .course_days = NUMBER(180) },
		.participants = { { TEXT("voter") }, { TEXT_NULL } },
		.terms = { .kind = kind,
			   .decided_on = on("2017-02-20"),
			   .reasons = TEXT("because") },
	};
	story->known = (struct decision_facts){ &story->actor,
						on("2017-02-25"),
						&story->facts,
						story->participants,
						2,
						{ story->limits, COUNT(story->limits) } };
	for (size_t i = 0; i < COUNT(story->limits); i++)
		story->limits[i] = (struct limit_terms){ .code = named[i], .amount = NUMBER(1) };
}

static void story_grant(struct story *story)
{
	story_begin(story, decision_kind_grant, case_status_awaiting_decision);
	story->terms.course_start = on("2017-03-01");
	story->terms.course_end = on("2017-08-27");
}

/* The course of that grant runs. */
static void story_run(struct story *story, enum decision_kind kind, enum case_status status)
{
	story_begin(story, kind, status);
	story->facts.course_start = on("2017-03-01");
	story->facts.course_end = on("2017-08-27");
	story->terms.decided_on = on("2017-05-10");
	story->known.today = on("2017-05-10");
}

static int decide(struct ctx *ctx, const struct story *story)
{
	return decision_check(ctx, &story->known, &story->terms);
}

/* R31 */
static void a_rule_set_comes_into_force_when_it_is_complete(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	for (size_t i = 0; i < COUNT(named); i++) {
		story_grant(&story);
		assert_accepted(ctx, decide(ctx, &story));
		story.limits[i].code = limit_code_criminal_support_consultations;
		rc = decide(ctx, &story);
		assert_refused(ctx, rc, P_LIMIT_MISSING, NULL);
		story_grant(&story);
		story.limits[i].contract_id = TEXT("c");
		assert_refused(ctx, decide(ctx, &story), P_LIMIT_MISSING, NULL);
	}
}

static void a_course_ends_without_any_limit(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_run(&story, decision_kind_termination, case_status_in_course);
	story.facts.course_days = (struct number){ 0 };
	story.known.limits.count = 0;
	assert_accepted(ctx, decide(ctx, &story));
	story_run(&story, decision_kind_amendment, case_status_in_course);
	story.facts.course_days = (struct number){ 0 };
	assert_refused(ctx, decide(ctx, &story), P_LIMIT_MISSING, NULL);
}

/* R12 */
static void only_the_agency_decides(void **state)
{
	static const enum role others[] = { role_provider_manager, role_case_worker,
					    role_specialist, role_ministry_officer,
					    role_system_admin };
	struct ctx *ctx = *state;
	struct story story;

	story_grant(&story);
	assert_accepted(ctx, decide(ctx, &story));
	for (size_t i = 0; i < COUNT(others); i++) {
		story.actor.role = others[i];
		assert_refused(ctx, decide(ctx, &story), P_FORBIDDEN, NULL);
	}
}

/* R12 */
static void nobody_decides_on_their_own_vote(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_grant(&story);
	story.actor.user_id = TEXT("voter");
	rc = decide(ctx, &story);
	assert_detail(ctx, LANGUAGE_LV,
		      "Jūs to ierosinājāt vai par to balsojāt; lemj cita amatpersona.");
	assert_refused(ctx, rc, P_SELF_APPROVAL, NULL);
}

static void each_kind_has_its_statuses(void **state)
{
	struct ctx *ctx = *state;

	for (int status = case_status_inquiry; status <= case_status_closed; status++) {
		bool waits = status == case_status_awaiting_decision;
		bool runs = case_is_running((enum case_status)status);
		struct story story;

		story_grant(&story);
		story.facts.status = (enum case_status)status;
		assert_int_equal(decide(ctx, &story) == 0, waits || status == case_status_refused);
		ctx_clear(ctx);
		story.terms.kind = decision_kind_refusal;
		assert_int_equal(decide(ctx, &story) == 0, waits);
		ctx_clear(ctx);
		story_run(&story, decision_kind_amendment, (enum case_status)status);
		assert_int_equal(decide(ctx, &story) == 0, runs);
		ctx_clear(ctx);
		story.terms.kind = decision_kind_termination;
		assert_int_equal(decide(ctx, &story) == 0, runs);
		ctx_clear(ctx);
	}
}

static void an_impossible_kind_says_what_is_possible(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story, decision_kind_amendment, case_status_awaiting_decision);
	rc = decide(ctx, &story);
	assert_detail(ctx, LANGUAGE_EN,
		      "From awaiting_decision one may go to: grant, refusal; not to amendment.");
	assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/kind");
	story_begin(&story, decision_kind_grant, case_status_inquiry);
	rc = decide(ctx, &story);
	assert_detail(ctx, LANGUAGE_EN, "From inquiry one may go to: –; not to grant.");
	assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/kind");
}

/* R12 */
static void a_burden_has_reasons(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, decision_kind_refusal, case_status_awaiting_decision);
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.reasons = TEXT_NULL;
	assert_refused(ctx, decide(ctx, &story), P_REASONS_REQUIRED, "/reasons");
	story.terms.reasons = TEXT("  \t ");
	assert_refused(ctx, decide(ctx, &story), P_REASONS_REQUIRED, "/reasons");
	story_run(&story, decision_kind_termination, case_status_in_course);
	story.terms.reasons = TEXT("");
	assert_refused(ctx, decide(ctx, &story), P_REASONS_REQUIRED, "/reasons");
	story_grant(&story);
	story.terms.reasons = TEXT_NULL;
	assert_accepted(ctx, decide(ctx, &story));
}

static void its_days_follow_each_other(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_grant(&story);
	story.terms.delivered_on = on("2017-02-25");
	story.terms.appeal_until = on("2017-02-25");
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.appeal_until = on("2017-02-24");
	assert_refused(ctx, decide(ctx, &story), P_END_BEFORE_START, "/appeal_until");
	story.terms.delivered_on = (struct date){ 0 };
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.appeal_until = on("2017-02-19");
	assert_refused(ctx, decide(ctx, &story), P_END_BEFORE_START, "/appeal_until");
	story.terms.delivered_on = on("2017-02-19");
	assert_refused(ctx, decide(ctx, &story), P_END_BEFORE_START, "/delivered_on");
	story.terms.delivered_on = on("2017-02-26");
	assert_refused(ctx, decide(ctx, &story), P_IN_THE_FUTURE, "/delivered_on");
	story.terms.decided_on = on("2017-02-26");
	assert_refused(ctx, decide(ctx, &story), P_IN_THE_FUTURE, "/decided_on");
}

static void a_grant_has_a_course_from_its_day_on(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_grant(&story);
	story.terms.course_start = on("2017-02-20");
	story.terms.course_end = on("2017-08-18");
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.course_start = on("2017-02-19");
	assert_refused(ctx, decide(ctx, &story), P_END_BEFORE_START, "/course_start");
	story.terms.course_start = (struct date){ 0 };
	assert_refused(ctx, decide(ctx, &story), P_VALIDATION_FAILED, "/course_start");
}

/* R1 */
static void a_grant_has_180_days_and_not_one_more(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_grant(&story);
	story.facts.suspended_days =
		NUMBER(30); /* of a course before an appeal: none of this one's */
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.course_end = on("2017-08-28");
	assert_refused(ctx, decide(ctx, &story), P_COURSE_TOO_LONG, "/course_end");
	story.terms.course_end = (struct date){ 0 };
	assert_accepted(ctx, decide(ctx, &story));
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-08-27").day);
}

static void an_amendment_adds_what_was_suspended(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_run(&story, decision_kind_amendment, case_status_suspended);
	assert_accepted(ctx, decide(ctx, &story));
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-08-27").day);
	story.terms.course_end = on("2017-09-06");
	assert_refused(ctx, decide(ctx, &story), P_COURSE_TOO_LONG, "/course_end");
	story.facts.suspended_days = NUMBER(10);
	assert_accepted(ctx, decide(ctx, &story));
	story.terms.course_start = on("2017-02-28");
	assert_refused(ctx, decide(ctx, &story), P_COURSE_TOO_LONG, "/course_end");
}

static void a_termination_does_not_lengthen_the_course(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_run(&story, decision_kind_termination, case_status_in_course);
	story.terms.course_end = on("2017-08-27");
	assert_accepted(ctx, decide(ctx, &story));
	story.facts.course_end = on("2017-06-30");
	rc = decide(ctx, &story);
	assert_detail(ctx, LANGUAGE_EN, "A course of 122 days at most may last until 2017-06-30.");
	assert_refused(ctx, rc, P_COURSE_TOO_LONG, "/course_end");
	story.facts.course_end = (struct date){ 0 };
	assert_accepted(ctx, decide(ctx, &story));
}

static void a_termination_ends_the_course_on_its_day(void **state)
{
	struct story story;

	(void)state;
	story_run(&story, decision_kind_termination, case_status_in_course);
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-05-10").day);
	story.terms.decided_on = on("2017-09-10");
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-08-27").day);
	story.facts.course_end = (struct date){ 0 };
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-09-10").day);
	story.terms.decided_on = on("2017-03-01"); /* a course of one day */
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, on("2017-03-01").day);
	story.terms.decided_on = on("2017-02-28");
	assert_int_equal(decision_course_end(&story.facts, &story.terms).day, 0);
}

static void the_case_follows_the_decision(void **state)
{
	(void)state;
	assert_int_equal(decision_status(decision_kind_grant, case_status_refused),
			 case_status_granted);
	assert_int_equal(decision_status(decision_kind_refusal, case_status_awaiting_decision),
			 case_status_refused);
	assert_int_equal(decision_status(decision_kind_termination, case_status_granted),
			 case_status_closed);
	assert_int_equal(decision_status(decision_kind_termination, case_status_suspended),
			 case_status_aftercare);
	assert_int_equal(decision_status(decision_kind_amendment, case_status_suspended),
			 case_status_suspended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(a_rule_set_comes_into_force_when_it_is_complete),
		RULE_TEST(a_course_ends_without_any_limit),
		RULE_TEST(only_the_agency_decides),
		RULE_TEST(nobody_decides_on_their_own_vote),
		RULE_TEST(each_kind_has_its_statuses),
		RULE_TEST(an_impossible_kind_says_what_is_possible),
		RULE_TEST(a_burden_has_reasons),
		RULE_TEST(its_days_follow_each_other),
		RULE_TEST(a_grant_has_a_course_from_its_day_on),
		RULE_TEST(a_grant_has_180_days_and_not_one_more),
		RULE_TEST(an_amendment_adds_what_was_suspended),
		RULE_TEST(a_termination_does_not_lengthen_the_course),
		RULE_TEST(a_termination_ends_the_course_on_its_day),
		RULE_TEST(the_case_follows_the_decision),
	};

	return cmocka_run_group_tests_name("rules_decision", tests, NULL, NULL);
}
