/* Checks the references of a body before any rule or constraint. Enter at references_add and
 * references_check. */

#include "engine/references.h"

#include <errno.h>

/* The path or the engine sets these members, not the caller. A trigger of its own checks an
 * outside reference. */
#define NOT_CHECKED (PARENT | READ_ONLY | OUTSIDE)

static const struct resource *reference_target(const struct field *field)
{
	if (field->type != FIELD_ID || field->references == NULL || (field->flags & NOT_CHECKED))
		return NULL;
	return registry_find(text_of(field->references));
}

static bool target_has_provider(const struct resource *target)
{
	return (target->traits & (OF_PROVIDER | OF_CLIENT)) ||
	       field_find(target->fields, target->field_count, TEXT("provider_id")) >= 0;
}

static void reference_look(struct trip *trip, const struct resource *target, struct text id,
			   size_t *ret_at)
{
	struct sql *sql = trip_add(trip, ret_at);

	sql_puts(sql, "SELECT ");
	sql_puts(sql, target_has_provider(target) ? "t.provider_id, " : "NULL, ");
	sql_puts(sql, target->traits & OF_CLIENT ? "t.client_id, " : "NULL, ");
	sql_puts(sql, target->traits & OF_CASE ? "t.case_id FROM " : "NULL FROM ");
	sql_puts(sql, resource_table(target));
	sql_puts(sql, " t WHERE t.id = ");
	sql_param(sql, id);
}

void references_add(struct trip *trip, const struct resource *resource, const void *before,
		    const void *after, struct references *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		const struct resource *target = reference_target(field);
		struct text id = TEXT_NULL;
		int rc;

		if (target == NULL || (before != NULL && field_same(field, before, after)))
			continue;
		rc = field_to_sql(field, after, trip->arena, &id);
		if (rc != 0)
			trip->rc = rc;
		if (id.ptr == NULL)
			continue;
		ret->fields[ret->count] = field;
		reference_look(trip, target, id, &ret->at[ret->count++]);
	}
}

/* A row without provider, client or case, such as a contract, is open to everybody. */
static bool reference_same(struct text row, struct text target)
{
	return row.ptr == NULL || target.ptr == NULL || text_eq(row, target);
}

static bool reference_fits(struct reply reply, unsigned traits, const struct record *row)
{
	if (reply_rows(reply) == 0)
		return false;
	if ((traits & (OF_PROVIDER | OF_CLIENT)) &&
	    !reference_same(row->provider_id, reply_cell(reply, 0, 0)))
		return false;
	if ((traits & OF_CLIENT) && !reference_same(row->client_id, reply_cell(reply, 0, 1)))
		return false;
	return !(traits & OF_CASE) || reference_same(row->case_id, reply_cell(reply, 0, 2));
}

int references_check(struct ctx *ctx, const struct trip *trip, const struct resource *resource,
		     const struct record *row, const struct references *references)
{
	struct text first = TEXT_NULL;

	for (size_t i = 0; i < references->count; i++) {
		const char *name = references->fields[i]->name;
		struct text pointer;

		if (reference_fits(trip->replies[references->at[i]], resource->traits, row))
			continue;
		pointer = arena_format(ctx->arena, "/%s", name);
		if (pointer.ptr == NULL)
			return -ENOMEM;
		violate(ctx, P_UNKNOWN_REFERENCE, pointer, text_of(name));
		if (first.ptr == NULL)
			first = text_of(name);
	}
	return first.ptr == NULL ? 0 : fail(ctx, P_UNKNOWN_REFERENCE, first);
}
