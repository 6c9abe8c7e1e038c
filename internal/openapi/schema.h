#ifndef OPENAPI_SCHEMA_H
#define OPENAPI_SCHEMA_H

#include "engine/engine.h"

/* JSON Schema (2020-12, as OpenAPI 3.1 has it) from field tables. */

enum schema_use {
	SCHEMA_ANSWER, /* the value of a member of an answer */
	SCHEMA_CREATE, /* the value of a member of a body: read-only members are left out */
	SCHEMA_UPDATE, /* the same in a merge patch: nothing is required */
	SCHEMA_QUERY,  /* one value of a parameter */
};

extern const char *const schema_sights[SIGHT_COUNT];

void schema_field(struct buf *buf, const char *key, const struct field *field, enum schema_use use);
/* An object of the fields, closed for further members. Answers hold all of them. */
void schema_object(struct buf *buf, const char *key, const struct field *fields, size_t count,
		   enum schema_use use);
/* components/schemas: the item, its list, what creates and what changes it. */
void schema_resource(struct buf *buf, const struct resource *resource);
/* The schemas of Problem, Violation and the documents of /problems. */
void schema_problems(struct buf *buf);

#endif
