#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "core/fail.h"

/* Applies what is missing of the embedded migrations as the owner, each in one transaction under an
 * advisory lock, recorded with its SHA-256 in schema_migrations. When a migration was missing, or
 * when the text of the schema's objects or of policies (made from auth/access.def by the caller)
 * differs from the recorded one, all objects are applied again in one transaction
 * (store/objects.h). While requests hold a lock that is needed it is tried again, for about a
 * minute, then a fault. Nothing is done where a later version has been, as below. P_SCHEMA when the
 * database knows a migration in between that this binary does not, or one with another checksum. */
int migrate_run(struct ctx *ctx, const char *owner_dsn, struct text policies, int *ret_applied);

/* 0 when the database has all of this binary's migrations and objects, or those of a later
 * version that only expanded the schema (told in the log), so that versions N and N + 1 serve side
 * by side; else P_SCHEMA (words say what). A later migration that contracts is refused. */
struct conn;
int migrate_check(struct ctx *ctx, struct conn *conn, struct text policies);

#endif
