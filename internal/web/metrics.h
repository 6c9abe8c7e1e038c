#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "engine/engine.h"
#include "web/route.h"

/* Counts answers: durations by the route's template, method and class of status, and problems by
 * code. Lock-free; the route table and problems.def bound the number of series. */
struct metrics;

/* Lives in the arena, except for what metrics_done frees. -ENOMEM. */
int metrics_new(struct arena *arena, const struct router *router, struct metrics **ret);
/* NULL is fine. */
void metrics_done(struct metrics *metrics);

/* route NULL: none was found. */
void metrics_count(struct metrics *metrics, const struct route *route, enum method method,
		   int status, int64_t duration_us);

/* Counts an answered problem, and those of its violations that are limits of an entitlement. */
void metrics_problem(struct metrics *metrics, const struct ctx *ctx, enum problem problem);

/* Notes that a record was created and acknowledged; its request began then. The last one; null if
 * there was none yet. */
void metrics_created(struct metrics *metrics, struct instant begun);
struct instant metrics_last_created(struct metrics *metrics);

/* Counts sealed cells that did not open and were answered as null. */
void metrics_unreadable(struct metrics *metrics, size_t cells);

/* HELP and TYPE of a metric: "counter", "gauge" or "histogram". */
void metric_head(struct buf *buf, const char *name, const char *type, const char *help);

/* Prints Prometheus' text format 0.0.4; fits in METRICS_MEMORY even if every possible series
 * exists. */
#define METRICS_MEMORY ((size_t)64 * 1024 * 1024)
void metrics_print(struct metrics *metrics, struct buf *buf);

#endif
