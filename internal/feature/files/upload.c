/* PUT of one part of a file. Enter at attachment_part_endpoint. Holds a shared lock on the
 * file's row, so parts may be sent side by side. */

#include "engine/engine.h"
#include "feature/endpoints.h"
#include "feature/files/attachments.h"

#include "engine/authorize.h"

#include <errno.h>
#include <inttypes.h>

/* A part of a file. A repeated PUT replaces the part. */

static struct text number_text(struct arena *arena, int64_t value)
{
	return arena_format(arena, "%" PRId64, value);
}

static int part_check(struct ctx *ctx, const struct attachment *attachment, const struct call *call)
{
	int64_t parts = (attachment->size + PART_SIZE - 1) / PART_SIZE;
	int64_t expected = PART_SIZE;

	if (!attachment->uploading)
		return fail(ctx, P_ALREADY_FINAL);
	if (call->number > parts)
		return fail(ctx, P_NO_SUCH_PART, number_text(ctx->arena, parts));
	if (call->number == parts)
		expected = attachment->size - (parts - 1) * PART_SIZE;
	if ((int64_t)call->body.len != expected)
		return fail(ctx, P_PART_SIZE, number_text(ctx->arena, call->number),
			    number_text(ctx->arena, expected),
			    number_text(ctx->arena, (int64_t)call->body.len));
	return 0;
}

static int piece_add(struct ctx *ctx, const struct attachment *attachment, int64_t number,
		     struct text plain, struct trip *trip)
{
	struct seal_place place = piece_place(ctx->arena, attachment, number);
	struct text sealed, id = uuid_text(ctx->arena);
	struct sql *sql;
	int rc;

	if (place.row.ptr == NULL || id.ptr == NULL)
		return -ENOMEM;
	rc = seal(ctx, &attachment->key, place, plain, &sealed);
	if (rc != 0)
		return rc;
	sql = trip_add(trip, NULL);
	sql_puts(sql, "INSERT INTO attachment_pieces (id, provider_id, client_id, case_id,"
		      " attachment_id, number, sealed) SELECT ");
	sql_param(sql, id);
	sql_puts(sql, "::uuid, t.provider_id, t.client_id, t.case_id, t.id, ");
	sql_param(sql, number_text(ctx->arena, number));
	sql_puts(sql, "::int, ");
	sql_param(sql, sealed);
	sql_puts(sql, "::bytea FROM attachments t WHERE t.id = ");
	sql_param(sql, attachment->id);
	sql_puts(sql,
		 " ON CONFLICT (attachment_id, number) DO UPDATE SET sealed = EXCLUDED.sealed");
	return 0;
}

static int part_store(struct ctx *ctx, const struct attachment *attachment, const struct call *call,
		      struct conn *conn)
{
	int64_t number = (call->number - 1) * PART_PIECES;
	struct text rest = call->body;
	struct trip trip;
	int rc = 0;

	trip_init(&trip, ctx->arena);
	while (rc == 0 && rest.len > 0) {
		size_t len = rest.len < PIECE_SIZE ? rest.len : (size_t)PIECE_SIZE;

		rc = piece_add(ctx, attachment, number++, (struct text){ rest.ptr, len }, &trip);
		rest = (struct text){ rest.ptr + len, rest.len - len };
	}
	return rc != 0 ? rc : trip_run(ctx, &trip, conn, true);
}

static int part_put(struct ctx *ctx, struct engine *engine, struct call *call,
		    struct answer *answer)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct attachment attachment = { 0 };
	struct trip trip;
	int rc = store_acquire(ctx, engine->store, &conn);

	(void)answer;
	/* A shared lock: parts may be sent in parallel, and completion waits for them. */
	if (rc == 0)
		rc = attachment_lock(ctx, engine, call, conn, " FOR SHARE OF t", NULL, &trip,
				     &attachment);
	if (rc == 0)
		rc = part_check(ctx, &attachment, call);
	if (rc == 0)
		rc = part_store(ctx, &attachment, call, conn);
	explicit_bzero(&attachment.key, sizeof(attachment.key));
	return rc;
}

static const enum problem part_problems[] = { P_NO_SUCH_PART, P_PART_SIZE, P_ALREADY_FINAL,
					      P_CONTENT_GONE, P_NONE };

const struct endpoint attachment_part_endpoint = {
	.method = METHOD_PUT,
	.path = "/v1/cases/{case_id}/attachments/{attachment_id}/parts/{number}",
	.number_max = PARTS_MAX,
	.about = "Sends one part of a file: 262144 bytes, the last one what is left. In any order; "
		 "sent again, it replaces what was there.",
	.tag = "Attachments",
	.request_media = "application/octet-stream",
	.status = 204,
	.roles = ATTACHMENT_SENDERS,
	.problems = part_problems,
	.handle = part_put,
};
