/* Answers health and metrics on the second socket. Enter at handle_admin, from ulfius' threads.
 * */

#include "web/state.h"

#include <orcania.h>

static int admin_reply(struct _u_response *response, unsigned status, const char *type,
		       struct text body)
{
	if (u_map_put(response->map_header, "Content-Type", type) != U_OK ||
	    u_map_put(response->map_header, "Cache-Control", "no-store") != U_OK)
		return U_CALLBACK_ERROR;
	if (ulfius_set_binary_body_response(response, status, body.ptr, body.len) != U_OK)
		return U_CALLBACK_ERROR;
	return U_CALLBACK_COMPLETE;
}

static int admin_health(struct _u_response *response, bool well)
{
	return admin_reply(response, well ? 200 : 503, "application/json",
			   well ? TEXT("{\"status\":\"ok\"}")
				: TEXT("{\"status\":\"unavailable\"}"));
}

static bool web_is_ready(struct web *web)
{
	if (atomic_load(&web->draining) || !web->config->ready(web->config->user))
		return false;
	atomic_store(&web->was_ready, true);
	return true;
}

static void print_gauges(struct web *web, struct buf *buf)
{
	metric_head(buf, "atbalsts_build_info", "gauge", "The program's version, as a label.");
	buf_printf(buf, "atbalsts_build_info{version=\"%s\"} 1\n", web->config->version);
	metric_head(buf, "atbalsts_http_requests_in_flight", "gauge",
		    "Requests of the API that are not answered yet.");
	buf_printf(buf, "atbalsts_http_requests_in_flight %d\n", atomic_load(&web->in_flight));
	metric_head(buf, "atbalsts_http_connections", "gauge", "Open connections of the API.");
	buf_printf(buf, "atbalsts_http_connections %d\n", atomic_load(&web->connections));
	metric_head(buf, "atbalsts_http_connections_max", "gauge",
		    "Connections of the API that are taken at most.");
	buf_printf(buf, "atbalsts_http_connections_max %d\n", web->config->connection_limit);
}

static int admin_metrics(struct web *web, struct _u_response *response)
{
	struct arena arena;
	struct text text;
	struct buf buf;
	int result;

	arena_init(&arena, METRICS_MEMORY);
	buf_init(&buf, &arena);
	print_gauges(web, &buf);
	metrics_print(web->metrics, &buf);
	if (web->config->metrics != NULL)
		web->config->metrics(web->config->user, metrics_last_created(web->metrics), &buf);
	if (buf_text(&buf, &text) == 0)
		result = admin_reply(response, 200, "text/plain; version=0.0.4", text);
	else
		result = admin_health(response, false);
	arena_done(&arena);
	return result;
}

int handle_admin(const struct _u_request *request, struct _u_response *response, void *user_data)
{
	struct web *web = user_data;
	struct text path = text_of(request->url_path);
	struct text verb = text_of(request->http_verb);

	if (!text_is(verb, "GET") && !text_is(verb, "HEAD"))
		return admin_reply(response, 405, "application/json",
				   TEXT("{\"status\":\"method not allowed\"}"));
	if (text_is(path, "/health/live"))
		return admin_health(response, true);
	if (text_is(path, "/health/ready"))
		return admin_health(response, web_is_ready(web));
	if (text_is(path, "/health/startup"))
		return admin_health(response, atomic_load(&web->was_ready) || web_is_ready(web));
	if (text_is(path, "/metrics"))
		return admin_metrics(web, response);
	return admin_reply(response, 404, "application/json", TEXT("{\"status\":\"not found\"}"));
}
