/* Counts requests, problems and durations, and prints them for Prometheus. Enter at
 * metrics_count, metrics_problem and metrics_print. Counters are atomic; there is no lock. */

#include "web/metrics.h"

#include <errno.h>
#include <stdatomic.h>

#define CLASSES 6 /* 1xx … 5xx by the first digit */

/* le: the same in seconds, in the shortest form, because queries name the label as text. */
static const struct {
	int64_t us;
	const char *le;
} bounds[] = {
	{ 500, "0.0005" },  { 1000, "0.001" },	{ 2500, "0.0025" }, { 5000, "0.005" },
	{ 10000, "0.01" },  { 25000, "0.025" }, { 50000, "0.05" },  { 100000, "0.1" },
	{ 250000, "0.25" }, { 1000000, "1" },	{ 5000000, "5" },
};
#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

struct series {
	atomic_llong buckets[BOUNDS + 1];
	atomic_llong sum_us;
};

/* Only a few of a route's forty series are ever used: the first request makes each. */
struct counters {
	_Atomic(struct series *) series[METHOD_COUNT][CLASSES];
};

struct metrics {
	const struct router *router;
	struct counters *routes; /* by route's index */
	atomic_llong problems[P_COUNT];
	atomic_llong limits[P_COUNT];
	atomic_llong last_created; /* instant.us */
	atomic_llong unreadable;
};

/* The problems that say that an entitlement is used up: units, minutes, days. */
static const enum problem limit_problems[] = {
	P_LIMIT_REACHED,     P_COURSE_TOO_LONG,	   P_PLAN_TOO_LONG,	   P_AFTERCARE_EXHAUSTED,
	P_AFTERCARE_EXPIRED, P_AFTERCARE_TOO_LONG, P_YEARLY_LIMIT_REACHED, P_FAMILY_LIMIT_REACHED,
};

/* Printed as 0 from the first scrape, so that a rate counts the first failure. */
static const enum problem sign_in_problems[] = { P_SIGN_IN_FAILED, P_REFRESH_FAILED,
						 P_TOO_MANY_ATTEMPTS, P_PASSWORD_WRONG };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

void metrics_done(struct metrics *metrics)
{
	for (size_t i = 0; metrics != NULL && i < router_count(metrics->router); i++)
		for (enum method method = METHOD_NONE; method < METHOD_COUNT; method++)
			for (int class = 0; class < CLASSES; class ++)
				memory_give(metrics->routes[i].series[method][class]);
}

static void add(atomic_llong *counter, long long n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static long long get(atomic_llong *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* If two first requests make a series at once, the first one is kept. */
static struct series *series_of(_Atomic(struct series *) *place)
{
	struct series *series = atomic_load(place);
	struct series *fresh;

	if (series != NULL)
		return series;
	fresh = memory_take(sizeof(*fresh));
	memset(fresh, 0, sizeof(*fresh));
	if (atomic_compare_exchange_strong(place, &series, fresh))
		return fresh;
	memory_give(fresh);
	return series;
}

void metrics_count(struct metrics *metrics, const struct route *route, enum method method,
		   int status, int64_t duration_us)
{
	struct counters *counters = &metrics->routes[route != NULL ? route->index : 0];
	struct series *series;
	size_t bucket = 0;

	/* All methods that a path does not offer share one series. */
	if (route != NULL && method != METHOD_OPTIONS && !(route->methods & 1U << method))
		method = METHOD_NONE;
	series = series_of(&counters->series[method][status / 100 % CLASSES]);
	while (bucket < BOUNDS && duration_us > bounds[bucket].us)
		bucket++;
	add(&series->buckets[bucket], 1);
	add(&series->sum_us, duration_us);
}

static bool has(const enum problem *list, size_t count, enum problem problem)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == problem)
			return true;
	return false;
}

void metrics_problem(struct metrics *metrics, const struct ctx *ctx, enum problem problem)
{
	size_t count =
		ctx->violation_count < VIOLATIONS_MAX ? ctx->violation_count : VIOLATIONS_MAX;

	add(&metrics->problems[problem], 1);
	if (has(limit_problems, COUNT(limit_problems), problem))
		add(&metrics->limits[problem], 1);
	for (size_t i = 0; i < count; i++) {
		enum problem violated = ctx->violations[i].problem;

		if (violated != problem && has(limit_problems, COUNT(limit_problems), violated))
			add(&metrics->limits[violated], 1);
	}
}

void metrics_created(struct metrics *metrics, struct instant begun)
{
	long long last = get(&metrics->last_created);

	while (last < begun.us &&
	       !atomic_compare_exchange_weak(&metrics->last_created, &last, begun.us))
		;
}

struct instant metrics_last_created(struct metrics *metrics)
{
	return (struct instant){ get(&metrics->last_created) };
}

void metrics_unreadable(struct metrics *metrics, size_t cells)
{
	if (cells > 0)
		add(&metrics->unreadable, (long long)cells);
}

void metric_head(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* labels without braces, as "route=\"…\",method=\"GET\",status=\"2xx\"". */
static void print_series(struct series *series, const char *name, const char *labels,
			 struct buf *buf)
{
	long long sum = 0;

	for (size_t i = 0; i < BOUNDS; i++) {
		sum += get(&series->buckets[i]);
		buf_printf(buf, "%s_bucket{%s,le=\"%s\"} %lld\n", name, labels, bounds[i].le, sum);
	}
	sum += get(&series->buckets[BOUNDS]);
	buf_printf(buf, "%s_bucket{%s,le=\"+Inf\"} %lld\n", name, labels, sum);
	buf_printf(buf, "%s_count{%s} %lld\n", name, labels, sum);
	sum = get(&series->sum_us);
	buf_printf(buf, "%s_sum{%s} %lld.%06lld\n", name, labels, sum / 1000000, sum % 1000000);
}

static void print_route(struct counters *counters, const char *name, const char *template,
			struct buf *buf)
{
	for (enum method method = METHOD_NONE; method < METHOD_COUNT; method++) {
		for (int class = 0; class < CLASSES; class ++) {
			struct series *series = atomic_load(&counters->series[method][class]);
			struct text labels;

			if (series == NULL)
				continue;
			labels = arena_format(buf->arena,
					      "route=\"%s\",method=\"%s\",status=\"%dxx\"",
					      template, method_name(method), class);
			if (labels.ptr == NULL)
				buf->failed = true;
			else
				print_series(series, name, labels.ptr, buf);
		}
	}
}

static void print_listed(struct buf *buf, const char *name, const enum problem *list, size_t count,
			 atomic_llong *counters)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(buf, "%s{code=\"%s\"} %lld\n", name, problem_texts[list[i]].code,
			   get(&counters[list[i]]));
}

static void print_problems(struct metrics *metrics, struct buf *buf)
{
	metric_head(buf, "atbalsts_problems_total", "counter", "Problems answered, by their code.");
	for (enum problem i = P_NONE + 1; i < P_COUNT; i++) {
		long long n = get(&metrics->problems[i]);

		if (n > 0)
			buf_printf(buf, "atbalsts_problems_total{code=\"%s\"} %lld\n",
				   problem_texts[i].code, n);
	}
	metric_head(buf, "atbalsts_limit_refusals_total", "counter",
		    "Acts refused because an entitlement's units, minutes or days had ended.");
	print_listed(buf, "atbalsts_limit_refusals_total", limit_problems, COUNT(limit_problems),
		     metrics->limits);
	metric_head(buf, "atbalsts_sign_in_failures_total", "counter",
		    "Passwords and refresh tokens that were refused.");
	print_listed(buf, "atbalsts_sign_in_failures_total", sign_in_problems,
		     COUNT(sign_in_problems), metrics->problems);
}

void metrics_print(struct metrics *metrics, struct buf *buf)
{
	static const char name[] = "atbalsts_http_request_duration_seconds";
	size_t count = router_count(metrics->router);

	metric_head(buf, name, "histogram",
		    "Time from a request's last byte to its answer, by route's template.");
	for (size_t i = 0; i < count; i++)
		print_route(&metrics->routes[i], name, router_at(metrics->router, i)->template,
			    buf);
	print_problems(metrics, buf);
	metric_head(buf, "atbalsts_unreadable_cells_total", "counter",
		    "Sealed cells that did not open and were answered as null.");
	buf_printf(buf, "atbalsts_unreadable_cells_total %lld\n", get(&metrics->unreadable));
}
