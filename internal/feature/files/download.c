/* Sends a file's content piece by piece. Enter at attachment_content_endpoint. The stream owns
 * all that it needs and takes a connection for one piece at a time. */

#include "engine/engine.h"
#include "feature/endpoints.h"
#include "feature/files/attachments.h"

#include "engine/authorize.h"
#include "feature/files/range.h"

#include <errno.h>
#include <inttypes.h>

/*
 * A file's content, piece by piece while it is sent. Each piece is read in a transaction of its own
 * that asks the session row and the caller's reach again: who loses either loses the rest. No
 * connection of the pool is held while the network takes its time.
 */

#define KEEP_MEMORY ((size_t)64 * 1024) /* what is known of the call */
#define WORK_MEMORY ((size_t)1024 * 1024)

struct download {
	struct stream stream; /* first: the stream is the download */
	struct store *store;  /* and not the engine, whose keys may be others by then */
	struct arena keep;
	struct arena work; /* of one piece */
	struct text request_id;
	struct call call;
	struct attachment attachment;
	int64_t number; /* of the piece that is held; -1: none */
	size_t length;
	char piece[PIECE_SIZE];
};

/* The piece only while its file is complete and in the caller's reach. */
static int piece_ask(struct ctx *ctx, struct download *download, int64_t number, struct conn *conn,
		     struct reply *ret)
{
	struct text params[AUTHORIZE_PARAMS];
	struct trip trip;
	struct sql *sql;
	int rc;

	trip_init(&trip, ctx->arena);
	trip_add_query(&trip, authorize_query(ctx, &download->call, true, params));
	sql = trip_add(&trip, NULL);
	sql_puts(sql, "SELECT p.sealed FROM attachment_pieces p WHERE p.attachment_id = ");
	sql_param(sql, download->attachment.id);
	sql_puts(sql, " AND p.number = ");
	sql_param(sql, arena_format(ctx->arena, "%" PRId64, number));
	sql_puts(sql, " AND EXISTS (SELECT 1");
	attachment_where(sql, &download->call);
	sql_puts(sql, " AND t.state = 'complete')");
	rc = trip_run(ctx, &trip, conn, false);
	if (rc == 0)
		rc = authorize_accept(ctx, &download->call, trip.replies[0]);
	*ret = trip.replies[1];
	return rc;
}

static int piece_load(struct ctx *ctx, struct download *download, int64_t number)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct reply reply;
	struct text plain;
	int rc = store_acquire(ctx, download->store, &conn);

	if (rc == 0)
		rc = piece_ask(ctx, download, number, conn, &reply);
	if (rc != 0)
		return rc;
	if (reply_rows(reply) == 0)
		return fail(ctx, P_NOT_FOUND);
	rc = piece_open(ctx, &download->attachment, number, reply_cell(reply, 0, 0), &plain);
	if (rc != 0)
		return rc;
	memcpy(download->piece, plain.ptr, plain.len);
	download->length = plain.len;
	download->number = number;
	return 0;
}

static int download_read(struct stream *stream, uint64_t offset, char *buf, size_t max, size_t *ret)
{
	struct download *download = (struct download *)stream;
	struct ctx ctx = { .arena = &download->work, .request_id = download->request_id };
	int64_t at = stream->first + (int64_t)offset;
	int64_t number = at / PIECE_SIZE;
	size_t from = (size_t)(at % PIECE_SIZE);
	size_t len;
	int rc = 0;

	if (number != download->number)
		rc = piece_load(&ctx, download, number);
	arena_done(&download->work);
	if (rc != 0) {
		log_warning("download_cut", LOG_TEXT("request_id", download->request_id),
			    LOG_NUMBER("piece", number),
			    LOG_TEXT("why", text_of(rc > 0 && rc < P_COUNT ? problem_texts[rc].code
									   : "fault")));
		return rc;
	}
	len = download->length - from;
	*ret = len < max ? len : max;
	memcpy(buf, download->piece + from, *ret);
	return 0;
}

static void download_drop(struct download *download)
{
	arena_done(&download->work);
	arena_done(&download->keep);
	explicit_bzero(&download->attachment.key, sizeof(download->attachment.key));
	explicit_bzero(download->piece, sizeof(download->piece));
	memory_give(download);
}

static void download_free(struct stream *stream)
{
	download_drop((struct download *)stream);
}

/* Borrowed texts of the request become the download's own. False when they are too long. */
static bool download_keep(struct download *download, struct text request_id,
			  const struct call *call, const struct attachment *attachment)
{
	struct arena *keep = &download->keep;
	struct actor *actor = &download->call.actor;

	download->call = (struct call){ .method = call->method,
					.purpose = arena_copy(keep, call->purpose),
					.actor = call->actor };
	actor->user_id = arena_copy(keep, call->actor.user_id);
	actor->session_id = arena_copy(keep, call->actor.session_id);
	actor->provider_id = arena_copy(keep, call->actor.provider_id);
	download->call.ids[0] = arena_copy(keep, call->ids[0]);
	download->call.ids[1] = arena_copy(keep, call->ids[1]);
	download->request_id = arena_copy(keep, request_id);
	download->attachment = *attachment;
	download->attachment.id = download->call.ids[1];
	download->attachment.name = TEXT_NULL;
	download->attachment.sha256 = TEXT_NULL;
	download->attachment.key.id = arena_copy(keep, attachment->key.id);
	return download->attachment.key.id.ptr != NULL && download->request_id.ptr != NULL;
}

static int download_new(struct ctx *ctx, struct engine *engine, const struct call *call,
			const struct attachment *attachment, struct stream **ret)
{
	struct download *download = memory_take(sizeof(*download));

	memset(download, 0, sizeof(*download));
	download->stream = (struct stream){ .size = attachment->size,
					    .length = attachment->size,
					    .read = download_read,
					    .free = download_free };
	download->store = engine->store;
	download->number = -1;
	arena_init(&download->keep, KEEP_MEMORY);
	arena_init(&download->work, WORK_MEMORY);
	if (!download_keep(download, ctx->request_id, call, attachment)) {
		download_drop(download);
		return -ENOMEM;
	}
	*ret = &download->stream;
	return 0;
}

/* "\"<hex>\"" of the ETag, and the digest's own bytes in base64 (RFC 9530, 3). */
static int content_tags(struct ctx *ctx, const struct attachment *attachment, struct answer *answer)
{
	unsigned char bytes[32];
	const char *hex = attachment->sha256.ptr;

	if (attachment->sha256.len != 2 * sizeof(bytes))
		return fault(ctx, EBADMSG, "digest_of_wrong_length", attachment->id);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	answer->etag = arena_format(ctx->arena, "\"%.*s\"", (int)attachment->sha256.len, hex);
	if (answer->etag.ptr == NULL)
		return -ENOMEM;
	return base64(ctx->arena, bytes, sizeof(bytes), &answer->sha256);
}

/* Of one range, that holds under If-Range: 206. Malformed ones and lists are ignored, as RFC 9110,
 * 14.2 allows: the whole is sent. */
static int content_range(struct ctx *ctx, const struct call *call,
			 const struct attachment *attachment, struct answer *answer,
			 int64_t *ret_first, int64_t *ret_last)
{
	int rc;

	if (call->if_range.ptr != NULL && !text_eq(call->if_range, answer->etag))
		return 0;
	rc = range_parse(call->range, attachment->size, ret_first, ret_last);
	if (rc == -EINVAL)
		return 0;
	if (rc == 0) {
		answer->status = 206;
		return 0;
	}
	ctx->size = attachment->size;
	return fail(ctx, P_BAD_RANGE, arena_format(ctx->arena, "%" PRId64, attachment->size));
}

static int content_answer(struct ctx *ctx, struct engine *engine, const struct call *call,
			  const struct attachment *attachment, struct answer *answer)
{
	int64_t first = 0, last = attachment->size - 1;
	int rc;

	if (attachment->uploading)
		return fail(ctx, P_UPLOAD_INCOMPLETE);
	if (attachment->withdrawn)
		return fail(ctx, P_CONTENT_GONE);
	rc = content_tags(ctx, attachment, answer);
	if (rc != 0)
		return rc;
	if (call->if_none_match.ptr != NULL && etag_listed(call->if_none_match, answer->etag)) {
		answer->status = 304;
		return 0;
	}
	answer->media_type = enumeration_name(&media_type_values, (int)attachment->media_type);
	answer->file_name = attachment->name;
	rc = content_range(ctx, call, attachment, answer, &first, &last);
	if (rc == 0)
		rc = download_new(ctx, engine, call, attachment, &answer->stream);
	if (rc != 0)
		return rc;
	answer->stream->first = first;
	answer->stream->length = last - first + 1;
	return 0;
}

/* The access is written, and committed, before the first byte goes; only for what may go. */
static int content_look(struct ctx *ctx, struct engine *engine, struct call *call,
			struct attachment *ret)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct text params[AUTHORIZE_PARAMS];
	struct trip trip;
	struct sql *sql;
	int rc;

	trip_init(&trip, ctx->arena);
	trip_add_query(&trip, authorize_query(ctx, call, true, params));
	sql = trip_add(&trip, NULL);
	sql_puts(sql, "WITH page AS MATERIALIZED (SELECT " ATTACHMENT_COLUMNS
		      ", t.client_id, t.provider_id");
	attachment_where(sql, call);
	sql_puts(sql, "), seen AS (INSERT INTO audit_events"
		      " (action, resource, row_id, client_id, client_provider_id)"
		      " SELECT 'read', 'attachment_content', s.id, s.client_id, s.provider_id"
		      " FROM page s WHERE s.state = 'complete') SELECT * FROM page");
	rc = store_acquire(ctx, engine->store, &conn);
	if (rc == 0)
		rc = trip_run(ctx, &trip, conn, false);
	if (rc == 0)
		rc = authorize_accept(ctx, call, trip.replies[0]);
	return rc != 0 ? rc : attachment_take(ctx, engine, trip.replies[1], true, ret);
}

static int content_get(struct ctx *ctx, struct engine *engine, struct call *call,
		       struct answer *answer)
{
	struct attachment attachment = { 0 };
	int rc = content_look(ctx, engine, call, &attachment);

	if (rc == 0)
		rc = content_answer(ctx, engine, call, &attachment, answer);
	explicit_bzero(&attachment.key, sizeof(attachment.key));
	return rc;
}

static const enum problem content_problems[] = { P_UPLOAD_INCOMPLETE, P_CONTENT_GONE, P_BAD_RANGE,
						 P_NONE };

const struct endpoint attachment_content_endpoint = {
	.method = METHOD_GET,
	.path = "/v1/cases/{case_id}/attachments/{attachment_id}/content",
	.about = "What is in the file. An answer that is shorter than its Content-Length was cut.",
	.tag = "Attachments",
	.reply_media = &media_type_values,
	.status = 200,
	.roles = ATTACHMENT_SENDERS | 1u << role_agency_officer,
	.problems = content_problems,
	.handle = content_get,
};
