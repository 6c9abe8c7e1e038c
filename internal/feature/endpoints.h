#ifndef FEATURE_ENDPOINTS_H
#define FEATURE_ENDPOINTS_H

#include "engine/engine.h"

/* Every endpoint that is no resource: X(me) stands for me_endpoint, in the file that handles it.
 * The router and OpenAPI know no other; tests/check/registered.py fails on one that is missing
 * here. */
#define ENDPOINTS(X)                                                                               \
	X(session_create)                                                                          \
	X(session_refresh)                                                                         \
	X(session_end)                                                                             \
	X(me)                                                                                      \
	X(me_password)                                                                             \
	X(user_password)                                                                           \
	X(user_approval)                                                                           \
	X(case_file)                                                                               \
	X(attachment_part)                                                                         \
	X(attachment_completion)                                                                   \
	X(attachment_content)                                                                      \
	X(transfer_answer)                                                                         \
	X(batch)                                                                                   \
	X(contract_usage)

#define ENDPOINT_DECLARE(name) extern const struct endpoint name##_endpoint;
ENDPOINTS(ENDPOINT_DECLARE)

#endif
