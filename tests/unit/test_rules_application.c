#include "rules_kit.h"
#include "rules/admission/application.h"

static int apply(struct ctx *ctx, enum flag active, const char *day)
{
	const struct contract_term term = { TEXT("c"), on("2017-01-01"), on("2018-12-31") };
	const struct contract_terms terms = { &term, 1 };

	return application_check(ctx, active, &terms, on(day));
}

/* R8 */
static void the_provider_is_active_and_under_contract_that_day(void **state)
{
	struct ctx *ctx = *state;
	int rc;

	assert_accepted(ctx, apply(ctx, FLAG_YES, "2018-12-31"));
	rc = apply(ctx, FLAG_YES, "2019-01-01");
	assert_detail(
		ctx, LANGUAGE_EN,
		"On 2019-01-01 the provider is not active or not party to a contract in force.");
	assert_detail(ctx, LANGUAGE_LV,
		      "2019-01-01 sniedzējs nav aktīvs vai nav spēkā esoša līguma puse.");
	assert_refused(ctx, rc, P_PROVIDER_NOT_CONTRACTED, "/chosen_provider_id");
	assert_refused(ctx, apply(ctx, FLAG_NO, "2018-12-31"), P_PROVIDER_NOT_CONTRACTED,
		       "/chosen_provider_id");
	assert_refused(ctx, apply(ctx, FLAG_NONE, "2018-12-31"), P_PROVIDER_NOT_CONTRACTED,
		       "/chosen_provider_id");
}

static int present(struct ctx *ctx, enum basis_kind kind, const struct identification_fact *of)
{
	const struct basis_document document = { kind };
	const struct basis_facts facts = { on("2018-03-01"), &document, 1, of, of != NULL };

	return basis_check(ctx, &facts);
}

/* R9 */
static void there_is_a_written_application(void **state)
{
	const struct basis_document document = { basis_kind_victim_decision };
	const struct basis_facts facts = { { 0 }, &document, 1, NULL, 0 };
	struct ctx *ctx = *state;

	assert_refused(ctx, basis_check(ctx, &facts), P_BASIS_MISSING, NULL);
}

static void one_document_of_these_suffices(void **state)
{
	struct ctx *ctx = *state;

	assert_accepted(ctx, present(ctx, basis_kind_victim_decision, NULL));
	assert_accepted(ctx, present(ctx, basis_kind_law_enforcement_certificate, NULL));
	assert_accepted(ctx, present(ctx, basis_kind_assessment_protocol, NULL));
}

static void a_foreign_certificate_beside_another_document_suffices(void **state)
{
	const struct basis_document documents[] = { { basis_kind_foreign_certificate },
						    { basis_kind_victim_decision } };
	const struct basis_facts facts = { on("2018-03-01"), documents, 2, NULL, 0 };

	assert_accepted(*state, basis_check(*state, &facts));
}

/* R9 */
static void a_foreign_certificate_alone_or_nothing_needs_the_commission(void **state)
{
	const struct identification_fact meets = { identified_by_commission, conclusion_meets,
						   on("2018-03-05") };
	const struct basis_facts nothing = { on("2018-03-01"), NULL, 0, NULL, 0 };
	const struct basis_facts commission = { on("2018-03-01"), NULL, 0, &meets, 1 };
	struct ctx *ctx = *state;

	assert_refused(ctx, present(ctx, basis_kind_foreign_certificate, NULL), P_COMMISSION_NEEDED,
		       NULL);
	assert_refused(ctx, present(ctx, basis_kind_none, NULL), P_COMMISSION_NEEDED, NULL);
	assert_refused(ctx, basis_check(ctx, &nothing), P_COMMISSION_NEEDED, NULL);
	assert_accepted(ctx, present(ctx, basis_kind_foreign_certificate, &meets));
	assert_accepted(ctx, basis_check(ctx, &commission));
}

static void only_a_closed_commission_that_meets_counts(void **state)
{
	const struct identification_fact open = { identified_by_commission,
						  conclusion_meets,
						  { 0 } };
	const struct identification_fact not_met = { identified_by_commission,
						     conclusion_does_not_meet, on("2018-03-05") };
	const struct identification_fact abroad = { identified_by_foreign_authority,
						    conclusion_meets, on("2018-03-05") };
	struct ctx *ctx = *state;

	assert_refused(ctx, present(ctx, basis_kind_foreign_certificate, &open),
		       P_COMMISSION_NEEDED, NULL);
	assert_refused(ctx, present(ctx, basis_kind_foreign_certificate, &not_met),
		       P_COMMISSION_NEEDED, NULL);
	assert_refused(ctx, present(ctx, basis_kind_foreign_certificate, &abroad),
		       P_COMMISSION_NEEDED, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(the_provider_is_active_and_under_contract_that_day),
		RULE_TEST(there_is_a_written_application),
		RULE_TEST(one_document_of_these_suffices),
		RULE_TEST(a_foreign_certificate_beside_another_document_suffices),
		RULE_TEST(a_foreign_certificate_alone_or_nothing_needs_the_commission),
		RULE_TEST(only_a_closed_commission_that_meets_counts),
	};

	return cmocka_run_group_tests_name("rules_application", tests, NULL, NULL);
}
