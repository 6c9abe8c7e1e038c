#ifndef FEATURE_TRANSFERS_TRANSFERS_H
#define FEATURE_TRANSFERS_TRANSFERS_H

#include "engine/engine.h"

/* POST /v1/incoming_transfers/{incoming_transfer_id}/answer: the receiver accepts or rejects (R20).
 */
extern const struct endpoint transfer_answer_endpoint;

#endif
