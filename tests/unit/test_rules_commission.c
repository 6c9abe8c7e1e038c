#include "rules_kit.h"
#include "rules/admission/commission.h"

#define FOUR 4

/* Four people who all vote the same, and a fifth; of the police officer's only the name is known.
 */
static void sit(struct commission_member members[FOUR + 1], enum conclusion vote)
{
	static const char *const names[] = { "Anna", "Baiba", "Carl", "Didzis", "Elza" };
	static const enum profession professions[] = { profession_social_worker,
						       profession_psychologist, profession_lawyer,
						       profession_police_officer,
						       profession_other };

	for (size_t i = 0; i <= FOUR; i++)
		members[i] = (struct commission_member){ .user_id = { &"abcde"[i], 1 },
							 .name = text_of(names[i]),
							 .profession = professions[i],
							 .vote = vote };
	members[3].user_id = TEXT_NULL;
}

static int conclude(struct ctx *ctx, const struct commission_member *items, size_t count,
		    enum conclusion *ret)
{
	const struct commission_members members = { items, count };

	return commission_conclude(ctx, &members, ret);
}

/* R10 */
static void each_of_the_four_professions_is_needed(void **state)
{
	static const char *const names[] = { "social_worker", "psychologist", "lawyer",
					     "police_officer" };
	struct ctx *ctx = *state;

	for (size_t i = 0; i < FOUR; i++) {
		struct commission_member members[FOUR + 1];
		enum conclusion conclusion = conclusion_none;
		int rc;

		sit(members, conclusion_meets);
		members[i].profession = profession_other;
		rc = conclude(ctx, members, FOUR, &conclusion);
		assert_true(text_is(ctx->words[0], names[i]));
		assert_refused(ctx, rc, P_COMMISSION_INCOMPLETE, "/conclusion");
		assert_int_equal(conclusion, conclusion_none);
	}
}

static void an_empty_commission_lacks_all_four(void **state)
{
	struct ctx *ctx = *state;
	enum conclusion conclusion;
	int rc = conclude(ctx, NULL, 0, &conclusion);

	assert_detail(
		ctx, LANGUAGE_EN,
		"Missing: social_worker, psychologist, lawyer, police_officer. A social worker, "
		"a psychologist, a lawyer and a police officer, four different people, must "
		"vote.");
	assert_refused(ctx, rc, P_COMMISSION_INCOMPLETE, "/conclusion");
}

static void all_vote_the_fifth_too(void **state)
{
	struct commission_member members[FOUR + 1];
	struct ctx *ctx = *state;
	enum conclusion conclusion;
	int rc;

	sit(members, conclusion_meets);
	members[1].vote = conclusion_none;
	rc = conclude(ctx, members, FOUR, &conclusion);
	assert_true(text_is(ctx->words[0], "psychologist"));
	assert_refused(ctx, rc, P_COMMISSION_INCOMPLETE, "/conclusion");
	sit(members, conclusion_meets);
	members[4].vote = conclusion_none;
	rc = conclude(ctx, members, FOUR + 1, &conclusion);
	assert_true(text_is(ctx->words[0], "other"));
	assert_refused(ctx, rc, P_COMMISSION_INCOMPLETE, "/conclusion");
}

static void nobody_sits_for_two_professions(void **state)
{
	struct commission_member members[FOUR + 1];
	struct ctx *ctx = *state;
	enum conclusion conclusion;

	sit(members, conclusion_meets);
	members[1].user_id = members[0].user_id;
	assert_refused(ctx, conclude(ctx, members, FOUR, &conclusion), P_COMMISSION_INCOMPLETE,
		       "/conclusion");
	sit(members, conclusion_meets);
	members[3].name = members[0].name; /* known by name only */
	assert_refused(ctx, conclude(ctx, members, FOUR, &conclusion), P_COMMISSION_INCOMPLETE,
		       "/conclusion");
}

static void namesakes_with_accounts_are_two_people(void **state)
{
	struct commission_member members[FOUR + 1];
	struct ctx *ctx = *state;
	enum conclusion conclusion;

	sit(members, conclusion_meets);
	members[1].name = members[0].name;
	assert_accepted(ctx, conclude(ctx, members, FOUR, &conclusion));
	members[3].name = TEXT_NULL; /* a nameless outsider is nobody of the others */
	members[2].name = TEXT_NULL;
	assert_accepted(ctx, conclude(ctx, members, FOUR, &conclusion));
}

static void a_repeated_member_votes_once(void **state)
{
	struct commission_member members[FOUR + 1];
	struct ctx *ctx = *state;
	enum conclusion conclusion;

	sit(members, conclusion_meets);
	members[2].vote = conclusion_does_not_meet;
	members[3].vote = conclusion_does_not_meet;
	members[4].user_id = members[0].user_id;
	assert_accepted(ctx, conclude(ctx, members, FOUR + 1, &conclusion));
	assert_int_equal(conclusion, conclusion_more_information);
	members[4].vote = conclusion_none;
	assert_accepted(ctx, conclude(ctx, members, FOUR + 1, &conclusion));
}

/* R10 */
static void the_majority_concludes_and_a_tie_asks_for_more(void **state)
{
	static const struct {
		enum conclusion votes[FOUR];
		enum conclusion expected;
	} rows[] = {
		{ { conclusion_meets, conclusion_meets, conclusion_meets, conclusion_meets },
		  conclusion_meets },
		{ { conclusion_meets, conclusion_meets, conclusion_meets,
		    conclusion_does_not_meet },
		  conclusion_meets },
		{ { conclusion_does_not_meet, conclusion_does_not_meet, conclusion_meets,
		    conclusion_does_not_meet },
		  conclusion_does_not_meet },
		{ { conclusion_meets, conclusion_meets, conclusion_does_not_meet,
		    conclusion_does_not_meet },
		  conclusion_more_information },
		{ { conclusion_meets, conclusion_meets, conclusion_more_information,
		    conclusion_does_not_meet },
		  conclusion_more_information },
		{ { conclusion_more_information, conclusion_more_information,
		    conclusion_more_information, conclusion_meets },
		  conclusion_more_information },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct commission_member members[FOUR + 1];
		enum conclusion conclusion;

		sit(members, conclusion_meets);
		for (size_t j = 0; j < FOUR; j++)
			members[j].vote = rows[i].votes[j];
		assert_accepted(*state, conclude(*state, members, FOUR, &conclusion));
		assert_int_equal(conclusion, rows[i].expected);
	}
}

static void one_of_all_has_no_account(void **state)
{
	const struct commission_member account = { .user_id = TEXT("f"),
						   .profession = profession_other };
	const struct commission_member named = { .name = TEXT("Frida"),
						 .profession = profession_other };
	struct commission_member items[FOUR + 1];
	const struct commission_members three = { items, 3 }, four = { items, FOUR };
	struct ctx *ctx = *state;

	sit(items, conclusion_none);
	assert_accepted(ctx, commission_join_check(ctx, &three, &named));
	assert_accepted(ctx, commission_join_check(ctx, &four, &account));
	assert_refused(ctx, commission_join_check(ctx, &four, &named), P_ONE_WITHOUT_ACCOUNT,
		       "/user_id");
}

static void after_the_first_vote_only_a_missing_profession_joins(void **state)
{
	struct commission_member items[FOUR + 1];
	const struct commission_members three = { items, 3 };
	struct ctx *ctx = *state;

	for (int profession = 1; profession <= (int)profession_other; profession++) {
		const struct commission_member joins = { .user_id = TEXT("f"),
							 .profession =
								 (enum profession)profession };

		sit(items, conclusion_none);
		assert_accepted(ctx, commission_join_check(ctx, &three, &joins));
		items[2].vote = conclusion_more_information;
		if (joins.profession == profession_police_officer)
			assert_accepted(ctx, commission_join_check(ctx, &three, &joins));
		else
			assert_refused(ctx, commission_join_check(ctx, &three, &joins),
				       P_MEMBERS_FIXED, "/profession");
	}
}

static void nobody_leaves_after_the_first_vote(void **state)
{
	struct commission_member items[FOUR + 1];
	const struct commission_members members = { items, FOUR };
	struct ctx *ctx = *state;

	sit(items, conclusion_none);
	assert_accepted(ctx, commission_leave_check(ctx, &members, &items[0]));
	items[3].vote = conclusion_does_not_meet;
	assert_refused(ctx, commission_leave_check(ctx, &members, &items[0]), P_MEMBERS_FIXED,
		       NULL);
	assert_refused(ctx, commission_leave_check(ctx, &members, &items[3]), P_VOTE_CAST, NULL);
}

/* R10, R32 */
static void one_account_gives_one_members_vote(void **state)
{
	struct commission_member items[FOUR + 1];
	const struct commission_members members = { items, FOUR };
	struct ctx *ctx = *state;

	sit(items, conclusion_none);
	for (size_t i = 0; i < FOUR; i++)
		items[i].id = (struct text){ &"0123"[i], 1 };
	assert_accepted(
		ctx, commission_vote_check(ctx, &members, &items[0], conclusion_meets, TEXT("a")));
	items[0].vote = conclusion_meets;
	items[0].voted_by = TEXT("a");
	assert_refused(ctx,
		       commission_vote_check(ctx, &members, &items[3], conclusion_meets, TEXT("a")),
		       P_NEEDS_SECOND_PERSON, "/vote");
	assert_accepted(
		ctx, commission_vote_check(ctx, &members, &items[3], conclusion_meets, TEXT("m")));
	items[3].vote = conclusion_meets;
	items[3].voted_by = TEXT("b");
	assert_refused(ctx,
		       commission_vote_check(ctx, &members, &items[1], conclusion_meets, TEXT("b")),
		       P_NEEDS_SECOND_PERSON, "/vote");
}

static void a_cast_vote_is_replaced_by_an_account_and_taken_back_by_nobody(void **state)
{
	struct commission_member items[FOUR + 1];
	const struct commission_members members = { items, FOUR };
	struct ctx *ctx = *state;

	sit(items, conclusion_meets);
	assert_accepted(ctx, commission_vote_check(ctx, &members, &items[0],
						   conclusion_does_not_meet, TEXT("a")));
	assert_refused(ctx,
		       commission_vote_check(ctx, &members, &items[0], conclusion_none, TEXT("a")),
		       P_VOTE_CAST, "/vote");
	for (int to = 0; to < (int)conclusion_values.count; to++)
		assert_refused(ctx,
			       commission_vote_check(ctx, &members, &items[3], (enum conclusion)to,
						     TEXT("m")),
			       P_VOTE_CAST, "/vote");
}

static struct protocol protocol(void)
{
	static struct text act = { "recruitment", 11 };
	static struct text means = { "deceit", 6 };
	static struct text purpose = { "forced_labour", 13 };

	return (struct protocol){ .identified_by = identified_by_commission,
				  .conclusion = conclusion_meets,
				  .acts = { &act, 1, true },
				  .means = { &means, 1, true },
				  .purposes = { &purpose, 1, true } };
}

/* R11 */
static void a_protocol_that_meets_names_all_three(void **state)
{
	struct protocol of = protocol();
	struct ctx *ctx = *state;
	int rc;

	assert_accepted(ctx, criteria_check(ctx, &of));
	of.acts.count = of.means.count = of.purposes.count = 0;
	rc = criteria_check(ctx, &of);
	assert_int_equal(ctx->violation_count, 3);
	assert_true(text_is(ctx->violations[1].pointer, "/means"));
	assert_true(text_is(ctx->violations[2].pointer, "/purposes"));
	assert_detail(ctx, LANGUAGE_EN, "Missing: acts, means, purposes.");
	assert_detail(ctx, LANGUAGE_LV, "Trūkst: acts, means, purposes.");
	assert_refused(ctx, rc, P_CRITERIA_NOT_MET, "/acts");
}

/* R11 */
static void each_criterion_is_missed_alone(void **state)
{
	struct ctx *ctx = *state;
	struct protocol of = protocol();

	of.acts.count = 0;
	assert_refused(ctx, criteria_check(ctx, &of), P_CRITERIA_NOT_MET, "/acts");
	of = protocol();
	of.means.count = 0;
	assert_refused(ctx, criteria_check(ctx, &of), P_CRITERIA_NOT_MET, "/means");
	of = protocol();
	of.purposes.count = 0;
	assert_refused(ctx, criteria_check(ctx, &of), P_CRITERIA_NOT_MET, "/purposes");
}

static void a_minors_case_needs_no_means(void **state)
{
	struct protocol of = protocol();
	struct ctx *ctx = *state;

	of.means.count = 0;
	of.minor_then = FLAG_YES;
	assert_accepted(ctx, criteria_check(ctx, &of));
	of.acts.count = 0;
	assert_refused(ctx, criteria_check(ctx, &of), P_CRITERIA_NOT_MET, "/acts");
	of = protocol();
	of.means.count = 0;
	of.minor_then = FLAG_NO;
	assert_refused(ctx, criteria_check(ctx, &of), P_CRITERIA_NOT_MET, "/means");
}

static void what_does_not_meet_names_nothing(void **state)
{
	const struct protocol of = { .identified_by = identified_by_commission,
				     .conclusion = conclusion_does_not_meet };

	assert_accepted(*state, criteria_check(*state, &of));
}

static void the_conclusion_is_the_votes(void **state)
{
	struct commission_member items[FOUR + 1];
	const struct commission_members members = { items, FOUR };
	struct protocol of = protocol();
	struct ctx *ctx = *state;
	int rc;

	sit(items, conclusion_meets);
	assert_accepted(ctx, protocol_check(ctx, &members, &of));
	of.conclusion = conclusion_does_not_meet;
	rc = protocol_check(ctx, &members, &of);
	assert_detail(ctx, LANGUAGE_EN, "The votes give meets.");
	assert_refused(ctx, rc, P_CONCLUSION_MISMATCH, "/conclusion");
	of.conclusion = conclusion_meets;
	of.purposes.count = 0;
	assert_refused(ctx, protocol_check(ctx, &members, &of), P_CRITERIA_NOT_MET, "/purposes");
	items[0].vote = conclusion_none;
	assert_refused(ctx, protocol_check(ctx, &members, &of), P_COMMISSION_INCOMPLETE,
		       "/conclusion");
}

static void the_police_brings_a_document_and_no_vote(void **state)
{
	const struct commission_members none = { NULL, 0 };
	const struct protocol of = { .identified_by = identified_by_police,
				     .conclusion = conclusion_meets };

	assert_accepted(*state, protocol_check(*state, &none, &of));
}

static void the_lists_are_those_of_the_law(void **state)
{
	(void)state;
	assert_int_equal(trafficking_act_values.count, 7);
	assert_int_equal(
		enumeration_find(&trafficking_means_values, TEXT("state_of_vulnerability")),
		trafficking_means_state_of_vulnerability);
	assert_int_equal(enumeration_find(&trafficking_purpose_values, TEXT("organ_removal")),
			 trafficking_purpose_organ_removal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(each_of_the_four_professions_is_needed),
		RULE_TEST(an_empty_commission_lacks_all_four),
		RULE_TEST(all_vote_the_fifth_too),
		RULE_TEST(nobody_sits_for_two_professions),
		RULE_TEST(namesakes_with_accounts_are_two_people),
		RULE_TEST(a_repeated_member_votes_once),
		RULE_TEST(the_majority_concludes_and_a_tie_asks_for_more),
		RULE_TEST(one_of_all_has_no_account),
		RULE_TEST(after_the_first_vote_only_a_missing_profession_joins),
		RULE_TEST(nobody_leaves_after_the_first_vote),
		RULE_TEST(one_account_gives_one_members_vote),
		RULE_TEST(a_cast_vote_is_replaced_by_an_account_and_taken_back_by_nobody),
		RULE_TEST(a_protocol_that_meets_names_all_three),
		RULE_TEST(each_criterion_is_missed_alone),
		RULE_TEST(a_minors_case_needs_no_means),
		RULE_TEST(what_does_not_meet_names_nothing),
		RULE_TEST(the_conclusion_is_the_votes),
		RULE_TEST(the_police_brings_a_document_and_no_vote),
		RULE_TEST(the_lists_are_those_of_the_law),
	};

	return cmocka_run_group_tests_name("rules_commission", tests, NULL, NULL);
}
