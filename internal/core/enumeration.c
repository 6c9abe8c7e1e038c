/* Looks up the names and numbers of an enum. Enter at enumeration_find and enumeration_name. */

#include "core/enumeration.h"

int enumeration_find(const struct enumeration *enumeration, struct text name)
{
	for (int i = 1; i < enumeration->count; i++)
		if (text_is(name, enumeration->names[i]))
			return i;
	return 0;
}

struct text enumeration_name(const struct enumeration *enumeration, int value)
{
	if (value <= 0 || value >= enumeration->count)
		return TEXT_NULL;
	return text_of(enumeration->names[value]);
}
