/* Starts the listeners, drains and stops them. Enter at web_start and web_stop. Owns struct web.
 * */

#include "web/server.h"

#include "engine/engine.h"
#include "web/document.h"
#include "web/state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define ADMIN_CONNECTIONS 32
#define ADMIN_TIMEOUT_S 10
#define START_MEMORY (16 * 1024 * 1024)
/* Connections without a new request for this long count as idle during a drain. */
#define QUIET_NS INT64_C(500000000)
#define SECOND_NS INT64_C(1000000000)

static int list_parse(struct arena *arena, const char *z, struct text_list *ret)
{
	struct text rest = arena_copy(arena, text_of(z));

	while (rest.ptr != NULL) {
		struct text item = text_trim(text_cut(&rest, ','));

		if (item.len == 0)
			continue;
		if (ret->count == LIST_MAX) {
			log_error("list_too_long", LOG_TEXT("list", text_of(z)));
			return -EINVAL;
		}
		ret->items[ret->count++] = item;
	}
	return 0;
}

static int web_prepare(struct web *web)
{
	int rc = list_parse(&web->arena, web->config->allowed_origins, &web->origins);

	if (rc == 0)
		rc = list_parse(&web->arena, web->config->trusted_proxies, &web->proxies);
	if (rc == 0)
		rc = router_new(&web->arena, &web->router);
	if (rc == 0)
		rc = metrics_new(&web->arena, web->router, &web->metrics);
	if (rc == 0)
		rc = document_prepare(web);
	return rc;
}

static void web_free(struct web *web)
{
	listener_stop(&web->api);
	listener_stop(&web->admin);
	metrics_done(web->metrics);
	arena_done(&web->arena);
	free(web);
}

static struct web *web_new(const struct web_config *config)
{
	struct web *web = calloc(1, sizeof(*web));

	if (web == NULL)
		arena_out_of_memory(sizeof(*web));
	web->config = config;
	web->api.web = web;
	web->api.fd = -1;
	web->admin.web = web;
	web->admin.fd = -1;
	arena_init(&web->arena, START_MEMORY);
	return web;
}

int web_start(const struct web_config *config, struct web **ret)
{
	struct web *web = web_new(config);
	int rc = web_prepare(web);

	if (rc == 0)
		rc = listener_start(&web->admin, config->admin_listen, ADMIN_CONNECTIONS,
				    ADMIN_TIMEOUT_S);
	if (rc == 0)
		rc = listener_start(&web->api, config->listen, config->connection_limit,
				    config->connection_timeout_s);
	if (rc != 0) {
		web_free(web);
		return rc;
	}
	*ret = web;
	return 0;
}

static void pause_briefly(void)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	nanosleep(&pause, NULL);
}

/* An idle connection may still send a request: wait QUIET_NS after the last request for the next
 * one. */
static bool drained(struct web *web, long long *begun, int64_t *quiet_since)
{
	long long now_begun = atomic_load(&web->begun);

	if (atomic_load(&web->connections) == 0)
		return true;
	if (now_begun != *begun || atomic_load(&web->in_flight) > 0) {
		*begun = now_begun;
		*quiet_since = clock_ticks();
	}
	return clock_ticks() - *quiet_since >= QUIET_NS;
}

static void web_drain(struct web *web)
{
	int64_t start = clock_ticks();
	int64_t deadline = start + web->config->drain_s * SECOND_NS;
	int64_t quiet_since = start;
	long long begun = atomic_load(&web->begun);

	while (!drained(web, &begun, &quiet_since)) {
		if (clock_ticks() >= deadline) {
			log_warning("drain_incomplete",
				    LOG_NUMBER("in_flight", atomic_load(&web->in_flight)));
			return;
		}
		pause_briefly();
	}
}

void web_stop(struct web *web)
{
	struct timespec delay = { .tv_sec = web != NULL ? web->config->stop_delay_s : 0 };

	if (web == NULL)
		return;
	atomic_store(&web->draining, true);
	nanosleep(&delay, NULL);
	listener_quiesce(&web->api);
	web_drain(web);
	web_free(web);
}
