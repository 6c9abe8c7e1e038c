/* The entry of every request: refuses what the role may not do, then runs the attempts. Enter at
 * engine_call. It alone begins an act again. */

#include "engine/call.h"

#include "engine/authorize.h"

#include <time.h>

bool etag_listed(struct text header, struct text etag)
{
	while (header.ptr != NULL) {
		struct text tag = text_trim(text_cut(&header, ','));

		if (text_starts(tag, "W/"))
			tag = (struct text){ tag.ptr + 2, tag.len - 2 };
		if (text_is(tag, "*") || text_eq(tag, etag))
			return true;
	}
	return false;
}

int match_require(struct ctx *ctx, const struct call *call)
{
	if (call->if_match.ptr == NULL || text_is(call->if_match, "*"))
		return fail_at(ctx, P_MATCH_REQUIRED, "header:If-Match");
	return 0;
}

int match_check(struct ctx *ctx, const struct call *call, struct text etag)
{
	struct text rest = call->if_match;

	while (rest.ptr != NULL)
		if (text_eq(text_trim(text_cut(&rest, ',')), etag))
			return 0;
	ctx->etag = etag;
	return fail(ctx, P_STALE);
}

static int engine_resource(struct ctx *ctx, struct engine *engine, struct call *call,
			   struct answer *answer)
{
	switch (call->method) {
	case METHOD_GET:
		return call->item ? crud_read(ctx, engine, call, answer)
				  : crud_list(ctx, engine, call, answer);
	case METHOD_POST:
		return crud_create(ctx, engine, call, answer);
	case METHOD_PATCH:
		return crud_update(ctx, engine, call, answer);
	case METHOD_DELETE:
		return crud_delete(ctx, engine, call, answer);
	default:
		return fail(ctx, P_METHOD_NOT_ALLOWED);
	}
}

static int engine_endpoint(struct ctx *ctx, struct engine *engine, struct call *call,
			   struct answer *answer)
{
	const struct endpoint *endpoint = call->endpoint;
	unsigned roles = endpoint->roles;

	if (!endpoint->public && roles != 0 && !(roles & (1u << call->actor.role)))
		return fail(ctx, P_FORBIDDEN,
			    enumeration_name(&role_values, (int)call->actor.role));
	answer->status = endpoint->status;
	return endpoint->handle(ctx, engine, call, answer);
}

/* Refuse unknown parameters: an ignored one would be a silent misunderstanding. Only reads of
 * resources have any. */
static int engine_params(struct ctx *ctx, const struct call *call)
{
	bool known =
		call->endpoint != NULL ? call->endpoint->query != NULL : call->method == METHOD_GET;

	for (size_t i = 0; !known && i < call->param_count; i++) {
		struct text pointer =
			arena_format(ctx->arena, "query:%.*s", (int)call->params[i].name.len,
				     call->params[i].name.ptr);

		violate(ctx, P_UNKNOWN_PARAMETER, pointer);
	}
	return violations_close(ctx, P_BAD_PARAMETER);
}

static int engine_act(struct ctx *ctx, struct engine *engine, struct call *call,
		      struct answer *answer)
{
	*answer = (struct answer){ 0 };
	if (call->endpoint != NULL)
		return engine_endpoint(ctx, engine, call, answer);
	return engine_resource(ctx, engine, call, answer);
}

/* The token's role is refused without a look at the session row: AUTHORIZE_AGAIN if the row says
 * another role, the refusal if it does not. */
static int engine_ask(struct ctx *ctx, struct engine *engine, struct call *call)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct text params[AUTHORIZE_PARAMS];
	struct query query = authorize_query(ctx, call, true, params);
	struct reply reply;
	int rc = store_acquire(ctx, engine->store, &conn);

	if (rc == 0)
		rc = conn_run(ctx, conn, &query, 1, &reply);
	if (rc == 0)
		rc = authorize_accept(ctx, call, reply);
	return rc != 0 ? rc : P_FORBIDDEN;
}

int act_end(int rc, const struct conn *conn)
{
	return rc == P_BUSY && conn != NULL && conn_undone(conn) ? ACT_UNDONE : rc;
}

#define DEADLOCKS_MAX 3 /* times that an act is begun anew */
#define DEADLOCK_PAUSE_NS 20000000

/* How often an act was begun anew. */
struct retries {
	int roles;
	int deadlocks;
};

/* Waits, without a connection, so that the transaction that won the deadlock can finish. */
static bool undone_again(struct retries *retries)
{
	struct timespec pause;

	if (retries->deadlocks == DEADLOCKS_MAX)
		return false;
	retries->deadlocks++;
	pause = (struct timespec){ .tv_nsec = DEADLOCK_PAUSE_NS * retries->deadlocks };
	nanosleep(&pause, NULL);
	return true;
}

static bool act_again(struct ctx *ctx, struct retries *retries, int rc)
{
	bool again = false;

	if (rc == AUTHORIZE_AGAIN)
		again = retries->roles++ == 0;
	else if (rc == ACT_UNDONE)
		again = undone_again(retries);
	if (again)
		ctx_clear(ctx);
	return again;
}

/* The only loop over attempts. A failed attempt has committed nothing. */
static int engine_attempt(struct ctx *ctx, struct engine *engine, struct call *call,
			  struct answer *ret)
{
	struct retries retries = { 0 };
	int rc;

	do {
		rc = engine_act(ctx, engine, call, ret);
		if (rc == P_FORBIDDEN && retries.roles == 0)
			rc = engine_ask(ctx, engine, call);
	} while (act_again(ctx, &retries, rc));
	if (rc == AUTHORIZE_AGAIN)
		return fail(ctx, P_UNAUTHENTICATED);
	return rc == ACT_UNDONE ? P_BUSY : rc;
}

int engine_call(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret)
{
	int rc = 0;

	if (call->endpoint == NULL || !call->endpoint->public)
		rc = authorize_call(ctx, engine, call);
	if (rc == 0)
		rc = engine_params(ctx, call);
	return rc != 0 ? rc : engine_attempt(ctx, engine, call, ret);
}
