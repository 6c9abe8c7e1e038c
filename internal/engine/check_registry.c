/* The registry in itself: what a forgotten line would open or break, found before a request asks.
 * Enters by registry_check; asks no database and locks nothing. */

#include "auth/access.h"
#include "engine/check.h"
#include "engine/read/query.h"

static int wrong(struct ctx *ctx, const char *resource, const char *member, const char *what)
{
	return fail(ctx, P_SCHEMA,
		    arena_format(ctx->arena, "registry: %s%s%s: %s", resource,
				 member[0] != '\0' ? "." : "", member, what));
}

static int check_sight(struct ctx *ctx, const char *owner, const struct field *field)
{
	if (field_sight(field) > SIGHT_UNSAID && field_sight(field) < SIGHT_COUNT)
		return 0;
	return wrong(ctx, owner, field->name, "a sealed field must name its sight");
}

/* The cursor compares with the value: a row without one would stand on no page. A table's column
 * tells by itself whether it is NOT NULL (check_column), a view's does not. */
static int check_sort_field(struct ctx *ctx, const struct resource *resource,
			    const struct field *field)
{
	bool nullable = (resource->traits & IS_VIEW) && !(field->flags & REQUIRED);

	if ((field->flags & SORT) && (nullable || (field->flags & SEALED)))
		return wrong(ctx, resource->name, field->name,
			     "a list is sorted only by what is never null and not sealed");
	return 0;
}

static int check_order(struct ctx *ctx, const struct resource *resource)
{
	const char *sort = resource->sort != NULL ? resource->sort : "id";
	struct text name = text_of(sort[0] == '-' ? sort + 1 : sort);
	const struct field *field;

	if (!(resource->actions & ACTION_LIST) || text_is(name, "id"))
		return 0;
	field = query_field(resource, name);
	if (field == NULL || !(field->flags & SORT))
		return wrong(ctx, resource->name, "sort", "must name a SORT field or id");
	return 0;
}

static int check_facts(struct ctx *ctx, const struct facts *facts)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < facts->field_count; i++)
		rc = check_sight(ctx, facts->view, &facts->fields[i]);
	return rc;
}

int registry_check_resource(struct ctx *ctx, const struct resource *resource)
{
	int rc = check_order(ctx, resource);

	for (size_t i = 0; rc == 0 && i < resource->field_count; i++) {
		rc = check_sight(ctx, resource->name, &resource->fields[i]);
		if (rc == 0)
			rc = check_sort_field(ctx, resource, &resource->fields[i]);
	}
	for (size_t i = 0; rc == 0 && i < resource->fact_count; i++)
		rc = check_facts(ctx, &resource->facts[i]);
	return rc;
}

/* The case file and a transfer ask for the rows of one client. */
static int check_part(struct ctx *ctx, const struct resource *resource,
		      const struct participation *part)
{
	if ((part->casefile == CASEFILE_FILED || part->transfer == TRANSFER_TRAVELS) &&
	    !(resource->traits & (OF_CLIENT | OF_CASE)))
		return wrong(ctx, resource->name, "",
			     "only what belongs to a client is filed or travels");
	return 0;
}

static bool access_has(const char *resource)
{
	struct access access;
	const char *name;

	for (size_t i = 0; (name = access_entry(role_none, i, &access)) != NULL; i++)
		if (strcmp(name, resource) == 0)
			return true;
	return false;
}

/* Parents before children, each name once. */
static int check_place(struct ctx *ctx, size_t index)
{
	const struct resource *resource = registry[index];
	bool parent = resource->parent == NULL;

	for (size_t i = 0; i < index; i++) {
		parent = parent || registry[i] == resource->parent;
		if (strcmp(registry[i]->name, resource->name) == 0)
			return wrong(ctx, resource->name, "", "stands twice");
	}
	return parent ? 0 : wrong(ctx, resource->name, "", "stands before its parent");
}

static int check_access(struct ctx *ctx)
{
	struct access access;
	const char *name;

	for (size_t i = 0; i < registry_count; i++)
		if (!access_has(registry[i]->name))
			return wrong(ctx, registry[i]->name, "", "has no row in access.def");
	for (size_t i = 0; (name = access_entry(role_none, i, &access)) != NULL; i++)
		if (registry_find(text_of(name)) == NULL)
			return wrong(ctx, name, "", "stands in access.def and is no resource");
	return 0;
}

int registry_check(struct ctx *ctx)
{
	int rc = check_access(ctx);

	for (size_t i = 0; rc == 0 && i < registry_count; i++) {
		rc = check_place(ctx, i);
		if (rc == 0)
			rc = registry_check_resource(ctx, registry[i]);
		if (rc == 0)
			rc = check_part(ctx, registry[i], &registry_participations[i]);
	}
	return rc;
}
