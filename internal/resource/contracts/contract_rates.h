#ifndef RESOURCE_CONTRACTS_CONTRACT_RATES_H
#define RESOURCE_CONTRACTS_CONTRACT_RATES_H

#include "resource/registry.h"

#define RATE_UNITS(X)                                                                              \
	X(rate_unit, piece)                                                                        \
	X(rate_unit, minute)                                                                       \
	X(rate_unit, hour)                                                                         \
	X(rate_unit, day)                                                                          \
	X(rate_unit, month)
ENUM_DECLARE(rate_unit, RATE_UNITS)

#endif
