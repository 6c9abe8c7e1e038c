#include "rules_kit.h"
#include "rules/services/journey.h"

static void a_journey_goes_its_way(void **state)
{
	static const char *const ways[] = {
		[journey_state_none] = "planned under_way completed",
		[journey_state_planned] = "under_way cancelled",
		[journey_state_under_way] = "completed cancelled",
	};
	struct ctx *ctx = *state;

	for (int from = journey_state_none; from <= journey_state_under_way; from++)
		for (int to = journey_state_planned; to <= journey_state_cancelled; to++) {
			struct text rest = text_of(ways[from]);
			bool allowed = from == to;
			int rc = journey_state_check(ctx, (enum journey_state)from,
						     (enum journey_state)to);

			while (rest.ptr != NULL)
				allowed |= text_eq(text_cut(&rest, ' '),
						   enumeration_name(&journey_state_values, to));
			if (allowed)
				assert_accepted(ctx, rc);
			else
				assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/state");
		}
}

static void a_finished_journey_stays_finished(void **state)
{
	static const enum journey_state finals[] = { journey_state_completed,
						     journey_state_cancelled };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(finals); i++) {
		assert_accepted(ctx, journey_state_check(ctx, finals[i], finals[i]));
		assert_refused(ctx, journey_state_check(ctx, finals[i], journey_state_planned),
			       P_ALREADY_FINAL, "/state");
	}
}

static void a_wrong_state_says_which_are_right(void **state)
{
	struct ctx *ctx = *state;
	int rc = journey_state_check(ctx, journey_state_none, journey_state_cancelled);

	assert_detail(ctx, LANGUAGE_EN,
		      "From – one may go to: planned, under_way, completed; not to cancelled.");
	assert_refused(ctx, rc, P_ILLEGAL_TRANSITION, "/state");
}

static struct traveller_act child(const char *birth)
{
	return (struct traveller_act){ .funding = funding_state,
				       .kind = traveller_kind_child,
				       .day = on("2018-03-01"),
				       .age = { .birth_on = on(birth) },
				       .with_client = FLAG_YES };
}

/* R14 */
static void a_child_is_a_minor_on_the_day_of_travel(void **state)
{
	struct ctx *ctx = *state;
	struct traveller_act act = child("2000-03-02");
	int rc;

	assert_accepted(ctx, traveller_check(ctx, &act));
	act = child("2000-03-01");
	rc = traveller_check(ctx, &act);
	assert_detail(ctx, LANGUAGE_LV, "2018-03-01 persona nebija jaunāka par 18 gadiem.");
	assert_refused(ctx, rc, P_NOT_A_MINOR, NULL);
}

static void a_child_travels_with_the_client(void **state)
{
	struct ctx *ctx = *state;
	struct traveller_act act = child("2010-01-01");

	act.with_client = FLAG_NO;
	assert_refused(ctx, traveller_check(ctx, &act), P_NOT_WITH_CLIENT, "/with_client");
	act.with_client = FLAG_NONE;
	assert_accepted(ctx, traveller_check(ctx, &act));
}

static void clients_and_other_money_are_not_asked(void **state)
{
	struct ctx *ctx = *state;
	struct traveller_act act = child("1980-01-01");

	act.kind = traveller_kind_client;
	assert_accepted(ctx, traveller_check(ctx, &act));
	act.kind = traveller_kind_child;
	act.funding = funding_provider_own;
	assert_accepted(ctx, traveller_check(ctx, &act));
	act.funding = funding_other;
	assert_accepted(ctx, traveller_check(ctx, &act));
}

static void who_may_be_a_minor_is_not_certainly_of_age(void **state)
{
	const struct date day = on("2018-03-01");
	struct age_fact age = { 0 };

	(void)state;
	assert_false(age_is_adult(&age, day));
	age.minor = FLAG_YES;
	assert_false(age_is_adult(&age, day));
	age.minor = FLAG_NO;
	assert_true(age_is_adult(&age, day));
	age.birth_year = NUMBER(2000); /* a year says more than what was told */
	assert_false(age_is_adult(&age, day));
	age.birth_year = NUMBER(1999);
	assert_true(age_is_adult(&age, day));
	age.birth_on = on("2001-01-01");
	assert_false(age_is_adult(&age, day));
}

static struct escort_act escort(enum escort_reason reason)
{
	return (struct escort_act){ .funding = funding_state,
				    .reason = reason,
				    .day = on("2018-03-01"),
				    .client_age = { .birth_on = on("1990-01-01") } };
}

/* R14 */
static void an_escort_has_a_reason(void **state)
{
	struct ctx *ctx = *state;
	struct escort_act act = escort(escort_reason_none);
	int rc = escort_check(ctx, &act);

	assert_detail(ctx, LANGUAGE_EN,
		      "Give the reason: cannot_travel_alone, minor, safety or health.");
	assert_refused(ctx, rc, P_REASON_MISSING, "/reason");
	act.funding = funding_other;
	assert_accepted(ctx, escort_check(ctx, &act));
}

/* R14 */
static void not_knowing_who_can_travel_alone_never_refuses(void **state)
{
	static const enum flag known[] = { FLAG_NONE, FLAG_NO, FLAG_YES };
	static const enum escort_reason reasons[] = { escort_reason_cannot_travel_alone,
						      escort_reason_safety, escort_reason_health };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(known); i++)
		for (size_t j = 0; j < COUNT(reasons); j++) {
			struct escort_act act = escort(reasons[j]);

			act.can_travel_alone = known[i];
			assert_accepted(ctx, escort_check(ctx, &act));
		}
}

static void minority_is_no_reason_for_an_adult(void **state)
{
	struct ctx *ctx = *state;
	struct escort_act act = escort(escort_reason_minor);

	assert_refused(ctx, escort_check(ctx, &act), P_NOT_A_MINOR, "/reason");
	act.client_age.birth_on = on("2000-03-02");
	assert_accepted(ctx, escort_check(ctx, &act));
	act.client_age.birth_on = (struct date){ 0 };
	assert_accepted(ctx, escort_check(ctx, &act));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(a_journey_goes_its_way),
		RULE_TEST(a_finished_journey_stays_finished),
		RULE_TEST(a_wrong_state_says_which_are_right),
		RULE_TEST(a_child_is_a_minor_on_the_day_of_travel),
		RULE_TEST(a_child_travels_with_the_client),
		RULE_TEST(clients_and_other_money_are_not_asked),
		RULE_TEST(who_may_be_a_minor_is_not_certainly_of_age),
		RULE_TEST(an_escort_has_a_reason),
		RULE_TEST(not_knowing_who_can_travel_alone_never_refuses),
		RULE_TEST(minority_is_no_reason_for_an_adult),
	};

	return cmocka_run_group_tests_name("rules_journey", tests, NULL, NULL);
}
