#ifndef ENGINE_REFERENCES_H
#define ENGINE_REFERENCES_H

#include "engine/call.h"
#include "engine/trip.h"

/* The references of a row that is written are checked before anything else. PostgreSQL checks
 * foreign keys last: a unique or exclusion constraint, a rule or a lock that meets another
 * provider's row before would reveal it. The foreign keys stay as the second safeguard. */

struct references {
	const struct field *fields[FIELDS_MAX];
	size_t at[FIELDS_MAX]; /* indexes of the replies */
	size_t count;
};

/* Adds a query for each reference that a body has set in after, which must hold the request's
 * values only. before: NULL on create; an unchanged reference was checked before. Row-level
 * security hides rows that the caller may not see. */
void references_add(struct trip *trip, const struct resource *resource, const void *before,
		    const void *after, struct references *ret);

/* Each referenced row must exist and belong to the same provider, client and case as the row, as
 * far as both have them. P_UNKNOWN_REFERENCE with a violation for each that does not. */
int references_check(struct ctx *ctx, const struct trip *trip, const struct resource *resource,
		     const struct record *row, const struct references *references);

#endif
