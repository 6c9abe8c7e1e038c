/* Finds a resource by its name. */

#include "model/resource.h"

#include <assert.h>

const struct resource *registry_find(struct text name)
{
	for (size_t i = 0; i < registry_count; i++)
		if (text_is(name, registry[i]->name))
			return registry[i];
	return NULL;
}

const struct resource *registry_of(enum traits trait)
{
	const struct resource *found = NULL;

	for (size_t i = 0; i < registry_count && found == NULL; i++)
		if (registry[i]->traits & trait)
			found = registry[i];
	assert(found != NULL);
	return found;
}
