#ifndef CMD_GAUGES_H
#define CMD_GAUGES_H

#include "core/buf.h"
#include "start.h"

#include <stdatomic.h>

/* The metrics beside the web's own: pool, database, keys, audit, process. */
struct gauges {
	struct server *server;
	struct engines *engines;
	/* A store of its own: its statements do not count with the requests', it takes no
	 * connection from them, and it answers when theirs are all in use. */
	struct store *store;
	atomic_llong keys_taken, keys_refused; /* of SIGHUP */
};

/* last_created: when the request of the newest acknowledged record began; null: none yet. Asks the
 * database once. */
void gauges_print(struct gauges *gauges, struct instant last_created, struct buf *buf);

/* Metrics of the process, by Prometheus' names (client library guidelines, "Standard metrics"). */
void process_print(struct buf *buf);

#endif
