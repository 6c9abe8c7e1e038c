#include "store/connect.h"

#include "core/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* Compiling a statement costs more than any of ours. */
static const char SETTINGS[] =
	"%s -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c client_min_messages=warning"
	" -c plan_cache_mode=force_generic_plan -c jit=off -c statement_timeout=%d"
	" -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d";

static char *text_take(const char *z)
{
	size_t size = strlen(z) + 1;

	return memcpy(memory_take(size), z, size);
}

/* The settings of ours come after those of the dsn and win. */
static char *settings_take(const char *theirs, const struct connect_limits *limits)
{
	size_t size = strlen(theirs) + sizeof(SETTINGS) + 3 * 11;
	char *options = memory_take(size);

	snprintf(options, size, SETTINGS, theirs, limits->statement_timeout_ms,
		 limits->lock_timeout_ms, limits->idle_in_transaction_ms);
	return options;
}

int connector_init(struct connector *connector, const char *dsn,
		   const struct connect_limits *limits)
{
	PQconninfoOption *parsed = PQconninfoParse(dsn, NULL);
	const char *theirs = "";

	if (parsed == NULL)
		return -EINVAL;
	for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++)
		if (strcmp(option->keyword, "options") == 0 && option->val != NULL)
			theirs = option->val;
	connector->dsn = text_take(dsn);
	connector->options = settings_take(theirs, limits);
	PQconninfoFree(parsed);
	return 0;
}

void connector_done(struct connector *connector)
{
	memory_give(connector->dsn);
	memory_give(connector->options);
	*connector = (struct connector){ NULL, NULL };
}

int socket_wait(int fd, short events, int64_t deadline)
{
	struct pollfd one = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - clock_ticks();
		int rc;

		if (left <= 0)
			return 0;
		rc = poll(&one, 1, (int)(left / 1000000) + 1);
		if (rc > 0)
			return 1;
		if (rc < 0 && errno != EINTR)
			return -errno;
	}
}

void message_line(const char *message, char why[WHY_SIZE])
{
	snprintf(why, WHY_SIZE, "%.*s", (int)strcspn(message, "\n"), message);
}

static PGconn *connector_start(const struct connector *connector)
{
	/* What stands before dbname is a default that the dsn overrides; what stands after it wins.
	 */
	const char *const keywords[] = {
		"fallback_application_name", "keepalives_idle",	 "keepalives_interval",
		"keepalives_count",	     "tcp_user_timeout", "dbname",
		"client_encoding",	     "options",		 NULL
	};
	const char *const values[] = { "atbalsts", "10",	   "5",	   "3",
				       "5000",	   connector->dsn, "UTF8", connector->options,
				       NULL };

	return PQconnectStartParams(keywords, values, 1);
}

/* 0 when connected, -EHOSTUNREACH when refused, -ETIMEDOUT. */
static int connector_poll(PGconn *pg, int64_t deadline)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (PQstatus(pg) == CONNECTION_BAD)
		return -EHOSTUNREACH;
	while (status != PGRES_POLLING_OK) {
		int rc;

		if (status == PGRES_POLLING_FAILED)
			return -EHOSTUNREACH;
		rc = socket_wait(PQsocket(pg), status == PGRES_POLLING_READING ? POLLIN : POLLOUT,
				 deadline);
		if (rc <= 0)
			return rc == 0 ? -ETIMEDOUT : -EHOSTUNREACH;
		status = PQconnectPoll(pg);
	}
	return 0;
}

int connector_open(const struct connector *connector, int64_t deadline, PGconn **ret,
		   char why[WHY_SIZE])
{
	PGconn *pg = connector_start(connector);
	int rc;

	if (pg == NULL)
		arena_out_of_memory(sizeof(pg));
	rc = connector_poll(pg, deadline);
	if (rc != 0) {
		message_line(rc == -ETIMEDOUT ? "no answer in time" : PQerrorMessage(pg), why);
		PQfinish(pg);
		return rc;
	}
	*ret = pg;
	return 0;
}
