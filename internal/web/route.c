#include "web/route.h"

#include "engine/engine.h"

#include <ctype.h>
#include <errno.h>

struct node {
	struct text segment;
	struct node *next;   /* sibling */
	struct node *child;  /* literal segments */
	struct node *id;     /* any UUID */
	struct node *number; /* any decimal number from 1 on */
	struct node *name;   /* any segment */
	struct route *route;
};

struct router {
	struct arena *arena;
	struct node root;
	struct route **routes;
	size_t count;
	size_t capacity;
};

static const char *const method_names[METHOD_COUNT] = {
	[METHOD_NONE] = "OTHER",    [METHOD_GET] = "GET",	  [METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",	    [METHOD_PATCH] = "PATCH",	  [METHOD_PUT] = "PUT",
	[METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS",
};

enum method method_find(struct text verb)
{
	for (enum method i = METHOD_GET; i < METHOD_COUNT; i++) {
		if (text_is(verb, method_names[i]))
			return i;
	}
	return METHOD_NONE;
}

const char *method_name(enum method method)
{
	return method_names[method];
}

static struct node *node_new(struct router *router)
{
	return arena_alloc(router->arena, sizeof(struct node));
}

static bool segment_is_parameter(struct text segment)
{
	return segment.len > 2 && segment.ptr[0] == '{';
}

static struct node *node_literal(const struct node *node, struct text segment)
{
	for (struct node *child = node->child; child != NULL; child = child->next) {
		if (text_eq(child->segment, segment))
			return child;
	}
	return NULL;
}

/* NULL for a literal segment. */
static struct node **node_slot(struct node *node, struct text segment)
{
	if (!segment_is_parameter(segment))
		return NULL;
	if (text_is(segment, "{code}"))
		return &node->name;
	return text_is(segment, "{number}") ? &node->number : &node->id;
}

static struct node *node_add(struct router *router, struct node *node, struct text segment)
{
	struct node **slot = node_slot(node, segment);
	struct node *child;

	if (slot != NULL) {
		if (*slot == NULL)
			*slot = node_new(router);
		return *slot;
	}
	child = node_literal(node, segment);
	if (child != NULL)
		return child;
	child = node_new(router);
	if (child == NULL)
		return NULL;
	child->segment = segment;
	child->next = node->child;
	node->child = child;
	return child;
}

static int router_keep(struct router *router, struct route *route)
{
	struct route **routes;
	size_t capacity = router->capacity == 0 ? 64 : 2 * router->capacity;

	if (router->count == router->capacity) {
		routes = arena_alloc(router->arena, capacity * sizeof(struct route *));
		if (routes == NULL)
			return -ENOMEM;
		if (router->count > 0)
			memcpy(routes, router->routes, router->count * sizeof(struct route *));
		router->routes = routes;
		router->capacity = capacity;
	}
	route->index = router->count;
	router->routes[router->count++] = route;
	return 0;
}

/* The route of a template, made where it is missing. */
static int router_open(struct router *router, struct text template, struct route **ret)
{
	struct node *node = &router->root;
	struct text rest = template;
	struct route *route;
	int rc;

	text_cut(&rest, '/');
	while (rest.ptr != NULL) {
		node = node_add(router, node, text_cut(&rest, '/'));
		if (node == NULL)
			return -ENOMEM;
	}
	if (node->route == NULL) {
		route = arena_alloc(router->arena, sizeof(*route));
		if (route == NULL)
			return -ENOMEM;
		route->template = arena_strdup(router->arena, template);
		if (route->template == NULL)
			return -ENOMEM;
		rc = router_keep(router, route);
		if (rc != 0)
			return rc;
		node->route = route;
	}
	*ret = node->route;
	return 0;
}

static void template_put(struct buf *buf, const struct resource *resource, bool item)
{
	if (resource->parent != NULL)
		template_put(buf, resource->parent, true);
	buf_printf(buf, "/%s", resource_segment(resource));
	if (item)
		buf_printf(buf, "/{%s_id}", resource->singular);
}

static unsigned resource_methods(const struct resource *resource, bool item)
{
	unsigned read = item ? ACTION_READ : ACTION_LIST;
	unsigned methods = 0;

	if (resource->actions & read)
		methods |= 1U << METHOD_GET | 1U << METHOD_HEAD;
	if (!item && (resource->actions & ACTION_CREATE))
		methods |= 1U << METHOD_POST;
	if (item && (resource->actions & ACTION_UPDATE))
		methods |= 1U << METHOD_PATCH;
	if (item && (resource->actions & ACTION_DELETE))
		methods |= 1U << METHOD_DELETE;
	return methods;
}

static int router_add_resource(struct router *router, const struct resource *resource, bool item)
{
	unsigned methods = resource_methods(resource, item);
	struct text template;
	struct route *route;
	struct buf buf;
	int rc;

	if (methods == 0)
		return 0;
	buf_init(&buf, router->arena);
	buf_puts(&buf, "/v1");
	template_put(&buf, resource, item);
	rc = buf_text(&buf, &template);
	if (rc != 0)
		return rc;
	rc = router_open(router, template, &route);
	if (rc != 0)
		return rc;
	if (route->resource != NULL) {
		log_error("route_claimed_twice", LOG_TEXT("route", template));
		return -EINVAL;
	}
	route->resource = resource;
	route->item = item;
	route->methods |= methods;
	return 0;
}

static int router_add_endpoint(struct router *router, const struct endpoint *endpoint)
{
	struct route *route;
	int rc = router_open(router, text_of(endpoint->path), &route);

	if (rc != 0)
		return rc;
	if (route->endpoints[endpoint->method] != NULL) {
		log_error("route_claimed_twice", LOG_TEXT("route", text_of(endpoint->path)));
		return -EINVAL;
	}
	route->endpoints[endpoint->method] = endpoint;
	route->methods |= 1U << endpoint->method;
	if (endpoint->method == METHOD_GET) {
		route->endpoints[METHOD_HEAD] = endpoint;
		route->methods |= 1U << METHOD_HEAD;
	}
	return 0;
}

static int router_add_document(struct router *router, enum route_kind kind, const char *template)
{
	struct route *route;
	int rc = router_open(router, text_of(template), &route);

	if (rc != 0)
		return rc;
	route->kind = kind;
	route->methods = 1U << METHOD_GET | 1U << METHOD_HEAD;
	return 0;
}

static int router_fill(struct router *router)
{
	int rc = router_add_document(router, ROUTE_OPENAPI, "/v1/openapi.json");

	if (rc == 0)
		rc = router_add_document(router, ROUTE_PROBLEMS, "/problems");
	if (rc == 0)
		rc = router_add_document(router, ROUTE_PROBLEM, "/problems/{code}");
	for (size_t i = 0; rc == 0 && i < endpoint_count; i++)
		rc = router_add_endpoint(router, endpoints[i]);
	for (size_t i = 0; rc == 0 && i < registry_count; i++) {
		rc = router_add_resource(router, registry[i], false);
		if (rc == 0)
			rc = router_add_resource(router, registry[i], true);
	}
	return rc;
}

int router_new(struct arena *arena, struct router **ret)
{
	struct router *router = arena_alloc(arena, sizeof(*router));
	struct route *none;
	int rc;

	if (router == NULL)
		return -ENOMEM;
	router->arena = arena;
	none = arena_alloc(arena, sizeof(*none));
	if (none == NULL)
		return -ENOMEM;
	none->template = "none";
	rc = router_keep(router, none);
	if (rc != 0)
		return rc;
	rc = router_fill(router);
	if (rc != 0)
		return rc;
	*ret = router;
	return 0;
}

size_t router_count(const struct router *router)
{
	return router->count;
}

const struct route *router_at(const struct router *router, size_t index)
{
	return router->routes[index];
}

static int match_id(struct arena *arena, struct text segment, struct route_match *match)
{
	char *lower;

	if (match->id_count == CALL_IDS_MAX)
		return -ENOENT;
	lower = arena_strdup(arena, segment);
	if (lower == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < segment.len; i++)
		lower[i] = (char)tolower((unsigned char)lower[i]);
	match->ids[match->id_count++] = (struct text){ lower, segment.len };
	return 0;
}

/* A UUID is never a literal segment, so that no step back is ever needed. */
static int match_segment(const struct node **node, struct arena *arena, struct text segment,
			 struct route_match *match)
{
	const struct node *literal = node_literal(*node, segment);
	int64_t number;

	if (literal != NULL) {
		*node = literal;
		return 0;
	}
	if ((*node)->id != NULL && uuid_is(segment)) {
		*node = (*node)->id;
		return match_id(arena, segment, match);
	}
	if ((*node)->number != NULL && text_to_int64(segment, &number) == 0 && number > 0) {
		*node = (*node)->number;
		match->number = number;
		return 0;
	}
	if ((*node)->name != NULL) {
		*node = (*node)->name;
		match->name = segment;
		return 0;
	}
	return -ENOENT;
}

int router_find(const struct router *router, struct arena *arena, struct text path,
		struct route_match *ret)
{
	const struct node *node = &router->root;
	struct route_match match = { 0 };
	struct text rest = path;
	int rc;

	text_cut(&rest, '/');
	while (rest.ptr != NULL) {
		rc = match_segment(&node, arena, text_cut(&rest, '/'), &match);
		if (rc != 0)
			return rc;
	}
	if (node->route == NULL)
		return -ENOENT;
	match.route = node->route;
	*ret = match;
	return 0;
}

void route_fill(const struct route_match *match, struct call *call)
{
	call->endpoint = match->route->endpoints[call->method];
	call->resource = call->endpoint == NULL ? match->route->resource : NULL;
	call->item = call->endpoint == NULL && match->route->item;
	memcpy(call->ids, match->ids, sizeof(call->ids));
	call->id_count = match->id_count;
	call->number = match->number;
}

int route_call(struct ctx *ctx, const void *router, struct call *call)
{
	struct route_match match;
	int rc = text_starts(call->path, "/") ? router_find(router, ctx->arena, call->path, &match)
					      : -ENOENT;

	if (rc == -ENOENT)
		return fail(ctx, P_NOT_FOUND);
	if (rc != 0)
		return rc;
	if (!(match.route->methods & 1U << call->method)) {
		ctx->allow = route_allow(match.route, ctx->arena);
		return fail(ctx, P_METHOD_NOT_ALLOWED);
	}
	route_fill(&match, call);
	return 0;
}

struct text route_allow(const struct route *route, struct arena *arena)
{
	struct text text = TEXT("OPTIONS");
	struct buf buf;

	buf_init(&buf, arena);
	for (enum method i = METHOD_GET; i < METHOD_OPTIONS; i++) {
		if (route->methods & 1U << i)
			buf_printf(&buf, "%s, ", method_names[i]);
	}
	buf_puts(&buf, "OPTIONS");
	(void)buf_text(&buf, &text);
	return text;
}
