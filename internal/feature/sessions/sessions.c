/* Signing in, refreshing and signing out. Enter at the endpoints of /v1/sessions. A refresh
 * locks its session's row; no connection is held while a password is hashed. */

#include "feature/endpoints.h"

#include "engine/engine.h"
#include "feature/sessions/attempts.h"
#include "engine/authorize.h"
#include "engine/identity.h"
#include "feature/sessions/refresh.h"

#include <errno.h>

static const char ACCOUNT_SQL[] =
	"SELECT u.id, u.role, u.provider_id, CASE WHEN u.active THEN c.hash END"
	" FROM users u LEFT JOIN credentials c ON c.user_id = u.id WHERE u.email = $1";

static const char SESSION_SQL[] = "INSERT INTO sessions (id, user_id, secret, expires_at)"
				  " VALUES ($1, $2, $3, now() + make_interval(days => $4))";

/* Long dead sessions, also of who never signs in again; the audit log remembers them. Each sign-in
 * makes one and removes up to ten. */
static const char SWEEP_SQL[] =
	"DELETE FROM sessions WHERE id IN (SELECT id FROM sessions"
	" WHERE expires_at < now() - interval '30 days' ORDER BY expires_at LIMIT 10"
	" FOR UPDATE SKIP LOCKED)";

static const char SECRET_SQL[] = "SELECT secret FROM sessions WHERE id = $1";

/* Parallel refreshes run one after the other. */
static const char LOCK_SQL[] = "SELECT FROM sessions WHERE id = $1 FOR NO KEY UPDATE";

#define SESSION_LIVES                                                                              \
	"s.ended_at IS NULL AND s.expires_at > now() AND u.id = s.user_id AND u.active"
/* For this long the direct predecessor gives the current token again: the answer may have been
 * lost, or another tab was first. */
#define IS_SUCCESSOR "s.generation = $2 + 1 AND s.rotated_at > now() - interval '30 seconds'"

static const char ROTATE_SQL[] =
	"UPDATE sessions s SET generation = s.generation + 1, rotated_at = clock_timestamp(),"
	" expires_at = now() + make_interval(days => $3) FROM users u"
	" WHERE s.id = $1 AND s.generation = $2 AND " SESSION_LIVES;

static const char HOLDER_SQL[] = "SELECT u.id, u.role, u.provider_id FROM sessions s, users u"
				 " WHERE s.id = $1 AND " IS_SUCCESSOR " AND " SESSION_LIVES;

/* Our token, used before and long ago: nobody knows which of two users is the holder, so the
 * session ends. */
static const char REUSED_SQL[] =
	"WITH ended AS (UPDATE sessions s SET ended_at = now(), ended_reason = 'refresh_reused'"
	" WHERE s.id = $1 AND s.generation > $2 AND NOT (" IS_SUCCESSOR ") AND s.ended_at IS NULL"
	" RETURNING id) INSERT INTO audit_events (action, resource, row_id)"
	" SELECT 'refresh_reused', 'sessions', id FROM ended";

static const char END_SQL[] = "UPDATE sessions SET ended_at = now(), ended_reason = 'signed_out'"
			      " WHERE id = $1 AND ended_at IS NULL";

struct sign_in {
	struct text email;
	struct text password;
};

static const struct field sign_in_fields[] = {
	TEXT_FIELD(struct sign_in, email, 254, .flags = REQUIRED, .format = FORMAT_ACCOUNT,
		   .about = "E-mail address of the account.", .example = "anna@example.org"),
	TEXT_FIELD(struct sign_in, password, PASSWORD_MAX, .flags = REQUIRED,
		   .about = "Its password.", .example = "three blue herons 42"),
};

struct refresh {
	struct text refresh_token;
};

static const struct field refresh_fields[] = {
	TEXT_FIELD(struct refresh, refresh_token, 200, .flags = REQUIRED,
		   .about = "The refresh token of the last answer; for 30 seconds after its first"
			    " use it may be sent again."),
};

struct tokens {
	struct text access_token;
	struct text token_type;
	struct number expires_in;
	struct text refresh_token;
	struct text session_id;
};

static const struct field tokens_fields[] = {
	TEXT_FIELD(struct tokens, access_token, TOKEN_MAX, .flags = REQUIRED,
		   .about = "To be sent as Authorization: Bearer."),
	TEXT_FIELD(struct tokens, token_type, 6, .flags = REQUIRED, .about = "Always Bearer.",
		   .example = "Bearer"),
	INTEGER_FIELD(struct tokens, expires_in, 1, 3600, .flags = REQUIRED,
		      .about = "Seconds that the access token is good for.", .example = "600"),
	TEXT_FIELD(struct tokens, refresh_token, 200, .flags = REQUIRED,
		   .about = "Gives new tokens; its use later than 30 seconds after the first ends"
			    " the session."),
	ID_FIELD(struct tokens, session_id, .flags = REQUIRED, .about = "The session."),
};

/* An account as sign-in finds it; hash NULL: none that may sign in. */
struct account {
	struct actor actor;
	struct text email;
	const char *hash;
};

static int actor_take(struct ctx *ctx, struct reply reply, struct actor *ret)
{
	struct text provider_id = reply_cell(reply, 0, 2);

	ret->user_id = arena_copy(ctx->arena, reply_cell(reply, 0, 0));
	ret->role = (enum role)enumeration_find(&role_values, reply_cell(reply, 0, 1));
	ret->purpose = access_default_purpose(ret->role);
	ret->provider_id = TEXT_NULL;
	if (provider_id.ptr != NULL)
		ret->provider_id = arena_copy(ctx->arena, provider_id);
	if (ret->user_id.ptr == NULL || (provider_id.ptr != NULL && ret->provider_id.ptr == NULL))
		return -ENOMEM;
	return 0;
}

static int account_take(struct ctx *ctx, struct reply reply, struct account *account)
{
	struct text hash;
	int rc;

	if (reply_rows(reply) == 0)
		return 0;
	rc = actor_take(ctx, reply, &account->actor);
	if (rc != 0)
		return rc;
	hash = reply_cell(reply, 0, 3);
	if (hash.ptr == NULL)
		return 0;
	account->hash = arena_strdup(ctx->arena, hash);
	return account->hash != NULL ? 0 : -ENOMEM;
}

/* The connection is given back before the password is hashed, which takes far longer. */
static int account_find(struct ctx *ctx, struct engine *engine, struct attempt *attempt,
			struct account *account)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct query queries[ATTEMPT_ADMIT + 1];
	struct reply replies[ATTEMPT_ADMIT + 1];
	int rc;

	rc = store_acquire(ctx, engine->store, &conn);
	if (rc != 0)
		return rc;
	attempt_admit(attempt, queries);
	queries[ATTEMPT_ADMIT] = (struct query){ TEXT(ACCOUNT_SQL), &account->email, 1 };
	rc = conn_run(ctx, conn, queries, ATTEMPT_ADMIT + 1, replies);
	if (rc != 0)
		return rc;
	rc = attempt_admitted(ctx, attempt, replies);
	if (rc != 0)
		return rc;
	return account_take(ctx, replies[ATTEMPT_ADMIT], account);
}

/* Audit the attempt before refusing it. The actor is unknown: the row names the account, if there
 * is one. */
static int sign_in_refuse(struct ctx *ctx, struct engine *engine, struct attempt *attempt,
			  const struct account *account)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	const struct actor nobody = { 0 };
	struct text identity[IDENTITY_PARAMS];
	struct text audit[AUDIT_PARAMS];
	struct query queries[3 + ATTEMPT_FAIL] = { { TEXT("BEGIN"), NULL, 0 } };
	struct reply replies[4 + ATTEMPT_FAIL];
	int rc;

	rc = store_acquire(ctx, engine->store, &conn);
	if (rc != 0)
		return rc;
	queries[1] = identity_query(ctx, &nobody, identity);
	queries[2] = audit_query("sign_in_failed", "users", account->actor.user_id, audit);
	attempt_fail(attempt, &queries[3]);
	rc = conn_commit(ctx, conn, queries, 3 + ATTEMPT_FAIL, replies);
	return rc != 0 ? rc : fail(ctx, P_SIGN_IN_FAILED);
}

static int session_open(struct ctx *ctx, struct engine *engine, const struct attempt *attempt,
			const struct actor *actor, struct text secret)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text days = arena_format(ctx->arena, "%d", engine->session_days);
	struct text session[] = { actor->session_id, actor->user_id, secret, days };
	struct text identity[IDENTITY_PARAMS];
	struct text audit[AUDIT_PARAMS];
	struct query queries[6] = { { TEXT("BEGIN"), NULL, 0 } };
	struct reply replies[7];
	int rc;

	if (days.ptr == NULL)
		return -ENOMEM;
	rc = store_acquire(ctx, engine->store, &conn);
	if (rc != 0)
		return rc;
	queries[1] = identity_query(ctx, actor, identity);
	queries[2] = attempt_succeed(attempt);
	queries[3] = (struct query){ TEXT(SWEEP_SQL), NULL, 0 };
	queries[4] = (struct query){ TEXT(SESSION_SQL), session, 4 };
	queries[5] = audit_query("sign_in", "sessions", actor->session_id, audit);
	return conn_commit(ctx, conn, queries, 6, replies);
}

static int tokens_answer(struct ctx *ctx, struct engine *engine, const struct actor *actor,
			 struct text refresh_token, struct answer *answer)
{
	struct tokens tokens = { .token_type = TEXT("Bearer"),
				 .expires_in = { engine->token.lifetime, true },
				 .refresh_token = refresh_token,
				 .session_id = actor->session_id };
	struct buf buf;
	int rc;

	rc = token_sign(ctx, &engine->token, actor, clock_now(), &tokens.access_token);
	if (rc != 0)
		return rc;
	buf_init(&buf, ctx->arena);
	rc = write_object(&buf, FIELDS(tokens_fields), &tokens);
	if (rc != 0)
		return rc;
	return buf_text(&buf, &answer->body);
}

static int sign_in_read(struct ctx *ctx, const struct call *call, struct sign_in *sign_in,
			struct account *account)
{
	uint64_t given;
	int rc;

	rc = read_object(ctx, call->body, FIELDS(sign_in_fields), READ_CREATE, sign_in, &given);
	if (rc != 0)
		return rc;
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc != 0)
		return rc;
	account->email = sign_in->email;
	return 0;
}

/* The same statements and the same hashing whether the account exists or not. */
static int sign_in_check(struct ctx *ctx, struct engine *engine, struct attempt *attempt,
			 struct text password, struct account *account)
{
	int rc;

	rc = account_find(ctx, engine, attempt, account);
	if (rc != 0)
		return rc;
	rc = password_verify(ctx, password, account->hash);
	if (rc == P_SIGN_IN_FAILED)
		return sign_in_refuse(ctx, engine, attempt, account);
	return rc;
}

static int sign_in(struct ctx *ctx, struct engine *engine, struct attempt *attempt,
		   struct text password, struct account *account, struct text *ret_token)
{
	struct text secret;
	int rc;

	rc = sign_in_check(ctx, engine, attempt, password, account);
	if (rc != 0)
		return rc;
	account->actor.session_id = uuid_text(ctx->arena);
	if (account->actor.session_id.ptr == NULL)
		return -ENOMEM;
	rc = refresh_secret(ctx, &secret);
	if (rc != 0)
		return rc;
	rc = refresh_make(ctx, engine->keyring, account->actor.session_id, 1, secret, ret_token);
	if (rc != 0)
		return rc;
	return session_open(ctx, engine, attempt, &account->actor, secret);
}

static int session_create(struct ctx *ctx, struct engine *engine, struct call *call,
			  struct answer *answer)
{
	struct sign_in body = { 0 };
	struct account account = { 0 };
	struct attempt attempt;
	struct text token;
	int rc;

	rc = sign_in_read(ctx, call, &body, &account);
	if (rc != 0)
		return rc;
	rc = attempt_make(ctx, engine->keyring, account.email, call->client_address, &attempt);
	if (rc != 0)
		return rc;
	rc = sign_in(ctx, engine, &attempt, body.password, &account, &token);
	if (rc != 0)
		return attempt_forgive(ctx, engine, &attempt, rc);
	answer->location = TEXT("/v1/sessions/current");
	return tokens_answer(ctx, engine, &account.actor, token, answer);
}

/* Gives the token's number and the session's secret, when the token is the session's. */
static int refresh_find(struct ctx *ctx, struct engine *engine, struct conn *conn,
			struct text token, struct text *ret_session_id, int64_t *ret_generation,
			struct text *ret_secret)
{
	struct refresh_token read;
	struct query query = { TEXT(SECRET_SQL), &read.session_id, 1 };
	struct reply reply;
	int rc = refresh_read(ctx, token, &read);

	if (rc != 0)
		return rc;
	rc = conn_run(ctx, conn, &query, 1, &reply);
	if (rc != 0)
		return rc;
	if (reply_rows(reply) == 0)
		return fail(ctx, P_REFRESH_FAILED);
	rc = refresh_check(ctx, engine->keyring, &read, reply_cell(reply, 0, 0), ret_generation);
	if (rc != 0)
		return rc;
	*ret_session_id = read.session_id;
	*ret_secret = reply_cell(reply, 0, 0);
	return 0;
}

/* params: session, the token's generation, days. One round trip rotates, or finds that it is done,
 * or ends the session; it is committed before anything is told, also a refusal. */
static int refresh_rotate(struct ctx *ctx, struct conn *conn, const struct text params[3],
			  struct actor *actor)
{
	const struct actor nobody = { 0 };
	struct text identity[IDENTITY_PARAMS];
	struct query queries[6] = { { TEXT("BEGIN"), NULL, 0 },
				    { TEXT(LOCK_SQL), params, 1 },
				    { TEXT(ROTATE_SQL), params, 3 },
				    { TEXT(HOLDER_SQL), params, 2 } };
	struct reply replies[7];
	int rc;

	queries[4] = identity_query(ctx, &nobody, identity);
	queries[5] = (struct query){ TEXT(REUSED_SQL), params, 2 };
	rc = conn_commit(ctx, conn, queries, 6, replies);
	if (rc != 0)
		return rc;
	if (reply_rows(replies[3]) == 0)
		return fail(ctx, P_REFRESH_FAILED);
	return actor_take(ctx, replies[3], actor);
}

static int refresh(struct ctx *ctx, struct engine *engine, struct text token, struct actor *actor,
		   struct text *ret_token)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text params[3];
	struct text secret;
	int64_t generation;
	int rc;

	rc = store_acquire(ctx, engine->store, &conn);
	if (rc != 0)
		return rc;
	rc = refresh_find(ctx, engine, conn, token, &params[0], &generation, &secret);
	if (rc != 0)
		return rc;
	params[1] = arena_format(ctx->arena, "%lld", (long long)generation);
	params[2] = arena_format(ctx->arena, "%d", engine->session_days);
	if (params[1].ptr == NULL || params[2].ptr == NULL)
		return -ENOMEM;
	rc = refresh_rotate(ctx, conn, params, actor);
	if (rc != 0)
		return rc;
	actor->session_id = params[0];
	return refresh_make(ctx, engine->keyring, params[0], generation + 1, secret, ret_token);
}

static int session_refresh(struct ctx *ctx, struct engine *engine, struct call *call,
			   struct answer *answer)
{
	struct refresh body = { 0 };
	struct actor actor = { 0 };
	struct text token;
	uint64_t given;
	int rc;

	rc = read_object(ctx, call->body, FIELDS(refresh_fields), READ_CREATE, &body, &given);
	if (rc != 0)
		return rc;
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc != 0)
		return rc;
	rc = refresh(ctx, engine, body.refresh_token, &actor, &token);
	if (rc != 0)
		return rc;
	return tokens_answer(ctx, engine, &actor, token, answer);
}

static int session_end(struct ctx *ctx, struct engine *engine, struct call *call,
		       struct answer *answer)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text audit[AUDIT_PARAMS];
	struct query queries[2];
	struct reply replies[3];
	int rc;

	(void)answer;
	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	queries[0] = (struct query){ TEXT(END_SQL), &call->actor.session_id, 1 };
	queries[1] = audit_query("sign_out", "sessions", call->actor.session_id, audit);
	return conn_commit(ctx, conn, queries, 2, replies);
}

static const enum problem sign_in_problems[] = { P_SIGN_IN_FAILED, P_TOO_MANY_ATTEMPTS, P_BUSY, 0 };
static const enum problem refresh_problems[] = { P_REFRESH_FAILED, 0 };

const struct endpoint session_create_endpoint = {
	.method = METHOD_POST,
	.path = "/v1/sessions",
	.about = "Signs in: e-mail and password for an access token and a refresh token. Failed"
		 " attempts are slowed per account and per address, and say nothing of whether the"
		 " account exists.",
	.tag = "sessions",
	.request = sign_in_fields,
	.request_count = sizeof(sign_in_fields) / sizeof(sign_in_fields[0]),
	.reply = tokens_fields,
	.reply_count = sizeof(tokens_fields) / sizeof(tokens_fields[0]),
	.status = 201,
	.public = true,
	.problems = sign_in_problems,
	.handle = session_create,
};

const struct endpoint session_refresh_endpoint = {
	.method = METHOD_POST,
	.path = "/v1/sessions/refresh",
	.about = "Exchanges a refresh token for new tokens. Sent again within 30 seconds, as after"
		 " a lost answer or from another tab, it gives the same refresh token again; used"
		 " later, it ends the session. In doubt (503 in_doubt), repeat it.",
	.tag = "sessions",
	.request = refresh_fields,
	.request_count = sizeof(refresh_fields) / sizeof(refresh_fields[0]),
	.reply = tokens_fields,
	.reply_count = sizeof(tokens_fields) / sizeof(tokens_fields[0]),
	.status = 200,
	.public = true,
	.problems = refresh_problems,
	.handle = session_refresh,
};

const struct endpoint session_end_endpoint = {
	.method = METHOD_DELETE,
	.path = "/v1/sessions/current",
	.about = "Signs out: the session ends at once, its access tokens too.",
	.tag = "sessions",
	.status = 204,
	.restricted = true,
	.handle = session_end,
};
