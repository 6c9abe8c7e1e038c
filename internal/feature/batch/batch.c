/* POST /v1/batch: runs its operations in one transaction. Enter at batch_endpoint. Owns the
 * connection and the transaction that it lends to each operation. */

#include "feature/endpoints.h"
#include "feature/batch/batch.h"

#include "engine/engine.h"
#include "engine/authorize.h"
#include "engine/write/write.h"

#include <errno.h>

int batch_part(const struct batch *batch, struct arena *arena, size_t index, struct call *ret)
{
	*ret = (struct call){ .actor = batch->call->actor,
			      .path = arena_format(arena, "/v1/batch/%zu", index) };
	return ret->path.ptr != NULL ? 0 : -ENOMEM;
}

void batch_result(struct batch *batch, const struct answer *answer)
{
	struct buf *buf = &batch->results;

	buf_puts(buf, buf->len > 0 ? ",{\"status\":" : "{\"results\":[{\"status\":");
	buf_put_int(buf, answer->status);
	if (answer->location.ptr != NULL) {
		buf_puts(buf, ",\"location\":");
		buf_put_json(buf, answer->location);
	}
	if (answer->etag.ptr != NULL) {
		buf_puts(buf, ",\"etag\":");
		buf_put_json(buf, answer->etag);
	}
	if (answer->body.ptr != NULL) {
		buf_puts(buf, ",\"body\":");
		buf_put_text(buf, answer->body);
	}
	buf_putc(buf, '}');
}

static int operation_route(struct batch *batch, struct ctx *ctx, struct call *call)
{
	int rc = batch->call->route(ctx, batch->call->router, call);

	return rc == 0 && call->resource == NULL ? fail(ctx, P_NOT_IN_BATCH) : rc;
}

/* The same code as for a request of its own. */
static int operation_act(struct batch *batch, struct ctx *ctx, const struct operation *operation,
			 struct answer *answer)
{
	struct call call = { .method = batch_method_verb(operation->method),
			     .path = operation->target,
			     .body = operation->body,
			     .if_match = operation->if_match,
			     .purpose = batch->call->purpose,
			     .client_address = batch->call->client_address,
			     .new_id = operation->id,
			     .lent = batch->conn,
			     .actor = batch->call->actor };
	int rc = operation_route(batch, ctx, &call);

	if (rc != 0)
		return rc;
	if (call.method == METHOD_POST)
		return crud_create(ctx, batch->engine, &call, answer);
	if (call.method == METHOD_PATCH)
		return crud_update(ctx, batch->engine, &call, answer);
	return crud_delete(ctx, batch->engine, &call, answer);
}

/* Runs the checks and triggers of COMMIT now: the next operation sees their results, and a refusal
 * belongs to this operation. */
static int operation_end(struct batch *batch, struct ctx *ctx, size_t index,
			 const struct answer *answer)
{
	struct call part;
	struct trip trip;
	int rc = batch_part(batch, ctx->arena, index, &part);

	if (rc != 0)
		return rc;
	trip_init(&trip, ctx->arena);
	sql_puts(trip_add(&trip, NULL), "SET CONSTRAINTS ALL IMMEDIATE");
	sql_puts(trip_add(&trip, NULL), "SET CONSTRAINTS ALL DEFERRED");
	rc = idempotency_store_part(ctx, batch->engine, &part, &batch->idempotency, answer, &trip);
	return rc != 0 ? rc : trip_run(ctx, &trip, batch->conn, false);
}

/* "/minutes" of the operation's body, "header:If-Match" or nothing, in the batch's body. */
static struct text refused_pointer(struct arena *arena, size_t index, struct text pointer)
{
	const char *member = "";

	if (text_is(pointer, "header:If-Match"))
		member = "/if_match";
	else if (text_starts(pointer, "/"))
		member = "/body";
	return arena_format(arena, "/operations/%zu%s%.*s", index, member,
			    text_starts(pointer, "/") ? (int)pointer.len : 0, pointer.ptr);
}

static void refused_violations(struct batch *batch, size_t index, const struct ctx *refused)
{
	struct ctx *ctx = batch->ctx;
	size_t count = refused->violation_count < VIOLATIONS_MAX ? refused->violation_count
								 : VIOLATIONS_MAX;

	for (size_t i = 0; i < count; i++) {
		const struct violation *violation = &refused->violations[i];

		violate_words(ctx, violation->problem,
			      refused_pointer(ctx->arena, index, violation->pointer),
			      violation->words);
	}
	if (count == 0)
		violate_words(ctx, refused->problem, refused_pointer(ctx->arena, index, TEXT_NULL),
			      refused->words);
}

/* The refused operation as it would be answered alone; 424 for all others. */
static int refused_results(struct batch *batch, size_t index, const struct ctx *refused)
{
	struct ctx other = { .arena = refused->arena,
			     .language = refused->language,
			     .request_id = refused->request_id };
	struct answer own = { .status = problem_texts[refused->problem].status,
			      .etag = refused->etag };
	struct answer failed = { .status = problem_texts[P_FAILED_DEPENDENCY].status };
	struct text results;
	int rc = problem_write(refused, refused->arena, refused->problem, &own.body);

	if (rc == 0)
		rc = problem_write(&other, refused->arena, P_FAILED_DEPENDENCY, &failed.body);
	if (rc != 0)
		return rc;
	buf_init(&batch->results, batch->ctx->arena);
	for (size_t i = 0; i < batch->count; i++)
		batch_result(batch, i == index ? &own : &failed);
	/* As members of the problem: without the object's braces. */
	buf_putc(&batch->results, ']');
	rc = buf_text(&batch->results, &results);
	if (rc == 0)
		batch->ctx->more = (struct text){ results.ptr + 1, results.len - 1 };
	return rc;
}

/* A problem that the caller can correct is this operation's; faults and waits concern the whole
 * batch. */
static int operation_refused(struct batch *batch, size_t index, const struct ctx *refused, int rc)
{
	struct ctx *ctx = batch->ctx;
	int told;

	if (rc < 0)
		return rc;
	if (problem_texts[rc].status >= 500) {
		ctx->retry_after = refused->retry_after;
		return fail_words(ctx, (enum problem)rc, refused->words);
	}
	told = refused_results(batch, index, refused);
	if (told != 0)
		return told;
	refused_violations(batch, index, refused);
	return fail(ctx, P_BATCH_FAILED, refused_pointer(ctx->arena, index, TEXT_NULL));
}

/* Each operation has its own memory, freed before the next. */
static int batch_operation(struct batch *batch, size_t index)
{
	const struct operation *operation = &batch->operations[index];
	struct ctx ctx = { .arena = &batch->scratch,
			   .language = batch->ctx->language,
			   .request_id = batch->ctx->request_id,
			   .refs = batch->refs,
			   .ref_count = operation->ref_count };
	struct answer answer = { 0 };
	int rc = operation_act(batch, &ctx, operation, &answer);

	if (rc == 0)
		rc = operation_end(batch, &ctx, index, &answer);
	if (rc != 0)
		rc = operation_refused(batch, index, &ctx, rc);
	else
		batch_result(batch, &answer);
	conn_forget(batch->conn);
	arena_done(&batch->scratch);
	if (rc == 0 && batch->results.failed)
		return fail(batch->ctx, P_ANSWER_TOO_LARGE);
	return rc;
}

static int batch_begin(struct batch *batch, struct answer *answer, bool *ret_replay)
{
	struct ctx *ctx = batch->ctx;
	struct call *call = batch->call;
	struct text params[AUTHORIZE_PARAMS];
	struct trip trip;
	int rc;

	trip_init(&trip, ctx->arena);
	sql_puts(trip_add(&trip, NULL), "BEGIN");
	trip_add_query(&trip, authorize_query(ctx, call, false, params));
	rc = idempotency_open(ctx, call, &trip, &batch->idempotency);
	if (rc == 0)
		rc = batch_lock(batch, &trip);
	if (rc == 0)
		rc = store_acquire(ctx, batch->engine->store, &batch->conn);
	if (rc == 0)
		rc = trip_run(ctx, &trip, batch->conn, false);
	if (rc == 0)
		rc = authorize_accept(ctx, call, trip.replies[1]);
	if (rc == 0)
		rc = idempotency_find(ctx, batch->engine, call, &batch->idempotency, &trip, answer,
				      ret_replay);
	if (batch->conn != NULL)
		conn_forget(batch->conn);
	return rc;
}

/* The answer is whole before anything is final. */
static int batch_answer(struct batch *batch, struct answer *answer)
{
	struct text text;

	buf_puts(&batch->results, "]}");
	if (buf_text(&batch->results, &text) == 0)
		answer->body = arena_copy(batch->ctx->arena, text);
	else
		answer->body = TEXT_NULL;
	return render_fits(batch->ctx, answer->body.ptr != NULL ? 0 : -ENOMEM);
}

/* Marks the batch as stored and records its body's fingerprint; the parts are stored already. */
static int batch_commit(struct batch *batch)
{
	const struct answer whole = { .status = 200, .body = TEXT("") };
	struct trip trip;
	int rc;

	trip_init(&trip, batch->ctx->arena);
	rc = idempotency_store(batch->ctx, batch->engine, batch->call, &batch->idempotency, &whole,
			       &trip);
	return rc != 0 ? rc : trip_run(batch->ctx, &trip, batch->conn, true);
}

static int batch_try(struct batch *batch, struct answer *answer)
{
	bool replay = false;
	int rc = batch_begin(batch, answer, &replay);

	buf_init(&batch->results, &batch->output);
	if (rc == 0 && replay)
		rc = batch_replay(batch, answer);
	for (size_t i = 0; rc == 0 && !replay && i < batch->count; i++)
		rc = batch_operation(batch, i);
	if (rc == 0)
		rc = batch_answer(batch, answer);
	return rc != 0 || replay ? rc : batch_commit(batch);
}

static int batch(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *answer)
{
	struct batch *batch = arena_alloc(ctx->arena, sizeof(*batch));
	int rc;

	if (batch == NULL)
		return -ENOMEM;
	batch->ctx = ctx;
	batch->engine = engine;
	batch->call = call;
	arena_init(&batch->scratch, ctx->arena->maximum);
	arena_init(&batch->output, ctx->arena->maximum);
	rc = batch_read(batch);
	if (rc != 0)
		return rc;
	rc = batch_try(batch, answer);
	rc = act_end(rc, batch->conn);
	conn_release(&batch->conn);
	arena_done(&batch->output);
	return rc;
}

static const char BATCH_REQUEST[] =
	"{\"type\":\"object\",\"required\":[\"operations\"],\"properties\":{\"operations\":{"
	"\"type\":\"array\",\"minItems\":1,\"maxItems\":50,\"items\":{\"type\":\"object\","
	"\"required\":[\"method\",\"path\"],\"properties\":{"
	"\"method\":{\"type\":\"string\",\"enum\":[\"POST\",\"PATCH\",\"DELETE\"]},"
	"\"path\":{\"type\":\"string\",\"maxLength\":1000,\"description\":\"Of a resource, as of a "
	"request alone. A whole segment may be {name} of an earlier operation's ref.\","
	"\"examples\":[\"/v1/cases/{case}/consultations\"]},"
	"\"if_match\":{\"type\":\"string\",\"maxLength\":100,\"description\":\"With PATCH and "
	"DELETE: "
	"the ETag, quoted, as If-Match.\",\"examples\":[\"\\\"3\\\"\"]},"
	"\"body\":{\"type\":\"object\",\"description\":\"With POST and PATCH: the body of the "
	"request "
	"alone. Where a member holds an id it may be {name} of an earlier operation's ref.\"},"
	"\"ref\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_-]{1,64}$\",\"description\":\"With "
	"POST: a name by which later operations refer to the new row.\",\"examples\":[\"case\"]}},"
	"\"additionalProperties\":false}}},\"additionalProperties\":false}";

static const char BATCH_REPLY[] =
	"{\"type\":\"object\",\"required\":[\"results\"],\"properties\":{\"results\":{"
	"\"type\":\"array\",\"minItems\":1,\"maxItems\":50,\"description\":\"The answer to each "
	"operation, in order.\",\"items\":{\"$ref\":\"#/components/schemas/batch_result\"}}},"
	"\"additionalProperties\":false}";

static const enum problem batch_problems[] = { P_BATCH_FAILED, P_ANSWER_TOO_LARGE, P_NOT_FOUND,
					       P_NONE };

const struct endpoint batch_endpoint = {
	.method = METHOD_POST,
	.path = "/v1/batch",
	.about = "Creates, changes and deletes up to 50 rows of resources in their order, all or"
		 " nothing, each as if it were sent alone. 200: all is done. 422 batch_failed:"
		 " nothing is; results holds the refused operation's own problem and 424 for the"
		 " others, and errors points into the batch's body. Any other answer is that of"
		 " the batch as a whole.",
	.tag = "Batch",
	.request_schema = BATCH_REQUEST,
	.reply_schema = BATCH_REPLY,
	.status = 200,
	.idempotent = true,
	.problems = batch_problems,
	.handle = batch,
};
