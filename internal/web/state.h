#ifndef WEB_STATE_H
#define WEB_STATE_H

#include "web/metrics.h"
#include "web/route.h"
#include "web/server.h"

#include <stdatomic.h>
#include <ulfius.h>

/* Shared by the files of this package; no other package includes it. */

#define REQUEST_MEMORY (4 * 1024 * 1024) /* a request's arena, hard maximum in bytes */
#define LIST_MAX 16			 /* allowed origins, trusted proxies */

struct text_list {
	struct text items[LIST_MAX];
	size_t count;
};

/* One listening socket with its ulfius instance. */
struct listener {
	struct _u_instance instance;
	bool initialised;
	bool running;
	int fd;
	struct web *web;
};

struct web {
	const struct web_config *config;
	struct arena arena; /* of what is made at start */
	struct text_list origins;
	struct text_list proxies;
	struct router *router;
	struct metrics *metrics;
	struct text openapi;
	struct text openapi_etag;
	struct listener api;
	struct listener admin;
	atomic_bool draining;
	atomic_bool was_ready;
	atomic_int
		in_flight; /* of the API: from a request's first line to its answer's last byte */
	atomic_int connections; /* of the API */
	atomic_llong begun;	/* requests since start: tells a quiet drain from a busy one */
};

/* ulfius passes only its own request to endpoints; there repeated headers are joined and an IPv6
 * address is cut off. This struct is longer: the URI callback, which gets the connection, enlarges
 * ulfius' request in place and stores behind it what we need. ulfius frees it by the same pointer.
 * */
struct exchange {
	struct _u_request request; /* first: ulfius' pointer is ours */
	struct MHD_Connection *connection;
	const char *target; /* where the library keeps it; read http_url instead */
};

/* ulfius endpoints of the two listeners; user_data is struct web. */
int handle_api(const struct _u_request *request, struct _u_response *response, void *user_data);
int handle_admin(const struct _u_request *request, struct _u_response *response, void *user_data);

/* Adds a socket with its instance, and takes it away. -EINVAL, -errno. */
int listener_start(struct listener *listener, const char *address, int connection_limit,
		   int timeout_s);
void listener_stop(struct listener *listener);
/* Accepts no further connection, except those that already wait in the kernel's queue. */
void listener_quiesce(struct listener *listener);

#endif
