/* Answers which role may do what with which rows, and which kinds of content it sees. Enter at
 * access_of and access_sees. Constant tables. */

#include "auth/access.h"

struct access_row {
	const char *resource;
	struct access roles[ROLE_COUNT];
};

#define L ACTION_LIST
#define R ACTION_READ
#define C ACTION_CREATE
#define U ACTION_UPDATE
#define D ACTION_DELETE
#define E ACTION_EFFECT
#define ALL(actions)                                                                               \
	{                                                                                          \
		SCOPE_ALL, (actions)                                                               \
	}
#define OWN(actions)                                                                               \
	{                                                                                          \
		SCOPE_OWN, (actions)                                                               \
	}
#define TEAM(actions)                                                                              \
	{                                                                                          \
		SCOPE_TEAM, (actions)                                                              \
	}
#define NAMED(actions)                                                                             \
	{                                                                                          \
		SCOPE_NAMED, (actions)                                                             \
	}
#define SELF(actions)                                                                              \
	{                                                                                          \
		SCOPE_SELF, (actions)                                                              \
	}
#define NO                                                                                         \
	{                                                                                          \
		SCOPE_NONE, 0                                                                      \
	}
/* Named columns, so that a row with one too few does not compile. */
#define ACCESS(resource, ministry, stat, agency, manager, worker, special, commission, audit,      \
	       admin, machine)                                                                     \
	{ resource,                                                                                \
	  { NO, ministry, stat, agency, manager, worker, special, commission, audit, admin,        \
	    machine } },
static const struct access_row access_rows[] = {
#include "auth/access.def"
};
#undef L
#undef R
#undef C
#undef U
#undef D
#undef E

#define ACCESS_ROWS (sizeof(access_rows) / sizeof(access_rows[0]))

#define BIT(role) (1u << (role))
#define CARERS (BIT(role_case_worker) | BIT(role_specialist))
#define PROVIDERS (BIT(role_provider_manager) | CARERS)

/* The agency keeps the register: it sees identities, addresses and its own decisions, but no
 * narratives. A manager sees all of the own provider except a profession's notes. A commission
 * sees the protocol from which it concludes. */
static const unsigned sights[SIGHT_COUNT] = {
	[SIGHT_UNSAID] = 0,
	[SIGHT_PLAIN] = ~0u,
	[SIGHT_IDENTITY] = PROVIDERS | BIT(role_agency_officer),
	[SIGHT_ADDRESS] = PROVIDERS | BIT(role_agency_officer),
	[SIGHT_NARRATIVE] = PROVIDERS,
	[SIGHT_PROTOCOL] = PROVIDERS | BIT(role_commission_member),
	[SIGHT_DECISION] = PROVIDERS | BIT(role_agency_officer),
	[SIGHT_PROFESSIONAL] = CARERS,
};

static const enum purpose purposes[ROLE_COUNT] = {
	[role_ministry_officer] = purpose_contract_control,
	[role_statistician] = purpose_statistics,
	[role_agency_officer] = purpose_decision,
	[role_provider_manager] = purpose_case_management,
	[role_case_worker] = purpose_case_management,
	[role_specialist] = purpose_case_management,
	[role_commission_member] = purpose_identification,
	[role_auditor] = purpose_audit,
	[role_system_admin] = purpose_administration,
	[role_integration] = purpose_integration,
};

/* Some sixty short names: a comparison of mostly the first byte each. */
static struct access access_row(enum role role, const struct resource *resource)
{
	for (size_t i = 0; i < ACCESS_ROWS; i++) {
		if (strcmp(access_rows[i].resource, resource->name) == 0)
			return access_rows[i].roles[role];
	}
	return (struct access){ SCOPE_NONE, 0 };
}

/* The scope of a row below another one. NAMED and SELF compare columns that only one table has: if
 * just one of the two scopes is such a scope, nothing is open. */
static enum scope scope_within(enum scope scope, enum scope parent)
{
	if (scope == SCOPE_NONE || parent == SCOPE_NONE || parent == SCOPE_ALL || scope == parent)
		return scope;
	if (scope > SCOPE_TEAM || parent > SCOPE_TEAM)
		return SCOPE_NONE;
	return scope > parent ? scope : parent;
}
_Static_assert(SCOPE_ALL < SCOPE_OWN && SCOPE_OWN < SCOPE_TEAM && SCOPE_TEAM < SCOPE_NAMED &&
		       SCOPE_TEAM < SCOPE_SELF,
	       "from the widest to the narrowest");

struct access access_of(enum role role, const struct resource *resource)
{
	struct access access = access_row(role, resource);
	const struct resource *parent = resource->parent;

	for (; parent != NULL; parent = parent->parent)
		access.scope = scope_within(access.scope, access_row(role, parent).scope);
	return access.scope != SCOPE_NONE ? access : (struct access){ SCOPE_NONE, 0 };
}

const char *access_entry(enum role role, size_t index, struct access *ret)
{
	if (index >= ACCESS_ROWS)
		return NULL;
	*ret = access_rows[index].roles[role];
	return access_rows[index].resource;
}

bool access_sees(enum role role, enum sight sight)
{
	return (sights[sight] & BIT(role)) != 0;
}

bool access_reads_notes(const struct actor *reader, const struct resource *resource,
			struct text profession)
{
	if (reader->role != role_specialist)
		return true;
	if (resource->profession_member == NULL)
		profession = enumeration_name(&profession_values, (int)resource->profession);
	return reader->profession != profession_none &&
	       text_eq(profession, enumeration_name(&profession_values, (int)reader->profession));
}

uint64_t access_fields(enum role role, const struct resource *resource)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < resource->field_count; i++) {
		if (access_sees(role, field_sight(&resource->fields[i])))
			fields |= UINT64_C(1) << i;
	}
	return fields;
}

enum purpose access_default_purpose(enum role role)
{
	return purposes[role];
}
