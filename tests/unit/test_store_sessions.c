#include "sessions_kit.h"

#include <pthread.h>

static struct kit_reply reply; /* of the main thread */

static void call(const struct endpoint *endpoint, const char *bearer, const char *body)
{
	kit_call(endpoint, bearer, NULL, body, "192.0.2.1", &reply);
}

static int me_status(const char *bearer)
{
	call(&me_endpoint, bearer, NULL);
	return reply.rc;
}

static int refresh_with(const char *token, struct kit_reply *ret)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"refresh_token\":\"%s\"}", token);
	kit_call(&session_refresh_endpoint, NULL, NULL, body, "192.0.2.1", ret);
	return ret->rc;
}

static void assert_sql(const char *sql, const char *expected)
{
	assert_string_equal(kit_sql(sql), expected);
}

static void a_signed_in_user_can_read_me(void **state)
{
	char *bearer;

	(void)state;
	assert_int_equal(kit_sign_in("Anna@Example.org", PASSWORD, &reply), 0);
	assert_non_null(strstr(reply.body, "\"token_type\":\"Bearer\",\"expires_in\":600"));
	bearer = kit_member(&reply, "access_token");
	assert_int_equal(me_status(bearer), 0);
	assert_non_null(strstr(reply.body, "\"id\":\"" ANNA "\",\"email\":\"anna@example.org\""));
	assert_non_null(strstr(reply.body, "\"role\":\"auditor\",\"provider_id\":null"));
	assert_non_null(strstr(reply.body, "\"purpose\":\"audit\""));
	assert_non_null(
		strstr(reply.body, "\"audit_events\":{\"scope\":\"all\",\"actions\":[\"list\""));
	assert_null(strstr(reply.body, "\"clients\""));
	assert_sql("SELECT string_agg(action || ' ' || resource || ' ' || user_id, ',')"
		   " FROM audit_events WHERE row_id = session_id",
		   "sign_in sessions " ANNA);
	assert_int_equal(me_status(NULL), P_UNAUTHENTICATED);
	free(bearer);
}

static void signing_out_ends_the_access_token_at_once(void **state)
{
	char *bearer;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	bearer = kit_member(&reply, "access_token");
	call(&session_end_endpoint, bearer, NULL);
	assert_int_equal(reply.rc, 0);
	assert_int_equal(me_status(bearer), P_UNAUTHENTICATED);
	call(&session_end_endpoint, bearer, NULL);
	assert_int_equal(reply.rc, P_UNAUTHENTICATED);
	assert_sql("SELECT ended_reason FROM sessions", "signed_out");
	assert_sql("SELECT count(*) FROM audit_events WHERE action = 'sign_out'", "1");
	free(bearer);
}

/* Moves the last rotation into the past. */
static void rotated_before(int seconds)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "UPDATE sessions SET rotated_at = now() - interval '%d seconds'",
		 seconds);
	kit_sql(sql);
}

static void a_refresh_token_used_long_after_its_successor_ends_the_session(void **state)
{
	struct kit_reply second;
	char *old;
	char *young;
	char *bearer;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	old = kit_member(&reply, "refresh_token");
	assert_int_equal(refresh_with(old, &second), 0);
	young = kit_member(&second, "refresh_token");
	bearer = kit_member(&second, "access_token");
	assert_string_not_equal(old, young);
	assert_int_equal(me_status(bearer), 0);
	assert_sql("SELECT generation FROM sessions", "2");

	rotated_before(31);
	assert_int_equal(refresh_with(old, &second), P_REFRESH_FAILED);
	assert_sql("SELECT ended_reason FROM sessions", "refresh_reused");
	assert_sql("SELECT count(*) FROM audit_events WHERE action = 'refresh_reused'", "1");
	assert_int_equal(me_status(bearer), P_UNAUTHENTICATED);
	assert_int_equal(refresh_with(young, &second), P_REFRESH_FAILED);
	assert_sql("SELECT count(*) FROM audit_events WHERE action = 'refresh_reused'", "1");
	free(old);
	free(young);
	free(bearer);
}

/* As after a lost answer. */
static void the_direct_predecessor_gives_the_same_successor_for_a_while(void **state)
{
	struct kit_reply second;
	char *first;
	char *successor;
	char *again;
	char *last;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	first = kit_member(&reply, "refresh_token");
	assert_int_equal(refresh_with(first, &second), 0);
	successor = kit_member(&second, "refresh_token");
	rotated_before(29);
	kit_sql("UPDATE sessions SET expires_at = now() + interval '1 hour'");
	assert_int_equal(refresh_with(first, &second), 0);
	again = kit_member(&second, "refresh_token");
	assert_string_equal(again, successor);
	assert_sql("SELECT generation FROM sessions", "2");
	assert_sql("SELECT expires_at < now() + interval '2 hours' FROM sessions", "t");
	assert_int_equal(refresh_with(successor, &second), 0);
	last = kit_member(&second, "refresh_token");
	assert_string_not_equal(last, successor);
	assert_sql("SELECT generation FROM sessions", "3");

	/* The predecessor's predecessor is none, however young. */
	assert_int_equal(refresh_with(first, &second), P_REFRESH_FAILED);
	assert_sql("SELECT ended_reason FROM sessions", "refresh_reused");
	assert_int_equal(refresh_with(last, &second), P_REFRESH_FAILED);
	free(first);
	free(successor);
	free(again);
	free(last);
}

/* Whoever has read the table and not the keys makes no token of what stands there. */
static void a_refresh_token_of_another_secret_is_an_invented_one(void **state)
{
	struct kit_reply second;
	char *token;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	token = kit_member(&reply, "refresh_token");
	kit_sql("UPDATE sessions SET secret = decode(repeat('ab', 32), 'hex'), generation = 5");
	assert_int_equal(refresh_with(token, &second), P_REFRESH_FAILED);
	assert_sql("SELECT count(ended_at) FROM sessions", "0");
	kit_sql("DELETE FROM sessions");
	assert_int_equal(refresh_with(token, &second), P_REFRESH_FAILED);
	free(token);
}

static void an_invented_refresh_token_ends_nothing(void **state)
{
	char token[256] = "";
	struct kit_reply second;
	char *good;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	good = kit_member(&reply, "refresh_token");
	for (size_t i = 0; i < strlen(good); i++) {
		snprintf(token, sizeof(token), "%s", good);
		token[i] = token[i] == 'x' ? 'y' : 'x';
		assert_int_equal(refresh_with(token, &second), P_REFRESH_FAILED);
	}
	assert_int_equal(refresh_with("", &second), P_VALIDATION_FAILED);
	assert_int_equal(refresh_with("a.b", &second), P_REFRESH_FAILED);
	assert_int_equal(refresh_with(good, &second), 0);
	free(good);
}

static void a_deactivated_user_cannot_sign_in_and_loses_the_session(void **state)
{
	struct kit_reply second;
	char *bearer;
	char *refresh;

	(void)state;
	assert_int_equal(kit_sign_in("left@example.org", PASSWORD, &reply), P_SIGN_IN_FAILED);
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	bearer = kit_member(&reply, "access_token");
	refresh = kit_member(&reply, "refresh_token");
	kit_sql("UPDATE users SET active = false WHERE id = '" ANNA "'");
	assert_int_equal(me_status(bearer), P_UNAUTHENTICATED);
	assert_int_equal(refresh_with(refresh, &second), P_REFRESH_FAILED);
	kit_sql("UPDATE users SET active = true WHERE id = '" ANNA "'");
	assert_int_equal(refresh_with(refresh, &second), 0);
	free(bearer);
	free(refresh);
}

static void a_session_ends_when_its_days_are_over(void **state)
{
	struct kit_reply second;
	char *bearer;
	char *refresh;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	bearer = kit_member(&reply, "access_token");
	refresh = kit_member(&reply, "refresh_token");
	assert_sql("SELECT extract(day FROM expires_at - created_at) FROM sessions", "14");
	kit_sql("UPDATE sessions SET expires_at = now() - interval '1 second'");
	assert_int_equal(me_status(bearer), P_UNAUTHENTICATED);
	assert_int_equal(refresh_with(refresh, &second), P_REFRESH_FAILED);
	assert_sql("SELECT count(ended_at) FROM sessions", "0");
	kit_sql("UPDATE sessions SET expires_at = now() - interval '31 days'");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	assert_sql("SELECT count(*) FROM sessions", "1");
	free(bearer);
	free(refresh);
}

/* A few at each sign-in, whose ever they are: who has left never signs in again. */
static void sessions_that_died_a_month_ago_are_removed_by_anybody(void **state)
{
	(void)state;
	kit_sql("INSERT INTO sessions (id, user_id, secret, expires_at)"
		" SELECT gen_random_uuid(), '" LEFT "', sha256(n::text::bytea),"
		" now() - make_interval(days => n) FROM generate_series(19, 42) n");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	assert_sql("SELECT count(*) || ' ' || extract(day FROM max(now() - expires_at))"
		   " FROM sessions WHERE user_id = '" LEFT "'",
		   "14 32");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	assert_sql("SELECT count(*) FROM sessions WHERE user_id = '" LEFT "'", "11");
}

struct race {
	const char *token;
	struct kit_reply reply;
};

static void *refresh_race(void *arg)
{
	struct race *race = arg;

	refresh_with(race->token, &race->reply);
	return NULL;
}

#define TABS 6

static void tabs_that_refresh_at_once_get_the_same_token(void **state)
{
	struct race races[TABS];
	pthread_t threads[TABS];
	char *token;
	char *first = NULL;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	token = kit_member(&reply, "refresh_token");
	for (int i = 0; i < TABS; i++) {
		races[i].token = token;
		assert_int_equal(pthread_create(&threads[i], NULL, refresh_race, &races[i]), 0);
	}
	for (int i = 0; i < TABS; i++) {
		char *got;

		pthread_join(threads[i], NULL);
		assert_int_equal(races[i].reply.rc, 0);
		got = kit_member(&races[i].reply, "refresh_token");
		assert_string_equal(got, first != NULL ? first : got);
		if (first == NULL)
			first = got;
		else
			free(got);
	}
	assert_sql("SELECT generation FROM sessions WHERE ended_at IS NULL", "2");
	assert_int_equal(refresh_with(first, &reply), 0);
	free(first);
	free(token);
}

static int password_change(const char *bearer, const char *old, const char *young)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"current_password\":\"%s\",\"new_password\":\"%s\"}", old,
		 young);
	call(&me_password_endpoint, bearer, body);
	return reply.rc;
}

static void changing_ones_password_ends_ones_other_sessions(void **state)
{
	char *here;
	char *there;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	there = kit_member(&reply, "access_token");
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	here = kit_member(&reply, "access_token");
	assert_int_equal(password_change(here, PASSWORD, "short"), P_PASSWORD_WEAK);
	assert_int_equal(password_change(here, "wrong", "another blue heron"), P_PASSWORD_WRONG);
	assert_int_equal(password_change(here, PASSWORD, "another blue heron"), 0);
	assert_int_equal(me_status(here), 0);
	assert_int_equal(me_status(there), P_UNAUTHENTICATED);
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), P_SIGN_IN_FAILED);
	assert_int_equal(kit_sign_in("anna@example.org", "another blue heron", &reply), 0);
	assert_sql("SELECT string_agg(action, ',' ORDER BY id) FROM audit_events"
		   " WHERE action LIKE 'password%' AND user_id = row_id",
		   "password_refused,password_changed");
	free(here);
	free(there);
}

static int password_set(const char *bearer, const char *user_id, const char *body)
{
	kit_call(&user_password_endpoint, bearer, user_id, body, "192.0.2.1", &reply);
	return reply.rc;
}

static void an_administrator_sets_passwords_and_nobody_else(void **state)
{
	static const char body[] = "{\"password\":\"a fresh blue heron\"}";
	char *anna;
	char *admin;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	anna = kit_member(&reply, "access_token");
	assert_int_equal(kit_sign_in("admin@example.org", PASSWORD, &reply), 0);
	admin = kit_member(&reply, "access_token");
	assert_int_equal(password_set(anna, ADMIN, body), P_FORBIDDEN);
	assert_int_equal(password_set(admin, ANNA, "{\"password\":\"qwertyuiop123\"}"),
			 P_PASSWORD_WEAK);
	assert_int_equal(password_set(admin, ANNA, "{\"word\":1}"), P_VALIDATION_FAILED);
	assert_int_equal(password_set(admin, NOBODY, body), P_NOT_FOUND);
	assert_int_equal(password_set(admin, ANNA, body), 0);
	assert_int_equal(me_status(anna), P_UNAUTHENTICATED);
	assert_int_equal(me_status(admin), 0);
	assert_int_equal(kit_sign_in("anna@example.org", "a fresh blue heron", &reply), 0);
	assert_sql("SELECT concat(enrolled_at, approved_at, '" ADMIN "' = ANY (handled_by))"
		   " FROM users WHERE id = '" ANNA "'",
		   "t");
	assert_sql("SELECT row_id FROM audit_events"
		   " WHERE action = 'password_set' AND user_id = '" ADMIN "'",
		   ANNA);
	/* The token still says system_admin; the account no longer does. */
	kit_sql("UPDATE users SET role = 'auditor' WHERE id = '" ADMIN "'");
	assert_int_equal(password_set(admin, ANNA, body), P_FORBIDDEN);
	free(anna);
	free(admin);
}

static void no_table_holds_a_secret_in_the_clear(void **state)
{
	char sql[512];
	char *refresh;

	(void)state;
	assert_int_equal(kit_sign_in("anna@example.org", PASSWORD, &reply), 0);
	assert_int_equal(kit_sign_in("anna@example.org", "wrong", &reply), P_SIGN_IN_FAILED);
	assert_int_equal(kit_sign_in("admin@example.org", PASSWORD, &reply), 0);
	refresh = kit_member(&reply, "refresh_token");
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM (SELECT s::text FROM sessions s UNION ALL"
		 " SELECT a::text FROM sign_in_attempts a UNION ALL"
		 " SELECT c::text FROM credentials c) AS rows(row)"
		 " WHERE row LIKE '%%%s%%' OR row LIKE '%%herons%%' OR row LIKE '%%example.org%%'"
		 " OR row LIKE '%%192.0.2.1%%'",
		 refresh + 40);
	assert_sql(sql, "0");
	free(refresh);
}

static void a_malformed_sign_in_is_refused_with_its_problem(void **state)
{
	(void)state;
	call(&session_create_endpoint, NULL, "{\"email\":\"anna@example.org\"}");
	assert_int_equal(reply.rc, P_VALIDATION_FAILED);
	call(&session_create_endpoint, NULL, "{");
	assert_int_equal(reply.rc, P_MALFORMED);
	call(&session_create_endpoint, NULL, "{\"email\":\"anna\",\"password\":\"x\"}");
	assert_int_equal(reply.rc, P_VALIDATION_FAILED);
	call(&session_refresh_endpoint, NULL, "{}");
	assert_int_equal(reply.rc, P_VALIDATION_FAILED);
	call(&session_refresh_endpoint, NULL, "[]");
	assert_int_equal(reply.rc, P_NOT_AN_OBJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_signed_in_user_can_read_me, kit_reset),
		cmocka_unit_test_setup(signing_out_ends_the_access_token_at_once, kit_reset),
		cmocka_unit_test_setup(
			a_refresh_token_used_long_after_its_successor_ends_the_session, kit_reset),
		cmocka_unit_test_setup(the_direct_predecessor_gives_the_same_successor_for_a_while,
				       kit_reset),
		cmocka_unit_test_setup(a_refresh_token_of_another_secret_is_an_invented_one,
				       kit_reset),
		cmocka_unit_test_setup(an_invented_refresh_token_ends_nothing, kit_reset),
		cmocka_unit_test_setup(a_deactivated_user_cannot_sign_in_and_loses_the_session,
				       kit_reset),
		cmocka_unit_test_setup(a_session_ends_when_its_days_are_over, kit_reset),
		cmocka_unit_test_setup(sessions_that_died_a_month_ago_are_removed_by_anybody,
				       kit_reset),
		cmocka_unit_test_setup(tabs_that_refresh_at_once_get_the_same_token, kit_reset),
		cmocka_unit_test_setup(changing_ones_password_ends_ones_other_sessions, kit_reset),
		cmocka_unit_test_setup(an_administrator_sets_passwords_and_nobody_else, kit_reset),
		cmocka_unit_test_setup(no_table_holds_a_secret_in_the_clear, kit_reset),
		cmocka_unit_test_setup(a_malformed_sign_in_is_refused_with_its_problem, kit_reset),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
