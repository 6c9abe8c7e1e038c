/* Approves an account (four eyes, R32). Enter at user_approval_endpoint. The function
 * approve_user decides and locks. */

#include "feature/endpoints.h"

#include "engine/authorize.h"

#include <errno.h>

/* Four eyes over accounts (R32). Who may approve which account is decided in the database, by
 * approve_user (schema/10_accounts.sql); here its answer becomes a problem. */

static const char VERSION_SQL[] = "SELECT version FROM users WHERE id = $1";
static const char APPROVE_SQL[] = "SELECT approve_user($1, $2)";

static const enum problem refusals[] = { P_NOT_FOUND,	     P_STALE,	     P_NEEDS_SECOND_PERSON,
					 P_MANAGER_APPROVES, P_NOT_ENROLLED, P_NONE };

static int approval_judge(struct ctx *ctx, struct text refusal)
{
	if (refusal.ptr == NULL)
		return 0;
	for (const enum problem *problem = refusals; *problem != P_NONE; problem++)
		if (text_is(refusal, problem_texts[*problem].code))
			return fail(ctx, *problem);
	return fault(ctx, EPROTO, "unknown_refusal", refusal);
}

/* The account as the approver has read it: another role, say, would be another account. */
static int approval_match(struct ctx *ctx, struct call *call, struct conn *conn,
			  struct text *ret_version)
{
	struct query look = { TEXT(VERSION_SQL), &call->ids[0], 1 };
	struct text version, etag;
	struct reply reply;
	int rc = conn_run(ctx, conn, &look, 1, &reply);

	if (rc != 0)
		return rc;
	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	version = arena_copy(ctx->arena, reply_cell(reply, 0, 0));
	etag = arena_format(ctx->arena, "\"%s\"", version.ptr != NULL ? version.ptr : "");
	if (version.ptr == NULL || etag.ptr == NULL)
		return -ENOMEM;
	*ret_version = version;
	return match_check(ctx, call, etag);
}

static int user_approval(struct ctx *ctx, struct engine *engine, struct call *call,
			 struct answer *answer)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct text params[2] = { call->ids[0] };
	struct query approve = { TEXT(APPROVE_SQL), params, 2 };
	struct reply reply;
	int rc = match_require(ctx, call);

	(void)answer;
	if (rc == 0)
		rc = authorize_begin(ctx, engine, call, &conn);
	if (rc == 0)
		rc = approval_match(ctx, call, conn, &params[1]);
	if (rc == 0)
		rc = conn_run(ctx, conn, &approve, 1, &reply);
	if (rc == 0)
		rc = approval_judge(ctx, reply_cell(reply, 0, 0));
	return rc != 0 ? rc : conn_commit(ctx, conn, NULL, 0, NULL);
}

const struct endpoint user_approval_endpoint = {
	.method = METHOD_PUT,
	.path = "/v1/users/{id}/approval",
	.about = "Approves an account as it was read. The provider's manager does so, for other"
		 " accounts an administrator; never one who made it, changed what it may do or set"
		 " its password.",
	.tag = "users",
	.status = 204,
	.roles = 1u << role_provider_manager | 1u << role_system_admin,
	.if_match = true,
	.problems = refusals,
	.handle = user_approval,
};
