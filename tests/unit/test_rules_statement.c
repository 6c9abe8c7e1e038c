#include "rules_kit.h"
#include "rules/contracts/statement.h"

#define MANAGER role_provider_manager
#define MINISTRY role_ministry_officer

static void each_side_takes_its_own_steps(void **state)
{
	static const struct {
		enum statement_state from, to;
		enum role role;
	} steps[] = {
		{ statement_state_none, statement_state_drafted, MANAGER },
		{ statement_state_drafted, statement_state_submitted, MANAGER },
		{ statement_state_returned, statement_state_drafted, MANAGER },
		{ statement_state_returned, statement_state_submitted, MANAGER },
		{ statement_state_submitted, statement_state_returned, MINISTRY },
		{ statement_state_submitted, statement_state_accepted, MINISTRY },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(steps); i++) {
		enum role other = steps[i].role == MANAGER ? MINISTRY : MANAGER;

		assert_accepted(
			ctx, statement_state_check(ctx, steps[i].role, steps[i].from, steps[i].to));
		assert_refused(ctx, statement_state_check(ctx, other, steps[i].from, steps[i].to),
			       P_FORBIDDEN, NULL);
	}
}

static void from_acceptance_there_is_no_way(void **state)
{
	struct ctx *ctx = *state;

	for (int to = statement_state_drafted; to < statement_state_accepted; to++)
		assert_refused(ctx,
			       statement_state_check(ctx, MANAGER, statement_state_accepted,
						     (enum statement_state)to),
			       P_ILLEGAL_TRANSITION, "/state");
	assert_refused(ctx,
		       statement_state_check(ctx, MANAGER, statement_state_none,
					     statement_state_submitted),
		       P_ILLEGAL_TRANSITION, "/state");
}

static void a_month_is_over_on_the_next_ones_first_day(void **state)
{
	struct ctx *ctx = *state;
	int rc = statement_month_check(ctx, TEXT("2018-12"), on("2018-12-31"));

	assert_detail(ctx, LANGUAGE_EN, "A statement may be submitted from 2019-01-01.");
	assert_refused(ctx, rc, P_MONTH_NOT_OVER, "/state");
	assert_accepted(ctx, statement_month_check(ctx, TEXT("2018-12"), on("2019-01-01")));
	assert_refused(ctx, statement_month_check(ctx, TEXT("2020-02"), on("2020-02-29")),
		       P_MONTH_NOT_OVER, "/state");
	assert_accepted(ctx, statement_month_check(ctx, TEXT("2020-02"), on("2020-03-01")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(each_side_takes_its_own_steps),
		RULE_TEST(from_acceptance_there_is_no_way),
		RULE_TEST(a_month_is_over_on_the_next_ones_first_day),
	};

	return cmocka_run_group_tests_name("rules_statement", tests, NULL, NULL);
}
