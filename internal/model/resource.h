#ifndef MODEL_RESOURCE_H
#define MODEL_RESOURCE_H

#include "core/fail.h"
#include "model/field.h"
#include "model/participation.h"

struct effects;

enum action {
	ACTION_LIST = 1 << 0,
	ACTION_READ = 1 << 1,
	ACTION_CREATE = 1 << 2,
	ACTION_UPDATE = 1 << 3,
	ACTION_DELETE = 1 << 4,
	ACTION_EFFECT = 1 << 5, /* may be locked and changed by another resource's write */
};

/* Which rows a role reaches; auth/access.def says which scope holds for a role and a resource. */
enum scope {
	SCOPE_NONE,
	SCOPE_ALL,
	SCOPE_OWN,  /* provider_id is the caller's */
	SCOPE_TEAM, /* of cases (or clients with a case) whose team holds the caller, within the own
		       provider */
	SCOPE_NAMED, /* of identifications whose members name the caller, until they are closed */
	SCOPE_SELF,  /* the row whose id is the caller's user (users) or provider (providers) */
};

enum traits {
	OF_PROVIDER = 1 << 0, /* has provider_id */
	OF_CLIENT = 1 << 1,   /* has client_id too: reads of it are logged */
	OF_CASE = 1 << 2,     /* has case_id too: ruled writes lock the case first */
	KEY_OWN = 1 << 3,     /* the row is a person: a new data key is made for it */
	KEY_CLIENT =
		1
		<< 4, /* sealed with the key of its client: key_id is copied from the parent row */
	IS_VIEW = 1 << 5,   /* computed: no version, created_at … */
	IS_WINDOW = 1 << 6, /* a view of other providers' rows: an access row takes client and
			       provider from its columns seen_client and seen_provider */

	/* The engine knows the domain by these only. Exactly one resource has each of them, or the
	 * server does not start. */
	IS_PROVIDER = 1 << 7, /* whom provider_id names */
	IS_CLIENT = 1 << 8,   /* whom client_id names */
	IS_CASE = 1 << 9,     /* what case_id names: ruled writes of it and below lock it first */
	IS_SITTING = 1 << 10, /* what SCOPE_NAMED reaches */
	NAMES_TEAM = 1 << 11, /* its user_id is in the case's team: SCOPE_TEAM */
	NAMES_SITTING = 1 << 12, /* its user_id sits: SCOPE_NAMED */
	TRAITS_OF_ONE = IS_PROVIDER | IS_CLIENT | IS_CASE | IS_SITTING | NAMES_TEAM | NAMES_SITTING,
};

/* The first member of every resource's struct. */
struct record {
	struct text id;
	struct text provider_id;
	struct text client_id;
	struct text case_id;
	struct text key_id;
	struct instant created_at;
	struct text created_by;
	struct instant updated_at;
	struct text updated_by;
	struct number version;
};

/* Rows of a security_invoker view that a rule needs. Read after the case row is locked. */
struct facts {
	const char *view;
	const struct field *fields;
	size_t field_count;
	size_t size; /* of the struct of one row */
	/* view column = member: of the new row ("family_member_id"), of the record ("case_id",
	 * "client_id", "provider_id", "id") or the parent's id ("plan_id"). A null member: no row.
	 * Ends with NULL. */
	struct {
		const char *column;
		const char *member;
	} keys[4];
	const char *order_by; /* columns, or NULL */
	/* A sealed column's origin for the associated data: its table; row id in the column named
	 * row. */
	const char *sealed_table;
	const char *sealed_row;
};
#define FACTS_MAX 10

struct fact_rows {
	const void *rows; /* array of the facts' structs */
	size_t count;
};

/* One row's change, as the hooks see it. */
struct change {
	enum action action;
	const struct actor *actor;
	struct instant now;
	struct date today;
	const void *before; /* NULL on create */
	void *after;	    /* NULL on delete; a hook may set READ_ONLY members */
	struct fact_rows facts[FACTS_MAX];
	struct text parent_ids[4]; /* path ids, outermost first */
	size_t parent_count;
};

struct resource {
	const char *name;     /* "plan_services": its name in access.def and OpenAPI */
	const char *table;    /* where it differs from name ("limits"); else NULL */
	const char *segment;  /* path segment where it differs from name ("services"); else NULL */
	const char *singular; /* "plan_service": <singular>_id names it in its children */
	const char *about;
	const char *tag; /* OpenAPI group */
	const struct resource *parent;
	const struct field *fields;
	size_t field_count;
	size_t size;
	unsigned traits;
	unsigned actions;
	const char *sort; /* default: "-created_at" … by a SORT field or id */
	const struct facts *facts;
	size_t fact_count;
	/* Pure: problems through fail/violate on pointers. Called for create, update and delete.
	 * May be NULL. */
	int (*check)(struct ctx *ctx, struct change *change);
	/* What else changes in the same transaction (engine/write/effects.h). May be NULL. */
	int (*effects)(struct ctx *ctx, const struct change *change, struct effects *effects);
	/* Members that identify a person together (names, birth date): column identity_index; ends
	 * with NULL. */
	const char *identity[4];
	/* The profession that SIGHT_PROFESSIONAL members belong to: the value of this member, or
	 * always the other one. Without either no specialist reads them. */
	const char *profession_member;
	enum profession profession;
	/* Problems that its hooks and constraints raise beside the conventions', for OpenAPI; ends
	 * with 0. */
	const enum problem *problems;
};

/* Defined in resource/record.c: record's fields as the API shows them: id, provider_id …, by
 * traits; RECORD_FIELD_COUNT in all.
 */
extern const struct field record_fields[];
extern const size_t record_field_count;
/* Whether the resource has this one of record_fields. */
bool resource_has(const struct resource *resource, const struct field *record_field);

/* The field named profession_member; NULL where the resource has none. */
const struct field *resource_profession(const struct resource *resource);

static inline const char *resource_table(const struct resource *resource)
{
	return resource->table != NULL ? resource->table : resource->name;
}

static inline const char *resource_segment(const struct resource *resource)
{
	return resource->segment != NULL ? resource->segment : resource->name;
}

/* The outermost ancestor; the resource itself if it has no parent. */
static inline const struct resource *resource_root(const struct resource *resource)
{
	while (resource->parent != NULL)
		resource = resource->parent;
	return resource;
}

/* All resources; defined in resource/registry.c. Parents stand before their children. */
extern const struct resource *const registry[];
extern const size_t registry_count;
/* How each of them takes part in what concerns many, in the same order. */
extern const struct participation registry_participations[];

/* By name; NULL when there is none. */
const struct resource *registry_find(struct text name);
/* The one with this trait of TRAITS_OF_ONE. */
const struct resource *registry_of(enum traits trait);

#endif
