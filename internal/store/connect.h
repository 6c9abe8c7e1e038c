#ifndef STORE_CONNECT_H
#define STORE_CONNECT_H

#include "core/fail.h"

#include <libpq-fe.h>
#include <stdatomic.h>

/* Only for this package: makes connections with our settings, without blocking beyond a deadline
 * (only resolving a host name may). A dsn may list several hosts. libpq would wait for a silent
 * host until the deadline, so each host is tried by itself with its share of the time, the last
 * good one first. Each host must satisfy the dsn's target_session_attrs. */
struct connector {
	char *dsn;
	char *options;
	int host_count; /* 1 if the dsn names none */
	struct connect_host *hosts;
	atomic_int good; /* index of the host that answered last */
};

struct connect_limits {
	int statement_timeout_ms; /* 0: none */
	int lock_timeout_ms;
	int idle_in_transaction_ms; /* 0: none */
};

#define WHY_SIZE 256

/* -EINVAL for a bad dsn; then nothing is owned. Owns copies of all texts. */
int connector_init(struct connector *connector, const char *dsn,
		   const struct connect_limits *limits);
void connector_done(struct connector *connector);

/* A blocking connection outside pipeline mode, the caller's to PQfinish. deadline in clock_ticks.
 * -EHOSTUNREACH or -ETIMEDOUT, with the reason for the log in why. */
int connector_open(struct connector *connector, int64_t deadline, PGconn **ret, char why[WHY_SIZE]);

/* poll(2) on one descriptor until deadline (clock_ticks): 1 ready, 0 too late, or -errno. */
int socket_wait(int fd, short events, int64_t deadline);

/* The first line of libpq's message. */
void message_line(const char *message, char why[WHY_SIZE]);

#endif
