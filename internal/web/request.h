#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "engine/engine.h"

/* A request as it was sent, before routing. Pure: knows no HTTP library. */

enum header {
#define HEADER(id, name, list) id,
#include "web/headers.def"
#undef HEADER
	HEADER_COUNT
};

#define HEADERS_MAX 64	      /* header lines of a request */
#define BODY_MAX (256 * 1024) /* bytes of a body */
#define URI_MAX 4096	      /* bytes of a target */

/* Texts are borrowed from the HTTP library and live as long as the request. Those of the header
 * lines are addresses in the message's head as it was received: see request_locate. */
struct request {
	enum method method;
	struct text verb;
	struct text target; /* as in the request line */
	struct text path;
	struct text query; /* null without '?' */
	struct text body;
	struct text version;		   /* "HTTP/1.1" */
	struct text headers[HEADER_COUNT]; /* trimmed; null when absent */
	unsigned repeated; /* bits 1 << enum header: a single value that came twice */
	bool bad_header; /* a name that is no token, a control character in a value, or too many */
	bool bad_line;	 /* a header line that does not begin where the one before it ends */
	size_t line_count;
	uintptr_t next_line; /* addresses: where the next header line must begin, … */
	uintptr_t head_end;  /* … and what follows the empty line; 0: not known */
	struct text client_address;
	struct text traceparent; /* null unless well-formed (W3C Trace Context) */
};

/* Locates the head, once verb, target and version are set: the target's address in it and the
 * bytes from the verb to the end of the empty line. If this was not called, request_check refuses.
 * */
void request_locate(struct request *request, const char *target, size_t head_bytes);

/* Adds one header line, in the order of the message. -ENOMEM if joined values exceed the arena's
 * maximum. */
int request_add_header(struct request *request, struct arena *arena, struct text name,
		       struct text value);

/* Sets the request id: X-Request-Id if it is 1 to 64 of [A-Za-z0-9._-], else a fresh UUID; and
 * traceparent and language. Refuses no request; -ENOMEM. */
int request_identify(struct ctx *ctx, struct request *request);

/* Splits the target and refuses requests that a proxy could understand differently (RFC 9112, 11):
 * P_BAD_FRAMING, P_BAD_REQUEST, P_URI_TOO_LONG. */
int request_check(struct ctx *ctx, struct request *request);

/* The media types, those of the endpoint or else (NULL) JSON: P_TOO_LARGE,
 * P_UNSUPPORTED_MEDIA_TYPE, P_NOT_ACCEPTABLE. */
int request_check_content(struct ctx *ctx, const struct request *request,
			  const struct endpoint *endpoint);

/* The access token of "Authorization: Bearer …"; null when there is none. */
struct text request_bearer(const struct request *request);

/* Whether the message's end is in doubt after this problem, so that the connection must be closed.
 * */
bool request_must_close(enum problem problem);

/* fail() with words in the request's language. */
int refuse(struct ctx *ctx, enum problem problem, const char *english, const char *latvian);

#endif
