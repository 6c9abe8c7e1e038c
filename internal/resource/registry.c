/* The list of all resources, in the order of registry.h. */

#include "resource/registry.h"

#define RESOURCE_ENTRY(name) &resource_##name,

const struct resource *const registry[] = { RESOURCES(RESOURCE_ENTRY) };
const size_t registry_count = sizeof(registry) / sizeof(registry[0]);
