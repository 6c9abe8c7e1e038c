/* Reads a batch's body and adds the locks that it needs. Enter at batch_read and batch_lock;
 * cases are locked first, each kind in the order of ids. */

#include "engine/engine.h"
#include "feature/batch/batch.h"

#include <ctype.h>
#include <errno.h>

ENUM_DEFINE(batch_method, BATCH_METHODS)

static const struct field operation_fields[] = {
	ENUM_FIELD(struct operation, method, batch_method, .flags = REQUIRED),
	TEXT_FIELD(struct operation, path, 1000, .flags = REQUIRED),
	TEXT_FIELD(struct operation, if_match, 100),
	TEXT_FIELD(struct operation, ref, FIELD_TEXT_MAX),
};

static struct text operation_pointer(const struct batch *batch, size_t index, const char *member)
{
	return arena_format(batch->ctx->arena, "/operations/%zu/%s", index, member);
}

static bool ref_is_good(struct text ref)
{
	for (size_t i = 0; i < ref.len; i++)
		if (!isalnum((unsigned char)ref.ptr[i]) && strchr("-_", ref.ptr[i]) == NULL)
			return false;
	return ref.len > 0 && ref.len <= REF_MAX;
}

/* Gives the row its id beforehand, so that later paths lead somewhere before anything is done. */
static int operation_name(struct batch *batch, size_t index)
{
	struct operation *operation = &batch->operations[index];

	operation->ref_count = batch->ref_count;
	if (operation->method == batch_method_POST) {
		operation->id = uuid_text(batch->ctx->arena);
		if (operation->id.ptr == NULL)
			return -ENOMEM;
	}
	if (operation->ref.ptr == NULL)
		return 0;
	if (operation->method != batch_method_POST) {
		violate(batch->ctx, P_UNKNOWN_MEMBER, operation_pointer(batch, index, "ref"));
		return 0;
	}
	if (!ref_is_good(operation->ref))
		violate(batch->ctx, P_BAD_REF, operation_pointer(batch, index, "ref"));
	for (size_t i = 0; i < batch->ref_count; i++)
		if (text_eq(batch->refs[i].name, operation->ref))
			violate(batch->ctx, P_DUPLICATE_ITEM,
				operation_pointer(batch, index, "ref"), operation->ref);
	batch->refs[batch->ref_count++] = (struct ref){ operation->ref, operation->id };
	return 0;
}

static void operation_check(struct batch *batch, size_t index)
{
	struct operation *operation = &batch->operations[index];
	bool deletes = operation->method == batch_method_DELETE;

	if (operation->method == batch_method_none)
		return;
	if (deletes && operation->body.ptr != NULL)
		violate(batch->ctx, P_UNKNOWN_MEMBER, operation_pointer(batch, index, "body"));
	if (!deletes && operation->body.ptr == NULL)
		violate(batch->ctx, P_REQUIRED, operation_pointer(batch, index, "body"));
	if (operation->method == batch_method_POST && operation->if_match.ptr != NULL)
		violate(batch->ctx, P_UNKNOWN_MEMBER, operation_pointer(batch, index, "if_match"));
}

/* A whole segment "{visit}" stands for the id of the row that an earlier operation makes. */
static int operation_target(struct batch *batch, size_t index)
{
	struct operation *operation = &batch->operations[index];
	struct ctx known = { .refs = batch->refs, .ref_count = operation->ref_count };
	struct text rest = operation->path;
	bool told = true;
	struct buf buf;

	buf_init(&buf, batch->ctx->arena);
	while (rest.ptr != NULL) {
		struct text segment = text_cut(&rest, '/');
		const struct ref *ref = ref_is(segment) ? ref_find(&known, segment) : NULL;

		if (ref_is(segment) && ref == NULL)
			violate(batch->ctx, P_UNKNOWN_REF, operation_pointer(batch, index, "path"),
				segment);
		told = told && ref == NULL;
		operation->told += told && uuid_is(segment);
		buf_put_text(&buf, ref != NULL ? ref->id : segment);
		buf_puts(&buf, rest.ptr != NULL ? "/" : "");
	}
	return buf_text(&buf, &operation->target);
}

/* A path that leads nowhere is told when its turn comes, as it would be told alone. */
static void operation_lead(struct batch *batch, struct operation *operation)
{
	struct ctx quiet = { .arena = batch->ctx->arena };
	struct call call = { .method = batch_method_verb(operation->method),
			     .path = operation->target };

	if (batch->call->route(&quiet, batch->call->router, &call) != 0)
		return;
	operation->resource = call.resource;
	operation->item = call.item;
	memcpy(operation->ids, call.ids, sizeof(call.ids));
	operation->id_count = call.id_count;
}

int batch_read(struct batch *batch)
{
	static const struct read_rows rows = { .member = "operations",
					       .max = BATCH_MAX,
					       .fields = operation_fields,
					       .count = sizeof(operation_fields) /
							sizeof(operation_fields[0]),
					       .size = sizeof(struct operation),
					       .kept = "body",
					       .kept_offset = offsetof(struct operation, body) };
	int rc = read_rows(batch->ctx, batch->call->body, &rows, batch->operations, &batch->count);

	for (size_t i = 0; rc == 0 && i < batch->count; i++) {
		operation_check(batch, i);
		rc = operation_name(batch, i);
		if (rc == 0 && batch->operations[i].path.ptr != NULL)
			rc = operation_target(batch, i);
	}
	if (rc == 0)
		rc = violations_close(batch->ctx, P_VALIDATION_FAILED);
	for (size_t i = 0; rc == 0 && i < batch->count; i++)
		operation_lead(batch, &batch->operations[i]);
	return rc;
}

static bool operation_locks(const struct operation *operation, const struct resource *root)
{
	bool own = operation->item && operation->id_count == 1;

	if (operation->resource == NULL || operation->told == 0 ||
	    resource_root(operation->resource) != root)
		return false;
	return own || (root->traits & IS_CASE);
}

static int lock_root(struct batch *batch, struct trip *trip, const struct resource *root)
{
	static const struct field list = { .name = "ids", .type = FIELD_TEXTS };
	struct access access = access_of(batch->call->actor.role, root);
	struct place place = { .scope = access.scope, .actor = &batch->call->actor };
	struct text items[BATCH_MAX];
	struct texts ids = { items, 0, true };
	struct text array;
	struct sql *sql;
	int rc;

	for (size_t i = 0; i < batch->count; i++)
		if (operation_locks(&batch->operations[i], root))
			items[ids.count++] = batch->operations[i].ids[0];
	if (ids.count == 0 || !(access.actions & (ACTION_UPDATE | ACTION_DELETE | ACTION_EFFECT)))
		return 0;
	rc = field_to_sql(&list, &ids, batch->ctx->arena, &array);
	if (rc != 0)
		return rc;
	sql = trip_add(trip, NULL);
	sql_reach(sql, root, &place);
	sql_puts(sql, " AND t.id = ANY(");
	sql_param(sql, array);
	sql_puts(sql, "::uuid[]) ORDER BY t.id FOR NO KEY UPDATE OF t");
	return 0;
}

/* Cases first: single writes lock their case before anything else. */
int batch_lock(struct batch *batch, struct trip *trip)
{
	const struct resource *cases = registry_of(IS_CASE);
	int rc = lock_root(batch, trip, cases);

	for (size_t i = 0; rc == 0 && i < registry_count; i++)
		if (registry[i]->parent == NULL && registry[i] != cases)
			rc = lock_root(batch, trip, registry[i]);
	return rc;
}
