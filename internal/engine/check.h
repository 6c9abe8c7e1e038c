#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "engine/call.h"

/* What must agree before the server serves; engine_check asks all of it. Each returns P_SCHEMA
 * with the place and what is wrong there, in English. */

/* The registry in itself, without a database: parents stand before their children, each resource
 * has its row in access.def and each row its resource, a sealed field names its sight, and a list's
 * order is by a SORT field that every row has. */
int registry_check(struct ctx *ctx);
/* The same of one resource, without its row in access.def. */
int registry_check_resource(struct ctx *ctx, const struct resource *resource);

/* The registry's enumerations against the CHECK constraints of a table's columns: both list the
 * same values. reply: of check_values_sql. */
extern const char check_values_sql[];
int check_values(struct ctx *ctx, struct reply reply);

/* The row of a reply that is sorted by its first two cells (table and column), or SIZE_MAX. */
size_t check_find(struct reply reply, const char *table, struct text column);

#endif
