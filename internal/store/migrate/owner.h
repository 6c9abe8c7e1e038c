#ifndef STORE_MIGRATE_OWNER_H
#define STORE_MIGRATE_OWNER_H

#include "core/fail.h"
#include <libpq-fe.h>

/* A connection as atbalsts_owner, for migrations and the schema's objects. */
struct owner {
	struct ctx *ctx;
	PGconn *pg;
};

/* Connects within 10 seconds. 0, or a fault (-EINVAL for a bad dsn). owner_done also after one. */
int owner_open(struct owner *owner, const char *dsn);
void owner_done(struct owner *owner);

/* Cleanup of a result. */
void result_done(PGresult **result);

/* Waits until no other migrate is running, for about 30 seconds; then a fault. */
int owner_lock(struct owner *owner);

/* Runs one or several statements; what is their name in a fault. -EAGAIN, logged as a warning, if
 * a lock did not become free. */
int owner_run(struct owner *owner, const char *what, const char *sql);

/* Runs one statement with parameters; the caller clears *ret. */
int owner_ask(struct owner *owner, const char *sql, size_t count, const char *const *params,
	      PGresult **ret);

/* Applies sql in one transaction, together with the statement that remembers it (NULL for none).
 * If a request holds a lock that it needs, it is tried again, for about a minute; then a fault
 * (-ETIMEDOUT). */
int owner_apply(struct owner *owner, const char *what, const char *sql, const char *remember,
		size_t count, const char *const *params);

#endif
