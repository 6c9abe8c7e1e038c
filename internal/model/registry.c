/* Finds a resource by its name. */

#include "model/resource.h"

const struct resource *registry_find(struct text name)
{
	for (size_t i = 0; i < registry_count; i++)
		if (text_is(name, registry[i]->name))
			return registry[i];
	return NULL;
}
