/* Which members a change touches: what is final may grow in some of its members only (R19). */

#include "resource/changes.h"

static bool member_listed(const char *name, const char *const *members)
{
	while (*members != NULL && strcmp(*members, name) != 0)
		members++;
	return *members != NULL;
}

bool change_only(const struct resource *resource, const struct change *change,
		 const char *const *members)
{
	for (size_t i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!field_same(field, change->before, change->after) &&
		    !member_listed(field->name, members))
			return false;
	}
	return true;
}
