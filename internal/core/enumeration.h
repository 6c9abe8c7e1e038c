#ifndef CORE_ENUMERATION_H
#define CORE_ENUMERATION_H

#include "core/text.h"

/* An optional boolean. */
enum flag { FLAG_NONE, FLAG_NO, FLAG_YES };

/* The values of one enum by number; names[0] is NULL and stands for null. */
struct enumeration {
	const char *name;
	const char *const *names;
	int count; /* of names, names[0] included */
};

/*
 * #define COLOURS(X) X(colour, red) X(colour, green)
 * header: ENUM_DECLARE(colour, COLOURS)   gives enum colour { colour_none, colour_red, colour_green
 * } source: ENUM_DEFINE(colour, COLOURS)    gives colour_values
 */
#define ENUM_MEMBER(E, v) E##_##v,
#define ENUM_NAME(E, v) #v,
#define ENUM_DECLARE(E, LIST)                                                                      \
	enum E { E##_none, LIST(ENUM_MEMBER) };                                                    \
	extern const struct enumeration E##_values;
#define ENUM_DEFINE(E, LIST)                                                                       \
	static const char *const E##_names[] = { NULL, LIST(ENUM_NAME) };                          \
	const struct enumeration E##_values = { #E, E##_names,                                     \
						sizeof(E##_names) / sizeof(E##_names[0]) };

/* The number of a name, 0 when it is none of them. */
int enumeration_find(const struct enumeration *enumeration, struct text name);

/* The name of a number; null text for 0. value must be one of the enum's. */
struct text enumeration_name(const struct enumeration *enumeration, int value);

#endif
