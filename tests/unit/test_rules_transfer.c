#include "rules_kit.h"
#include "rules/sharing/transfer.h"

/* From one provider to another on 2018-03-01, under a contract from that day to the year's end. */
static int ask(struct ctx *ctx, struct transfer_request request)
{
	const struct contract_term term = { TEXT("c"), on("2018-03-01"), on("2018-12-31") };
	const struct contract_terms contracts = { &term, 1 };

	if (request.status == case_status_none)
		request.status = case_status_in_course;
	if (request.to.ptr == NULL)
		request.to = TEXT("b");
	if (request.to_active == FLAG_NONE)
		request.to_active = FLAG_YES;
	if (request.requested_on.day == 0)
		request.requested_on = on("2018-03-01");
	request.from = TEXT("a");
	request.contracts = &contracts;
	return transfer_request_check(ctx, &request);
}

static int ask_in(struct ctx *ctx, enum case_status status)
{
	return ask(ctx, (struct transfer_request){ .status = status });
}

static int ask_with(struct ctx *ctx, struct notes_consent consent)
{
	return ask(ctx, (struct transfer_request){ .with_notes = true, .consent = &consent });
}

static void what_is_granted_and_not_over_is_handed_over(void **state)
{
	static const enum case_status open[] = { case_status_granted, case_status_in_course,
						 case_status_suspended, case_status_aftercare };
	static const enum case_status shut[] = {
		case_status_inquiry, case_status_applied,   case_status_under_assessment,
		case_status_refused, case_status_withdrawn, case_status_awaiting_decision,
		case_status_closed,
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(open); i++)
		assert_accepted(ctx, ask_in(ctx, open[i]));
	for (size_t i = 0; i < COUNT(shut); i++)
		assert_refused(ctx, ask_in(ctx, shut[i]), P_NOT_TRANSFERABLE, NULL);
}

static void the_refusal_says_where_the_case_stands(void **state)
{
	struct ctx *ctx = *state;
	int rc = ask_in(ctx, case_status_inquiry);

	assert_detail(ctx, LANGUAGE_EN,
		      "A case that is inquiry is not handed over: before the grant the client "
		      "applies at the chosen provider; a closed one is opened again first.");
	assert_refused(ctx, rc, P_NOT_TRANSFERABLE, NULL);
}

static void the_receiver_is_another_provider(void **state)
{
	assert_refused(*state, ask(*state, (struct transfer_request){ .to = TEXT("a") }),
		       P_CONSTRAINT, "/to_provider_id");
}

static void the_receiver_is_active_and_under_contract_on_the_day(void **state)
{
	struct transfer_request early = { .requested_on = on("2018-02-28") };
	struct transfer_request last = { .requested_on = on("2018-12-31") };
	struct transfer_request late = { .requested_on = on("2019-01-01") };
	struct transfer_request idle = { .to_active = FLAG_NO };
	struct ctx *ctx = *state;

	assert_refused(ctx, ask(ctx, early), P_PROVIDER_NOT_CONTRACTED, "/to_provider_id");
	assert_accepted(ctx, ask(ctx, last));
	assert_refused(ctx, ask(ctx, late), P_PROVIDER_NOT_CONTRACTED, "/to_provider_id");
	assert_refused(ctx, ask(ctx, idle), P_PROVIDER_NOT_CONTRACTED, "/to_provider_id");
}

/* R20 */
static void notes_go_with_a_consent_that_names_them_and_the_receiver(void **state)
{
	struct notes_consent consent = { true, TEXT("b"), on("2018-02-20"), { 0 }, { 0 } };
	struct ctx *ctx = *state;

	assert_accepted(ctx, ask_with(ctx, consent));
	consent.for_notes = false;
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
	consent.for_notes = true;
	consent.to = TEXT("a");
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
	consent.to = TEXT_NULL;
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
	assert_refused(ctx, ask(ctx, (struct transfer_request){ .with_notes = true }),
		       P_CONSENT_MISSING, "/notes_consent_id");
}

static void the_consent_is_in_force_on_the_requests_day(void **state)
{
	struct notes_consent consent = { true, TEXT("b"), on("2018-03-01"), on("2018-03-01"),
					 on("2018-03-02") };
	struct ctx *ctx = *state;

	assert_accepted(ctx, ask_with(ctx, consent));
	consent.given_on = on("2018-03-02");
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
	consent.given_on = on("2018-02-01");
	consent.valid_until = on("2018-02-28");
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
	consent.valid_until = (struct date){ 0 };
	consent.withdrawn_on = on("2018-03-01");
	assert_refused(ctx, ask_with(ctx, consent), P_CONSENT_MISSING, "/notes_consent_id");
}

/* R20. Each step of the giver's, told by hand: what is requested is revoked, and nothing else
 * moves. */
static void the_giver_only_revokes_and_only_what_waits(void **state)
{
	static const struct {
		enum transfer_state from, to;
		enum problem refused;
	} steps[] = {
		{ transfer_state_requested, transfer_state_requested, P_NONE },
		{ transfer_state_requested, transfer_state_accepted, P_ILLEGAL_TRANSITION },
		{ transfer_state_requested, transfer_state_rejected, P_ILLEGAL_TRANSITION },
		{ transfer_state_requested, transfer_state_revoked, P_NONE },
		{ transfer_state_accepted, transfer_state_requested, P_ALREADY_FINAL },
		{ transfer_state_accepted, transfer_state_accepted, P_NONE },
		{ transfer_state_accepted, transfer_state_rejected, P_ALREADY_FINAL },
		{ transfer_state_accepted, transfer_state_revoked, P_ALREADY_FINAL },
		{ transfer_state_rejected, transfer_state_requested, P_ALREADY_FINAL },
		{ transfer_state_rejected, transfer_state_accepted, P_ALREADY_FINAL },
		{ transfer_state_rejected, transfer_state_rejected, P_NONE },
		{ transfer_state_rejected, transfer_state_revoked, P_ALREADY_FINAL },
		{ transfer_state_revoked, transfer_state_requested, P_ALREADY_FINAL },
		{ transfer_state_revoked, transfer_state_accepted, P_ALREADY_FINAL },
		{ transfer_state_revoked, transfer_state_rejected, P_ALREADY_FINAL },
		{ transfer_state_revoked, transfer_state_revoked, P_NONE },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(steps); i++) {
		int rc = transfer_step_check(ctx, steps[i].from, steps[i].to);

		if (steps[i].refused == P_NONE)
			assert_accepted(ctx, rc);
		else
			assert_refused(ctx, rc, steps[i].refused,
				       steps[i].refused == P_ILLEGAL_TRANSITION ? "/state" : NULL);
	}
}

/* Each status at the moment of the answer, told by hand. */
static void an_acceptance_needs_a_case_that_still_goes(void **state)
{
	static const struct {
		enum case_status status;
		bool goes;
	} cases[] = {
		{ case_status_inquiry, false },
		{ case_status_applied, false },
		{ case_status_under_assessment, false },
		{ case_status_refused, false },
		{ case_status_awaiting_decision, false },
		{ case_status_granted, true },
		{ case_status_in_course, true },
		{ case_status_suspended, true },
		{ case_status_aftercare, true },
		{ case_status_withdrawn, false },
		{ case_status_closed, false },
	};
	struct ctx *ctx = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc = transfer_answer_check(ctx, transfer_state_requested,
					       transfer_answer_accepted, cases[i].status);

		if (cases[i].goes)
			assert_accepted(ctx, rc);
		else
			assert_refused(ctx, rc, P_NOT_TRANSFERABLE, NULL);
		assert_accepted(ctx,
				transfer_answer_check(ctx, transfer_state_requested,
						      transfer_answer_rejected, cases[i].status));
	}
}

static void an_answer_comes_once_and_a_rejection_always_may(void **state)
{
	struct ctx *ctx = *state;

	for (int from = transfer_state_accepted; from <= transfer_state_revoked; from++)
		assert_refused(ctx,
			       transfer_answer_check(ctx, (enum transfer_state)from,
						     transfer_answer_rejected,
						     case_status_in_course),
			       P_ALREADY_FINAL, NULL);
	assert_accepted(ctx,
			transfer_answer_check(ctx, transfer_state_requested,
					      transfer_answer_accepted, case_status_suspended));
	assert_refused(ctx,
		       transfer_answer_check(ctx, transfer_state_requested,
					     transfer_answer_accepted, case_status_closed),
		       P_NOT_TRANSFERABLE, NULL);
	assert_accepted(ctx, transfer_answer_check(ctx, transfer_state_requested,
						   transfer_answer_rejected, case_status_closed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(what_is_granted_and_not_over_is_handed_over),
		RULE_TEST(the_refusal_says_where_the_case_stands),
		RULE_TEST(the_receiver_is_another_provider),
		RULE_TEST(the_receiver_is_active_and_under_contract_on_the_day),
		RULE_TEST(notes_go_with_a_consent_that_names_them_and_the_receiver),
		RULE_TEST(the_consent_is_in_force_on_the_requests_day),
		RULE_TEST(the_giver_only_revokes_and_only_what_waits),
		RULE_TEST(an_acceptance_needs_a_case_that_still_goes),
		RULE_TEST(an_answer_comes_once_and_a_rejection_always_may),
	};

	return cmocka_run_group_tests_name("rules_transfer", tests, NULL, NULL);
}
