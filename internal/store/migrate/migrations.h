#ifndef STORE_MIGRATE_MIGRATIONS_H
#define STORE_MIGRATE_MIGRATIONS_H

#include "store/migrate/migrate.h"

/* A line "-- contracts: …" in the file: earlier versions cannot run on the schema afterwards. */
#define MIGRATION_CONTRACTS 1u
/* "-- alone: …": one statement that cannot run in a transaction (CREATE INDEX CONCURRENTLY). */
#define MIGRATION_ALONE 2u

/* The embedded migrations, written by embed.sh from migrations/NNNN_name.sql, ascending. */
struct migration {
	int number;
	const char *name; /* "0001_platform" */
	const char *sql;
	size_t len;
	const char *checksum; /* SHA-256 of the file, hexadecimal */
	unsigned traits;
};

/* items end with a row whose name is NULL. */
extern const struct migration migrations[];

/* The embedded files of schema/: base.sql, and all others in the order of their names. */
extern const char schema_base[];
extern const char schema_objects[];

/* The state that a database is brought to. */
struct schema {
	const struct migration *migrations; /* end with a row whose name is NULL */
	const char *base;		    /* functions that tables need: before the migrations */
	const char *objects;		    /* views, functions, triggers, policies */
	struct text policies;		    /* generated, applied after objects */
};

/* migrate_run and migrate_check over any schema. */
int migrations_apply(struct ctx *ctx, const char *owner_dsn, const struct schema *schema,
		     int *ret_applied);
int migrations_compare(struct ctx *ctx, struct conn *conn, const struct schema *schema);

#endif
