/* Reads the views that a rule needs. Enter at facts_add and facts_load. Runs after the case is
 * locked. */

#include "engine/write/facts.h"

#include <errno.h>

int facts_member(struct arena *arena, const struct resource *resource, const void *base,
		 const char *name, struct text *ret)
{
	int index = field_find(resource->fields, resource->field_count, text_of(name));

	if (index >= 0)
		return field_to_sql(&resource->fields[index], base, arena, ret);
	index = field_find(record_fields, record_field_count, text_of(name));
	if (index >= 0)
		return field_to_sql(&record_fields[index], base, arena, ret);
	return -EINVAL;
}

static void facts_columns(struct sql *sql, const struct facts *facts)
{
	for (size_t i = 0; i < facts->field_count; i++) {
		sql_puts(sql, i == 0 ? "v." : ", v.");
		sql_puts(sql, facts->fields[i].name);
	}
	if (facts->sealed_row != NULL) {
		sql_puts(sql, ", v.");
		sql_puts(sql, facts->sealed_row);
	}
}

void facts_add(struct trip *trip, const struct resource *resource, const void *base,
	       size_t *ret_first)
{
	*ret_first = trip->count;
	for (size_t i = 0; i < resource->fact_count; i++) {
		const struct facts *facts = &resource->facts[i];
		struct sql *sql = trip_add(trip, NULL);

		sql_puts(sql, "SELECT ");
		facts_columns(sql, facts);
		sql_puts(sql, " FROM ");
		sql_puts(sql, facts->view);
		sql_puts(sql, " v WHERE true");
		for (size_t k = 0; k < 4 && facts->keys[k].column != NULL; k++) {
			struct text value = TEXT_NULL;
			int rc = facts_member(trip->arena, resource, base, facts->keys[k].member,
					      &value);

			if (rc != 0 && trip->rc == 0)
				trip->rc = rc;
			sql_puts(sql, " AND v.");
			sql_puts(sql, facts->keys[k].column);
			sql_puts(sql, " = ");
			sql_param(sql, value);
		}
		if (facts->order_by != NULL) {
			sql_puts(sql, " ORDER BY ");
			sql_puts(sql, facts->order_by);
		}
	}
}

static int facts_cell(struct ctx *ctx, const struct facts *facts, const struct field *field,
		      const struct data_key *key, struct text row_id, struct text cell, void *base)
{
	struct seal_place place = { facts->sealed_table, field->name, row_id };
	int rc;

	/* The cell is damaged, or its key is not available: no rule may treat it as unknown. */
	if ((field->flags & SEALED) && cell.ptr != NULL) {
		rc = unseal(ctx, key, place, cell, &cell);
		if (rc != 0)
			return rc;
	} else if (cell.ptr != NULL) {
		cell = arena_copy(ctx->arena, cell);
		if (cell.ptr == NULL)
			return -ENOMEM;
	}
	rc = field_from_sql(field, cell, ctx->arena, base);
	return rc == -EINVAL ? fault(ctx, EINVAL, "fact_unreadable", text_of(facts->view)) : rc;
}

static int facts_row(struct ctx *ctx, const struct facts *facts, struct reply reply, size_t row,
		     const struct data_key *key, void *base)
{
	struct text row_id = TEXT_NULL;

	if (facts->sealed_row != NULL)
		row_id = reply_cell(reply, row, facts->field_count);
	for (size_t i = 0; i < facts->field_count; i++) {
		int rc = facts_cell(ctx, facts, &facts->fields[i], key, row_id,
				    reply_cell(reply, row, i), base);

		if (rc != 0)
			return rc;
	}
	return 0;
}

int facts_load(struct ctx *ctx, const struct trip *trip, size_t first, const struct data_key *key,
	       const struct resource *resource, struct change *change)
{
	for (size_t i = 0; i < resource->fact_count; i++) {
		const struct facts *facts = &resource->facts[i];
		struct reply reply = trip->replies[first + i];
		size_t count = reply_rows(reply);
		char *rows = arena_alloc(ctx->arena, facts->size * (count > 0 ? count : 1));

		if (rows == NULL)
			return -ENOMEM;
		for (size_t row = 0; row < count; row++) {
			int rc = facts_row(ctx, facts, reply, row, key, rows + row * facts->size);

			if (rc != 0)
				return rc;
		}
		change->facts[i] = (struct fact_rows){ rows, count };
	}
	return 0;
}
