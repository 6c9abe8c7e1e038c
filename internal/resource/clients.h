#ifndef RESOURCE_CLIENTS_H
#define RESOURCE_CLIENTS_H

#include "resource/registry.h"

#define SEXES(X)                                                                                   \
	X(sex, female)                                                                             \
	X(sex, male)                                                                               \
	X(sex, other)
ENUM_DECLARE(sex, SEXES)

/* Absent lists are empty ones: their columns have no null. */
void texts_present(struct texts *texts);

#endif
