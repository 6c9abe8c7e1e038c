/* Sockets and callbacks of libmicrohttpd and ulfius. Enter at listener_start, listener_quiesce
 * and listener_stop. Owns a connection's pending request. */

#include "engine/engine.h"
#include "web/request.h"
#include "web/state.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <orcania.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 511
#define CONNECTION_MEMORY (32 * 1024) /* bytes: request line, headers, one piece of the body */

/* The sanitizers' frames need more. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
#define STACK_SIZE (2 * 1024 * 1024)
#else
#define STACK_SIZE (1024 * 1024)
#endif

/* ulfius' logger uses the message, which contains the client's URL, as a format: "%s" in a URL
 * crashed the process. The arguments may hold an id, so log the fixed words only. */
static void log_library(void *cls, const char *format, va_list args)
{
	struct text what = text_of(format);

	(void)cls;
	(void)args;
	if (what.len > 0 && what.ptr[what.len - 1] == '\n')
		what.len--;
	log_info("http_library", LOG_TEXT("what", what));
}

/* The request of a connection that has begun and not ended. If the connection's memory is used up,
 * the library may drop a request without calling us at its end. Then end it when the connection
 * closes, so that its state is freed and it no longer counts as in flight. */
struct pending {
	bool begun;
	void *state; /* ulfius' */
};

static struct pending *pending_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static void pending_end(struct listener *listener, struct MHD_Connection *connection,
			enum MHD_RequestTerminationCode code)
{
	struct pending *pending = pending_of(connection);

	if (!pending->begun)
		return;
	mhd_request_completed(NULL, connection, &pending->state, code);
	pending->begun = false;
	pending->state = NULL;
	if (listener == &listener->web->api)
		atomic_fetch_sub(&listener->web->in_flight, 1);
}

/* libmicrohttpd 0.9.75 needs 64 bytes for each parameter: 500 of them leave no room for an answer.
 * web/query.c parses the query itself, so cut off the library's copy, in its own memory, before it
 * parses that next. */
static void hide_query(const char *target)
{
	char *question = strchr(target, '?');

	if (question != NULL)
		question[1] = '\0';
}

/* Called with the request line, before it is decoded. Returns ulfius' state of the request. */
static void *begin_request(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct listener *listener = cls;
	struct pending *pending = pending_of(connection);
	struct connection_info_struct *info;
	struct exchange *exchange;

	pending_end(listener, connection, MHD_REQUEST_TERMINATED_WITH_ERROR);
	if (uri == NULL)
		uri = ""; /* a request line without target; ulfius would read the NULL */
	info = ulfius_uri_logger(NULL, uri);
	pending->begun = true;
	if (listener == &listener->web->api) {
		atomic_fetch_add(&listener->web->in_flight, 1);
		atomic_fetch_add(&listener->web->begun, 1);
	}
	if (info == NULL)
		return NULL;
	pending->state = info;
	exchange = o_realloc(info->request, sizeof(*exchange));
	if (exchange == NULL)
		return NULL;
	exchange->connection = connection;
	exchange->target = uri;
	info->request = &exchange->request;
	hide_query(uri);
	return info;
}

static void end_request(void *cls, struct MHD_Connection *connection, void **state,
			enum MHD_RequestTerminationCode code)
{
	pending_end(cls, connection, code);
	*state = NULL;
}

static void count_connection(struct listener *listener, int more)
{
	if (listener == &listener->web->api)
		atomic_fetch_add(&listener->web->connections, more);
}

/* At the close, the library has already ended the connection's thread. */
static void notify_connection(void *cls, struct MHD_Connection *connection, void **context,
			      enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = memory_take(sizeof(struct pending));
		*(struct pending *)*context = (struct pending){ 0 };
		count_connection(cls, 1);
		return;
	}
	pending_end(cls, connection, MHD_REQUEST_TERMINATED_WITH_ERROR);
	memory_give(*context);
	*context = NULL;
	count_connection(cls, -1);
}

/* "127.0.0.1:8080" and "[::1]:8080". */
static int address_find(const char *address, struct addrinfo **ret, unsigned *ret_port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	const char *colon = strrchr(address, ':');
	char host[256];
	int64_t port;
	size_t len;

	if (colon == NULL || text_to_int64(text_of(colon + 1), &port) != 0 || port < 1 ||
	    port > 65535)
		return -EINVAL;
	len = (size_t)(colon - address);
	if (len > 1 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return -EINVAL;
	memcpy(host, address, len);
	host[len] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, ret) != 0)
		return -EINVAL;
	*ret_port = (unsigned)port;
	return 0;
}

static int socket_open(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	yes = errno;
	close(fd);
	return -yes;
}

/* The order matters: errors of options before EXTERNAL_LOGGER go to standard error. */
static int daemon_start(struct listener *listener, int connection_limit, int timeout_s)
{
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, NULL },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)end_request, listener },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)begin_request, listener },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)notify_connection, listener },
		{ MHD_OPTION_CONNECTION_LIMIT, connection_limit, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, timeout_s, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
		{ MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE, NULL },
		/* strict would refuse a missing Host with an answer whose header stands in it
		   twice: request.c does */
		{ MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL },
		{ MHD_OPTION_LISTEN_SOCKET, listener->fd, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;

	if (ulfius_start_framework_with_mhd_options(&listener->instance, flags, options) != U_OK)
		return -EIO;
	listener->running = true;
	return 0;
}

static int instance_init(struct listener *listener, unsigned port)
{
	struct web *web = listener->web;
	struct _u_instance *instance = &listener->instance;

	if (ulfius_init_instance(instance, port, NULL, NULL) != U_OK)
		return -EIO;
	listener->initialised = true;
	/* One more than our maximum: the library silently cuts a longer body there, and we must
	 * see that it is longer. */
	instance->max_post_body_size = BODY_MAX + 1;
	instance->allowed_post_processor = U_POST_PROCESS_NONE;
	instance->check_utf8 = 0; /* it would drop headers silently */
	if (ulfius_set_default_endpoint(instance, listener == &web->api ? handle_api : handle_admin,
					web) != U_OK)
		return -EIO;
	return 0;
}

int listener_start(struct listener *listener, const char *address, int connection_limit,
		   int timeout_s)
{
	struct addrinfo *info;
	unsigned port;
	int rc = address_find(address, &info, &port);

	if (rc == 0) {
		listener->fd = socket_open(info);
		rc = listener->fd < 0 ? listener->fd : 0;
		freeaddrinfo(info);
	}
	if (rc == 0)
		rc = instance_init(listener, port);
	if (rc == 0)
		rc = daemon_start(listener, connection_limit, timeout_s);
	if (rc != 0)
		log_error("listen_failed", LOG_TEXT("address", text_of(address)),
			  LOG_NUMBER("errno", -rc));
	return rc;
}

/* Accept the connections that wait in the kernel's queue: closing the socket would reset them. */
static void adopt_waiting(struct listener *listener)
{
	for (;;) {
		struct sockaddr_storage address = { 0 };
		socklen_t size = sizeof(address);
		int fd = accept4(listener->fd, (struct sockaddr *)&address, &size,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && errno == EINTR)
			continue;
		if (fd < 0)
			return;
		MHD_add_connection(listener->instance.mhd_daemon, fd, (struct sockaddr *)&address,
				   size);
	}
}

void listener_quiesce(struct listener *listener)
{
	if (!listener->running)
		return;
	MHD_quiesce_daemon(listener->instance.mhd_daemon);
	adopt_waiting(listener);
	shutdown(listener->fd, SHUT_RDWR);
}

void listener_stop(struct listener *listener)
{
	if (listener->running) {
		listener_quiesce(listener);
		ulfius_stop_framework(&listener->instance);
	}
	if (listener->initialised)
		ulfius_clean_instance(&listener->instance);
	if (listener->fd >= 0)
		close(listener->fd);
	listener->running = false;
	listener->initialised = false;
	listener->fd = -1;
}
