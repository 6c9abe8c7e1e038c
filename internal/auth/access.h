#ifndef AUTH_ACCESS_H
#define AUTH_ACCESS_H

#include "core/actor.h"
#include "model/resource.h"

/* Role × resource × action, from access.def, and role × sight: the only table of permissions.
 * Row-level security policies (engine/policies.h) and the tests are made from it too. */
struct access {
	enum scope scope;
	unsigned actions; /* bits of enum action */
};

/* SCOPE_NONE if the role may never. Never wider than the scope of the resource above: composite
 * foreign keys give a row the provider, client and case of its parent, so the narrower of both
 * scopes holds for both. If the role never reaches the parent (a sitting with an outside member
 * lies in a case), the row's own scope alone decides. */
struct access access_of(enum role role, const struct resource *resource);

/* The table's rows by index, to list all that a role may do: the resource's name and the role's
 * access. NULL, with *ret untouched, past the last row. */
const char *access_entry(enum role role, size_t index, struct access *ret);

/* Whether the role sees content of this kind at all. SIGHT_PROFESSIONAL also needs
 * access_reads_notes of the row. */
bool access_sees(enum role role, enum sight sight);

/* Whether a reader whose role sees SIGHT_PROFESSIONAL may read those members of this row: a
 * specialist reads those of the own profession only. profession: the value of the row's
 * profession_member, null if the resource has none. */
bool access_reads_notes(const struct actor *reader, const struct resource *resource,
			struct text profession);

/* The fields of a resource that the role sees, bit per index. */
uint64_t access_fields(enum role role, const struct resource *resource);

/* The purpose of a request without Purpose header. */
enum purpose access_default_purpose(enum role role);

#endif
