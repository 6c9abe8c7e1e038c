#include "sessions_kit.h"

#include <pthread.h>

/* How failed sign-ins are counted and slowed. */

static struct kit_reply reply; /* of the main thread */

static void assert_sql(const char *sql, const char *expected)
{
	assert_string_equal(kit_sql(sql), expected);
}

/* The same answers at the same attempt, whether there is such an account or not. */
static void failures_slow_an_account_that_exists_or_not(void **state)
{
	static const char *const emails[] = { "anna@example.org", "nobody@example.org" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int failure = 1; failure <= 5; failure++) {
			assert_int_equal(kit_sign_in(emails[i], "wrong", &reply), P_SIGN_IN_FAILED);
			assert_int_equal(reply.retry_after, 0);
		}
		assert_int_equal(kit_sign_in(emails[i], PASSWORD, &reply), P_TOO_MANY_ATTEMPTS);
		assert_in_range(reply.retry_after, 1, 5);
	}
	assert_sql("SELECT count(*) FROM audit_events WHERE action = 'sign_in_failed'", "10");
	assert_sql("SELECT count(row_id) FROM audit_events WHERE action = 'sign_in_failed'", "5");

	kit_sql("UPDATE sign_in_attempts SET blocked_until = now()");
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), P_TOO_MANY_ATTEMPTS);
	assert_in_range(reply.retry_after, 6, 10);
	kit_sql("UPDATE sign_in_attempts SET failures = 1000, blocked_until = now()"
		" WHERE kind = 'account'");
	assert_int_equal(kit_sign_in("nobody@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_int_equal(kit_sign_in("nobody@example.org", "wrong", &reply), P_TOO_MANY_ATTEMPTS);
	assert_in_range(reply.retry_after, 890, 900);
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	assert_sql("SELECT count(*) FROM sign_in_attempts WHERE kind = 'account'", "1");
}

static void failures_are_forgotten_after_a_day(void **state)
{
	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	kit_sql("UPDATE sign_in_attempts SET failures = 9,"
		" last_failed_at = now() - interval '25 hours'");
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_sql("SELECT string_agg(failures::text, ',') FROM sign_in_attempts", "1,1");
	kit_sql("UPDATE sign_in_attempts SET last_failed_at = now() - interval '25 hours'");
	assert_int_equal(kit_sign_in("nobody@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_sql("SELECT count(*) FROM sign_in_attempts", "2");
}

static int sign_in_from(const char *address, const char *email)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"wrong\"}", email);
	kit_call(&session_create_endpoint, NULL, NULL, body, address, &reply);
	return reply.rc;
}

static void failures_slow_a_network_over_all_accounts(void **state)
{
	static const char *const networks[][3] = {
		/* the first one fails, the second is slowed with it, the third is not */
		{ "2001:db8:1:2::5", "2001:db8:1:2:ffff::", "2001:db8:1:3::5" },
		{ "::ffff:198.51.100.7", "198.51.100.7", "198.51.100.8" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		kit_reset(NULL);
		assert_int_equal(sign_in_from(networks[i][0], "a@example.org"), P_SIGN_IN_FAILED);
		kit_sql("UPDATE sign_in_attempts SET failures = 29 WHERE kind = 'address'");
		assert_int_equal(sign_in_from(networks[i][0], "b@example.org"), P_SIGN_IN_FAILED);
		assert_int_equal(sign_in_from(networks[i][1], "c@example.org"),
				 P_TOO_MANY_ATTEMPTS);
		assert_in_range(reply.retry_after, 1, 5);
		assert_int_equal(sign_in_from(networks[i][2], "c@example.org"), P_SIGN_IN_FAILED);
		/* What was not admitted was not charged to its account. */
		assert_sql("SELECT string_agg(failures::text, ',') FROM sign_in_attempts"
			   " WHERE kind = 'account'",
			   "1,1,1");
	}
}

#define GUESSERS 12

static void *guess(void *ret)
{
	struct kit_reply own;

	*(int *)ret = kit_sign_in("anna@example.org", "wrong", &own);
	return NULL;
}

static void parallel_guesses_pass_no_more_than_guesses_in_a_row(void **state)
{
	pthread_t threads[GUESSERS];
	int rcs[GUESSERS];
	int tried = 0;

	(void)state;
	for (int i = 0; i < GUESSERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess, &rcs[i]), 0);
	for (int i = 0; i < GUESSERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(rcs[i] == P_SIGN_IN_FAILED || rcs[i] == P_TOO_MANY_ATTEMPTS ||
			    rcs[i] == P_BUSY);
		tried += rcs[i] == P_SIGN_IN_FAILED;
	}
	assert_in_range(tried, 1, 5);
}

/* Pending attempts hold the places of the free ones, and lapse. */
static void an_attempt_that_never_got_its_verdict_lapses_uncounted(void **state)
{
	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_sql("SELECT failures || ' ' || pending FROM sign_in_attempts WHERE kind = 'account'",
		   "1 0");
	kit_sql("UPDATE sign_in_attempts SET pending = 4, pending_until = now() + interval '9 s'"
		" WHERE kind = 'account'");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), P_TOO_MANY_ATTEMPTS);
	assert_int_equal(reply.retry_after, 1);
	assert_sql("SELECT pending FROM sign_in_attempts WHERE kind = 'account'", "4");
	kit_sql("UPDATE sign_in_attempts SET pending_until = now() WHERE kind = 'account'");
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_sql("SELECT failures || ' ' || pending FROM sign_in_attempts WHERE kind = 'account'",
		   "2 0");
	/* After the delay one is let in at a time. */
	kit_sql("UPDATE sign_in_attempts SET failures = 9, blocked_until = now(), pending = 1,"
		" pending_until = now() + interval '9 s' WHERE kind = 'account'");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), P_TOO_MANY_ATTEMPTS);
	kit_sql("UPDATE sign_in_attempts SET pending = 0 WHERE kind = 'account'");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
}

static int password_change(const char *bearer, const char *old, const char *young)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"current_password\":\"%s\",\"new_password\":\"%s\"}", old,
		 young);
	kit_call(&me_password_endpoint, bearer, NULL, body, "192.0.2.1", &reply);
	return reply.rc;
}

static void a_stolen_access_token_does_not_allow_guessing_the_password(void **state)
{
	char *bearer;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	bearer = kit_member(&reply, "access_token");
	for (int i = 0; i < 5; i++)
		assert_int_equal(password_change(bearer, "wrong", "another blue heron"),
				 P_PASSWORD_WRONG);
	assert_int_equal(password_change(bearer, PASSWORD, "another blue heron"),
			 P_TOO_MANY_ATTEMPTS);
	assert_in_range(reply.retry_after, 1, 5);
	kit_sql("DELETE FROM credentials WHERE user_id = '" ANNA "'");
	kit_sql("DELETE FROM sign_in_attempts");
	assert_int_equal(password_change(bearer, PASSWORD, "another blue heron"), P_PASSWORD_WRONG);
	free(bearer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(failures_slow_an_account_that_exists_or_not, kit_reset),
		cmocka_unit_test_setup(failures_are_forgotten_after_a_day, kit_reset),
		cmocka_unit_test_setup(failures_slow_a_network_over_all_accounts, kit_reset),
		cmocka_unit_test_setup(parallel_guesses_pass_no_more_than_guesses_in_a_row,
				       kit_reset),
		cmocka_unit_test_setup(an_attempt_that_never_got_its_verdict_lapses_uncounted,
				       kit_reset),
		cmocka_unit_test_setup(a_stolen_access_token_does_not_allow_guessing_the_password,
				       kit_reset),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
