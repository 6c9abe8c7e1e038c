/* GET /v1/me: who the caller is and what they may do. Enter at me_endpoint. Reads only. */

#include "engine/engine.h"
#include "feature/endpoints.h"

#include "engine/authorize.h"

static const char ME_SQL[] =
	"SELECT u.id, u.email, u.name, u.role, u.provider_id, coalesce(p.name, u.organisation),"
	" u.profession, u.language"
	" FROM users u LEFT JOIN providers p ON p.id = u.provider_id WHERE u.id = $1";

static const char *const me_members[] = { "id",		 "email",	 "name",       "role",
					  "provider_id", "organisation", "profession", "language" };
#define ME_MEMBERS (sizeof(me_members) / sizeof(me_members[0]))

static const char *const scope_names[] = {
	[SCOPE_NONE] = "none", [SCOPE_ALL] = "all",	[SCOPE_OWN] = "own",
	[SCOPE_TEAM] = "team", [SCOPE_NAMED] = "named", [SCOPE_SELF] = "self",
};

static const struct {
	enum action action;
	const char *name;
} action_names[] = {
	{ ACTION_LIST, "list" },     { ACTION_READ, "read" },	  { ACTION_CREATE, "create" },
	{ ACTION_UPDATE, "update" }, { ACTION_DELETE, "delete" },
};
#define ACTIONS_SHOWN                                                                              \
	((unsigned)(ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE))

static void actions_write(struct buf *buf, unsigned actions)
{
	const char *separator = "";

	for (size_t i = 0; i < sizeof(action_names) / sizeof(action_names[0]); i++) {
		if (!(actions & action_names[i].action))
			continue;
		buf_printf(buf, "%s\"%s\"", separator, action_names[i].name);
		separator = ",";
	}
}

/* What the role may do with a resource that offers it. */
static unsigned actions_offered(const char *name, const struct access *access)
{
	const struct resource *resource = registry_find(text_of(name));
	unsigned actions = access->actions & ACTIONS_SHOWN;

	return resource != NULL ? actions & resource->actions : actions;
}

static void permissions_write(struct buf *buf, enum role role)
{
	const char *separator = "";
	struct access access;
	const char *name;

	for (size_t i = 0; (name = access_entry(role, i, &access)) != NULL; i++) {
		unsigned actions = actions_offered(name, &access);

		if (actions == 0)
			continue;
		buf_printf(buf, "%s\"%s\":{\"scope\":\"%s\",\"actions\":[", separator, name,
			   scope_names[access.scope]);
		actions_write(buf, actions);
		buf_puts(buf, "]}");
		separator = ",";
	}
}

static void purposes_write(struct buf *buf)
{
	for (int i = 1; i < purpose_values.count; i++)
		buf_printf(buf, "%s\"%s\"", i > 1 ? "," : "", purpose_values.names[i]);
}

static int me_write(struct ctx *ctx, const struct actor *actor, struct reply reply,
		    struct text *ret)
{
	struct buf buf;

	buf_init(&buf, ctx->arena);
	buf_putc(&buf, '{');
	for (size_t i = 0; i < ME_MEMBERS; i++) {
		buf_printf(&buf, "\"%s\":", me_members[i]);
		buf_put_json(&buf, reply_cell(reply, 0, i));
		buf_putc(&buf, ',');
	}
	buf_puts(&buf, "\"session_id\":");
	buf_put_json(&buf, actor->session_id);
	buf_puts(&buf, ",\"purpose\":");
	buf_put_json(&buf, enumeration_name(&purpose_values, (int)actor->purpose));
	buf_puts(&buf, ",\"purposes\":[");
	purposes_write(&buf);
	buf_puts(&buf, "],\"restriction\":");
	buf_put_json(&buf, actor->restriction != P_NONE
				   ? text_of(problem_texts[actor->restriction].code)
				   : TEXT_NULL);
	buf_puts(&buf, ",\"permissions\":{");
	if (actor->restriction == P_NONE)
		permissions_write(&buf, actor->role);
	buf_puts(&buf, "}}");
	return buf_text(&buf, ret);
}

static int me(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *answer)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct query query = { TEXT(ME_SQL), &call->actor.user_id, 1 };
	struct reply replies[2];
	int rc;

	rc = authorize_begin(ctx, engine, call, &conn);
	if (rc != 0)
		return rc;
	rc = conn_commit(ctx, conn, &query, 1, replies);
	if (rc != 0)
		return rc;
	if (reply_rows(replies[0]) == 0)
		return fail(ctx, P_UNAUTHENTICATED);
	return me_write(ctx, &call->actor, replies[0], &answer->body);
}

#define NULLABLE "{\"type\":[\"string\",\"null\"]"
static const char ME_SCHEMA[] =
	"{\"type\":\"object\",\"required\":[\"id\",\"email\",\"name\",\"role\",\"provider_id\","
	"\"organisation\",\"profession\",\"language\",\"session_id\",\"purpose\",\"purposes\","
	"\"restriction\",\"permissions\"],\"additionalProperties\":false,\"properties\":{"
	"\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"email\":{\"type\":\"string\"},"
	"\"name\":{\"type\":\"string\"},"
	"\"role\":{\"type\":\"string\"},"
	"\"provider_id\":" NULLABLE ",\"format\":\"uuid\"},"
	"\"organisation\":" NULLABLE ",\"description\":\"The provider's or another body's name.\"},"
	"\"profession\":" NULLABLE "},"
	"\"language\":{\"type\":\"string\",\"enum\":[\"lv\",\"en\"]},"
	"\"session_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"purpose\":{\"type\":\"string\",\"description\":\"The purpose of this request.\"},"
	"\"purposes\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
	"\"description\":\"The values of the Purpose header.\"},"
	"\"restriction\":" NULLABLE ",\"enum\":[null,\"password_change_required\","
	"\"not_approved\"],\"description\":\"The problem of all that is not one's own account;"
	" null: none.\"},"
	"\"permissions\":{\"type\":\"object\",\"description\":"
	"\"What the caller may do, by resource.\","
	"\"additionalProperties\":{\"type\":\"object\",\"required\":[\"scope\",\"actions\"],"
	"\"additionalProperties\":false,\"properties\":{"
	"\"scope\":{\"type\":\"string\",\"enum\":[\"all\",\"own\",\"team\",\"named\",\"self\"]},"
	"\"actions\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":"
	"[\"list\",\"read\",\"create\",\"update\",\"delete\"]}}}}}}}";

const struct endpoint me_endpoint = {
	.method = METHOD_GET,
	.path = "/v1/me",
	.about = "Who the caller is and what the caller may do.",
	.tag = "me",
	.reply_schema = ME_SCHEMA,
	.status = 200,
	.restricted = true,
	.handle = me,
};
