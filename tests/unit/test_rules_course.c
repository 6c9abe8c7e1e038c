#include "rules_kit.h"
#include "rules/services/course.h"

/* The contract of 2017–2018 and nothing after it. */
static struct contract_terms contracts(void)
{
	static struct contract_term term;

	term = (struct contract_term){ TEXT("c"), on("2017-01-01"), on("2018-12-31") };
	return (struct contract_terms){ &term, 1 };
}

static struct case_facts facts(void)
{
	return (struct case_facts){ .granted_on = on("2017-02-20"),
				    .course_start = on("2017-03-01"),
				    .course_end = on("2017-08-27"),
				    .course_days = NUMBER(180) };
}

static int serve(struct ctx *ctx, const struct case_facts *of, const char *day,
		 enum funding funding)
{
	const struct contract_terms terms = contracts();
	const struct service_act act = { funding, on(day) };

	return course_service_check(ctx, of, &terms, &act, "/starts_at");
}

static void a_course_from_the_first_of_march_has_its_180th_day_on_27_august(void **state)
{
	(void)state;
	assert_int_equal(course_last_day(on("2017-03-01"), NUMBER(180)).day, on("2017-08-27").day);
	assert_int_equal(course_last_day(on("2020-02-28"), NUMBER(2)).day, on("2020-02-29").day);
	assert_int_equal(course_last_day(on("2017-03-01"), NUMBER(1)).day, on("2017-03-01").day);
	assert_int_equal(course_last_day((struct date){ 0 }, NUMBER(180)).day, 0);
	assert_int_equal(course_last_day(on("2017-03-01"), (struct number){ 0 }).day, 0);
}

/* R1 */
static void day_180_is_a_course_and_day_181_is_none(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;
	int rc;

	assert_accepted(ctx, course_check(ctx, &of));
	of.course_end = on("2017-08-28");
	rc = course_check(ctx, &of);
	assert_detail(ctx, LANGUAGE_EN, "A course of 180 days at most may last until 2017-08-27.");
	assert_detail(ctx, LANGUAGE_LV, "Ne vairāk kā 180 dienu kurss var ilgt līdz 2017-08-27.");
	assert_refused(ctx, rc, P_COURSE_TOO_LONG, "/course_end");
}

static void a_leap_day_is_a_day_of_the_course(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.course_start = on("2020-02-01");
	of.course_end = on("2020-07-29");
	assert_accepted(ctx, course_check(ctx, &of));
	of.course_end = on("2020-07-30");
	assert_refused(ctx, course_check(ctx, &of), P_COURSE_TOO_LONG, "/course_end");
}

static void an_amendment_adds_the_suspended_days(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.suspended_days = NUMBER(10);
	of.course_end = on("2017-09-06");
	assert_accepted(ctx, course_check(ctx, &of));
	of.course_end = on("2017-09-07");
	assert_refused(ctx, course_check(ctx, &of), P_COURSE_TOO_LONG, "/course_end");
}

static void a_course_does_not_end_before_it_starts(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.course_end = of.course_start;
	assert_accepted(ctx, course_check(ctx, &of));
	of.course_end = on("2017-02-28");
	assert_refused(ctx, course_check(ctx, &of), P_END_BEFORE_START, "/course_end");
}

static void an_unknown_course_is_not_too_long(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.course_end = on("2019-01-01");
	of.course_days = (struct number){ 0 };
	assert_refused(ctx, course_check(ctx, &of), P_LIMIT_MISSING, NULL);
	of.course_end = (struct date){ 0 };
	assert_refused(ctx, course_check(ctx, &of), P_LIMIT_MISSING, NULL);
	of.course_days = NUMBER(180);
	assert_accepted(ctx, course_check(ctx, &of));
	of = (struct case_facts){ .course_end = on("2019-01-01"), .course_days = NUMBER(180) };
	assert_accepted(ctx, course_check(ctx, &of));
}

/* R2 */
static void services_lie_from_the_first_to_the_last_day(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;
	int rc;

	assert_accepted(ctx, serve(ctx, &of, "2017-03-01", funding_state));
	assert_accepted(ctx, serve(ctx, &of, "2017-08-27", funding_state));
	rc = serve(ctx, &of, "2017-08-28", funding_state);
	assert_detail(ctx, LANGUAGE_LV,
		      "Valsts finansēti kursa pakalpojumi ir no 2017-03-01 līdz 2017-08-27; lai "
		      "palīdzību tomēr reģistrētu, izvēlieties citu finansējumu.");
	assert_refused(ctx, rc, P_OUTSIDE_COURSE, "/starts_at");
	assert_refused(ctx, serve(ctx, &of, "2017-02-28", funding_state), P_OUTSIDE_COURSE,
		       "/starts_at");
}

static void a_course_without_its_days_pays_for_nothing(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.course_end = (struct date){ 0 };
	assert_refused(ctx, serve(ctx, &of, "2018-08-28", funding_state), P_OUTSIDE_COURSE,
		       "/starts_at");
	assert_accepted(ctx, serve(ctx, &of, "2018-08-28", funding_other));
	of.course_start = (struct date){ 0 };
	assert_refused(ctx, serve(ctx, &of, "2018-08-28", funding_state), P_OUTSIDE_COURSE,
		       "/starts_at");
}

/* R13 */
static void nothing_is_state_funded_before_the_grant(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	of.granted_on = on("2017-03-10");
	assert_refused(ctx, serve(ctx, &of, "2017-03-09", funding_state), P_NOT_GRANTED,
		       "/starts_at");
	assert_accepted(ctx, serve(ctx, &of, "2017-03-10", funding_state));
	of.granted_on = (struct date){ 0 };
	assert_refused(ctx, serve(ctx, &of, "2017-03-10", funding_state), P_NOT_GRANTED,
		       "/starts_at");
}

/* R2 */
static void a_day_without_a_contract_is_not_state_funded(void **state)
{
	struct case_facts of = facts();
	struct ctx *ctx = *state;
	int rc;

	of.course_start = on("2018-12-01");
	of.course_end = on("2019-05-29");
	assert_accepted(ctx, serve(ctx, &of, "2018-12-31", funding_state));
	rc = serve(ctx, &of, "2019-01-01", funding_state);
	assert_detail(ctx, LANGUAGE_EN,
		      "On 2019-01-01 no contract with this provider is in force; choose another "
		      "funding to record the help all the same.");
	assert_refused(ctx, rc, P_NO_CONTRACT, "/starts_at");
}

static void other_money_is_never_refused(void **state)
{
	static const enum funding others[] = { funding_provider_own, funding_other };
	struct case_facts nothing = { 0 };
	const struct contract_terms none = { NULL, 0 };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(others); i++) {
		const struct service_act act = { others[i], on("2030-01-01") };

		assert_accepted(ctx,
				course_service_check(ctx, &nothing, &none, &act, "/starts_at"));
		assert_accepted(ctx, start_up_check(ctx, service_kind_goods, &nothing, &none, &act,
						    "/starts_at"));
	}
}

static void a_contract_covers_both_its_ends_and_an_open_one_all_after(void **state)
{
	const struct contract_term items[] = {
		{ TEXT("a"), on("2017-01-01"), on("2018-12-31") },
		{ TEXT("b"), on("2019-02-01"), { 0 } },
	};
	const struct contract_terms terms = { items, COUNT(items) };

	(void)state;
	assert_null(contract_find(&terms, on("2016-12-31")));
	assert_ptr_equal(contract_find(&terms, on("2017-01-01")), &items[0]);
	assert_ptr_equal(contract_find(&terms, on("2018-12-31")), &items[0]);
	assert_null(contract_find(&terms, on("2019-01-31")));
	assert_ptr_equal(contract_find(&terms, on("2199-01-01")), &items[1]);
}

/* R13 */
static void start_up_kinds_come_before_the_grant(void **state)
{
	static const enum service_kind early[] = {
		service_kind_commission,      service_kind_journey,
		service_kind_escort,	      service_kind_accommodation_abroad,
		service_kind_case_management, service_kind_interpretation,
	};
	const struct contract_terms terms = contracts();
	const struct service_act act = { funding_state, on("2017-01-15") };
	struct case_facts potential_client = { 0 };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(early); i++)
		assert_accepted(ctx, start_up_check(ctx, early[i], &potential_client, &terms, &act,
						    "/day"));
	for (int kind = service_kind_accommodation; kind <= service_kind_goods; kind++)
		assert_refused(ctx,
			       start_up_check(ctx, (enum service_kind)kind, &potential_client,
					      &terms, &act, "/day"),
			       P_NOT_GRANTED, "/day");
}

static void start_up_needs_a_contract_too(void **state)
{
	const struct contract_terms terms = contracts();
	const struct service_act act = { funding_state, on("2019-01-15") };
	struct case_facts of = facts();
	struct ctx *ctx = *state;

	assert_refused(ctx, start_up_check(ctx, service_kind_journey, &of, &terms, &act, "/day"),
		       P_NO_CONTRACT, "/day");
	/* What is no start-up lies in the course, whatever it is called. */
	assert_refused(ctx, start_up_check(ctx, service_kind_goods, &of, &terms, &act, "/day"),
		       P_OUTSIDE_COURSE, "/day");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(a_course_from_the_first_of_march_has_its_180th_day_on_27_august),
		RULE_TEST(day_180_is_a_course_and_day_181_is_none),
		RULE_TEST(a_leap_day_is_a_day_of_the_course),
		RULE_TEST(an_amendment_adds_the_suspended_days),
		RULE_TEST(a_course_does_not_end_before_it_starts),
		RULE_TEST(an_unknown_course_is_not_too_long),
		RULE_TEST(services_lie_from_the_first_to_the_last_day),
		RULE_TEST(a_course_without_its_days_pays_for_nothing),
		RULE_TEST(nothing_is_state_funded_before_the_grant),
		RULE_TEST(a_day_without_a_contract_is_not_state_funded),
		RULE_TEST(other_money_is_never_refused),
		RULE_TEST(a_contract_covers_both_its_ends_and_an_open_one_all_after),
		RULE_TEST(start_up_kinds_come_before_the_grant),
		RULE_TEST(start_up_needs_a_contract_too),
	};

	return cmocka_run_group_tests_name("rules_course", tests, NULL, NULL);
}
