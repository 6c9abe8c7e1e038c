#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "core/fail.h"

/* Applies what is missing of the embedded migrations as the owner, each in one transaction under an
 * advisory lock, recorded with its SHA-256 in schema_migrations; then lays the row-level security
 * policies anew when policies (made from auth/access.def by the caller) differ from the recorded
 * ones. P_SCHEMA when the database knows a migration that this binary does not, or one with another
 * checksum. */
int migrate_run(struct ctx *ctx, const char *owner_dsn, struct text policies, int *ret_applied);

/* 0 when the database is exactly at this binary's migrations and policies, else P_SCHEMA (words say
 * what). */
struct conn;
int migrate_check(struct ctx *ctx, struct conn *conn, struct text policies);

#endif
