#ifndef RESOURCE_SERVICES_ACCOMMODATIONS_H
#define RESOURCE_SERVICES_ACCOMMODATIONS_H

#include "resource/registry.h"

#define STAY_STATES(X)                                                                             \
	X(stay_state, planned)                                                                     \
	X(stay_state, occupied)                                                                    \
	X(stay_state, ended)                                                                       \
	X(stay_state, cancelled)
ENUM_DECLARE(stay_state, STAY_STATES)

/* Ended or cancelled: what belongs to the stay is not edited away (R19). */
bool stay_is_final(enum stay_state state);

#endif
