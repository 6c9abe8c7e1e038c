#ifndef AUTH_ACCESS_H
#define AUTH_ACCESS_H

#include "core/actor.h"
#include "model/resource.h"

/* Role × resource × action, from access.def, and role × sight: the one table of who may do what.
 * Row-level security policies (store/policies) and the tests are made from it too. */
struct access {
	enum scope scope;
	unsigned actions; /* bits of enum action */
};

/* SCOPE_NONE when the role may never. Never wider than the scope of what stands above the resource:
 * composite foreign keys hold a row's provider, client and case to its parent's, so the narrower
 * of the two scopes asks for both. Where the role never reaches the parent (an outside member's
 * sitting lies in a case), the row's own scope alone decides. */
struct access access_of(enum role role, const struct resource *resource);

/* The table's rows by index, to tell a role all it may do: the resource's name and the role's
 * access; NULL, with *ret untouched, past the last. */
const char *access_entry(enum role role, size_t index, struct access *ret);

/* Whether the role sees content of this kind at all. SIGHT_PROFESSIONAL also needs
 * access_reads_notes of the row. */
bool access_sees(enum role role, enum sight sight);

/* Whether SIGHT_PROFESSIONAL members of a row are open to a reader whose role sees them: to a
 * specialist those of the own profession. profession: the row's profession_member, null where the
 * resource has none. */
bool access_reads_notes(const struct actor *reader, const struct resource *resource,
			struct text profession);

/* The fields of a resource that the role sees, bit per index. */
uint64_t access_fields(enum role role, const struct resource *resource);

/* The purpose that stands for a request without Purpose header. */
enum purpose access_default_purpose(enum role role);

#endif
