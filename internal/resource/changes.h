#ifndef RESOURCE_CHANGES_H
#define RESOURCE_CHANGES_H

#include "engine/rows.h"

/* Whether a change of an existing row touches nothing but these members (ends with NULL). */
bool change_only(const struct resource *resource, const struct change *change,
		 const char *const *members);

#endif
