/* Sets and changes passwords. Enter at user_password_endpoint and me_password_endpoint. Holds no
 * connection while a password is hashed. */

#include "engine/engine.h"
#include "feature/endpoints.h"

#include "feature/sessions/attempts.h"
#include "engine/authorize.h"
#include "engine/identity.h"

#include <errno.h>

static const char OWN_HASH_SQL[] = "SELECT hash FROM credentials WHERE user_id = $1";

/* The hash that was verified guards against another change in between. */
static const char CHANGE_SQL[] =
	"UPDATE credentials SET hash = $3, changed_at = now() WHERE user_id = $1 AND hash = $2";

static const char SET_SQL[] =
	"INSERT INTO credentials (user_id, hash) SELECT id, $2 FROM users WHERE id = $1"
	" ON CONFLICT (user_id) DO UPDATE SET hash = EXCLUDED.hash, changed_at = now()";

static const char END_SESSIONS_SQL[] =
	"UPDATE sessions SET ended_at = now(), ended_reason = 'password_changed'"
	" WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL";

struct password_set {
	struct text password;
};

static const struct field set_fields[] = {
	TEXT_FIELD(struct password_set, password, PASSWORD_MAX, .flags = REQUIRED,
		   .about = "The new password: 12 to 256 characters, no common one.",
		   .example = "three blue herons 42"),
};

struct password_change {
	struct text current_password;
	struct text new_password;
};

static const struct field change_fields[] = {
	TEXT_FIELD(struct password_change, current_password, PASSWORD_MAX, .flags = REQUIRED,
		   .about = "The password until now."),
	TEXT_FIELD(struct password_change, new_password, PASSWORD_MAX, .flags = REQUIRED,
		   .about = "The new password: 12 to 256 characters, no common one.",
		   .example = "three blue herons 42"),
};

/* Reads the body; password is its member that must be strong, at pointer. */
static int body_read(struct ctx *ctx, const struct call *call, const struct field *fields,
		     size_t count, void *body, const struct text *password, const char *pointer)
{
	uint64_t given;
	int rc;

	rc = read_object(ctx, call->body, fields, count, READ_CREATE, body, &given);
	if (rc != 0)
		return rc;
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc != 0)
		return rc;
	return password_check(ctx, *password, pointer);
}

/* params: user, hash. */
static int password_store(struct ctx *ctx, struct engine *engine, struct call *call,
			  const struct text params[2])
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	const struct text ended[] = { params[0], TEXT_NULL };
	struct text audit[AUDIT_PARAMS];
	struct query set = { TEXT(SET_SQL), params, 2 };
	struct query queries[2] = { { TEXT(END_SESSIONS_SQL), ended, 2 } };
	struct reply replies[3];
	int rc;

	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	rc = conn_run(ctx, conn, &set, 1, replies);
	if (rc != 0)
		return rc;
	if (reply_touched(replies[0]) == 0)
		return fail(ctx, P_NOT_FOUND);
	queries[1] = audit_query("password_set", "users", params[0], audit);
	return conn_commit(ctx, conn, queries, 2, replies);
}

static int user_password(struct ctx *ctx, struct engine *engine, struct call *call,
			 struct answer *answer)
{
	struct password_set body = { 0 };
	char hash[PASSWORD_HASH_SIZE];
	int rc;

	(void)answer;
	/* The own password needs the current one: a stolen token must not take over the account.
	 * */
	if (text_is_nocase(call->ids[0], call->actor.user_id.ptr))
		return fail(ctx, P_SELF_APPROVAL);
	rc = body_read(ctx, call, FIELDS(set_fields), &body, &body.password, "/password");
	if (rc != 0)
		return rc;
	rc = password_hash(ctx, body.password, hash);
	if (rc != 0)
		return rc;
	return password_store(ctx, engine, call, (struct text[]){ call->ids[0], text_of(hash) });
}

/* Charges the attempt and fetches the hash; NULL for an account that never had a password. */
static int own_hash_find(struct ctx *ctx, struct engine *engine, struct call *call,
			 struct attempt *attempt, const char **ret)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct query queries[ATTEMPT_ADMIT + 1];
	struct reply replies[ATTEMPT_ADMIT + 2];
	int rc;

	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	attempt_admit(attempt, queries);
	queries[ATTEMPT_ADMIT] = (struct query){ TEXT(OWN_HASH_SQL), &call->actor.user_id, 1 };
	rc = conn_commit(ctx, conn, queries, ATTEMPT_ADMIT + 1, replies);
	if (rc != 0)
		return rc;
	rc = attempt_admitted(ctx, attempt, replies);
	if (rc != 0 || reply_rows(replies[ATTEMPT_ADMIT]) == 0)
		return rc;
	*ret = arena_strdup(ctx->arena, reply_cell(replies[ATTEMPT_ADMIT], 0, 0));
	return *ret != NULL ? 0 : -ENOMEM;
}

/* Audit the attempt before refusing it. */
static int change_refuse(struct ctx *ctx, struct engine *engine, struct call *call,
			 struct attempt *attempt)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text audit[AUDIT_PARAMS];
	struct query queries[1 + ATTEMPT_FAIL];
	struct reply replies[2 + ATTEMPT_FAIL];
	int rc;

	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	queries[0] = audit_query("password_refused", "users", call->actor.user_id, audit);
	attempt_fail(attempt, &queries[1]);
	rc = conn_commit(ctx, conn, queries, 1 + ATTEMPT_FAIL, replies);
	return rc != 0 ? rc : fail_at(ctx, P_PASSWORD_WRONG, "/current_password");
}

/* params: user, hash until now, new hash. All other sessions of the user end. */
static int change_store(struct ctx *ctx, struct engine *engine, struct call *call,
			const struct attempt *attempt, const struct text params[3])
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	const struct text ended[] = { params[0], call->actor.session_id };
	struct text audit[AUDIT_PARAMS];
	struct query change = { TEXT(CHANGE_SQL), params, 3 };
	struct query queries[3] = { { TEXT(END_SESSIONS_SQL), ended, 2 } };
	struct reply replies[4];
	int rc;

	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	rc = conn_run(ctx, conn, &change, 1, replies);
	if (rc != 0)
		return rc;
	if (reply_touched(replies[0]) == 0)
		return fail_at(ctx, P_PASSWORD_WRONG, "/current_password");
	queries[1] = attempt_succeed(attempt);
	queries[2] = audit_query("password_changed", "users", params[0], audit);
	return conn_commit(ctx, conn, queries, 3, replies);
}

/* A stolen access token must not allow guessing: count attempts as at sign-in. */
static int current_check(struct ctx *ctx, struct engine *engine, struct call *call,
			 struct attempt *attempt, struct text password, const char **ret_hash)
{
	int rc;

	rc = own_hash_find(ctx, engine, call, attempt, ret_hash);
	if (rc != 0)
		return rc;
	rc = password_verify(ctx, password, *ret_hash);
	if (rc == P_SIGN_IN_FAILED)
		return change_refuse(ctx, engine, call, attempt);
	return rc;
}

static int password_change(struct ctx *ctx, struct engine *engine, struct call *call,
			   struct attempt *attempt, const struct password_change *body)
{
	const char *old = NULL;
	char hash[PASSWORD_HASH_SIZE];
	int rc;

	rc = current_check(ctx, engine, call, attempt, body->current_password, &old);
	if (rc != 0)
		return rc;
	rc = password_hash(ctx, body->new_password, hash);
	if (rc != 0)
		return rc;
	return change_store(ctx, engine, call, attempt,
			    (struct text[]){ call->actor.user_id, text_of(old), text_of(hash) });
}

static int me_password(struct ctx *ctx, struct engine *engine, struct call *call,
		       struct answer *answer)
{
	struct password_change body = { 0 };
	struct attempt attempt;
	int rc;

	(void)answer;
	rc = body_read(ctx, call, FIELDS(change_fields), &body, &body.new_password,
		       "/new_password");
	if (rc == 0 && text_eq(body.new_password, body.current_password))
		rc = fail_at(ctx, P_PASSWORD_UNCHANGED, "/new_password");
	if (rc != 0)
		return rc;
	rc = attempt_make(ctx, engine->keyring, call->actor.user_id, call->client_address,
			  &attempt);
	if (rc != 0)
		return rc;
	rc = password_change(ctx, engine, call, &attempt, &body);
	return rc != 0 ? attempt_forgive(ctx, engine, &attempt, rc) : 0;
}

static const enum problem user_problems[] = { P_PASSWORD_WEAK, P_SELF_APPROVAL, P_BUSY, 0 };
static const enum problem me_problems[] = { P_PASSWORD_WEAK,  P_PASSWORD_UNCHANGED,
					    P_PASSWORD_WRONG, P_TOO_MANY_ATTEMPTS,
					    P_BUSY,	      0 };

const struct endpoint user_password_endpoint = {
	.method = METHOD_PUT,
	.path = "/v1/users/{id}/password",
	.about = "Sets a user's password and ends all their sessions. They must replace it, and"
		 " then be approved again.",
	.tag = "users",
	.request = set_fields,
	.request_count = sizeof(set_fields) / sizeof(set_fields[0]),
	.status = 204,
	.roles = 1u << role_system_admin,
	.problems = user_problems,
	.handle = user_password,
};

const struct endpoint me_password_endpoint = {
	.method = METHOD_PUT,
	.path = "/v1/me/password",
	.about = "Changes one's own password and ends one's other sessions.",
	.tag = "me",
	.request = change_fields,
	.request_count = sizeof(change_fields) / sizeof(change_fields[0]),
	.status = 204,
	.restricted = true,
	.problems = me_problems,
	.handle = me_password,
};
