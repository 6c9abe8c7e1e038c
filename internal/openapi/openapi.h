#ifndef OPENAPI_OPENAPI_H
#define OPENAPI_OPENAPI_H

#include "engine/engine.h"

/* The OpenAPI 3.1 document of the whole API, from registry, endpoints and access table: always the
 * same bytes, indented, with a final newline. In ctx' arena, some megabytes. 0 or -ENOMEM. */
int openapi_document(struct ctx *ctx, struct text *ret);

#endif
