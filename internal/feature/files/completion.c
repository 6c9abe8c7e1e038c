/* Completes an upload: checks that all parts are there, then digest and type. Enter at
 * attachment_completion_endpoint. Locks the file's row; a gate bounds how many files are in
 * memory. */

#include "engine/engine.h"
#include "feature/endpoints.h"
#include "feature/files/attachments.h"

#include "content/content.h"
#include "engine/authorize.h"

#include <errno.h>
#include <inttypes.h>

/*
 * The end of an upload: all its parts are there, the bytes are those that were announced, and of
 * the announced type. Who lied about them gets nothing kept: the refusal commits the removal.
 *
 * The whole file stands in memory, outside the request's arena, since an archive is read from its
 * end; the gate bounds that to two files.
 */

static struct gate gate = GATE(2);

/* Parts of which a piece is missing, as words; null when none is. */
static const char MISSING_SQL[] =
	"SELECT string_agg(m.part::text, ', ' ORDER BY m.part) FROM (SELECT DISTINCT n / 4 + 1 AS"
	" part FROM attachments t, generate_series(0, (t.size - 1) / 65536) n WHERE t.id = $1"
	" AND NOT EXISTS (SELECT FROM attachment_pieces p"
	" WHERE p.attachment_id = t.id AND p.number = n)) m";
_Static_assert(PIECE_SIZE == 65536 && PART_PIECES == 4, "MISSING_SQL counts so");

static const char PIECE_SQL[] =
	"SELECT p.sealed FROM attachment_pieces p WHERE p.attachment_id = $1 AND p.number = $2";
static const char COMPLETE_SQL[] =
	"UPDATE attachments t SET state = 'complete', completed_at = now(), updated_at = now(),"
	" updated_by = app_user(), version = t.version + 1 WHERE t.id = $1 RETURNING t.version";
static const char REMOVE_SQL[] = "DELETE FROM attachments t WHERE t.id = $1";

struct completion {
	struct ctx *ctx;
	struct engine *engine;
	struct call *call;
	struct conn *conn;
	struct attachment attachment;
	char *file; /* attachment.size bytes; NULL before they are read */
};

static void completion_done(struct completion *completion)
{
	memory_unmap(completion->file, (size_t)completion->attachment.size);
	conn_release(&completion->conn);
	explicit_bzero(&completion->attachment.key, sizeof(completion->attachment.key));
}

static int completion_look(struct completion *completion, struct text *ret_missing)
{
	struct query missing = { TEXT(MISSING_SQL), &completion->call->ids[1], 1 };
	struct ctx *ctx = completion->ctx;
	struct trip trip;
	int rc = attachment_lock(ctx, completion->engine, completion->call, completion->conn,
				 " FOR NO KEY UPDATE OF t", &missing, &trip,
				 &completion->attachment);

	if (rc != 0)
		return rc;
	*ret_missing = arena_copy(ctx->arena, reply_cell(trip.replies[3], 0, 0));
	conn_forget(completion->conn);
	return 0;
}

static int completion_piece(struct completion *completion, struct arena *arena, int64_t number)
{
	struct ctx *ctx = completion->ctx;
	struct ctx own = { .arena = arena, .request_id = ctx->request_id };
	struct text params[] = { completion->attachment.id,
				 arena_format(arena, "%" PRId64, number) };
	struct query query = { TEXT(PIECE_SQL), params, 2 };
	struct reply reply;
	struct text plain;
	int rc = conn_run(ctx, completion->conn, &query, 1, &reply);

	if (rc != 0)
		return rc;
	if (reply_rows(reply) == 0)
		return fault(ctx, ENODATA, "piece_missing", completion->attachment.id);
	rc = piece_open(&own, &completion->attachment, number, reply_cell(reply, 0, 0), &plain);
	if (rc != 0)
		return rc;
	memcpy(completion->file + number * PIECE_SIZE, plain.ptr, plain.len);
	conn_forget(completion->conn);
	return 0;
}

static int completion_read(struct completion *completion)
{
	const struct attachment *attachment = &completion->attachment;
	struct arena arena;
	int rc = 0;

	completion->file = memory_map((size_t)attachment->size);
	for (int64_t i = 0; rc == 0 && piece_length(attachment, i) > 0; i++) {
		arena_init(&arena, 1024 * 1024);
		rc = completion_piece(completion, &arena, i);
		arena_done(&arena);
	}
	return rc;
}

static int completion_check(struct completion *completion)
{
	const struct attachment *attachment = &completion->attachment;
	struct text file = { completion->file, (size_t)attachment->size };
	struct text sha256;
	int rc = sha256_hex(completion->ctx->arena, file, &sha256);

	if (rc != 0)
		return rc;
	if (!text_eq(sha256, attachment->sha256))
		return fail(completion->ctx, P_CHECKSUM_MISMATCH, sha256);
	return content_check(completion->ctx, attachment->media_type, file);
}

/* refusal: the problem that is told when nothing is left of the file. */
static int completion_remove(struct completion *completion, int refusal)
{
	struct query query = { TEXT(REMOVE_SQL), &completion->attachment.id, 1 };
	struct reply reply;
	int rc = conn_commit(completion->ctx, completion->conn, &query, 1, &reply);

	return rc != 0 ? rc : refusal;
}

static int completion_store(struct completion *completion, struct text *ret_version)
{
	struct query query = { TEXT(COMPLETE_SQL), &completion->attachment.id, 1 };
	struct reply reply;
	int rc = conn_commit(completion->ctx, completion->conn, &query, 1, &reply);

	if (rc == 0)
		*ret_version = arena_copy(completion->ctx->arena, reply_cell(reply, 0, 0));
	return rc;
}

static int completion_run(struct completion *completion, struct text *ret_version)
{
	const struct attachment *attachment = &completion->attachment;
	struct text missing;
	int rc = completion_look(completion, &missing);

	if (rc != 0)
		return rc;
	*ret_version = attachment->version;
	if (attachment->withdrawn)
		return fail(completion->ctx, P_ALREADY_FINAL);
	/* Answers again, for a client that has lost the answer. */
	if (!attachment->uploading)
		return 0;
	if (missing.ptr != NULL)
		return fail(completion->ctx, P_PARTS_MISSING, missing);
	rc = completion_read(completion);
	if (rc != 0)
		return rc;
	rc = completion_check(completion);
	if (rc > 0)
		return completion_remove(completion, rc);
	return rc != 0 ? rc : completion_store(completion, ret_version);
}

static int completion_act(struct ctx *ctx, struct engine *engine, struct call *call,
			  struct answer *answer)
{
	struct completion completion = { .ctx = ctx, .engine = engine, .call = call };
	struct text version = TEXT_NULL;
	int rc = store_acquire(ctx, engine->store, &completion.conn);

	if (rc == 0)
		rc = completion_run(&completion, &version);
	completion_done(&completion);
	if (rc != 0)
		return rc;
	answer->etag = arena_format(ctx->arena, "\"%.*s\"", (int)version.len, version.ptr);
	return answer->etag.ptr == NULL ? -ENOMEM : 0;
}

static int completion_put(struct ctx *ctx, struct engine *engine, struct call *call,
			  struct answer *answer)
{
	int rc = gate_enter(ctx, &gate);

	if (rc != 0)
		return rc;
	rc = completion_act(ctx, engine, call, answer);
	gate_leave(&gate);
	return rc;
}

static const enum problem completion_problems[] = { P_PARTS_MISSING,
						    P_CHECKSUM_MISMATCH,
						    P_CONTENT_MISMATCH,
						    P_ARCHIVE_REFUSED,
						    P_ALREADY_FINAL,
						    P_CONTENT_GONE,
						    P_NONE };

const struct endpoint attachment_completion_endpoint = {
	.method = METHOD_PUT,
	.path = "/v1/cases/{case_id}/attachments/{attachment_id}/completion",
	.about = "Completes a file whose parts are all there. One that is not what was announced "
		 "is removed.",
	.tag = "Attachments",
	.status = 204,
	.roles = ATTACHMENT_SENDERS,
	.problems = completion_problems,
	.handle = completion_put,
};
