#include "rules_kit.h"
#include "rules/proceedings/criminal.h"

/* A course that ended on 2018-02-28, an injured party's support since June, both limits of 2018. */
struct story {
	struct case_facts facts;
	struct support_period support;
	struct support_periods supports;
	struct limit_terms hours;
	struct limit_terms pieces;
	const struct limit_terms *limits[2];
	struct limit_use used[3];
	struct limit_uses uses;
	struct contract_term contract;
	struct contract_terms contracts;
	struct support_facts all;
};

static void story_begin(struct story *story)
{
	*story = (struct story){
		.facts = { .course_end = on("2018-02-28"), .witness_supported = FLAG_YES },
		.support = { on("2018-06-01"), { 0 }, support_basis_injured_party_decision },
		.hours = { .id = TEXT("hours"),
			   .code = limit_code_criminal_support_minutes,
			   .unit = limit_unit_minutes,
			   .amount = NUMBER(9000),
			   .period = limit_period_calendar_year },
		.pieces = { .id = TEXT("pieces"),
			    .code = limit_code_criminal_support_consultations,
			    .unit = limit_unit_consultations,
			    .amount = NUMBER(150),
			    .period = limit_period_calendar_year },
		.used = { { TEXT("hours"), TEXT("2018"), NUMBER(0) },
			  { TEXT("hours"), TEXT("2019"), NUMBER(0) },
			  { TEXT("pieces"), TEXT("2018"), NUMBER(0) } },
		.contract = { TEXT("c"), on("2017-01-01"), { 0 } },
	};
	story->supports = (struct support_periods){ &story->support, 1 };
	story->limits[0] = &story->hours;
	story->limits[1] = &story->pieces;
	story->uses = (struct limit_uses){ story->used, COUNT(story->used) };
	story->contracts = (struct contract_terms){ &story->contract, 1 };
	story->all = (struct support_facts){ &story->facts, &story->supports, story->limits, 2,
					     &story->uses,  &story->contracts };
}

static int support(struct ctx *ctx, const struct story *story, const char *start, int64_t minutes)
{
	const struct support_act act = { funding_state, at(start), NUMBER(minutes), true };

	return support_check(ctx, &story->all, &act, "/day");
}

/* R4 */
static void it_comes_after_the_course(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.facts.course_end = on("2018-07-31");
	assert_refused(ctx, support(ctx, &story, "2018-07-31T10:00:00Z", 60), P_COURSE_NOT_ENDED,
		       "/day");
	assert_accepted(ctx, support(ctx, &story, "2018-08-01T10:00:00Z", 60));
	story.facts.course_end = (struct date){ 0 };
	assert_refused(ctx, support(ctx, &story, "2018-08-01T10:00:00Z", 60), P_COURSE_NOT_ENDED,
		       "/day");
}

static void it_rests_on_a_period_that_covers_the_day(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	rc = support(ctx, &story, "2018-05-31T10:00:00Z", 60);
	assert_detail(ctx, LANGUAGE_LV,
		      "2018-05-31 nav spēkā atbalsta perioda ar lēmumu par cietušā statusu vai "
		      "liecinieka izziņu; lai palīdzību tomēr reģistrētu, izvēlieties citu "
		      "finansējumu.");
	assert_refused(ctx, rc, P_NO_SUPPORT_BASIS, "/day");
	assert_accepted(ctx, support(ctx, &story, "2018-06-01T10:00:00Z", 60));
	story.support.basis = support_basis_none;
	assert_refused(ctx, support(ctx, &story, "2018-06-01T10:00:00Z", 60), P_NO_SUPPORT_BASIS,
		       "/day");
}

static void a_witness_counts_where_the_rule_set_says_so(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.support.basis = support_basis_witness_certificate;
	assert_accepted(ctx, support(ctx, &story, "2018-07-01T10:00:00Z", 60));
	story.facts.witness_supported = FLAG_NO;
	assert_refused(ctx, support(ctx, &story, "2018-07-01T10:00:00Z", 60), P_NO_SUPPORT_BASIS,
		       "/day");
	story.support.basis = support_basis_injured_party_decision;
	assert_accepted(ctx, support(ctx, &story, "2018-07-01T10:00:00Z", 60));
}

/* R4 */
static void each_minute_stands_in_its_own_year(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	story.used[0].used = NUMBER(8980);
	story.used[1].used = NUMBER(8960);
	assert_accepted(ctx, support(ctx, &story, "2018-12-31T23:40:00+02:00", 60));
	rc = support(ctx, &story, "2018-12-31T23:40:00+02:00", 61);
	assert_detail(ctx, LANGUAGE_EN,
		      "Of 9000 in 2019, < 41 are left; choose another funding to record the help "
		      "all the same.");
	assert_refused(ctx, rc, P_YEARLY_LIMIT_REACHED, "/day");
	assert_refused(ctx, support(ctx, &story, "2018-12-31T23:39:00+02:00", 60),
		       P_YEARLY_LIMIT_REACHED, "/day");
}

static void only_consultations_count_in_consultations(void **state)
{
	struct ctx *ctx = *state;
	struct support_act act = { funding_state, at("2018-07-01T10:00:00Z"), NUMBER(60), true };
	struct story story;

	story_begin(&story);
	story.used[2].used = NUMBER(150);
	assert_refused(ctx, support_check(ctx, &story.all, &act, "/day"), P_YEARLY_LIMIT_REACHED,
		       "/day");
	act.consultation = false;
	assert_accepted(ctx, support_check(ctx, &story.all, &act, "/day"));
	act.consultation = true;
	story.all.uses = NULL;
	assert_accepted(ctx, support_check(ctx, &story.all, &act, "/day"));
}

static void it_needs_a_contract(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.contracts.count = 0;
	assert_refused(ctx, support(ctx, &story, "2018-07-01T10:00:00Z", 60), P_NO_CONTRACT,
		       "/day");
}

static void a_period_covers_both_its_days(void **state)
{
	const struct support_period items[] = {
		{ on("2018-06-01"), on("2018-06-30"), support_basis_injured_party_decision },
		{ on("2019-01-01"), { 0 }, support_basis_injured_party_decision },
	};
	const struct support_periods periods = { items, COUNT(items) };

	(void)state;
	assert_null(support_find(&periods, on("2018-05-31")));
	assert_ptr_equal(support_find(&periods, on("2018-06-01")), &items[0]);
	assert_ptr_equal(support_find(&periods, on("2018-06-30")), &items[0]);
	assert_null(support_find(&periods, on("2018-07-01")));
	assert_ptr_equal(support_find(&periods, on("2030-07-01")), &items[1]);
}

/* R31 */
static void without_the_rule_sets_minutes_the_state_pays_nothing(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	story.hours.contract_id = TEXT("c");
	rc = support(ctx, &story, "2018-06-01T10:00:00Z", 60);
	assert_refused(ctx, rc, P_LIMIT_MISSING, "/funding");
	story_begin(&story);
	story.hours.amount = (struct number){ 0 };
	rc = support(ctx, &story, "2018-06-01T10:00:00Z", 60);
	assert_refused(ctx, rc, P_LIMIT_MISSING, "/funding");
	story_begin(&story);
	story.all.limit_count = 0;
	story.all.uses = NULL;
	rc = support(ctx, &story, "2018-06-01T10:00:00Z", 60);
	assert_refused(ctx, rc, P_LIMIT_MISSING, "/funding");
}

/* R5 */
static void the_state_does_not_pay_a_second_interpreter(void **state)
{
	struct case_facts facts = { .interpreter_only_where_none = FLAG_YES };
	struct ctx *ctx = *state;

	assert_refused(ctx, interpreter_check(ctx, &facts, funding_state, FLAG_YES),
		       P_INTERPRETER_PROVIDED, "/interpreter_provided");
	assert_accepted(ctx, interpreter_check(ctx, &facts, funding_state, FLAG_NO));
	assert_accepted(ctx, interpreter_check(ctx, &facts, funding_state, FLAG_NONE));
	assert_accepted(ctx, interpreter_check(ctx, &facts, funding_other, FLAG_YES));
	facts.interpreter_only_where_none = FLAG_NO;
	assert_accepted(ctx, interpreter_check(ctx, &facts, funding_state, FLAG_YES));
	facts.interpreter_only_where_none = FLAG_NONE;
	assert_refused(ctx, interpreter_check(ctx, &facts, funding_state, FLAG_YES),
		       P_INTERPRETER_PROVIDED, "/interpreter_provided");
}

static struct mandate mandate(void)
{
	return (struct mandate){ .granted_on = on("2018-05-01"),
				 .revoked_on = on("2018-09-01"),
				 .valid_until = on("2018-12-31"),
				 .given_by = mandate_giver_client };
}

static int represent(struct ctx *ctx, const struct mandate *of, size_t count, const char *day)
{
	const struct mandates mandates = { of, count };

	return representation_check(ctx, &mandates,
				    &(struct service_act){ funding_state, on(day) });
}

/* R6 */
static void a_mandate_is_in_force_from_its_grant_to_its_revocation(void **state)
{
	struct mandate of = mandate();
	struct ctx *ctx = *state;
	int rc;

	rc = represent(ctx, &of, 1, "2018-04-30");
	assert_detail(
		ctx, LANGUAGE_EN,
		"On 2018-04-30 no power of attorney given by the client or the representative "
		"is in force.");
	assert_refused(ctx, rc, P_NO_POWER_OF_ATTORNEY, "/hearing_id");
	assert_accepted(ctx, represent(ctx, &of, 1, "2018-05-01"));
	assert_accepted(ctx, represent(ctx, &of, 1, "2018-08-31"));
	assert_refused(ctx, represent(ctx, &of, 1, "2018-09-01"), P_NO_POWER_OF_ATTORNEY,
		       "/hearing_id");
	of.revoked_on = (struct date){ 0 };
	assert_accepted(ctx, represent(ctx, &of, 1, "2018-12-31"));
	assert_refused(ctx, represent(ctx, &of, 1, "2019-01-01"), P_NO_POWER_OF_ATTORNEY,
		       "/hearing_id");
	of.valid_until = (struct date){ 0 };
	assert_accepted(ctx, represent(ctx, &of, 1, "2030-01-01"));
}

static void a_mandate_has_a_giver_and_a_day(void **state)
{
	struct mandate of = mandate();
	struct ctx *ctx = *state;

	of.given_by = mandate_giver_none;
	assert_refused(ctx, represent(ctx, &of, 1, "2018-05-02"), P_NO_POWER_OF_ATTORNEY,
		       "/hearing_id");
	of.given_by = mandate_giver_representative;
	assert_accepted(ctx, represent(ctx, &of, 1, "2018-05-02"));
	of.granted_on = (struct date){ 0 };
	assert_refused(ctx, represent(ctx, &of, 1, "2018-05-02"), P_NO_POWER_OF_ATTORNEY,
		       "/hearing_id");
	assert_refused(ctx, represent(ctx, NULL, 0, "2018-05-02"), P_NO_POWER_OF_ATTORNEY,
		       "/hearing_id");
}

static void other_money_is_never_refused(void **state)
{
	static const enum funding others[] = { funding_provider_own, funding_other };
	const struct mandates none = { NULL, 0 };
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.facts.course_end = (struct date){ 0 };
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct support_act act = { others[i], at("2018-07-01T10:00:00Z"), NUMBER(60),
						 true };
		const struct service_act hearing = { others[i], on("2018-07-01") };

		assert_accepted(ctx, support_check(ctx, &story.all, &act, "/day"));
		assert_accepted(ctx, representation_check(ctx, &none, &hearing));
	}
}

static void a_period_rests_on_the_document_that_gives_the_role(void **state)
{
	const struct support_document decision = { support_basis_injured_party_decision,
						   on("2018-06-01") };
	const struct support_document certificate = { support_basis_witness_certificate,
						      on("2018-06-01") };
	const struct support_document nothing = { 0 };
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	assert_int_equal(support_period_basis_check(ctx, &story.facts, &decision, &story.support),
			 0);
	assert_refused(ctx, support_period_basis_check(ctx, &story.facts, &nothing, &story.support),
		       P_NO_SUPPORT_BASIS, "/proceeding_id");
	assert_refused(ctx,
		       support_period_basis_check(ctx, &story.facts, &certificate, &story.support),
		       P_NO_SUPPORT_BASIS, "/basis");
	story.support.from = on("2018-05-31");
	assert_refused(ctx,
		       support_period_basis_check(ctx, &story.facts, &decision, &story.support),
		       P_NO_SUPPORT_BASIS, "/starts_on");
	story.support = (struct support_period){ on("2018-06-01"),
						 { 0 },
						 support_basis_witness_certificate };
	assert_int_equal(
		support_period_basis_check(ctx, &story.facts, &certificate, &story.support), 0);
	story.facts.witness_supported = FLAG_NO;
	assert_refused(ctx,
		       support_period_basis_check(ctx, &story.facts, &certificate, &story.support),
		       P_NO_SUPPORT_BASIS, "/basis");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(it_comes_after_the_course),
		RULE_TEST(it_rests_on_a_period_that_covers_the_day),
		RULE_TEST(a_witness_counts_where_the_rule_set_says_so),
		RULE_TEST(each_minute_stands_in_its_own_year),
		RULE_TEST(only_consultations_count_in_consultations),
		RULE_TEST(it_needs_a_contract),
		RULE_TEST(a_period_covers_both_its_days),
		RULE_TEST(without_the_rule_sets_minutes_the_state_pays_nothing),
		RULE_TEST(the_state_does_not_pay_a_second_interpreter),
		RULE_TEST(a_mandate_is_in_force_from_its_grant_to_its_revocation),
		RULE_TEST(a_mandate_has_a_giver_and_a_day),
		RULE_TEST(a_period_rests_on_the_document_that_gives_the_role),
		RULE_TEST(other_money_is_never_refused),
	};

	return cmocka_run_group_tests_name("rules_criminal", tests, NULL, NULL);
}
