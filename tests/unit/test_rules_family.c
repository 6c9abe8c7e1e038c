#include "rules_kit.h"
#include "rules/services/family.h"

/* A client who turned 18 the day after applying, and whose mother is in Latvia. */
struct story {
	struct case_facts facts;
	struct limit_terms limit;
	struct limit_use use;
	struct limit_uses uses;
	struct contract_term contract;
	struct contract_terms contracts;
	struct family_facts family;
};

static void story_begin(struct story *story)
{
	*story = (struct story){
		.facts = { .received_on = on("2018-03-01"), .granted_on = on("2018-03-10") },
		.limit = { .id = TEXT("five"),
			   .unit = limit_unit_consultations,
			   .amount = NUMBER(5),
			   .period = limit_period_whole },
		.use = { TEXT("five"), TEXT("whole"), NUMBER(4) },
		.contract = { TEXT("c"), on("2017-01-01"), { 0 } },
	};
	story->uses = (struct limit_uses){ &story->use, 1 };
	story->contracts = (struct contract_terms){ &story->contract, 1 };
	story->family = (struct family_facts){ &story->facts, on("2000-03-02"), FLAG_YES,
					       &story->limit, &story->uses,	&story->contracts };
}

static int counsel(struct ctx *ctx, const struct story *story, const char *start)
{
	const struct consultation_act act = { funding_state, at(start), NUMBER(90) };

	return family_check(ctx, &story->family, &act, "/day");
}

/* R7 */
static void the_age_is_that_of_the_applications_day(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	assert_accepted(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"));
	story.family.client_birth_on = on("2000-03-01");
	rc = counsel(ctx, &story, "2018-05-01T10:00:00Z");
	assert_detail(ctx, LANGUAGE_EN, "On 2018-03-01 the person was not under 18.");
	assert_refused(ctx, rc, P_NOT_A_MINOR, NULL);
}

static void a_leap_days_child_is_of_age_on_the_first_of_march(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.family.client_birth_on = on("2000-02-29");
	story.facts.received_on = on("2018-02-28");
	assert_accepted(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"));
	story.facts.received_on = on("2018-03-01");
	assert_refused(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"), P_NOT_A_MINOR, NULL);
}

static void an_unknown_age_is_presumed_a_minors(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.family.client_birth_on = (struct date){ 0 };
	assert_accepted(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"));
	story.family.client_birth_on = on("1980-01-01");
	story.facts.received_on = (struct date){ 0 };
	assert_accepted(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"));
}

static void the_member_is_known_to_be_in_latvia(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.family.member_in_latvia = FLAG_NO;
	assert_refused(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"), P_NOT_IN_LATVIA,
		       "/family_member_id");
	story.family.member_in_latvia = FLAG_NONE;
	assert_refused(ctx, counsel(ctx, &story, "2018-05-01T10:00:00Z"), P_NOT_IN_LATVIA,
		       "/family_member_id");
}

/* R7 */
static void five_are_five_in_whatever_year(void **state)
{
	struct ctx *ctx = *state;
	struct story story;
	int rc;

	story_begin(&story);
	assert_accepted(ctx, counsel(ctx, &story, "2028-05-01T10:00:00Z"));
	story.use.used = NUMBER(5);
	rc = counsel(ctx, &story, "2028-05-01T10:00:00Z");
	assert_detail(
		ctx, LANGUAGE_LV,
		"Visas 5 nepilngadīgā klienta ģimenes konsultācijas ir ieplānotas vai notikušas.");
	assert_refused(ctx, rc, P_FAMILY_LIMIT_REACHED, NULL);
	story.family.uses = NULL;
	assert_accepted(ctx, counsel(ctx, &story, "2028-05-01T10:00:00Z"));
	story.family.limit = NULL;
	rc = counsel(ctx, &story, "2028-05-01T10:00:00Z");
	assert_detail(ctx, LANGUAGE_LV,
		      "Noteikumu kopā vai līgumā trūkst ierobežojuma family; kamēr ministrija to"
		      " nav ievadījusi, valsts nefinansē neko, ko tas ierobežo. Lai palīdzību"
		      " tomēr reģistrētu, izvēlieties citu finansējumu.");
	assert_refused(ctx, rc, P_LIMIT_MISSING, "/funding");
}

static void it_starts_with_the_grant_and_needs_a_contract(void **state)
{
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	assert_refused(ctx, counsel(ctx, &story, "2018-03-09T10:00:00Z"), P_NOT_GRANTED, "/day");
	assert_accepted(ctx, counsel(ctx, &story, "2018-03-10T10:00:00Z"));
	story.contracts.count = 0;
	assert_refused(ctx, counsel(ctx, &story, "2018-03-10T10:00:00Z"), P_NO_CONTRACT, "/day");
}

static void other_money_is_never_refused(void **state)
{
	static const enum funding others[] = { funding_provider_own, funding_other };
	struct ctx *ctx = *state;
	struct story story;

	story_begin(&story);
	story.use.used = NUMBER(5);
	story.family.member_in_latvia = FLAG_NO;
	story.family.client_birth_on = on("1980-01-01");
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct consultation_act act = { others[i], at("2018-01-01T10:00:00Z"),
						      NUMBER(60) };

		assert_accepted(ctx, family_check(ctx, &story.family, &act, "/day"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(the_age_is_that_of_the_applications_day),
		RULE_TEST(a_leap_days_child_is_of_age_on_the_first_of_march),
		RULE_TEST(an_unknown_age_is_presumed_a_minors),
		RULE_TEST(the_member_is_known_to_be_in_latvia),
		RULE_TEST(five_are_five_in_whatever_year),
		RULE_TEST(it_starts_with_the_grant_and_needs_a_contract),
		RULE_TEST(other_money_is_never_refused),
	};

	return cmocka_run_group_tests_name("rules_family", tests, NULL, NULL);
}
