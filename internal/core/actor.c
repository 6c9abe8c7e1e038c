/* The names of roles, professions and purposes. Data only. */

#include "core/actor.h"

ENUM_DEFINE(role, ROLES)
ENUM_DEFINE(profession, PROFESSIONS)
ENUM_DEFINE(purpose, PURPOSES)

_Static_assert(sizeof(role_names) / sizeof(role_names[0]) == ROLE_COUNT,
	       "ROLE_COUNT counts the roles");
