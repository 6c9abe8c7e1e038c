#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "core/buf.h"
#include "web/route.h"

/* Counters by route, method and class of status, and durations by route. Lock-free. */
struct metrics;

/* Lives in the arena. -ENOMEM. */
int metrics_new(struct arena *arena, const struct router *router, struct metrics **ret);

/* route NULL: none was found. */
void metrics_count(struct metrics *metrics, const struct route *route, enum method method,
		   int status, int64_t duration_us);

/* Prometheus' text format 0.0.4. */
void metrics_print(struct metrics *metrics, struct buf *buf);

#endif
