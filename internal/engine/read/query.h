#ifndef ENGINE_READ_QUERY_H
#define ENGINE_READ_QUERY_H

#include "engine/call.h"
#include "store/sqlgen.h"

/* The query parameters of items and lists. */

enum filter_op { FILTER_EQ, FILTER_GTE, FILTER_LTE, FILTER_IN };

struct filter {
	const struct field *field;
	enum filter_op op;
	struct text value; /* SQL text; an array literal for FILTER_IN; the keyed hash for blind
			      fields */
};

#define FILTERS_MAX 16
#define FILTER_ITEMS_MAX 50
#define LIST_LIMIT_MAX 200
#define LIST_LIMIT_DEFAULT 50

struct list_query {
	struct filter filters[FILTERS_MAX];
	size_t filter_count;
	const struct field *sort;
	bool descending;
	int64_t limit;
	bool count;
	struct text cursor; /* null on the first page */
	struct text fields; /* fields= as sent; null when absent */
	struct text expand; /* the same of expand= */
};

/* A field that answers show, of the record or of the resource itself; NULL when there is none. */
const struct field *query_field(const struct resource *resource, struct text name);

/* Whether the role is shown this field of the resource. */
bool query_sees(enum role role, const struct resource *resource, const struct field *field);

/* Reads call->params by the resource's tables; item: only fields= and expand= are known.
 * P_BAD_PARAMETER with every violation ("query:name"). */
int query_read(struct ctx *ctx, const struct engine *engine, const struct call *call,
	       struct list_query *ret);

/* The parameters of an endpoint's own table into the struct at base; those absent stay as they are.
 * P_BAD_PARAMETER with every violation. */
int query_read_endpoint(struct ctx *ctx, const struct call *call, void *base);

/* What to show: fields= (only what the role sees, else P_BAD_PARAMETER), or all of an item, or the
 * IN_LIST fields of a list's element. Depends on the role, so it is asked after authorisation. */
int query_projection(struct ctx *ctx, const struct call *call, const struct list_query *query,
		     struct projection *ret);

/* " AND …" for each filter. */
void query_filters(struct sql *sql, const struct list_query *query);

#endif
