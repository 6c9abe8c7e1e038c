#include "rules_kit.h"
#include "rules/admission/transitions.h"

static struct transition step(enum case_status from, enum case_status to, enum role role)
{
	return (struct transition){ .from = from,
				    .to = to,
				    .close_reason = to == case_status_closed
							    ? close_reason_completed
							    : close_reason_none,
				    .role = role,
				    .decided = true,
				    .course_start = on("2018-01-01"),
				    .course_end = on("2018-06-29") };
}

/* The way as the law draws it, said again apart from the table: row from, letters of the statuses
 * to. */
static const char *const ways[] = {
	[case_status_inquiry] = "applied withdrawn closed",
	[case_status_applied] = "under_assessment withdrawn closed",
	[case_status_under_assessment] = "awaiting_decision withdrawn closed",
	[case_status_awaiting_decision] = "under_assessment granted refused withdrawn closed",
	[case_status_granted] = "in_course withdrawn closed",
	[case_status_refused] = "granted withdrawn closed",
	[case_status_in_course] = "suspended aftercare closed",
	[case_status_suspended] = "in_course aftercare closed",
	[case_status_aftercare] = "closed",
	[case_status_withdrawn] = "closed",
	[case_status_closed] = "aftercare",
};

static bool way_has(enum case_status from, enum case_status to)
{
	struct text rest = text_of(ways[from]);

	while (rest.ptr != NULL)
		if (text_eq(text_cut(&rest, ' '), enumeration_name(&case_status_values, (int)to)))
			return true;
	return false;
}

static int take_by_either(struct ctx *ctx, enum case_status from, enum case_status to)
{
	struct transition transition = step(from, to, role_case_worker);
	int rc = transition_check(ctx, &transition);

	if (rc != P_FORBIDDEN)
		return rc;
	ctx_clear(ctx);
	transition.role = role_agency_officer;
	return transition_check(ctx, &transition);
}

static void every_pair_is_as_the_way_says(void **state)
{
	struct ctx *ctx = *state;

	for (int from = case_status_inquiry; from <= case_status_closed; from++) {
		for (int to = case_status_inquiry; to <= case_status_closed; to++) {
			int rc = take_by_either(ctx, (enum case_status)from, (enum case_status)to);

			if (way_has((enum case_status)from, (enum case_status)to))
				assert_accepted(ctx, rc);
			else
				assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/to");
		}
	}
}

static void an_illegal_step_says_what_would_be_right(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition =
		step(case_status_inquiry, case_status_granted, role_agency_officer);
	int rc = transition_check(ctx, &transition);

	assert_detail(ctx, LANGUAGE_EN,
		      "From inquiry one may go to: applied, withdrawn, closed; not to granted.");
	assert_detail(ctx, LANGUAGE_LV,
		      "No inquiry var pāriet uz: applied, withdrawn, closed; nevis uz granted.");
	assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/to");
}

static void only_the_agency_grants_and_refuses(void **state)
{
	static const enum role providers[] = { role_provider_manager, role_case_worker,
					       role_specialist };
	static const enum case_status decided[] = { case_status_granted, case_status_refused };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(providers); i++)
		for (size_t j = 0; j < COUNT(decided); j++) {
			struct transition transition =
				step(case_status_awaiting_decision, decided[j], providers[i]);

			assert_refused(ctx, transition_check(ctx, &transition), P_FORBIDDEN, NULL);
		}
}

static void the_agency_does_not_take_the_providers_steps(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition =
		step(case_status_inquiry, case_status_applied, role_agency_officer);
	int rc = transition_check(ctx, &transition);

	assert_detail(ctx, LANGUAGE_EN, "The role agency_officer may not do this.");
	assert_refused(ctx, rc, P_FORBIDDEN, NULL);
}

static void both_send_papers_back_and_end_a_course(void **state)
{
	static const enum case_status pairs[][2] = {
		{ case_status_awaiting_decision, case_status_under_assessment },
		{ case_status_in_course, case_status_aftercare },
		{ case_status_in_course, case_status_closed },
		{ case_status_suspended, case_status_closed },
		{ case_status_granted, case_status_closed },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct transition agency = step(pairs[i][0], pairs[i][1], role_agency_officer);
		struct transition provider = step(pairs[i][0], pairs[i][1], role_provider_manager);

		assert_accepted(ctx, transition_check(ctx, &agency));
		assert_accepted(ctx, transition_check(ctx, &provider));
	}
}

static void others_move_no_case(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition = step(case_status_inquiry, case_status_applied, role_auditor);

	assert_refused(ctx, transition_check(ctx, &transition), P_FORBIDDEN, NULL);
	assert_int_equal(party_of(role_ministry_officer), PARTY_NONE);
	assert_int_equal(party_of(role_none), PARTY_NONE);
}

static void a_grant_comes_with_its_decision(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition =
		step(case_status_refused, case_status_granted, role_agency_officer);
	int rc;

	assert_accepted(ctx, transition_check(ctx, &transition));
	transition.decided = false;
	rc = transition_check(ctx, &transition);
	assert_detail(ctx, LANGUAGE_EN, "Record the agency's decision; granted follows from it.");
	assert_refused(ctx, rc, P_DECISION_NEEDED, "/to");
}

static void other_steps_need_no_decision(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition =
		step(case_status_inquiry, case_status_applied, role_case_worker);

	transition.decided = false;
	assert_accepted(ctx, transition_check(ctx, &transition));
}

static void closing_has_a_reason(void **state)
{
	struct ctx *ctx = *state;
	struct transition transition =
		step(case_status_in_course, case_status_closed, role_case_worker);

	transition.close_reason = close_reason_none;
	assert_refused(ctx, transition_check(ctx, &transition), P_VALIDATION_FAILED,
		       "/close_reason");
}

static void a_course_and_aftercare_need_their_days(void **state)
{
	struct ctx *ctx = *state;
	struct transition begin =
		step(case_status_granted, case_status_in_course, role_case_worker);
	struct transition later = step(case_status_closed, case_status_aftercare, role_case_worker);

	begin.course_start = (struct date){ 0 };
	assert_refused(ctx, transition_check(ctx, &begin), P_NOT_GRANTED, "/to");
	later.course_end = (struct date){ 0 };
	assert_refused(ctx, transition_check(ctx, &later), P_COURSE_NOT_ENDED, "/to");
}

/* R15 */
static void running_is_from_the_grant_to_the_courses_end(void **state)
{
	(void)state;
	for (int i = case_status_inquiry; i <= case_status_closed; i++)
		assert_int_equal(case_is_running((enum case_status)i),
				 i == case_status_granted || i == case_status_in_course ||
					 i == case_status_suspended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(every_pair_is_as_the_way_says),
		RULE_TEST(an_illegal_step_says_what_would_be_right),
		RULE_TEST(only_the_agency_grants_and_refuses),
		RULE_TEST(the_agency_does_not_take_the_providers_steps),
		RULE_TEST(both_send_papers_back_and_end_a_course),
		RULE_TEST(others_move_no_case),
		RULE_TEST(a_grant_comes_with_its_decision),
		RULE_TEST(other_steps_need_no_decision),
		RULE_TEST(closing_has_a_reason),
		RULE_TEST(a_course_and_aftercare_need_their_days),
		RULE_TEST(running_is_from_the_grant_to_the_courses_end),
	};

	return cmocka_run_group_tests_name("rules_transitions", tests, NULL, NULL);
}
