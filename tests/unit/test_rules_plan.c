#include "rules_kit.h"
#include "rules/services/plan.h"

static struct case_facts facts(void)
{
	return (struct case_facts){ .course_start = on("2017-03-01"),
				    .course_end = on("2017-08-27") };
}

static struct plan_terms plan(void)
{
	return (struct plan_terms){ .drawn_on = on("2017-03-10"),
				    .starts_on = on("2017-03-15"),
				    .ends_on = on("2017-08-27"),
				    .assessed_on = on("2017-03-10") };
}

/* R16 */
static void an_assessment_comes_first(void **state)
{
	struct case_facts of = facts();
	struct plan_terms terms = plan();
	struct ctx *ctx = *state;
	int rc;

	assert_accepted(ctx, plan_check(ctx, &of, &terms));
	terms.assessed_on = on("2017-03-11");
	rc = plan_check(ctx, &of, &terms);
	assert_detail(ctx, LANGUAGE_EN, "Record the assessment of functional abilities first.");
	assert_detail(ctx, LANGUAGE_LV, "Vispirms reģistrējiet funkcionālo spēju novērtēšanu.");
	assert_refused(ctx, rc, P_ASSESSMENT_MISSING, NULL);
	terms.assessed_on = (struct date){ 0 };
	assert_refused(ctx, plan_check(ctx, &of, &terms), P_ASSESSMENT_MISSING, NULL);
}

/* R16 */
static void it_ends_with_the_course_at_the_latest(void **state)
{
	struct case_facts of = facts();
	struct plan_terms terms = plan();
	struct ctx *ctx = *state;
	int rc;

	terms.ends_on = on("2017-08-28");
	rc = plan_check(ctx, &of, &terms);
	assert_detail(ctx, LANGUAGE_EN, "The plan may last until 2017-08-27.");
	assert_refused(ctx, rc, P_PLAN_TOO_LONG, "/ends_on");
	of.course_end = (struct date){ 0 };
	assert_accepted(ctx, plan_check(ctx, &of, &terms));
	terms.ends_on = (struct date){ 0 };
	assert_accepted(ctx, plan_check(ctx, &of, &terms));
	terms.ends_on = on("2017-03-15");
	assert_accepted(ctx, plan_check(ctx, &of, &terms));
	terms.ends_on = on("2017-03-14");
	assert_refused(ctx, plan_check(ctx, &of, &terms), P_END_BEFORE_START, "/ends_on");
}

static void it_goes_from_draft_to_its_end(void **state)
{
	static const char *const ways[] = {
		[plan_status_none] = "draft",
		[plan_status_draft] = "agreed",
		[plan_status_agreed] = "active replaced",
		[plan_status_active] = "replaced completed",
		[plan_status_replaced] = "",
		[plan_status_completed] = "",
	};
	struct ctx *ctx = *state;

	for (int from = plan_status_none; from <= plan_status_completed; from++)
		for (int to = plan_status_draft; to <= plan_status_completed; to++) {
			struct text rest = text_of(ways[from]);
			bool allowed = from == to;
			int rc = plan_status_check(ctx, (enum plan_status)from,
						   (enum plan_status)to);

			while (rest.ptr != NULL)
				allowed |= text_eq(text_cut(&rest, ' '),
						   enumeration_name(&plan_status_values, to));
			if (allowed)
				assert_accepted(ctx, rc);
			else
				assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/status");
		}
}

static void from_the_end_there_is_no_way(void **state)
{
	struct ctx *ctx = *state;
	int rc = plan_status_check(ctx, plan_status_completed, plan_status_draft);

	assert_detail(ctx, LANGUAGE_EN, "From completed one may go to: –; not to draft.");
	assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/status");
}

/* R16, R19 */
static void only_a_draft_is_edited(void **state)
{
	struct ctx *ctx = *state;

	assert_accepted(ctx, plan_edit_check(ctx, plan_status_none));
	assert_accepted(ctx, plan_edit_check(ctx, plan_status_draft));
	for (int status = plan_status_agreed; status <= plan_status_completed; status++)
		assert_refused(ctx, plan_edit_check(ctx, (enum plan_status)status), P_ALREADY_FINAL,
			       NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(an_assessment_comes_first),
		RULE_TEST(it_ends_with_the_course_at_the_latest),
		RULE_TEST(it_goes_from_draft_to_its_end),
		RULE_TEST(from_the_end_there_is_no_way),
		RULE_TEST(only_a_draft_is_edited),
	};

	return cmocka_run_group_tests_name("rules_plan", tests, NULL, NULL);
}
