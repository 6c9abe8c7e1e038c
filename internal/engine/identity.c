/* Statements that tell the database who acts, and audit rows. Enter at identity_query and
 * audit_query. */

#include "engine/identity.h"

static const char IDENTITY_SQL[] = "SELECT set_config('app.actor', 'user', true),"
				   " set_config('app.user_id', $1, true),"
				   " set_config('app.role', $2, true),"
				   " set_config('app.provider_id', $3, true),"
				   " set_config('app.session_id', $4, true),"
				   " set_config('app.purpose', $5, true),"
				   " set_config('app.request_id', $6, true)";

static const char AUDIT_SQL[] =
	"INSERT INTO audit_events (action, resource, row_id) VALUES ($1, $2, $3)";

/* set_config takes NULL for "as the server's default", which is no value of ours. */
static struct text known(struct text text)
{
	return text.ptr != NULL ? text : TEXT("");
}

struct query identity_query(const struct ctx *ctx, const struct actor *actor,
			    struct text params[IDENTITY_PARAMS])
{
	params[0] = known(actor->user_id);
	params[1] = known(enumeration_name(&role_values, (int)actor->role));
	params[2] = known(actor->provider_id);
	params[3] = known(actor->session_id);
	params[4] = known(enumeration_name(&purpose_values, (int)actor->purpose));
	params[5] = known(ctx->request_id);
	return (struct query){ TEXT(IDENTITY_SQL), params, IDENTITY_PARAMS };
}

struct query audit_query(const char *action, const char *resource, struct text row_id,
			 struct text params[AUDIT_PARAMS])
{
	params[0] = text_of(action);
	params[1] = text_of(resource);
	params[2] = row_id;
	return (struct query){ TEXT(AUDIT_SQL), params, AUDIT_PARAMS };
}
