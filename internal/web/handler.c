/* One API request from the HTTP library's callback to its response. Enter at handle_api. Owns
 * the request's arenas; takes the engine at its start and gives it back at its end. */

#include "engine/engine.h"
#include "web/document.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <orcania.h>

#define STREAM_BLOCK ((size_t)64 * 1024) /* bytes that the HTTP library asks for at once */

/* One request from the library's callback to its answer. */
struct task {
	struct web *web;
	struct engine *engine; /* under the keys of the request's start */
	struct arena arena;
	struct arena spare; /* for the problem, if the other one is full */
	struct ctx ctx;
	struct request request;
	struct route_match match;
	struct call call;
	struct answer answer;
	struct response response;
};

struct header_sink {
	struct request *request;
	struct arena *arena;
	int rc;
};

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name,
				   size_t name_len, const char *value, size_t value_len)
{
	struct header_sink *sink = cls;
	struct text value_text = { value != NULL ? value : "", value_len };

	(void)kind;
	sink->rc = request_add_header(sink->request, sink->arena, (struct text){ name, name_len },
				      value_text);
	return sink->rc == 0 ? MHD_YES : MHD_NO;
}

static struct text address_text(struct arena *arena, const struct sockaddr *address)
{
	char buf[INET6_ADDRSTRLEN];
	const void *bytes = NULL;
	int family = address->sa_family;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

	if (family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	if (family == AF_INET6)
		bytes = &six->sin6_addr;
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		bytes = &six->sin6_addr.s6_addr[12];
		family = AF_INET;
	}
	if (bytes == NULL || inet_ntop(family, bytes, buf, sizeof(buf)) == NULL)
		return TEXT("unknown");
	return arena_copy(arena, text_of(buf));
}

static bool list_has(const struct text_list *list, struct text text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (text_eq(list->items[i], text))
			return true;
	}
	return false;
}

/* The address in canonical form, or null: attempts are counted under it, so each address must have
 * one form. */
static struct text address_canonical(struct arena *arena, struct text text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
	const char *z = text.ptr != NULL ? arena_strdup(arena, text) : NULL;

	if (z == NULL)
		return TEXT_NULL;
	if (inet_pton(AF_INET, z, &four->sin_addr) == 1)
		address.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, z, &six->sin6_addr) == 1)
		address.ss_family = AF_INET6;
	else
		return TEXT_NULL;
	return address_text(arena, (struct sockaddr *)&address);
}

static int task_find_client(struct task *task, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct text told;

	task->request.client_address = address_text(&task->arena, info->client_addr);
	if (task->request.client_address.ptr == NULL)
		return -ENOMEM;
	if (!list_has(&task->web->proxies, task->request.client_address))
		return 0;
	told = address_canonical(&task->arena, task->request.headers[HEADER_REAL_IP]);
	if (told.ptr != NULL)
		task->request.client_address = told;
	return 0;
}

/* Reads everything about the request from the HTTP library. */
static int task_read(struct task *task, const struct exchange *exchange)
{
	const struct _u_request *from = &exchange->request;
	struct request *request = &task->request;
	struct header_sink sink = { request, &task->arena, 0 };
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(
		exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	request->verb = text_of(from->http_verb);
	request->method = method_find(request->verb);
	request->target = text_of(from->http_url);
	request->version = text_of(from->http_protocol);
	request->body = (struct text){ from->binary_body, from->binary_body_length };
	if (size != NULL)
		request_locate(request, exchange->target, size->header_size);
	MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, take_header, &sink);
	if (sink.rc != 0)
		return sink.rc;
	return task_find_client(task, exchange->connection);
}

static int task_route(struct task *task)
{
	struct ctx *ctx = &task->ctx;
	int rc = router_find(task->web->router, &task->arena, task->request.path, &task->match);

	if (rc == -ENOENT)
		return fail(ctx, P_NOT_FOUND, TEXT_NULL);
	if (rc != 0)
		return rc;
	if (task->request.method == METHOD_OPTIONS ||
	    task->match.route->methods & 1U << task->request.method)
		return 0;
	ctx->allow = route_allow(task->match.route, &task->arena);
	return fail(ctx, P_METHOD_NOT_ALLOWED, TEXT_NULL);
}

static void task_fill_call(struct task *task)
{
	const struct request *request = &task->request;
	struct call *call = &task->call;

	call->method = request->method == METHOD_HEAD ? METHOD_GET : request->method;
	route_fill(&task->match, call);
	call->path = request->path;
	call->body = request->body;
	call->bearer = request_bearer(request);
	call->if_match = request->headers[HEADER_IF_MATCH];
	call->if_none_match = request->headers[HEADER_IF_NONE_MATCH];
	/* RFC 9110, 14.2: Range has a meaning for GET alone. */
	if (request->method == METHOD_GET)
		call->range = request->headers[HEADER_RANGE];
	call->if_range = request->headers[HEADER_IF_RANGE];
	call->idempotency_key = request->headers[HEADER_IDEMPOTENCY_KEY];
	call->purpose = request->headers[HEADER_PURPOSE];
	call->client_address = request->client_address;
	call->route = route_call;
	call->router = task->web->router;
}

static int task_serve(struct task *task)
{
	struct call *call = &task->call;
	const struct endpoint *endpoint = task->match.route->endpoints[task->request.method];
	int rc = request_check_content(&task->ctx, &task->request, endpoint);

	if (rc != 0)
		return rc;
	task_fill_call(task);
	rc = query_parse(&task->ctx, task->request.query, call->params, &call->param_count);
	if (rc != 0)
		return rc;
	if (task->match.route->kind != ROUTE_ENGINE)
		return document_answer(&task->ctx, task->web, &task->match, call, &task->answer);
	if (!engines_are_open(task->web->config->engines)) {
		task->ctx.retry_after = 1;
		return fail(&task->ctx, P_UNAVAILABLE);
	}
	return engine_call(&task->ctx, task->engine, call, &task->answer);
}

static int task_run(struct task *task, const struct exchange *exchange)
{
	int rc = task_read(task, exchange);

	if (rc != 0)
		return rc;
	rc = request_identify(&task->ctx, &task->request);
	if (rc != 0)
		return rc;
	rc = request_check(&task->ctx, &task->request);
	if (rc != 0)
		return rc;
	rc = task_route(task);
	if (rc != 0)
		return rc;
	if (task->request.method == METHOD_OPTIONS) {
		task->answer.status = 204;
		response_put(&task->response, "Allow",
			     route_allow(task->match.route, &task->arena));
	} else {
		rc = task_serve(task);
	}
	if (rc != 0)
		return rc;
	return response_of_answer(&task->ctx, &task->answer, &task->response);
}

static void task_finish(struct task *task, int rc)
{
	const struct request *request = &task->request;
	struct text origin = request->headers[HEADER_ORIGIN];
	enum problem problem = rc > 0 ? (enum problem)rc : P_INTERNAL;
	bool close = atomic_load(&task->web->draining);
	struct text allow = TEXT_NULL;

	if (rc != 0) {
		metrics_problem(task->web->metrics, &task->ctx, problem);
		response_of_problem(&task->ctx, &task->spare, problem,
				    task->call.bearer.ptr != NULL, &task->response);
		close = close || request_must_close(problem);
	}
	if (task->match.route != NULL)
		allow = route_allow(task->match.route, &task->spare);
	response_common(&task->ctx, request, close, &task->response);
	response_cors(request, task->web->origins.count > 0, list_has(&task->web->origins, origin),
		      allow, &task->response);
}

static ssize_t stream_read(void *cls, uint64_t offset, char *buf, size_t max)
{
	struct stream *stream = cls;
	size_t len = 0;

	return stream->read(stream, offset, buf, max, &len) == 0 ? (ssize_t)len : U_STREAM_ERROR;
}

static void stream_free(void *cls)
{
	struct stream *stream = cls;

	stream->free(stream);
}

/* The stream now belongs to the HTTP library, which frees it with the response. */
static int task_stream(struct task *task, struct _u_response *to)
{
	struct stream *stream = task->answer.stream;

	if (ulfius_set_stream_response(to, (unsigned)task->response.status, stream_read,
				       stream_free, (uint64_t)stream->length, STREAM_BLOCK,
				       stream) != U_OK)
		return U_CALLBACK_ERROR;
	task->answer.stream = NULL;
	return U_CALLBACK_COMPLETE;
}

/* libmicrohttpd needs the body for Content-Length and does not send it for HEAD (RFC 9110, 9.3.2).
 * */
static int task_send(struct task *task, struct _u_response *to)
{
	const struct response *from = &task->response;

	to->status = from->status;
	for (size_t i = 0; i < from->header_count; i++) {
		struct text value = from->headers[i].value;

		if (u_map_put_binary(to->map_header, from->headers[i].name, value.ptr, 0,
				     value.len) != U_OK)
			return U_CALLBACK_ERROR;
	}
	if (task->answer.stream != NULL && from->body.ptr == NULL)
		return task_stream(task, to);
	if (from->body.ptr == NULL || from->body.len == 0)
		return U_CALLBACK_COMPLETE;
	to->binary_body = o_malloc(from->body.len);
	if (to->binary_body == NULL)
		return U_CALLBACK_ERROR;
	memcpy(to->binary_body, from->body.ptr, from->body.len);
	to->binary_body_length = from->body.len;
	return U_CALLBACK_COMPLETE;
}

static void task_log(const struct task *task, int rc, int64_t duration_us)
{
	const struct route *route = task->match.route;
	struct text role = enumeration_name(&role_values, (int)task->call.actor.role);
	struct log_member members[7] = {
		LOG_TEXT("request_id", task->ctx.request_id),
		LOG_TEXT("method", text_of(method_name(task->request.method))),
		LOG_TEXT("route", text_of(route != NULL ? route->template : "none")),
		LOG_NUMBER("status", task->response.status),
		LOG_NUMBER("duration_us", duration_us),
	};
	size_t count = 5;

	if (role.ptr != NULL)
		members[count++] = LOG_TEXT("role", role);
	if (rc < 0)
		members[count++] = LOG_NUMBER("fault", -rc);
	log_write(LOG_LEVEL_INFO, "request", members, count);
}

/* Each created record has a row in the outbox. The audit metric checks that acknowledged records
 * are found there. */
static bool task_created(const struct task *task, int rc)
{
	return rc == 0 && task->call.method == METHOD_POST && task->call.resource != NULL &&
	       task->answer.status == 201 && !task->answer.idempotent_replay;
}

int handle_api(const struct _u_request *request, struct _u_response *response, void *user_data)
{
	struct task task = { .web = user_data };
	struct instant begun = clock_now();
	int64_t started = clock_ticks();
	int64_t duration_us;
	int result, rc;

	arena_init(&task.arena, REQUEST_MEMORY);
	arena_init(&task.spare, REQUEST_MEMORY);
	task.ctx.arena = &task.arena;
	task.engine = engines_take(task.web->config->engines);
	rc = task_run(&task, (const struct exchange *)(const void *)request);
	task_finish(&task, rc);
	result = task_send(&task, response);
	duration_us = (clock_ticks() - started) / 1000;
	metrics_count(task.web->metrics, task.match.route, task.request.method,
		      task.response.status, duration_us);
	metrics_unreadable(task.web->metrics, task.ctx.unreadable);
	if (task_created(&task, rc))
		metrics_created(task.web->metrics, begun);
	task_log(&task, rc, duration_us);
	if (task.answer.stream != NULL)
		task.answer.stream->free(task.answer.stream);
	arena_done(&task.spare);
	arena_done(&task.arena);
	engines_give(task.web->config->engines, task.engine);
	return result;
}
