/* Who calls and what they may do now: bearer token, then session row. Enter at authorize_call,
 * authorize_query, authorize_accept and authorize_begin. */

#include "engine/authorize.h"

#include "auth/access.h"

#include <errno.h>

#define SESSION_COLUMNS                                                                            \
	"SELECT u.role, u.provider_id, u.profession, u.approved, u.enrolled_at IS NOT NULL,"       \
	" set_config('app.actor', 'user', true),"                                                  \
	" set_config('app.user_id', u.id::text, true),"                                            \
	" set_config('app.role', CASE WHEN u.approved THEN u.role ELSE '' END, true),"             \
	" set_config('app.provider_id',"                                                           \
	" CASE WHEN u.approved THEN coalesce(u.provider_id::text, '') ELSE '' END, true),"         \
	" set_config('app.session_id', s.id::text, true),"                                         \
	" set_config('app.purpose', $3, true),"                                                    \
	" set_config('app.request_id', $4, true)"
#define SESSION_FROM                                                                               \
	" FROM sessions s JOIN users u ON u.id = s.user_id"                                        \
	" WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > now()"      \
	" AND u.active"

static const char SESSION_SQL[] = SESSION_COLUMNS SESSION_FROM;
static const char SESSION_LAZY_SQL[] =
	SESSION_COLUMNS ", set_config('synchronous_commit', 'off', true)" SESSION_FROM;

static int authorize_purpose(struct ctx *ctx, struct call *call)
{
	int purpose;

	if (call->purpose.ptr == NULL) {
		call->actor.purpose = access_default_purpose(call->actor.role);
		return 0;
	}
	purpose = enumeration_find(&purpose_values, call->purpose);
	if (purpose == purpose_none)
		return fail_at(ctx, P_BAD_PURPOSE, "header:Purpose", call->purpose);
	call->actor.purpose = (enum purpose)purpose;
	return 0;
}

int authorize_call(struct ctx *ctx, struct engine *engine, struct call *call)
{
	int rc;

	if (call->bearer.ptr == NULL)
		return fail(ctx, P_UNAUTHENTICATED);
	rc = token_verify(ctx, &engine->token, call->bearer, clock_now(), &call->actor);
	if (rc != 0)
		return rc;
	return authorize_purpose(ctx, call);
}

struct query authorize_query(const struct ctx *ctx, const struct call *call, bool lazy,
			     struct text params[AUTHORIZE_PARAMS])
{
	params[0] = call->actor.session_id;
	params[1] = call->actor.user_id;
	params[2] = enumeration_name(&purpose_values, (int)call->actor.purpose);
	params[3] = ctx->request_id;
	return (struct query){ lazy ? TEXT(SESSION_LAZY_SQL) : TEXT(SESSION_SQL), params,
			       AUTHORIZE_PARAMS };
}

/* Only an approved account has the rights of its role. If the holder has no own password yet,
 * report that first. */
static enum problem authorize_restriction(struct reply reply)
{
	if (text_is(reply_cell(reply, 0, 3), "t"))
		return P_NONE;
	return text_is(reply_cell(reply, 0, 4), "t") ? P_NOT_APPROVED : P_PASSWORD_CHANGE_REQUIRED;
}

static int authorize_roles(struct ctx *ctx, const struct call *call)
{
	unsigned roles = call->endpoint->roles;

	if (roles == 0 || (roles & (1u << call->actor.role)))
		return 0;
	return fail(ctx, P_FORBIDDEN, enumeration_name(&role_values, (int)call->actor.role));
}

int authorize_accept(struct ctx *ctx, struct call *call, struct reply reply)
{
	struct actor *actor = &call->actor;
	struct text provider;
	enum role role;

	if (reply_rows(reply) == 0)
		return fail(ctx, P_UNAUTHENTICATED);
	actor->restriction = authorize_restriction(reply);
	if (actor->restriction != P_NONE && (call->endpoint == NULL || !call->endpoint->restricted))
		return fail(ctx, actor->restriction);
	role = (enum role)enumeration_find(&role_values, reply_cell(reply, 0, 0));
	provider = reply_cell(reply, 0, 1);
	actor->profession =
		(enum profession)enumeration_find(&profession_values, reply_cell(reply, 0, 2));
	if (role == actor->role && text_eq(provider, actor->provider_id))
		return 0;
	actor->role = role;
	actor->provider_id = arena_copy(ctx->arena, provider);
	if (provider.ptr != NULL && actor->provider_id.ptr == NULL)
		return -ENOMEM;
	if (call->purpose.ptr == NULL)
		actor->purpose = access_default_purpose(role);
	return AUTHORIZE_AGAIN;
}

int authorize_begin(struct ctx *ctx, struct engine *engine, struct call *call,
		    struct conn **ret_conn)
{
	struct text params[AUTHORIZE_PARAMS];
	struct query queries[2] = { { TEXT("BEGIN"), NULL, 0 } };
	struct reply replies[2];
	int rc = store_acquire(ctx, engine->store, ret_conn);

	if (rc != 0)
		return rc;
	queries[1] = authorize_query(ctx, call, false, params);
	rc = conn_run(ctx, *ret_conn, queries, 2, replies);
	if (rc != 0)
		return rc;
	rc = authorize_accept(ctx, call, replies[1]);
	/* The identity in the database is the session row's either way. */
	return rc == 0 || rc == AUTHORIZE_AGAIN ? authorize_roles(ctx, call) : rc;
}
