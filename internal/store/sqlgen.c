/* Builds SELECT statements, scopes and access rows from the registry. Enter at sql_init,
 * projection_init, sql_read and sql_page_open. The text belongs to the request's arena. */

#include "store/sqlgen.h"

#include <errno.h>

void sql_init(struct sql *sql, struct arena *arena)
{
	buf_init(&sql->buf, arena);
	sql->param_count = 0;
}

void sql_puts(struct sql *sql, const char *z)
{
	buf_puts(&sql->buf, z);
}

void sql_param(struct sql *sql, struct text value)
{
	if (sql->param_count == SQL_PARAMS_MAX) {
		sql->buf.failed = true;
		return;
	}
	sql->params[sql->param_count++] = value;
	buf_putc(&sql->buf, '$');
	buf_put_int(&sql->buf, (int64_t)sql->param_count);
}

int sql_query(struct sql *sql, struct query *ret)
{
	struct text text;
	int rc = buf_text(&sql->buf, &text);

	if (rc != 0)
		return rc;
	*ret = (struct query){ text, sql->params, sql->param_count };
	return 0;
}

static bool record_field_always(const struct field *field)
{
	return strcmp(field->name, "id") == 0 || strcmp(field->name, "version") == 0;
}

static bool projection_holds(const struct projection *projection, const struct field *field)
{
	for (size_t i = 0; i < projection->count; i++)
		if (projection->fields[i] == field)
			return true;
	return false;
}

static uint64_t projection_bit(const struct projection *projection, const struct field *field)
{
	const struct resource *resource = projection->resource;

	if (field < resource->fields || field >= resource->fields + resource->field_count)
		return 0;
	return UINT64_C(1) << (field - resource->fields);
}

/* Always select the profession column with notes: who may see them depends on it. */
static void projection_add_profession(struct projection *projection)
{
	const struct field *member = resource_profession(projection->resource);

	if (member == NULL || projection_holds(projection, member))
		return;
	projection_add(projection, member);
	projection->hidden |= projection_bit(projection, member);
}

void projection_add(struct projection *projection, const struct field *field)
{
	projection->hidden &= ~projection_bit(projection, field);
	if (projection_holds(projection, field))
		return;
	projection->fields[projection->count++] = field;
	projection->sealed |= (field->flags & SEALED) != 0;
	if (field->sight == SIGHT_PROFESSIONAL)
		projection_add_profession(projection);
}

void projection_init(struct projection *projection, const struct resource *resource, uint64_t mask,
		     bool record)
{
	*projection = (struct projection){ .resource = resource };
	for (size_t i = 0; i < record_field_count; i++) {
		const struct field *field = &record_fields[i];

		if (resource_has(resource, field) && (record || record_field_always(field)))
			projection_add(projection, field);
	}
	for (size_t i = 0; i < resource->field_count; i++)
		if (mask & (UINT64_C(1) << i))
			projection_add(projection, &resource->fields[i]);
}

size_t projection_columns(const struct projection *projection)
{
	return projection->count + (projection->sealed ? 2 : 0) +
	       (projection->sort_key != NULL ? 1 : 0);
}

void sql_columns(struct sql *sql, const struct projection *projection)
{
	for (size_t i = 0; i < projection->count; i++) {
		sql_puts(sql, i == 0 ? "t." : ", t.");
		sql_puts(sql, projection->fields[i]->name);
	}
	if (projection->sealed)
		sql_puts(sql, ", t.key_id, k.wrapped");
	if (projection->sort_key != NULL) {
		sql_puts(sql, ", t.");
		sql_puts(sql, projection->sort_key);
		sql_puts(sql, " AS sort_key");
	}
}

void sql_from(struct sql *sql, const struct resource *resource, bool sealed)
{
	sql_puts(sql, " FROM ");
	sql_puts(sql, resource_table(resource));
	sql_puts(sql, sealed ? " t LEFT JOIN data_keys k ON k.id = t.key_id" : " t");
}

static void sql_ancestor_column(struct sql *sql, const struct resource *ancestor)
{
	sql_puts(sql, "t.");
	sql_puts(sql, ancestor->singular);
	sql_puts(sql, "_id");
}

/* A view over all of the caller's rows has no row to start from: there the team is a set that is
 * queried for each row. The planner knows nothing about the view's rows; "IS TRUE" keeps it from a
 * slow join. */
static void sql_scope_team_view(struct sql *sql, const char *column, const struct actor *actor)
{
	sql_puts(sql, " AND (t.");
	sql_puts(sql, column);
	sql_puts(sql, " IN (SELECT m.");
	sql_puts(sql, column);
	sql_puts(sql, " FROM case_team m WHERE m.user_id = ");
	sql_param(sql, actor->user_id);
	sql_puts(sql, ")) IS TRUE");
}

static void sql_scope_team(struct sql *sql, const struct resource *resource,
			   const struct actor *actor)
{
	const char *column = resource->traits & OF_CASE ? "case_id" : "client_id";
	size_t len = strlen(resource->singular);
	bool self =
		strncmp(column, resource->singular, len) == 0 && strcmp(column + len, "_id") == 0;

	if ((resource->traits & IS_VIEW) && resource->parent == NULL) {
		sql_scope_team_view(sql, column, actor);
		return;
	}
	sql_puts(sql, " AND EXISTS (SELECT 1 FROM case_team m WHERE m.");
	sql_puts(sql, column);
	/* For clients and cases use their own id: it has the index. */
	sql_puts(sql, self ? " = t.id" : " = t.");
	sql_puts(sql, self ? "" : column);
	sql_puts(sql, " AND m.user_id = ");
	sql_param(sql, actor->user_id);
	sql_puts(sql, ")");
}

static void sql_scope_named(struct sql *sql, const struct resource *resource,
			    const struct actor *actor)
{
	if (resource->traits & NAMES_SITTING) {
		sql_puts(sql, " AND t.open AND t.user_id = ");
		sql_param(sql, actor->user_id);
		return;
	}
	sql_puts(sql, " AND EXISTS (SELECT 1 FROM identification_members m WHERE m.open"
		      " AND m.identification_id = t.id AND m.user_id = ");
	sql_param(sql, actor->user_id);
	sql_puts(sql, ")");
}

static void sql_scope_self(struct sql *sql, const struct resource *resource,
			   const struct actor *actor)
{
	bool provider = resource->traits & IS_PROVIDER;

	sql_puts(sql, " AND t.id = ");
	sql_param(sql, provider ? actor->provider_id : actor->user_id);
}

static void sql_scope(struct sql *sql, const struct resource *resource, const struct place *place)
{
	if (place->scope == SCOPE_OWN || place->scope == SCOPE_TEAM) {
		sql_puts(sql, " AND t.provider_id = ");
		sql_param(sql, place->actor->provider_id);
	}
	if (place->scope == SCOPE_TEAM)
		sql_scope_team(sql, resource, place->actor);
	else if (place->scope == SCOPE_NAMED)
		sql_scope_named(sql, resource, place->actor);
	else if (place->scope == SCOPE_SELF)
		sql_scope_self(sql, resource, place->actor);
	else if (place->scope == SCOPE_NONE)
		sql_puts(sql, " AND false");
}

void sql_where(struct sql *sql, const struct resource *resource, const struct place *place)
{
	const struct resource *ancestor = resource->parent;

	sql_puts(sql, " WHERE true");
	if (place->id.ptr != NULL) {
		sql_puts(sql, " AND t.id = ");
		sql_param(sql, place->id);
	}
	for (size_t i = place->parent_count; i > 0 && ancestor != NULL; i--) {
		sql_puts(sql, " AND ");
		sql_ancestor_column(sql, ancestor);
		sql_puts(sql, " = ");
		sql_param(sql, place->parents[i - 1]);
		ancestor = ancestor->parent;
	}
	sql_scope(sql, resource, place);
}

void sql_reach(struct sql *sql, const struct resource *resource, const struct place *place)
{
	sql_puts(sql, "SELECT t.id");
	sql_from(sql, resource, false);
	sql_where(sql, resource, place);
}

/* Write the access-log row in the same statement, so that no read goes unlogged. */
static void sql_seen(struct sql *sql, const struct resource *resource, const char *source, bool one)
{
	sql_puts(sql, ", seen AS (INSERT INTO audit_events"
		      " (action, resource, row_id, client_id, client_provider_id) SELECT ");
	sql_puts(sql, one ? "" : "DISTINCT ");
	sql_puts(sql, "'read', '");
	sql_puts(sql, resource->name);
	sql_puts(sql, one ? "', s.seen_id, " : "', NULL::uuid, ");
	sql_puts(sql, "s.seen_client, s.seen_provider FROM ");
	sql_puts(sql, source);
	sql_puts(sql, " s)");
}

void sql_seen_again(struct sql *sql, const struct resource *resource, struct text row_id,
		    struct text client_id, struct text provider_id)
{
	sql_puts(sql, "INSERT INTO audit_events (action, resource, row_id, client_id,"
		      " client_provider_id) VALUES ('read', '");
	sql_puts(sql, resource->name);
	sql_puts(sql, "', ");
	sql_param(sql, row_id);
	sql_puts(sql, ", ");
	sql_param(sql, client_id);
	sql_puts(sql,
		 provider_id.ptr != NULL ? ", " : ", (SELECT provider_id FROM clients WHERE id = ");
	sql_param(sql, provider_id.ptr != NULL ? provider_id : client_id);
	sql_puts(sql, provider_id.ptr != NULL ? ")" : "))");
}

static void sql_outer_columns(struct sql *sql, const struct projection *projection)
{
	sql_puts(sql, " SELECT ");
	for (size_t i = 0; i < projection->count; i++) {
		/* A name after a dot may be a reserved word ("to"). */
		sql_puts(sql, i == 0 ? "page." : ", page.");
		sql_puts(sql, projection->fields[i]->name);
	}
	sql_puts(sql, projection->sealed ? ", key_id, wrapped" : "");
	sql_puts(sql, projection->sort_key != NULL ? ", sort_key" : "");
	sql_puts(sql, " FROM page");
}

void sql_page_open(struct sql *sql, const struct projection *projection, const struct place *place)
{
	sql_puts(sql, "WITH page AS MATERIALIZED (SELECT ");
	sql_columns(sql, projection);
	if (projection->resource->traits & IS_WINDOW)
		sql_puts(sql, ", t.id AS seen_id, t.seen_client, t.seen_provider");
	else if (projection->resource->traits & OF_CLIENT)
		sql_puts(sql, ", t.id AS seen_id, t.client_id AS seen_client,"
			      " t.provider_id AS seen_provider");
	sql_from(sql, projection->resource, projection->sealed);
	sql_where(sql, projection->resource, place);
}

void sql_page_close(struct sql *sql, const struct projection *projection, bool logged,
		    int64_t limit, bool descending)
{
	sql_puts(sql, ")");
	if (logged) {
		struct text source = arena_format(sql->buf.arena, "(SELECT * FROM page LIMIT %lld)",
						  (long long)limit);

		if (source.ptr == NULL)
			sql->buf.failed = true;
		else
			sql_seen(sql, projection->resource, source.ptr, false);
	}
	sql_outer_columns(sql, projection);
	sql_puts(sql, projection->sort_key != NULL ? " ORDER BY sort_key" : " ORDER BY id");
	sql_puts(sql, descending ? " DESC, id DESC" : ", id");
}

int sql_read(struct sql *sql, const struct projection *projection, const struct place *place,
	     bool logged)
{
	struct query query;

	sql_page_open(sql, projection, place);
	sql_puts(sql, ")");
	if (logged)
		sql_seen(sql, projection->resource, "page", true);
	sql_outer_columns(sql, projection);
	return sql_query(sql, &query);
}

int sql_lock_row(struct sql *sql, const struct projection *projection, const struct place *place)
{
	struct query query;

	sql_puts(sql, "SELECT ");
	sql_columns(sql, projection);
	sql_from(sql, projection->resource, projection->sealed);
	sql_where(sql, projection->resource, place);
	sql_puts(sql, " FOR NO KEY UPDATE OF t");
	return sql_query(sql, &query);
}

const char *sql_type(const struct field *field)
{
	if (field->flags & SEALED)
		return "bytea";
	switch (field->type) {
	case FIELD_ID:
		return "uuid";
	case FIELD_FLAG:
		return "boolean";
	case FIELD_INTEGER:
		return "bigint";
	case FIELD_DATE:
		return "date";
	case FIELD_INSTANT:
		return "timestamp with time zone";
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		return "text[]";
	case FIELD_TEXT:
	case FIELD_ENUM:
		break;
	}
	return "text";
}
