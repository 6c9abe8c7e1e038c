#include "rules_kit.h"
#include "rules/services/aftercare.h"

/* A case whose course ended on 2018-02-28, five consultations of which `used` are used. */
struct story {
	struct case_facts facts;
	struct limit_terms limit;
	struct limit_use use;
	struct limit_uses uses;
	struct support_period support;
	struct support_periods supports;
	struct contract_term contract;
	struct contract_terms contracts;
	struct aftercare_facts aftercare;
};

static void story_begin(struct story *story)
{
	*story = (struct story){
		.facts = { .course_start = on("2017-09-02"),
			   .course_end = on("2018-02-28"),
			   .aftercare_until = on("2020-02-28"),
			   .aftercare_minutes = NUMBER(60) },
		.limit = { .id = TEXT("five"),
			   .unit = limit_unit_consultations,
			   .amount = NUMBER(5),
			   .period = limit_period_window },
		.use = { TEXT("five"), TEXT("whole"), NUMBER(0) },
		.contract = { TEXT("c"), on("2017-01-01"), { 0 } },
	};
	story->uses = (struct limit_uses){ &story->use, 1 };
	story->supports = (struct support_periods){ &story->support, 0 };
	story->contracts = (struct contract_terms){ &story->contract, 1 };
	story->aftercare = (struct aftercare_facts){ &story->facts, &story->limit, &story->uses,
						     &story->supports, &story->contracts };
}

static int counsel(struct ctx *ctx, const struct story *story, const char *start, int64_t minutes)
{
	const struct consultation_act act = { funding_state, at(start), NUMBER(minutes) };

	return aftercare_check(ctx, &story->aftercare, &act, "/day");
}

/* R3 */
static void the_window_is_open_through_its_last_day_in_riga(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	assert_accepted(ctx, counsel(ctx, &story, "2020-02-28T23:59:59+02:00", 60));
	rc = counsel(ctx, &story, "2020-02-28T22:00:00Z", 60);
	assert_detail(
		ctx, LANGUAGE_EN,
		"State-funded aftercare consultations lie after 2018-02-28 and until 2020-02-28.");
	assert_detail(
		ctx, LANGUAGE_LV,
		"Valsts finansētas konsultācijas pēc kursa ir pēc 2018-02-28 un līdz 2020-02-28.");
	assert_refused(ctx, rc, P_AFTERCARE_EXPIRED, "/day");
}

static void the_window_opens_the_day_after_the_course(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	assert_accepted(ctx, counsel(ctx, &story, "2018-02-28T22:00:00Z", 60));
	assert_refused(ctx, counsel(ctx, &story, "2018-02-28T21:59:59Z", 60), P_COURSE_NOT_ENDED,
		       "/day");
	story.facts.course_end = (struct date){ 0 };
	assert_refused(ctx, counsel(ctx, &story, "2018-03-28T10:00:00Z", 60), P_COURSE_NOT_ENDED,
		       "/day");
}

static void in_summer_midnight_comes_an_hour_earlier(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.facts.course_end = on("2018-06-30");
	assert_refused(ctx, counsel(ctx, &story, "2018-06-30T20:59:59Z", 60), P_COURSE_NOT_ENDED,
		       "/day");
	assert_accepted(ctx, counsel(ctx, &story, "2018-06-30T21:00:00Z", 60));
}

static void sixty_minutes_fit_and_sixty_one_do_not(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	assert_accepted(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 60));
	rc = counsel(ctx, &story, "2018-03-05T10:00:00Z", 61);
	assert_detail(ctx, LANGUAGE_EN, "At most 60 minutes each.");
	assert_refused(ctx, rc, P_AFTERCARE_TOO_LONG, "/minutes");
}

static void a_rule_set_without_a_length_and_an_unknown_length_are_refused(void **state)
{
	struct ctx *ctx = *state;
	struct consultation_act act = { funding_state, at("2018-03-05T10:00:00Z"), { 0 } };
	struct story story;

	story_begin(&story);
	act.minutes = (struct number){ 61, false };
	assert_refused(ctx, aftercare_check(ctx, &story.aftercare, &act, "/day"),
		       P_AFTERCARE_TOO_LONG, "/minutes");
	story.facts.aftercare_minutes = (struct number){ 0 };
	assert_refused(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 1), P_LIMIT_MISSING,
		       "/funding");
}

/* R3 */
static void the_fifth_is_the_last(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	story.use.used = NUMBER(4);
	assert_accepted(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 60));
	story.use.used = NUMBER(5);
	rc = counsel(ctx, &story, "2018-03-05T10:00:00Z", 60);
	assert_detail(ctx, LANGUAGE_EN,
		      "All 5 consultations after the course are planned or held.");
	assert_refused(ctx, rc, P_AFTERCARE_EXHAUSTED, "/day");
}

static void without_a_known_use_the_counter_alone_refuses(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.use.used = NUMBER(5);
	story.aftercare.uses = NULL;
	assert_accepted(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 60));
	story.aftercare.limit = NULL;
	assert_refused(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 60), P_LIMIT_MISSING,
		       "/funding");
}

/* R3 */
static void support_in_proceedings_takes_its_place_while_it_runs(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	story.support = (struct support_period){ on("2018-06-01"), on("2018-12-31"),
						 support_basis_injured_party_decision };
	story.supports.count = 1;
	assert_accepted(ctx, counsel(ctx, &story, "2018-05-31T10:00:00Z", 60));
	rc = counsel(ctx, &story, "2018-06-01T10:00:00Z", 60);
	assert_detail(ctx, LANGUAGE_EN, "A support period from 2018-06-01 covers the day.");
	assert_refused(ctx, rc, P_CRIMINAL_SUPPORT_ACTIVE, "/day");
	assert_refused(ctx, counsel(ctx, &story, "2018-12-31T10:00:00Z", 60),
		       P_CRIMINAL_SUPPORT_ACTIVE, "/day");
	assert_accepted(ctx, counsel(ctx, &story, "2019-01-01T10:00:00Z", 60));
	story.support.to = (struct date){ 0 };
	assert_refused(ctx, counsel(ctx, &story, "2019-01-01T10:00:00Z", 60),
		       P_CRIMINAL_SUPPORT_ACTIVE, "/day");
}

/* R31 */
static void a_limit_without_a_window_is_refused(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.facts.aftercare_until = (struct date){ 0 };
	assert_refused(ctx, counsel(ctx, &story, "2018-03-05T10:00:00Z", 60), P_LIMIT_MISSING,
		       "/funding");
}

static void it_outlives_the_contract_but_needs_one_to_be_paid(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.contract.to = on("2018-12-31");
	assert_accepted(ctx, counsel(ctx, &story, "2018-12-31T10:00:00Z", 60));
	assert_refused(ctx, counsel(ctx, &story, "2019-01-01T10:00:00Z", 60), P_NO_CONTRACT,
		       "/day");
}

static void other_money_is_never_refused(void **state)
{
	static const enum funding others[] = { funding_provider_own, funding_other };
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.use.used = NUMBER(5);
	story.contracts.count = 0;
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct consultation_act act = { others[i], at("2030-01-01T10:00:00Z"),
						      NUMBER(600) };

		assert_accepted(ctx, aftercare_check(ctx, &story.aftercare, &act, "/day"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(the_window_is_open_through_its_last_day_in_riga),
		RULE_TEST(the_window_opens_the_day_after_the_course),
		RULE_TEST(in_summer_midnight_comes_an_hour_earlier),
		RULE_TEST(sixty_minutes_fit_and_sixty_one_do_not),
		RULE_TEST(a_rule_set_without_a_length_and_an_unknown_length_are_refused),
		RULE_TEST(the_fifth_is_the_last),
		RULE_TEST(without_a_known_use_the_counter_alone_refuses),
		RULE_TEST(support_in_proceedings_takes_its_place_while_it_runs),
		RULE_TEST(a_limit_without_a_window_is_refused),
		RULE_TEST(it_outlives_the_contract_but_needs_one_to_be_paid),
		RULE_TEST(other_money_is_never_refused),
	};

	return cmocka_run_group_tests_name("rules_aftercare", tests, NULL, NULL);
}
