#ifndef OPENAPI_PARTS_H
#define OPENAPI_PARTS_H

#include "engine/engine.h"

/* Parts that operations of the OpenAPI document share: parameters, headers, answers with problems.
 * */

enum operation {
	OPERATION_LIST,
	OPERATION_READ,
	OPERATION_CREATE,
	OPERATION_UPDATE,
	OPERATION_DELETE
};
#define OPERATION_COUNT 5

/* A set of problems that an operation may answer with. */
struct problem_set {
	bool has[P_COUNT];
};

/* problems ends with 0; NULL adds none. */
void problem_set_add(struct problem_set *set, const enum problem *problems);
/* The problems that the conventions can raise for an operation. */
void problem_set_operation(struct problem_set *set, enum operation operation);
/* For an endpoint: by its method, body, path and secrecy. */
void problem_set_endpoint(struct problem_set *set, const struct endpoint *endpoint);

/* One answer per status. shared: those that equal the operation's own refer to
 * components/responses. */
void parts_problems(struct buf *buf, const struct problem_set *set, const enum operation *shared);
/* components/responses, /parameters and /headers. */
void parts_responses(struct buf *buf);
void parts_parameters(struct buf *buf);
void parts_headers(struct buf *buf);

/* A parameter among an operation's parameters. */
void parts_parameter(struct buf *buf, const char *name);
/* "headers" of an answer: references to components/headers; names ends with NULL. */
void parts_answer_headers(struct buf *buf, const char *const *names);
/* "content" of a body or an answer: one media type with a schema of components/schemas. */
void parts_content(struct buf *buf, const char *type, const char *schema);

#endif
