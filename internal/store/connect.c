/* Opens connections with the server's settings, one host after the other, before a deadline.
 * Enter at connector_init and connector_open. Takes no lock. */

#include "store/connect.h"

#include "core/clock.h"
#include "core/log/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* JIT compilation of a statement costs more than running any of ours. */
static const char SETTINGS[] =
	"%s -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c client_min_messages=warning"
	" -c plan_cache_mode=force_generic_plan -c jit=off -c statement_timeout=%d"
	" -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d";

/* One of the dsn's lists; NULL: what the dsn says, or libpq's default. */
struct connect_host {
	char *name, *address, *port;
};

static char *text_take(struct text text)
{
	char *z = memory_take(text.len + 1);

	memcpy(z, text.ptr, text.len);
	z[text.len] = '\0';
	return z;
}

/* Our settings come after those of the dsn, so they win. */
static char *settings_take(const char *theirs, const struct connect_limits *limits)
{
	size_t size = strlen(theirs) + sizeof(SETTINGS) + 3 * 11;
	char *options = memory_take(size);

	snprintf(options, size, SETTINGS, theirs, limits->statement_timeout_ms,
		 limits->lock_timeout_ms, limits->idle_in_transaction_ms);
	return options;
}

static const char *option_value(const PQconninfoOption *parsed, const char *keyword)
{
	while (parsed->keyword != NULL && strcmp(parsed->keyword, keyword) != 0)
		parsed++;
	return parsed->val != NULL ? parsed->val : "";
}

static int list_count(const char *list)
{
	int count = 1;

	for (; *list != '\0'; list++)
		count += *list == ',';
	return count;
}

/* The item of a comma list. NULL for an empty list, which stands for all hosts if there is nothing
 * to split. */
static char *list_take(const char *list, int index, int count)
{
	struct text rest = text_of(list);
	struct text item = text_cut(&rest, ',');

	if (rest.ptr == NULL && count > 1 && item.len > 0)
		index = 0; /* one port for all hosts */
	for (; index > 0; index--)
		item = text_cut(&rest, ',');
	return item.len > 0 ? text_take(item) : NULL;
}

/* Counts as libpq does: by hostaddr if it is given, else by host. A list of ports has one port for
 * each host or one for all. */
static int hosts_take(struct connector *connector, const PQconninfoOption *parsed)
{
	const char *names = option_value(parsed, "host");
	const char *addresses = option_value(parsed, "hostaddr");
	const char *ports = option_value(parsed, "port");
	int count = list_count(addresses[0] != '\0' ? addresses : names);

	if ((names[0] != '\0' && list_count(names) != count) ||
	    (list_count(ports) != 1 && list_count(ports) != count))
		return -EINVAL;
	connector->host_count = count;
	connector->hosts = memory_take((size_t)count * sizeof(*connector->hosts));
	for (int i = 0; i < count; i++)
		connector->hosts[i] = (struct connect_host){ list_take(names, i, count),
							     list_take(addresses, i, count),
							     list_take(ports, i, count) };
	return 0;
}

int connector_init(struct connector *connector, const char *dsn,
		   const struct connect_limits *limits)
{
	PQconninfoOption *parsed = PQconninfoParse(dsn, NULL);
	int rc;

	if (parsed == NULL)
		return -EINVAL;
	rc = hosts_take(connector, parsed);
	if (rc == 0) {
		connector->dsn = text_take(text_of(dsn));
		connector->options = settings_take(option_value(parsed, "options"), limits);
		atomic_init(&connector->good, 0);
	}
	PQconninfoFree(parsed);
	return rc;
}

void connector_done(struct connector *connector)
{
	for (int i = 0; i < connector->host_count; i++) {
		memory_give(connector->hosts[i].name);
		memory_give(connector->hosts[i].address);
		memory_give(connector->hosts[i].port);
	}
	memory_give(connector->hosts);
	memory_give(connector->dsn);
	memory_give(connector->options);
	memset(connector, 0, sizeof(*connector));
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

/* Otherwise libpq would write the notice to standard error, and could block there. */
static void notice_log(void *arg, const PGresult *result)
{
	(void)arg;
	log_warning("database_notice",
		    LOG_TEXT("sqlstate", text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE))));
	log_debug(
		"database_message",
		LOG_TEXT("message", text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY))));
}

static PGconn *connector_start(const struct connector *connector, const struct connect_host *host)
{
	/* A value before dbname is a default that the dsn overrides; a value after dbname wins,
	 * unless it is NULL. */
	const char *const keywords[] = { "fallback_application_name",
					 "keepalives_idle",
					 "keepalives_interval",
					 "keepalives_count",
					 "tcp_user_timeout",
					 "dbname",
					 "client_encoding",
					 "options",
					 "host",
					 "hostaddr",
					 "port",
					 NULL };
	const char *const values[] = { "atbalsts", "10",	   "5",	       "3",
				       "5000",	   connector->dsn, "UTF8",     connector->options,
				       host->name, host->address,  host->port, NULL };

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

static int host_open(const struct connector *connector, const struct connect_host *host,
		     int64_t deadline, PGconn **ret, char why[WHY_SIZE])
{
	PGconn *pg = connector_start(connector, host);
	int rc;

	if (pg == NULL)
		arena_out_of_memory(sizeof(PGconn *));
	PQsetNoticeReceiver(pg, notice_log, NULL);
	rc = connector_poll(pg, deadline);
	if (rc != 0) {
		message_line(rc == -ETIMEDOUT ? "no answer in time" : PQerrorMessage(pg), why);
		PQfinish(pg);
		return rc;
	}
	*ret = pg;
	return 0;
}

int connector_open(struct connector *connector, int64_t deadline, PGconn **ret, char why[WHY_SIZE])
{
	int first = atomic_load(&connector->good);
	int rc = -EHOSTUNREACH;

	for (int i = 0; i < connector->host_count && rc != 0; i++) {
		int at = (first + i) % connector->host_count;
		int64_t now = clock_ticks();
		int64_t share = (deadline - now) / (connector->host_count - i);

		rc = host_open(connector, &connector->hosts[at], now + share, ret, why);
		if (rc == 0)
			atomic_store(&connector->good, at);
	}
	return rc;
}
