/* Turns a row's struct into the parameters of an INSERT or UPDATE, sealed with its key. Enter at
 * row_insert for a new row, at row_value, row_index and row_identity for a changed one. */

#include "engine/write/row.h"

#include "core/fail.h"
#include "core/uuid.h"

#include <errno.h>

static const struct record *row_record(const struct row *row)
{
	return row->values;
}

int row_value(const struct row *row, const struct field *field, struct text *ret)
{
	struct seal_place place = { resource_table(row->resource), field->name,
				    row_record(row)->id };
	int rc = field_to_sql(field, row->values, row->ctx->arena, ret);

	if (rc != 0 || !(field->flags & SEALED) || ret->ptr == NULL)
		return rc;
	if (row->key->id.ptr == NULL)
		return fault(row->ctx, ENOKEY, "row_without_key", text_of(row->resource->name));
	return seal(row->ctx, row->key, place, *ret, ret);
}

int row_index(const struct row *row, const struct field *field, struct text *ret)
{
	struct text plain;
	int rc = field_to_sql(field, row->values, row->ctx->arena, &plain);

	*ret = TEXT_NULL;
	if (rc != 0 || plain.ptr == NULL)
		return rc;
	return blind_index(row->ctx, row->keyring, resource_table(row->resource), field, plain,
			   ret);
}

int row_identity(const struct row *row, struct text *ret)
{
	static const struct field identity = { .name = "identity",
					       .type = FIELD_TEXT,
					       .blind = BLIND_NAME };
	const struct resource *resource = row->resource;
	struct text whole;
	struct buf buf;
	int rc = 0;

	*ret = TEXT_NULL;
	buf_init(&buf, row->ctx->arena);
	for (size_t i = 0; resource->identity[i] != NULL; i++) {
		int index = field_find(resource->fields, resource->field_count,
				       text_of(resource->identity[i]));
		struct text part;

		rc = field_to_sql(&resource->fields[index], row->values, row->ctx->arena, &part);
		if (rc != 0 || part.ptr == NULL)
			return rc;
		buf_put_text(&buf, part);
		buf_putc(&buf, ' ');
	}
	rc = buf_text(&buf, &whole);
	if (rc != 0)
		return rc;
	return blind_index(row->ctx, row->keyring, resource_table(resource), &identity, whole, ret);
}

int row_key(struct ctx *ctx, const struct keyring *keyring, const struct resource *resource,
	    struct record *record, struct trip *trip, struct data_key *key)
{
	struct text wrapped;
	struct sql *sql;
	int rc;

	if (!(resource->traits & KEY_OWN))
		return 0;
	record->key_id = uuid_text(ctx->arena);
	if (record->key_id.ptr == NULL)
		return -ENOMEM;
	data_key_new(record->key_id, key);
	rc = data_key_wrap(ctx, keyring, key, &wrapped);
	if (rc != 0)
		return rc;
	sql = trip_add(trip, NULL);
	sql_puts(sql, "INSERT INTO data_keys (id, provider_id, client_id, wrapped) VALUES (");
	sql_param(sql, record->key_id);
	sql_puts(sql, ", ");
	sql_param(sql, record->provider_id);
	sql_puts(sql, ", ");
	/* A client's own key names the client itself. */
	sql_param(sql, record->client_id.ptr != NULL ? record->client_id : record->id);
	sql_puts(sql, ", ");
	sql_param(sql, wrapped);
	sql_puts(sql, ")");
	return 0;
}

struct insert {
	struct sql *sql;
	struct text values[SQL_PARAMS_MAX];
	size_t count;
};

static void insert_column(struct insert *insert, const char *name, const char *suffix,
			  struct text value)
{
	if (value.ptr == NULL)
		return;
	/* A missing column would silently lose a value. */
	if (insert->count == SQL_PARAMS_MAX) {
		insert->sql->buf.failed = true;
		return;
	}
	/* Quoted: a name may be a reserved word ("to"). */
	sql_puts(insert->sql, insert->count == 0 ? "\"" : ", \"");
	sql_puts(insert->sql, name);
	sql_puts(insert->sql, suffix);
	sql_puts(insert->sql, "\"");
	insert->values[insert->count++] = value;
}

/* The ids that the path or the parent has given. */
static void insert_record(const struct row *row, struct insert *insert)
{
	const struct record *record = row_record(row);
	bool below = row->resource->parent != NULL;
	unsigned traits = row->resource->traits;

	insert_column(insert, "id", "", record->id);
	if (traits & (OF_PROVIDER | OF_CLIENT))
		insert_column(insert, "provider_id", "", record->provider_id);
	if ((traits & OF_CLIENT) && below)
		insert_column(insert, "client_id", "", record->client_id);
	if ((traits & OF_CASE) && below)
		insert_column(insert, "case_id", "", record->case_id);
	if (traits & (KEY_OWN | KEY_CLIENT))
		insert_column(insert, "key_id", "", record->key_id);
}

/* Nulls are left out, so that the table's own defaults and triggers hold. */
static int insert_fields(const struct row *row, struct insert *insert)
{
	const struct resource *resource = row->resource;
	struct text value;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		rc = row_value(row, field, &value);
		if (rc != 0)
			return rc;
		insert_column(insert, field->name, "", value);
		if (field->blind != BLIND_NONE) {
			rc = row_index(row, field, &value);
			insert_column(insert, field->name, "_index", value);
		}
	}
	if (rc == 0 && resource->identity[0] != NULL) {
		rc = row_identity(row, &value);
		insert_column(insert, "identity_index", "", value);
	}
	return rc;
}

int row_insert(const struct row *row, const struct projection *returning, struct trip *trip,
	       size_t *ret_index)
{
	struct insert *insert = arena_alloc(row->ctx->arena, sizeof(*insert));
	int rc;

	if (insert == NULL)
		return -ENOMEM;
	insert->sql = trip_add(trip, ret_index);
	sql_puts(insert->sql, "INSERT INTO ");
	sql_puts(insert->sql, resource_table(row->resource));
	sql_puts(insert->sql, " AS t (");
	insert_record(row, insert);
	rc = insert_fields(row, insert);
	sql_puts(insert->sql, ") VALUES (");
	for (size_t i = 0; i < insert->count; i++) {
		sql_puts(insert->sql, i == 0 ? "" : ", ");
		sql_param(insert->sql, insert->values[i]);
	}
	sql_puts(insert->sql, ")");
	if (returning != NULL)
		row_returning(insert->sql, returning);
	return rc;
}

void row_returning(struct sql *sql, const struct projection *projection)
{
	struct projection open = *projection;

	open.sealed = false;
	sql_puts(sql, " RETURNING ");
	sql_columns(sql, &open);
}
