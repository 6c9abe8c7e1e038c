#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "engine/engine.h"
#include "web/route.h"

/* What was answered: durations by route's template, method and class of status, and problems by
 * code. Lock-free; the number of series is bounded by the route table and problems.def. */
struct metrics;

/* Lives in the arena, but for what metrics_done frees. -ENOMEM. */
int metrics_new(struct arena *arena, const struct router *router, struct metrics **ret);
/* NULL is fine. */
void metrics_done(struct metrics *metrics);

/* route NULL: none was found. */
void metrics_count(struct metrics *metrics, const struct route *route, enum method method,
		   int status, int64_t duration_us);

/* An answered problem; of its violations those that are limits of an entitlement. */
void metrics_problem(struct metrics *metrics, const struct ctx *ctx, enum problem problem);

/* A record was created and acknowledged whose request began then; null when there was none yet. */
void metrics_created(struct metrics *metrics, struct instant begun);
struct instant metrics_last_created(struct metrics *metrics);

/* So many sealed cells did not open and were answered as null. */
void metrics_unreadable(struct metrics *metrics, size_t cells);

/* HELP and TYPE of a metric: "counter", "gauge" or "histogram". */
void metric_head(struct buf *buf, const char *name, const char *type, const char *help);

/* Prometheus' text format 0.0.4, within METRICS_MEMORY when every series there can be is there. */
#define METRICS_MEMORY ((size_t)64 * 1024 * 1024)
void metrics_print(struct metrics *metrics, struct buf *buf);

#endif
