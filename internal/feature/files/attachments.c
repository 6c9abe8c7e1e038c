/* What upload, completion and download share: the file's row and its pieces. Enter at
 * attachment_lock, attachment_take and piece_open. The caller wipes the key. */

#include "feature/files/attachments.h"

#include "engine/engine.h"
#include "engine/authorize.h"

#include <errno.h>
#include <inttypes.h>

static const struct resource *attachments(void)
{
	return registry_find(TEXT("attachments"));
}

void attachment_where(struct sql *sql, const struct call *call)
{
	const struct resource *resource = attachments();
	struct place place = { call->ids[1], call->ids, 1,
			       access_of(call->actor.role, resource).scope, &call->actor };

	sql_from(sql, resource, true);
	sql_where(sql, resource, &place);
}

static int attachment_open(struct ctx *ctx, const struct attachment *attachment, const char *column,
			   struct text cell, struct text *ret)
{
	struct seal_place place = { "attachments", column, attachment->id };

	return unseal(ctx, &attachment->key, place, cell, ret);
}

/* If the name does not open, the reader still gets the file: the name is null then. */
static int attachment_name(struct ctx *ctx, struct attachment *attachment, struct text cell)
{
	struct seal_place place = { "attachments", "name", attachment->id };
	int rc = unseal_try(ctx, &attachment->key, place, cell, &attachment->name);

	if (rc != -EBADMSG)
		return rc;
	attachment->name = TEXT_NULL;
	ctx->unreadable++;
	log_error("cells_unreadable", LOG_TEXT("request_id", ctx->request_id),
		  LOG_TEXT("table", TEXT("attachments")), LOG_TEXT("members", TEXT("name")),
		  LOG_TEXT("key", attachment->key.id));
	return 0;
}

int attachment_take(struct ctx *ctx, const struct engine *engine, struct reply reply, bool reads,
		    struct attachment *ret)
{
	struct attachment taken = { 0 };
	struct text state, key_id;
	int rc;

	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	taken.id = arena_copy(ctx->arena, reply_cell(reply, 0, 0));
	key_id = arena_copy(ctx->arena, reply_cell(reply, 0, 6));
	taken.version = arena_copy(ctx->arena, reply_cell(reply, 0, 8));
	if (taken.id.ptr == NULL || key_id.ptr == NULL || taken.version.ptr == NULL)
		return -ENOMEM;
	state = reply_cell(reply, 0, 3);
	taken.uploading = text_is(state, "uploading");
	taken.withdrawn = text_is(state, "withdrawn");
	taken.media_type =
		(enum media_type)enumeration_find(&media_type_values, reply_cell(reply, 0, 2));
	rc = text_to_int64(reply_cell(reply, 0, 1), &taken.size);
	if (rc != 0 || taken.media_type == media_type_none)
		return fault(ctx, EINVAL, "row_unreadable", TEXT("attachments"));
	/* An erased person's file: nobody can open it any more. */
	if (data_key_destroyed(reply_cell(reply, 0, 7)))
		return fail(ctx, P_CONTENT_GONE);
	rc = data_key_unwrap(ctx, engine->keyring, key_id, reply_cell(reply, 0, 7), &taken.key);
	if (rc == 0)
		rc = attachment_open(ctx, &taken, "sha256", reply_cell(reply, 0, 4), &taken.sha256);
	if (rc == 0)
		rc = reads ? attachment_name(ctx, &taken, reply_cell(reply, 0, 5))
			   : attachment_open(ctx, &taken, "name", reply_cell(reply, 0, 5),
					     &taken.name);
	if (rc == 0)
		*ret = taken;
	explicit_bzero(&taken.key, sizeof(taken.key));
	return rc;
}

int attachment_lock(struct ctx *ctx, struct engine *engine, struct call *call, struct conn *conn,
		    const char *lock, const struct query *then, struct trip *trip,
		    struct attachment *ret)
{
	struct text params[AUTHORIZE_PARAMS];
	struct sql *sql;
	int rc;

	trip_init(trip, ctx->arena);
	sql_puts(trip_add(trip, NULL), "BEGIN");
	trip_add_query(trip, authorize_query(ctx, call, false, params));
	sql = trip_add(trip, NULL);
	sql_puts(sql, "SELECT " ATTACHMENT_COLUMNS);
	attachment_where(sql, call);
	sql_puts(sql, lock);
	if (then != NULL)
		trip_add_query(trip, *then);
	rc = trip_run(ctx, trip, conn, false);
	if (rc == 0)
		rc = authorize_accept(ctx, call, trip->replies[1]);
	return rc != 0 ? rc : attachment_take(ctx, engine, trip->replies[2], false, ret);
}

int64_t piece_length(const struct attachment *attachment, int64_t number)
{
	int64_t rest = attachment->size - number * PIECE_SIZE;

	if (rest <= 0)
		return 0;
	return rest < PIECE_SIZE ? rest : PIECE_SIZE;
}

struct seal_place piece_place(struct arena *arena, const struct attachment *attachment,
			      int64_t number)
{
	struct text row = arena_format(arena, "%.*s/%" PRId64, (int)attachment->id.len,
				       attachment->id.ptr, number);

	return (struct seal_place){ "attachment_pieces", "sealed", row };
}

int piece_open(struct ctx *ctx, const struct attachment *attachment, int64_t number,
	       struct text cell, struct text *ret)
{
	struct seal_place place = piece_place(ctx->arena, attachment, number);
	struct text plain;
	int rc;

	if (place.row.ptr == NULL)
		return -ENOMEM;
	rc = unseal(ctx, &attachment->key, place, cell, &plain);
	if (rc != 0)
		return rc;
	if ((int64_t)plain.len != piece_length(attachment, number))
		return fault(ctx, EBADMSG, "piece_of_wrong_length", attachment->id);
	*ret = plain;
	return 0;
}
