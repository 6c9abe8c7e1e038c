#ifndef ENGINE_WRITE_ROW_H
#define ENGINE_WRITE_ROW_H

#include "auth/seal.h"
#include "engine/trip.h"

/* A row on its way into its table: its values as parameters of a statement, sealed with its key and
 * with their blind indexes. */
struct row {
	struct ctx *ctx;
	const struct keyring *keyring;
	const struct resource *resource;
	const struct data_key *key; /* seals it; id null without sealed members */
	const void *values;	    /* the resource's struct */
};

/* The value of a field, sealed if it is; null text for null. */
int row_value(const struct row *row, const struct field *field, struct text *ret);

/* The blind index of a field; null text for null. */
int row_index(const struct row *row, const struct field *field, struct text *ret);

/* The compound index of the members that tell a person (resource->identity); null text when one is
 * null. */
int row_identity(const struct row *row, struct text *ret);

/* Of a resource with keys of its own: adds the new row's key to the trip, wrapped, names it in
 * record->key_id and puts it into key, the caller's to wipe; nothing for others. */
int row_key(struct ctx *ctx, const struct keyring *keyring, const struct resource *resource,
	    struct record *record, struct trip *trip, struct data_key *key);

/* Adds the INSERT of the row. returning: what its reply shows; NULL: nothing. ret_index may be
 * NULL. */
int row_insert(const struct row *row, const struct projection *returning, struct trip *trip,
	       size_t *ret_index);

/* Appends RETURNING with the projection's columns but the key's. */
void row_returning(struct sql *sql, const struct projection *projection);

#endif
