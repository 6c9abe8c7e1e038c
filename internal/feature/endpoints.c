/* The list of all endpoints, from endpoints.h. Data only. */

#include "feature/endpoints.h"

#define ENDPOINT_ENTRY(name) &name##_endpoint,

const struct endpoint *const endpoints[] = { ENDPOINTS(ENDPOINT_ENTRY) };
const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
