#ifndef FEATURE_CASEFILE_CASEFILE_H
#define FEATURE_CASEFILE_CASEFILE_H

#include "engine/engine.h"

/* GET /v1/cases/{case_id}/file: a case, its client and all that lies below either, in one round
 * trip. */
extern const struct endpoint case_file_endpoint;

#endif
