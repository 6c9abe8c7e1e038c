#include "web/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>

#define CLASSES 6 /* 1xx … 5xx by the first digit */

static const int64_t bounds_us[] = { 500,   1000,   2500,   5000,    10000,  25000,
				     50000, 100000, 250000, 1000000, 5000000 };
#define BOUNDS (sizeof(bounds_us) / sizeof(bounds_us[0]))

struct counters {
	atomic_llong requests[METHOD_COUNT][CLASSES];
	atomic_llong buckets[BOUNDS + 1];
	atomic_llong sum_us;
};

struct metrics {
	const struct router *router;
	struct counters *routes; /* by route's index */
};

int metrics_new(struct arena *arena, const struct router *router, struct metrics **ret)
{
	struct metrics *metrics = arena_alloc(arena, sizeof(*metrics));

	if (metrics == NULL)
		return -ENOMEM;
	metrics->router = router;
	metrics->routes = arena_alloc(arena, router_count(router) * sizeof(*metrics->routes));
	if (metrics->routes == NULL)
		return -ENOMEM;
	*ret = metrics;
	return 0;
}

static void add(atomic_llong *counter, long long n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static long long get(atomic_llong *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, const struct route *route, enum method method,
		   int status, int64_t duration_us)
{
	struct counters *counters = &metrics->routes[route != NULL ? route->index : 0];
	size_t bucket = 0;

	while (bucket < BOUNDS && duration_us > bounds_us[bucket])
		bucket++;
	add(&counters->requests[method][status / 100 % CLASSES], 1);
	add(&counters->buckets[bucket], 1);
	add(&counters->sum_us, duration_us);
}

static void print_requests(struct counters *counters, const char *template, struct buf *buf)
{
	for (enum method method = METHOD_NONE; method < METHOD_COUNT; method++) {
		for (int class = 1; class < CLASSES; class ++) {
			long long n = get(&counters->requests[method][class]);

			if (n == 0)
				continue;
			buf_printf(buf,
				   "atbalsts_http_requests_total{route=\"%s\",method=\"%s\",status="
				   "\"%dxx\"} %lld\n",
				   template, method_name(method), class, n);
		}
	}
}

static void print_durations(struct counters *counters, const char *template, struct buf *buf)
{
	static const char name[] = "atbalsts_http_request_duration_seconds";
	long long sum = 0;

	for (size_t i = 0; i <= BOUNDS; i++)
		sum += get(&counters->buckets[i]);
	if (sum == 0)
		return;
	sum = 0;
	for (size_t i = 0; i < BOUNDS; i++) {
		sum += get(&counters->buckets[i]);
		buf_printf(buf, "%s_bucket{route=\"%s\",le=\"%" PRId64 ".%06" PRId64 "\"} %lld\n",
			   name, template, bounds_us[i] / 1000000, bounds_us[i] % 1000000, sum);
	}
	sum += get(&counters->buckets[BOUNDS]);
	buf_printf(buf, "%s_bucket{route=\"%s\",le=\"+Inf\"} %lld\n", name, template, sum);
	buf_printf(buf, "%s_count{route=\"%s\"} %lld\n", name, template, sum);
	sum = get(&counters->sum_us);
	buf_printf(buf, "%s_sum{route=\"%s\"} %lld.%06lld\n", name, template, sum / 1000000,
		   sum % 1000000);
}

void metrics_print(struct metrics *metrics, struct buf *buf)
{
	size_t count = router_count(metrics->router);

	buf_puts(buf, "# HELP atbalsts_http_requests_total Requests answered.\n"
		      "# TYPE atbalsts_http_requests_total counter\n");
	for (size_t i = 0; i < count; i++)
		print_requests(&metrics->routes[i], router_at(metrics->router, i)->template, buf);
	buf_puts(buf, "# HELP atbalsts_http_request_duration_seconds Time to the answer.\n"
		      "# TYPE atbalsts_http_request_duration_seconds histogram\n");
	for (size_t i = 0; i < count; i++)
		print_durations(&metrics->routes[i], router_at(metrics->router, i)->template, buf);
}
