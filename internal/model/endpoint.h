#ifndef MODEL_ENDPOINT_H
#define MODEL_ENDPOINT_H

#include "model/resource.h"

enum method {
	METHOD_NONE,
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PATCH,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_OPTIONS
};

struct engine;
struct call;
struct answer;

/* An operation that is no create, read, update or delete of a resource. One row says all that
 * OpenAPI and the router need. */
struct endpoint {
	enum method method;
	const char *path; /* "/v1/sessions/current"; {name} stands for a UUID, {number} for a
			     decimal number from 1 on */
	int number_max;	  /* of {number}, for the documentation */
	const char *about;
	const char *tag;
	const struct field *request; /* NULL: no JSON */
	size_t request_count;
	const char *request_schema; /* JSON schema text of a body that rows cannot say */
	const char *request_media;  /* of a body that is no JSON; all three NULL: no body */
	const struct field *reply;  /* NULL: reply_schema or no body */
	size_t reply_count;
	const char *reply_schema;	       /* JSON schema text where field rows cannot say it */
	const struct enumeration *reply_media; /* what a streamed body may be; NULL: JSON or none */
	const struct field *query;	       /* parameters; NULL: none */
	size_t query_count;
	int status;	 /* on success */
	bool public;	 /* without a token */
	unsigned roles;	 /* bit 1 << enum role; 0 with !public: every role */
	bool restricted; /* open also to an account that waits for its own password or approval */
	bool idempotent; /* wants Idempotency-Key */
	bool if_match;	 /* wants If-Match */
	const enum problem *problems; /* ends with 0 */
	int (*handle)(struct ctx *ctx, struct engine *engine, struct call *call,
		      struct answer *answer);
};

extern const struct endpoint *const endpoints[]; /* feature/endpoints.c */
extern const size_t endpoint_count;

#endif
