#ifndef RESOURCE_PEOPLE_CLIENTS_H
#define RESOURCE_PEOPLE_CLIENTS_H

#include "resource/registry.h"

#define SEXES(X)                                                                                   \
	X(sex, female)                                                                             \
	X(sex, male)                                                                               \
	X(sex, other)
ENUM_DECLARE(sex, SEXES)

#endif
