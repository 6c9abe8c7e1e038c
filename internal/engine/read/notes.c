/* Refuses a write of another profession's notes. Enter at notes_check. */

#include "engine/read/notes.h"

#include "auth/access.h"
#include "engine/write/facts.h"

static int notes_open(struct ctx *ctx, const struct call *call, const void *base, bool *ret)
{
	const char *member = call->resource->profession_member;
	struct text profession = TEXT_NULL;
	int rc = 0;

	if (member != NULL)
		rc = facts_member(ctx->arena, call->resource, base, member, &profession);
	/* Not told yet: the resource's own check fills it in. */
	*ret = (member != NULL && profession.ptr == NULL) ||
	       access_reads_notes(&call->actor, call->resource, profession);
	return rc;
}

static void notes_hide(struct ctx *ctx, const struct field *field)
{
	violate(ctx, P_NOT_VISIBLE, arena_format(ctx->arena, "/%s", field->name));
}

/* Checks the profession of a row that holds notes. */
static void notes_check_profession(struct ctx *ctx, const struct resource *resource,
				   const void *before, const void *after)
{
	const struct field *member = resource_profession(resource);

	if (member == NULL || field_same(member, before, after))
		return;
	for (size_t i = 0; i < resource->field_count; i++)
		if (resource->fields[i].sight == SIGHT_PROFESSIONAL &&
		    !field_is_null(&resource->fields[i], before)) {
			notes_hide(ctx, member);
			return;
		}
}

int notes_check(struct ctx *ctx, const struct call *call, const void *before, const void *after,
		uint64_t given)
{
	const struct resource *resource = call->resource;
	bool was_open = true, is_open;
	int rc = notes_open(ctx, call, after, &is_open);

	if (rc == 0 && before != NULL)
		rc = notes_open(ctx, call, before, &was_open);
	if (rc != 0)
		return rc;
	/* A manager reads no notes, and may not change their profession. */
	if (before != NULL && !access_sees(call->actor.role, SIGHT_PROFESSIONAL))
		was_open = false;
	for (size_t i = 0; i < resource->field_count && !(was_open && is_open); i++)
		if (resource->fields[i].sight == SIGHT_PROFESSIONAL && ((given >> i) & 1) != 0 &&
		    (before != NULL || !field_is_null(&resource->fields[i], after)))
			notes_hide(ctx, &resource->fields[i]);
	if (!was_open)
		notes_check_profession(ctx, resource, before, after);
	return violations_close(ctx, P_VALIDATION_FAILED);
}
