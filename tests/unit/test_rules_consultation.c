#include "rules_kit.h"
#include "rules/services/consultation.h"

/* A grown-up's case whose course ran from 2017-03-01 to 2017-08-27. */
struct story {
	struct case_facts facts;
	struct limit_terms limits[3];
	struct support_period support;
	struct support_periods supports;
	struct limit_use used[3];
	struct limit_uses uses;
	struct contract_term contract;
	struct contract_terms contracts;
	struct consultation_facts known;
	struct consultation_terms terms;
};

static struct limit_terms limit_of(const char *id, enum limit_code code, const char *service,
				   int64_t amount, enum limit_period period)
{
	return (struct limit_terms){ .id = text_of(id),
				     .code = code,
				     .service = text_of(service),
				     .unit = limit_unit_consultations,
				     .amount = NUMBER(amount),
				     .period = period };
}

static void story_begin(struct story *story, enum entitlement entitlement, const char *start)
{
	*story = (struct story){
		.facts = { .granted_on = on("2017-02-20"),
			   .received_on = on("2017-02-01"),
			   .course_start = on("2017-03-01"),
			   .course_end = on("2017-08-27"),
			   .aftercare_until = on("2019-08-27"),
			   .course_days = NUMBER(180),
			   .aftercare_minutes = NUMBER(60) },
		.limits = { limit_of("after", limit_code_aftercare, "aftercare", 5,
				     limit_period_window),
			    limit_of("family", limit_code_family, "family", 5, limit_period_whole),
			    limit_of("year", limit_code_criminal_support_minutes,
				     "criminal_support", 150, limit_period_calendar_year) },
		.support = { on("2018-01-01"), on("2018-01-31"),
			     support_basis_injured_party_decision },
		.used = { { TEXT("after"), TEXT("whole"), NUMBER(5) },
			  { TEXT("family"), TEXT("whole"), NUMBER(5) },
			  { TEXT("year"), TEXT("2018"), NUMBER(150) } },
		.contract = { TEXT("c"), on("2017-01-01"), { 0 } },
		.terms = { .act = { funding_state, at(start), NUMBER(60) },
			   .entitlement = entitlement,
			   .specialist = specialist_kind_lawyer,
			   .outcome = consultation_outcome_planned },
	};
	story->supports = (struct support_periods){ &story->support, 1 };
	story->uses = (struct limit_uses){ story->used, 0 };
	story->contracts = (struct contract_terms){ &story->contract, 1 };
	story->known = (struct consultation_facts){ .facts = &story->facts,
						    .client_birth_on = on("2005-01-01"),
						    .member_in_latvia = FLAG_YES,
						    .limits = story->limits,
						    .limit_count = COUNT(story->limits),
						    .uses = &story->uses,
						    .supports = &story->supports,
						    .contracts = &story->contracts };
	if (entitlement == entitlement_family)
		story->terms.family_member_id = TEXT("mother");
}

static int check(struct ctx *ctx, const struct story *story)
{
	return consultation_check(ctx, &story->known, &story->terms);
}

static void start_up_needs_a_contract_only(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_start_up, "2017-01-10T10:00:00Z");
	story.terms.specialist = specialist_kind_social_worker;
	assert_accepted(ctx, check(ctx, &story));
	story.terms.act.start = at("2016-12-31T10:00:00Z");
	assert_refused(ctx, check(ctx, &story), P_NO_CONTRACT, "/starts_at");
}

static void start_up_is_case_management_and_no_other_consultation(void **state)
{
	static const enum specialist_kind others[] = { specialist_kind_lawyer,
						       specialist_kind_psychologist,
						       specialist_kind_other };
	struct ctx *ctx = *state;
	struct story story;

	for (size_t i = 0; i < COUNT(others); i++) {
		story_begin(&story, entitlement_start_up, "2017-02-19T10:00:00Z");
		story.terms.specialist = others[i];
		assert_refused(ctx, check(ctx, &story), P_NOT_GRANTED, "/starts_at");
		story.terms.act.start = at("2017-08-28T10:00:00Z");
		assert_refused(ctx, check(ctx, &story), P_OUTSIDE_COURSE, "/starts_at");
	}
}

static void a_course_consultation_lies_in_the_course(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_course, "2017-08-27T20:59:00Z");
	assert_accepted(ctx, check(ctx, &story));
	story.terms.act.start = at("2017-08-27T21:00:00Z"); /* midnight in Riga's summer */
	assert_refused(ctx, check(ctx, &story), P_OUTSIDE_COURSE, "/starts_at");
	story.facts.granted_on = (struct date){ 0 };
	assert_refused(ctx, check(ctx, &story), P_NOT_GRANTED, "/starts_at");
}

static void each_entitlement_finds_its_own_limit(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_aftercare, "2017-10-01T10:00:00Z");
	assert_accepted(ctx, check(ctx, &story));
	story.uses.count = 3;
	assert_refused(ctx, check(ctx, &story), P_AFTERCARE_EXHAUSTED, "/starts_at");
	story_begin(&story, entitlement_family, "2017-10-01T10:00:00Z");
	assert_accepted(ctx, check(ctx, &story));
	story.uses.count = 3;
	assert_refused(ctx, check(ctx, &story), P_FAMILY_LIMIT_REACHED, NULL);
	story_begin(&story, entitlement_criminal_support, "2018-01-10T10:00:00Z");
	assert_accepted(ctx, check(ctx, &story));
	story.uses.count = 3;
	assert_refused(ctx, check(ctx, &story), P_YEARLY_LIMIT_REACHED, "/starts_at");
}

static int ledger_check(struct ctx *ctx, const struct story *story, enum entitlement entitlement)
{
	struct limit_set limits = { story->limits, COUNT(story->limits) };

	return entitlement_check_limits(ctx, entitlement, &limits, on("2018-01-10"));
}

/* R31 */
static void an_entitlement_without_its_limit_is_refused(void **state)
{
	static const enum entitlement bounded[] = { entitlement_aftercare, entitlement_family,
						    entitlement_criminal_support };
	struct ctx *ctx = *state;
	struct story story;

	for (size_t i = 0; i < COUNT(bounded); i++) {
		story_begin(&story, bounded[i], "2017-10-01T10:00:00Z");
		assert_accepted(ctx, ledger_check(ctx, &story, bounded[i]));
		/* Another's, and a contract's of the same name, bound nothing here. */
		story.limits[i].contract_id = TEXT("c");
		assert_refused(ctx, ledger_check(ctx, &story, bounded[i]), P_LIMIT_MISSING,
			       "/funding");
		if (bounded[i] == entitlement_criminal_support)
			story.terms.act.start = at("2018-01-10T10:00:00Z");
		assert_refused(ctx, check(ctx, &story), P_LIMIT_MISSING, "/funding");
		story.terms.act.funding = funding_provider_own;
		assert_accepted(ctx, check(ctx, &story));
	}
	story_begin(&story, entitlement_course, "2017-10-01T10:00:00Z");
	story.known.limit_count = 0;
	assert_accepted(ctx, ledger_check(ctx, &story, entitlement_course));
	assert_refused(ctx, ledger_check(ctx, &story, entitlement_none), P_LIMIT_MISSING,
		       "/funding");
}

static void a_contract_with_limits_has_all_of_them(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_criminal_support, "2018-01-10T10:00:00Z");
	story.limits[1].contract_id = TEXT("c");
	story.limits[1].starts_on = on("2017-01-01");
	story.limits[1].ends_on = on("2018-12-31");
	assert_refused(ctx, ledger_check(ctx, &story, entitlement_criminal_support),
		       P_LIMIT_MISSING, "/funding");
	/* Before it is in force it bounds nothing. */
	story.limits[1].starts_on = on("2018-01-11");
	assert_accepted(ctx, ledger_check(ctx, &story, entitlement_criminal_support));
	story.limits[1].starts_on = on("2017-01-01");
	story.limits[1].code = limit_code_criminal_support_consultations;
	assert_accepted(ctx, ledger_check(ctx, &story, entitlement_criminal_support));
}

static void the_entitlements_own_rules_are_asked(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_aftercare, "2018-01-10T10:00:00Z");
	assert_refused(ctx, check(ctx, &story), P_CRIMINAL_SUPPORT_ACTIVE, "/starts_at");
	story_begin(&story, entitlement_criminal_support, "2018-02-10T10:00:00Z");
	assert_refused(ctx, check(ctx, &story), P_NO_SUPPORT_BASIS, "/starts_at");
	story_begin(&story, entitlement_family, "2017-10-01T10:00:00Z");
	story.known.client_birth_on = on("1990-01-01");
	assert_refused(ctx, check(ctx, &story), P_NOT_A_MINOR, NULL);
}

static void criminal_support_has_no_other_specialist(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_criminal_support, "2018-01-10T10:00:00Z");
	story.terms.specialist = specialist_kind_other;
	assert_refused(ctx, check(ctx, &story), P_SPECIALIST_NOT_COVERED, "/specialist_kind");
	story.terms.entitlement = entitlement_aftercare;
	story.supports.count = 0;
	assert_accepted(ctx, check(ctx, &story));
}

static void a_member_goes_with_the_family_entitlement(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story, entitlement_family, "2017-10-01T10:00:00Z");
	story.terms.family_member_id = TEXT_NULL;
	rc = check(ctx, &story);
	assert_int_equal(ctx->violations[0].problem, P_REQUIRED);
	assert_refused(ctx, rc, P_VALIDATION_FAILED, "/family_member_id");
	story_begin(&story, entitlement_course, "2017-05-01T10:00:00Z");
	story.terms.family_member_id = TEXT("mother");
	rc = check(ctx, &story);
	assert_int_equal(ctx->violations[0].problem, P_NOT_FOR_FAMILY);
	assert_refused(ctx, rc, P_VALIDATION_FAILED, "/family_member_id");
}

static void what_consumes_nothing_is_not_refused(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_course, "2030-05-01T10:00:00Z");
	assert_refused(ctx, check(ctx, &story), P_OUTSIDE_COURSE, "/starts_at");
	story.terms.outcome = consultation_outcome_cancelled;
	assert_accepted(ctx, check(ctx, &story));
	story.terms.outcome = consultation_outcome_no_show;
	assert_accepted(ctx, check(ctx, &story));
	story.facts.no_show_consumes = FLAG_YES;
	assert_refused(ctx, check(ctx, &story), P_OUTSIDE_COURSE, "/starts_at");
}

static void other_money_is_never_refused(void **state)
{
	static const enum funding others[] = { funding_provider_own, funding_other };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(others); i++)
		for (int entitlement = entitlement_start_up; entitlement <= entitlement_family;
		     entitlement++) {
			struct story story;

			story_begin(&story, (enum entitlement)entitlement, "2030-05-01T10:00:00Z");
			story.terms.specialist = specialist_kind_other;
			story.terms.act.funding = others[i];
			story.contracts.count = 0;
			story.uses.count = 3;
			assert_accepted(ctx, check(ctx, &story));
		}
}

static void units_are_taken_as_the_outcome_says(void **state)
{
	struct consultation_terms terms = { .act = { .funding = funding_state } };

	(void)state;
	assert_false(consultation_consumes(&terms, FLAG_YES));
	terms.outcome = consultation_outcome_planned;
	assert_true(consultation_consumes(&terms, FLAG_NONE));
	terms.outcome = consultation_outcome_held;
	assert_true(consultation_consumes(&terms, FLAG_NONE));
	terms.outcome = consultation_outcome_no_show;
	assert_false(consultation_consumes(&terms, FLAG_NONE));
	assert_false(consultation_consumes(&terms, FLAG_NO));
	assert_true(consultation_consumes(&terms, FLAG_YES));
	terms.outcome = consultation_outcome_cancelled;
	assert_false(consultation_consumes(&terms, FLAG_YES));
	terms.outcome = consultation_outcome_held;
	terms.act.funding = funding_other;
	assert_false(consultation_consumes(&terms, FLAG_YES));
}

static void limits_are_those_of_the_entitlement_up_to_the_most(void **state)
{
	const struct limit_terms *found[2];
	struct story story;

	(void)state;
	story_begin(&story, entitlement_criminal_support, "2018-01-10T10:00:00Z");
	assert_int_equal(consultation_limits(&story.terms, story.limits, 3, found, 2), 1);
	assert_ptr_equal(found[0], &story.limits[2]);
	story.limits[0].service = story.limits[1].service = TEXT("criminal_support");
	assert_int_equal(consultation_limits(&story.terms, story.limits, 3, found, 2), 2);
	story.terms.entitlement = entitlement_course;
	assert_int_equal(consultation_limits(&story.terms, story.limits, 3, found, 2), 0);
}

/* R19 */
static void what_was_delivered_is_not_edited(void **state)
{
	static const enum consultation_outcome finals[] = { consultation_outcome_held,
							    consultation_outcome_no_show,
							    consultation_outcome_cancelled };
	const struct instant now = at("2018-01-10T12:00:00Z");
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_course, "2018-01-10T10:00:00Z");
	for (size_t i = 0; i < COUNT(finals); i++) {
		int rc;

		story.terms.outcome = finals[i];
		assert_accepted(ctx, consultation_outcome_check(ctx, consultation_outcome_planned,
								&story.terms, now));
		assert_accepted(ctx, consultation_outcome_check(ctx, consultation_outcome_none,
								&story.terms, now));
		rc = consultation_outcome_check(ctx, finals[i], &story.terms, now);
		assert_detail(
			ctx, LANGUAGE_EN,
			"What was delivered or decided is not edited: record a correction that "
			"names it.");
		assert_refused(ctx, rc, P_ALREADY_FINAL, NULL);
	}
}

static void nothing_is_held_before_it_starts(void **state)
{
	const struct instant now = at("2018-01-10T10:00:00Z");
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story, entitlement_course, "2018-01-10T10:00:00Z");
	story.terms.outcome = consultation_outcome_held;
	assert_accepted(ctx, consultation_outcome_check(ctx, consultation_outcome_planned,
							&story.terms, now));
	story.terms.act.start = at("2018-01-10T10:00:01Z");
	assert_refused(
		ctx,
		consultation_outcome_check(ctx, consultation_outcome_planned, &story.terms, now),
		P_IN_THE_FUTURE, "/outcome");
	story.terms.outcome = consultation_outcome_no_show;
	assert_refused(
		ctx, consultation_outcome_check(ctx, consultation_outcome_none, &story.terms, now),
		P_IN_THE_FUTURE, "/outcome");
	story.terms.outcome = consultation_outcome_planned;
	assert_accepted(ctx, consultation_outcome_check(ctx, consultation_outcome_planned,
							&story.terms, now));
	story.terms.outcome = consultation_outcome_cancelled;
	assert_accepted(ctx, consultation_outcome_check(ctx, consultation_outcome_planned,
							&story.terms, now));
}

/* R19 */
static void a_correction_names_what_is_final_and_uncorrected(void **state)
{
	struct ctx *ctx = *state;

	assert_accepted(ctx, correction_check(ctx, consultation_outcome_held, FLAG_NO));
	assert_accepted(ctx, correction_check(ctx, consultation_outcome_cancelled, FLAG_NONE));
	assert_refused(ctx, correction_check(ctx, consultation_outcome_planned, FLAG_NO),
		       P_NOT_FINAL, "/corrects_id");
	assert_refused(ctx, correction_check(ctx, consultation_outcome_none, FLAG_NO), P_NOT_FINAL,
		       "/corrects_id");
	assert_refused(ctx, correction_check(ctx, consultation_outcome_held, FLAG_YES), P_CONFLICT,
		       "/corrects_id");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(start_up_needs_a_contract_only),
		RULE_TEST(start_up_is_case_management_and_no_other_consultation),
		RULE_TEST(a_course_consultation_lies_in_the_course),
		RULE_TEST(each_entitlement_finds_its_own_limit),
		RULE_TEST(an_entitlement_without_its_limit_is_refused),
		RULE_TEST(a_contract_with_limits_has_all_of_them),
		RULE_TEST(the_entitlements_own_rules_are_asked),
		RULE_TEST(criminal_support_has_no_other_specialist),
		RULE_TEST(a_member_goes_with_the_family_entitlement),
		RULE_TEST(what_consumes_nothing_is_not_refused),
		RULE_TEST(other_money_is_never_refused),
		RULE_TEST(units_are_taken_as_the_outcome_says),
		RULE_TEST(limits_are_those_of_the_entitlement_up_to_the_most),
		RULE_TEST(what_was_delivered_is_not_edited),
		RULE_TEST(nothing_is_held_before_it_starts),
		RULE_TEST(a_correction_names_what_is_final_and_uncorrected),
	};

	return cmocka_run_group_tests_name("rules_consultation", tests, NULL, NULL);
}
