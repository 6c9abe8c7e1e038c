#include "store_help.h"

#include "store/stmt.h"

static struct statements statements;

static int setup(void **state)
{
	(void)state;
	statements_init(&statements);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	statements_done(&statements);
	return 0;
}

static uint16_t add(const char *sql, const char *evicts)
{
	char evicted[STATEMENT_NAME];
	uint16_t slot;

	assert_int_equal(statements_find(&statements, text_of(sql)), STATEMENT_NONE);
	slot = statements_add(&statements, text_of(sql), evicted);
	assert_string_equal(evicted, evicts);
	return slot;
}

static const char *numbered(int number)
{
	static char sql[32];

	snprintf(sql, sizeof(sql), "SELECT %d", number);
	return sql;
}

static void a_text_is_found_by_all_its_bytes(void **state)
{
	uint16_t slot = add("SELECT 12345678", "");

	(void)state;
	assert_int_equal(statements_find(&statements, TEXT("SELECT 12345678")), slot);
	assert_int_equal(statements_find(&statements, TEXT("SELECT 12345679")), STATEMENT_NONE);
	assert_int_equal(statements_find(&statements, TEXT("SELECT 1234567")), STATEMENT_NONE);
	assert_int_equal(statements_find(&statements, TEXT("")), STATEMENT_NONE);
	assert_string_equal(statements.slots[slot].name, "s1");
}

static void the_least_recently_used_statement_is_evicted_first(void **state)
{
	(void)state;
	for (int i = 1; i <= STATEMENTS_MAX; i++)
		add(numbered(i), "");
	assert_int_not_equal(statements_find(&statements, TEXT("SELECT 1")), STATEMENT_NONE);
	add("SELECT 'next'", "s2");
	add("SELECT 'and next'", "s3");
	assert_int_equal(statements_find(&statements, TEXT("SELECT 2")), STATEMENT_NONE);
	assert_int_not_equal(statements_find(&statements, TEXT("SELECT 1")), STATEMENT_NONE);
}

static void a_forgotten_statement_frees_its_slot_and_its_name_is_never_reused(void **state)
{
	uint16_t middle;

	(void)state;
	add("SELECT 1", "");
	middle = add("SELECT 2", "");
	add("SELECT 3", "");
	statements_forget(&statements, middle);
	assert_int_equal(statements_find(&statements, TEXT("SELECT 2")), STATEMENT_NONE);
	assert_int_not_equal(statements_find(&statements, TEXT("SELECT 1")), STATEMENT_NONE);
	assert_int_not_equal(statements_find(&statements, TEXT("SELECT 3")), STATEMENT_NONE);
	assert_int_equal(add("SELECT 2", ""), middle);
	assert_string_equal(statements.slots[middle].name, "s4");
}

/* Long churn with forgetting in between: whatever the order, no text is lost or found twice. */
static void the_table_agrees_with_itself_under_churn(void **state)
{
	char evicted[STATEMENT_NAME];
	size_t linked = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int number = (int)((unsigned)i * 2654435761u % 700u);
		struct text sql = text_of(numbered(number));
		uint16_t slot = statements_find(&statements, sql);

		if (slot == STATEMENT_NONE)
			slot = statements_add(&statements, sql, evicted);
		assert_int_equal(statements.newest, slot);
		assert_string_equal(statements.slots[slot].sql, numbered(number));
		if (i % 7 == 0)
			statements_forget(&statements, slot);
	}
	for (uint16_t at = statements.newest; at != STATEMENT_NONE; at = statements.slots[at].older)
		linked++;
	for (uint16_t at = statements.free; at != STATEMENT_NONE; at = statements.slots[at].chain)
		linked++;
	assert_int_equal(linked, STATEMENTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_text_is_found_by_all_its_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(the_least_recently_used_statement_is_evicted_first,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_forgotten_statement_frees_its_slot_and_its_name_is_never_reused, setup,
			teardown),
		cmocka_unit_test_setup_teardown(the_table_agrees_with_itself_under_churn, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
