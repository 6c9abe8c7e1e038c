#ifndef STORE_MIGRATE_OBJECTS_H
#define STORE_MIGRATE_OBJECTS_H

#include "store/migrate/migrations.h"
#include "store/migrate/owner.h"
#include "store/store.h"

/* Objects that can be applied again at any time: the embedded files of store/schema, and the
 * policies that auth/access.def gives. Their checksum is recorded in schema_objects. */

/* The functions that tables need; before the migrations. 0, or a fault. */
int objects_apply_base(struct owner *owner, const struct schema *schema);

/* Views, functions, triggers and policies of the files, then the generated policies, and their
 * checksum: all in one transaction. 0, or a fault. */
int objects_apply(struct owner *owner, const struct schema *schema);

/* *ret_same: whether the recorded checksum is the schema's. 0, or a fault. */
int objects_same(struct owner *owner, const struct schema *schema, bool *ret_same);

/* The query that objects_compare judges; params has one element and is borrowed. -ENOMEM. */
int objects_query(struct ctx *ctx, const struct schema *schema, struct text params[1],
		  struct query *ret);

/* 0 when the database has the schema's objects, or those of a later version that replaced them
 * (logged); else P_SCHEMA. */
int objects_compare(struct ctx *ctx, struct reply reply);

#endif
