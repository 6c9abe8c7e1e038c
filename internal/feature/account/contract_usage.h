#ifndef FEATURE_ACCOUNT_CONTRACT_USAGE_H
#define FEATURE_ACCOUNT_CONTRACT_USAGE_H

#include "engine/engine.h"

/* GET /v1/contracts/{contract_id}/usage: what was used of a contract, against what was planned. */
extern const struct endpoint contract_usage_endpoint;

#endif
