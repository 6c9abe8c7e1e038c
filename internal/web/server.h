#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "engine/engine.h"
#include "engine/engines.h"

/* The only user of libulfius and libmicrohttpd: the API on one socket, health and metrics on
 * another that is never published. A thread per connection; threads, memory and time are bounded.
 * */

struct web;

struct web_config {
	const char *listen;	  /* "127.0.0.1:8080", "[::1]:8080" */
	const char *admin_listen; /* the same for health and metrics */
	int connection_limit;
	int connection_timeout_s; /* idle seconds of a connection */
	int stop_delay_s; /* seconds for which web_stop still serves while it is not ready */
	int drain_s;	  /* longest wait of web_stop for requests under way */
	const char *allowed_origins; /* CORS, separated by commas; "" for none */
	const char *trusted_proxies; /* peers whose X-Real-IP is believed, separated by commas */
	const char *version;	     /* for the metric of the build */
	struct engines *engines;     /* each request takes one, with the keys of its start */
	/* Whether requests can be served now (database, schema). Called by /health/ready from its
	 * own thread. */
	bool (*ready)(void *user);
	/* Appends further lines of metrics (the pool's): web may not see the store. last_created:
	 * when the request of the newest acknowledged record began, or null. May be NULL. */
	void (*metrics)(void *user, struct instant last_created, struct buf *buf);
	void *user;
};

/* Opens both sockets and serves. config and all it points to must live until web_stop. Ignore
 * SIGPIPE before. -EINVAL for a bad address, -errno if a socket cannot be opened; logged. */
int web_start(const struct web_config *config, struct web **ret);

/* Readiness answers 503. After stop_delay_s no new connection is accepted; it waits until requests
 * under way have ended or drain_s is over; then all is closed and freed. NULL is fine. */
void web_stop(struct web *web);

#endif
