/* Which of the record's members a resource has, and its profession member. Enter at resource_has
 * and resource_profession. */

#include "model/resource.h"

#include <assert.h>

/* Traits with which a table has the column; 0: every table except views. */
static unsigned record_field_traits(const struct field *field)
{
	switch (field->offset) {
	case offsetof(struct record, provider_id):
		return OF_PROVIDER | OF_CLIENT | OF_CASE;
	case offsetof(struct record, client_id):
		return OF_CLIENT | OF_CASE;
	case offsetof(struct record, case_id):
		return OF_CASE;
	default:
		return 0;
	}
}

/* The client_id of a client is its own id; showing it would repeat the id. */
static bool record_field_is_self(const struct resource *resource, const char *name)
{
	size_t len = strlen(resource->singular);

	return strncmp(name, resource->singular, len) == 0 && strcmp(name + len, "_id") == 0;
}

bool resource_has(const struct resource *resource, const struct field *record_field)
{
	unsigned traits = record_field_traits(record_field);

	if (record_field->offset == offsetof(struct record, id))
		return true;
	if (traits == 0)
		return !(resource->traits & IS_VIEW);
	if (!(resource->traits & traits) || record_field_is_self(resource, record_field->name))
		return false;
	return field_find(resource->fields, resource->field_count, text_of(record_field->name)) < 0;
}

const struct field *resource_profession(const struct resource *resource)
{
	int index;

	if (resource->profession_member == NULL)
		return NULL;
	index = field_find(resource->fields, resource->field_count,
			   text_of(resource->profession_member));
	assert(index >= 0);
	return &resource->fields[index];
}
