#ifndef OPENAPI_PATHS_H
#define OPENAPI_PATHS_H

#include "engine/engine.h"

/* The paths of the OpenAPI document. */

/* Both paths of a resource, with the endpoints that share them. */
void paths_resource(struct buf *buf, const struct resource *resource);
/* Paths of endpoints that no resource has. */
void paths_endpoints(struct buf *buf);
/* The operations of the endpoints at a path; ids may be named differently. */
void paths_endpoints_at(struct buf *buf, const char *path);
/* Paths that the listener itself serves: this document and the problems. */
void paths_documents(struct buf *buf);

/* "/v1/clients/{client_id}/family_members" and, for item, the id. In the arena; null text when it
 * is full. */
struct text paths_template(struct arena *arena, const struct resource *resource, bool item);
bool paths_has(const struct resource *resource, bool item);
/* Whether two templates are one path: {name}s are equal. */
bool paths_same(struct text a, struct text b);

#endif
