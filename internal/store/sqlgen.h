#ifndef STORE_SQLGEN_H
#define STORE_SQLGEN_H

#include "core/buf.h"
#include "model/resource.h"
#include "store/store.h"

/* Makes SQL from the registry. A statement is built in the request's arena. The connection's LRU
 * of prepared statements finds it by its text, so an equal request costs one hash. The table's
 * alias is always t. */

#define SQL_PARAMS_MAX 96

struct sql {
	struct buf buf;
	struct text params[SQL_PARAMS_MAX];
	size_t param_count;
};

void sql_init(struct sql *sql, struct arena *arena);
void sql_puts(struct sql *sql, const char *z);
/* Appends "$n" and adds the value, which is borrowed until the query has run. */
void sql_param(struct sql *sql, struct text value);
/* -ENOMEM when arena or SQL_PARAMS_MAX ran out. params are borrowed from sql. */
int sql_query(struct sql *sql, struct query *ret);

/* The columns of one answer: record fields by traits, then fields, and for sealed ones the key. */
struct projection {
	const struct resource *resource;
	const struct field *fields[FIELDS_MAX + 12];
	size_t count;
	bool sealed;	      /* then columns count and count + 1 are key_id and the wrapped key */
	uint64_t hidden;      /* bits of resource->fields that are read but not shown */
	const char *sort_key; /* then the last column is this sort column, for the cursor */
};

/* mask: bits of resource->fields. record: with provider_id, created_at …; else only id and
 * version. */
void projection_init(struct projection *projection, const struct resource *resource, uint64_t mask,
		     bool record);
/* Adds a record field (created_at …) or field by name unless it is there. */
void projection_add(struct projection *projection, const struct field *field);
size_t projection_columns(const struct projection *projection);

/* The place of a row: its own id (null: none), the path's ids outermost first, and the reader,
 * whose access sets the scope. */
struct place {
	struct text id;
	const struct text *parents;
	size_t parent_count;
	enum scope scope;
	const struct actor *actor;
};

/* "col, col …, k.wrapped" of alias t (key's alias k). */
void sql_columns(struct sql *sql, const struct projection *projection);
/* " FROM table t LEFT JOIN data_keys k …" */
void sql_from(struct sql *sql, const struct resource *resource, bool sealed);
/* " WHERE …": states id, parents and scope. */
void sql_where(struct sql *sql, const struct resource *resource, const struct place *place);

/* Selects a row if there is one at the place. */
void sql_reach(struct sql *sql, const struct resource *resource, const struct place *place);

/* One item; logged writes an access row in the same statement. */
int sql_read(struct sql *sql, const struct projection *projection, const struct place *place,
	     bool logged);
/* The whole row for a write, locked FOR NO KEY UPDATE. */
int sql_lock_row(struct sql *sql, const struct projection *projection, const struct place *place);

/* The access row of one row whose content is shown again without being read. provider_id is the
 * client's; null: looked up. */
void sql_seen_again(struct sql *sql, const struct resource *resource, struct text row_id,
		    struct text client_id, struct text provider_id);

/* The rows of a page of a list. tail is the text after WHERE's scope (filters, ORDER BY, LIMIT).
 * */
void sql_page_open(struct sql *sql, const struct projection *projection, const struct place *place);
void sql_page_close(struct sql *sql, const struct projection *projection, bool logged,
		    int64_t limit, bool descending);

/* The column's type as PostgreSQL's format_type names it ("uuid", "timestamp with time zone");
 * bytea when sealed. */
const char *sql_type(const struct field *field);

#endif
