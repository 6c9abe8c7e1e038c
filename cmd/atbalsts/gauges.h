#ifndef CMD_GAUGES_H
#define CMD_GAUGES_H

#include "core/buf.h"
#include "start.h"

#include <stdatomic.h>

/* What the metrics tell beside the web's own: pool, database, keys, audit, process. */
struct gauges {
	struct server *server;
	struct services *services;
	atomic_llong keys_taken, keys_refused; /* of SIGHUP */
};

/* last_created: when the request of the newest acknowledged record began; null: none yet. Asks the
 * database once, where a connection is free. */
void gauges_print(struct gauges *gauges, struct instant last_created, struct buf *buf);

/* Prometheus' names for what every process has (client library guidelines, "Standard metrics"). */
void process_print(struct buf *buf);

#endif
