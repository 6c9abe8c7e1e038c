#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "engine/engine.h"
#include "web/request.h"
#include "web/route.h"

/* A response before it is given to the HTTP library; texts live as long as the request. */

#define RESPONSE_HEADERS_MAX 24

struct response {
	int status;
	struct text body; /* null: none */
	struct {
		const char *name;
		struct text value;
	} headers[RESPONSE_HEADERS_MAX];
	size_t header_count;
};

/* Adds a header; a null value is left out. */
void response_put(struct response *response, const char *name, struct text value);

/* The response of the engine's answer, with ETag, Location, Link, Cache-Control. -ENOMEM. */
int response_of_answer(const struct ctx *ctx, const struct answer *answer, struct response *ret);

/* The headers that all responses carry: request id, traceparent, nosniff, Connection: close. */
void response_common(const struct ctx *ctx, const struct request *request, bool close,
		     struct response *response);

/* CORS (Fetch standard, 3.2) by exact allow-list; on OPTIONS the preflight's answer. route may be
 * NULL. */
void response_cors(const struct request *request, bool configured, bool allowed, struct text allow,
		   struct response *response);

#endif
