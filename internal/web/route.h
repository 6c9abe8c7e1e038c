#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "engine/engine.h"

/* The router: a tree of path segments made at start from the registry and the endpoints. Works on
 * the raw path. */

#define METHOD_COUNT (METHOD_OPTIONS + 1)

enum route_kind {
	ROUTE_ENGINE, /* resource or endpoint: for engine_call */
	ROUTE_OPENAPI,
	ROUTE_PROBLEMS,
	ROUTE_PROBLEM,
};

struct route {
	enum route_kind kind;
	const char *template;		 /* "/v1/clients/{client_id}": what logs and metrics show */
	size_t index;			 /* 1 … router_count - 1; 0 stands for no route */
	unsigned methods;		 /* bits 1 << enum method */
	const struct resource *resource; /* NULL: endpoints only */
	bool item;
	const struct endpoint *endpoints[METHOD_COUNT]; /* take precedence */
};

struct router;

/* Everything lives in the arena. -EINVAL, told in the log, when two rows claim one method of a
 * path. */
int router_new(struct arena *arena, struct router **ret);

/* Number of routes and their index 0, for tables by index. */
size_t router_count(const struct router *router);
const struct route *router_at(const struct router *router, size_t index);

struct route_match {
	const struct route *route;
	struct text ids[CALL_IDS_MAX]; /* lower-cased, in the arena */
	size_t id_count;
	int64_t number;	  /* the segment that stands for {number} */
	struct text name; /* the segment that stands for {code} of ROUTE_PROBLEM */
};

/* Finds a raw path ("/v1/clients/0190…"); ids are whole UUIDs. 0, or -ENOENT without a log line, or
 * -ENOMEM. */
int router_find(const struct router *router, struct arena *arena, struct text path,
		struct route_match *ret);

/* Sets the call's resource or endpoint, ids and number from the match; call->method is already
 * set. */
void route_fill(const struct route_match *match, struct call *call);

/* For call->route. */
int route_call(struct ctx *ctx, const struct router *router, struct call *call);

/* "GET, HEAD, OPTIONS" for Allow. */
struct text route_allow(const struct route *route, struct arena *arena);

/* METHOD_NONE for what we do not know. */
enum method method_find(struct text verb);
const char *method_name(enum method method);

#endif
