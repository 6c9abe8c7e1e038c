#ifndef ENGINE_WRITE_FACTS_H
#define ENGINE_WRITE_FACTS_H

#include "engine/trip.h"
#include "engine/call.h"

/* Adds the query of each of the resource's facts to the trip; base is the struct whose members are
 * the keys. ret_first: index of the first reply. */
void facts_add(struct trip *trip, const struct resource *resource, const void *base,
	       size_t *ret_first);

/* Reads the replies into change->facts; key opens sealed columns of the client. One that does not
 * open is a fault: the act is refused, whatever the rule would have said. */
int facts_load(struct ctx *ctx, const struct trip *trip, size_t first, const struct data_key *key,
	       const struct resource *resource, struct change *change);

/* An id member of the record ("case_id") or of the resource ("family_member_id") as SQL text. */
int facts_member(struct arena *arena, const struct resource *resource, const void *base,
		 const char *name, struct text *ret);

#endif
