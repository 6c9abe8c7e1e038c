#ifndef CMD_GAUGES_H
#define CMD_GAUGES_H

#include "core/buf.h"
#include "start.h"

#include <stdatomic.h>

/* What the metrics tell beside the web's own: pool, database, keys, audit, process. */
struct gauges {
	struct server *server;
	struct engines *engines;
	/* A connection of its own: what is asked here is neither counted with the requests' nor
	 * takes one from them, and is answered when theirs are all in use. */
	struct store *store;
	atomic_llong keys_taken, keys_refused; /* of SIGHUP */
};

/* last_created: when the request of the newest acknowledged record began; null: none yet. Asks the
 * database once. */
void gauges_print(struct gauges *gauges, struct instant last_created, struct buf *buf);

/* Prometheus' names for what every process has (client library guidelines, "Standard metrics"). */
void process_print(struct buf *buf);

#endif
