#ifndef STORE_MIGRATE_MIGRATE_H
#define STORE_MIGRATE_MIGRATE_H

#include "core/fail.h"

/* Applies the missing ones of the embedded migrations as the owner, each in one transaction under
 * an advisory lock, and records each with its SHA-256 in schema_migrations. If a migration was
 * missing, or the text of the schema's objects or of policies (which the caller makes from
 * auth/access.def) differs from the recorded one, all objects are applied again in one transaction
 * (store/migrate/objects.h). If a request holds a lock that is needed, it is tried again, for about
 * a minute; then it is a fault. If a later version has been here, as below, nothing is done.
 * P_SCHEMA if the database has a migration in between that this binary does not know, or one with
 * another checksum. */
int migrate_run(struct ctx *ctx, const char *owner_dsn, struct text policies, int *ret_applied);

/* 0 if the database has all of this binary's migrations and objects, or those of a later version
 * that only expanded the schema (logged), so that versions N and N + 1 serve side by side; else
 * P_SCHEMA, whose words name the difference. A later migration that contracts is refused. */
struct conn;
int migrate_check(struct ctx *ctx, struct conn *conn, struct text policies);

#endif
