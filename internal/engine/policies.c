/* Makes row-level security from the registry and access.def. Enter at policies_text. Runs in
 * migrate only. */

#include "engine/policies.h"

#include "auth/access.h"
#include "core/buf.h"

/* What SQL calls an action, and which of ours need it. An effect changes rows, so it is an update.
 */
struct command {
	const char *name;
	unsigned actions;
	bool with_check; /* the condition is on new rows only */
};

static const struct command commands[] = {
	{ "select", ACTION_LIST | ACTION_READ, false },
	{ "insert", ACTION_CREATE, true },
	{ "update", ACTION_UPDATE | ACTION_EFFECT | ACTION_DELETE, false },
	{ "delete", ACTION_DELETE, false },
};

static const enum scope scopes[] = { SCOPE_ALL, SCOPE_OWN, SCOPE_TEAM, SCOPE_NAMED, SCOPE_SELF };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Sub-selects are in functions (schema/40_cases.sql): inlined, they would cost every statement of
 * every role 30 µs for preparing plans that only a few roles run. */
static void policy_team(struct buf *buf, const struct resource *resource)
{
	bool team = resource->traits & NAMES_TEAM;

	buf_puts(buf, " AND provider_id = (SELECT app_provider()) AND ");
	/* Each statement asks for the caller's own row in the team: that one without a function. */
	buf_puts(buf, team ? "(user_id = (SELECT app_user()) OR " : "");
	buf_puts(buf, resource->traits & OF_CASE ? "team_has_case(case_id)"
						 : "team_has_client(client_id)");
	buf_puts(buf, team ? ")" : "");
}

static void policy_named(struct buf *buf, const struct resource *resource)
{
	/* The policy of the members' own table may not query the table: that would ask the policy
	 * again. */
	if (resource->traits & NAMES_SITTING)
		buf_puts(buf, " AND user_id = (SELECT app_user()) AND open");
	else
		buf_puts(buf, " AND sits_in(id)");
}

static void policy_scope(struct buf *buf, const struct resource *resource, enum scope scope)
{
	switch (scope) {
	case SCOPE_NONE:
	case SCOPE_ALL:
		break;
	case SCOPE_OWN:
		buf_puts(buf, " AND provider_id = (SELECT app_provider())");
		break;
	case SCOPE_TEAM:
		policy_team(buf, resource);
		break;
	case SCOPE_NAMED:
		policy_named(buf, resource);
		break;
	case SCOPE_SELF:
		buf_printf(buf, " AND id = (SELECT %s())",
			   resource->traits & IS_PROVIDER ? "app_provider" : "app_user");
		break;
	}
}

/* Bits of the roles that have any of the actions in this scope. */
static unsigned roles_of(const struct resource *resource, enum scope scope, unsigned actions)
{
	unsigned roles = 0;

	for (int role = 1; role < ROLE_COUNT; role++) {
		struct access access = access_of((enum role)role, resource);

		if (access.scope == scope && (access.actions & actions) != 0)
			roles |= 1u << role;
	}
	return roles;
}

/* "(SELECT app_role()) IN ('a', 'b')", in a sub-select so that it is asked once a statement. */
static void policy_roles(struct buf *buf, unsigned roles)
{
	const char *separator = "";

	buf_puts(buf, "(SELECT app_role()) IN (");
	for (int role = 1; role < ROLE_COUNT; role++) {
		if (!(roles & (1u << role)))
			continue;
		buf_printf(buf, "%s'%s'", separator, role_values.names[role]);
		separator = ", ";
	}
	buf_putc(buf, ')');
}

/* Appends the terms of one resource, each after " OR " but the first of all. */
static void policy_terms(struct buf *buf, const struct resource *resource, unsigned actions,
			 bool *any)
{
	for (size_t i = 0; i < COUNT(scopes); i++) {
		unsigned roles = roles_of(resource, scopes[i], actions);

		if (roles == 0)
			continue;
		buf_puts(buf, *any ? "\n\tOR " : "\n\t");
		policy_roles(buf, roles);
		policy_scope(buf, resource, scopes[i]);
		*any = true;
	}
}

static void policy_open(struct buf *buf, const char *table, const struct command *command)
{
	buf_printf(buf, "DROP POLICY IF EXISTS %s_%s ON %s;\n", table, command->name, table);
	buf_printf(buf, "CREATE POLICY %s_%s ON %s FOR %s TO atbalsts_api %s (", table,
		   command->name, table, command->name,
		   command->with_check ? "WITH CHECK" : "USING");
}

/* An action that nobody may do has a policy too: one that is never true. */
static void policy_close(struct buf *buf, bool any)
{
	buf_puts(buf, any ? ");\n" : "false);\n");
}

/* Resources may share a table: a row is open if either resource opens it. */
static void table_policies(struct buf *buf, const char *table)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		bool any = false;

		policy_open(buf, table, &commands[i]);
		for (size_t j = 0; j < registry_count; j++) {
			if (strcmp(resource_table(registry[j]), table) == 0)
				policy_terms(buf, registry[j], commands[i].actions, &any);
		}
		policy_close(buf, any);
	}
	buf_puts(buf, "\n");
}

static bool table_is_first(size_t index)
{
	const char *table = resource_table(registry[index]);

	for (size_t i = 0; i < index; i++) {
		if (strcmp(resource_table(registry[i]), table) == 0)
			return false;
	}
	return true;
}

/* A data key is visible to users who may see its client, or sit in a commission about the client.
 * It is made together with a new row of the own provider. */
static void key_policies(struct buf *buf, const struct resource *clients,
			 const struct resource *sittings)
{
	unsigned reads = ACTION_LIST | ACTION_READ;
	unsigned own = roles_of(clients, SCOPE_OWN, reads) | roles_of(clients, SCOPE_TEAM, reads);
	unsigned named = roles_of(sittings, SCOPE_NAMED, reads);

	policy_open(buf, "data_keys", &commands[0]);
	buf_puts(buf, "\n\t");
	policy_roles(buf, roles_of(clients, SCOPE_ALL, reads));
	buf_puts(buf, "\n\tOR ");
	policy_roles(buf, own);
	buf_puts(buf, " AND provider_id = (SELECT app_provider())\n\tOR ");
	policy_roles(buf, named);
	buf_puts(buf, " AND sits_about(client_id)");
	policy_close(buf, true);
	policy_open(buf, "data_keys", &commands[1]);
	policy_roles(buf, roles_of(clients, SCOPE_OWN, ACTION_CREATE));
	buf_puts(buf, " AND provider_id = (SELECT app_provider())");
	policy_close(buf, true);
}

int policies_text(struct ctx *ctx, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, ctx->arena);
	for (size_t i = 0; i < registry_count; i++) {
		if (!(registry[i]->traits & IS_VIEW) && table_is_first(i))
			table_policies(&buf, resource_table(registry[i]));
	}
	key_policies(&buf, registry_of(IS_CLIENT), registry_of(IS_SITTING));
	return buf_text(&buf, ret);
}
