#include "model_sample.h"

static struct sample held(void)
{
	return (struct sample){ .name = TEXT("Anna"),
				.nick = TEXT("an"),
				.kind = TEXT("k"),
				.amount = { 7, true },
				.urgent = FLAG_YES };
}

static void a_merge_patch_keeps_absent_members_and_removes_by_null(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = held();
	uint64_t given = read_body(ctx, READ_PATCH, TEXT("{\"nick\":null,\"amount\":8}"), &sample);

	assert_int_equal(ctx->violation_count, 0);
	assert_int_equal(given, UINT64_C(1) << SAMPLE_NICK | UINT64_C(1) << SAMPLE_AMOUNT);
	assert_text(sample.name, "Anna");
	assert_null(sample.nick.ptr);
	assert_int_equal(sample.amount.value, 8);
	assert_int_equal(sample.urgent, FLAG_YES);
	assert_int_equal(read_body(ctx, READ_PATCH, TEXT("{}"), &sample), 0);
	assert_int_equal(ctx->violation_count, 0);
}

static void null_never_removes_a_required_member(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = held();

	read_body(ctx, READ_PATCH, TEXT("{\"name\":null}"), &sample);
	expect_violation(ctx, 0, P_REQUIRED, "/name");
	assert_text(sample.name, "Anna");
	read_body(ctx, READ_CREATE, TEXT("{\"name\":null}"), &sample);
	assert_int_equal(ctx->violation_count, 1);
	expect_violation(ctx, 0, P_REQUIRED, "/name");
}

static void a_create_only_member_may_be_repeated_but_not_changed(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = held();

	read_body(ctx, READ_PATCH, TEXT("{\"kind\":\"k\"}"), &sample);
	assert_int_equal(ctx->violation_count, 0);
	read_body(ctx, READ_PATCH, TEXT("{\"kind\":\"other\"}"), &sample);
	expect_violation(ctx, 0, P_IMMUTABLE_MEMBER, "/kind");
	read_body(ctx, READ_PATCH, TEXT("{\"kind\":null}"), &sample);
	expect_violation(ctx, 0, P_IMMUTABLE_MEMBER, "/kind");
	assert_text(sample.kind, "k");
	sample.kind = TEXT_NULL;
	read_body(ctx, READ_PATCH, TEXT("{\"kind\":null}"), &sample);
	assert_int_equal(ctx->violation_count, 0);
}

static void a_violation_in_a_patch_keeps_the_old_value(void **state)
{
	struct ctx *ctx = *state;
	struct sample sample = held();

	read_body(ctx, READ_PATCH, TEXT("{\"amount\":5000,\"nick\":\"x\",\"urgent\":0}"), &sample);
	assert_int_equal(ctx->violation_count, 3);
	assert_int_equal(sample.amount.value, 7);
	assert_text(sample.nick, "an");
	assert_int_equal(sample.urgent, FLAG_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		model_test(a_merge_patch_keeps_absent_members_and_removes_by_null),
		model_test(null_never_removes_a_required_member),
		model_test(a_create_only_member_may_be_repeated_but_not_changed),
		model_test(a_violation_in_a_patch_keeps_the_old_value),
	};

	return cmocka_run_group_tests_name("model_patch", tests, NULL, NULL);
}
