/* The receiver's answer to a transfer. Enter at transfer_answer_endpoint. Locks the giver's
 * case, then the request. */

#include "feature/endpoints.h"

#include "engine/engine.h"
#include "feature/transfers/handover.h"
#include "engine/write/idempotency.h"
#include "engine/write/write.h"
#include "rules/sharing/transfer.h"
#include "rules/words.h"

#include <errno.h>

struct answer_body {
	enum transfer_answer answer;
	struct date answered_on;
	struct text case_worker_id;
	struct text reason;
};

static const struct field answer_fields[] = {
	ENUM_FIELD(struct answer_body, answer, transfer_answer, .flags = REQUIRED,
		   .about = "accepted makes a client and a case here, and closes the giver's.",
		   .example = "accepted"),
	DATE_FIELD(struct answer_body, answered_on,
		   .about = "Day of the answer; today unless told. The giver's last day.",
		   .example = "2018-03-05"),
	ID_FIELD(struct answer_body, case_worker_id, .references = "users",
		 .about = "Who takes the accepted case; the caller, a case worker, unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct answer_body, reason, 4000,
		   .about = "Why it is rejected: told to the giver and the agency.",
		   .example = "No shelter is free before April."),
};

/* What the first trip has found. */
struct answering {
	struct write *write;
	struct answer_body body;
	struct idempotency idempotency;
	size_t row_at, key_at;
	struct text notes; /* "t": a consent in force lets them travel */
	struct handover handover;
};

static int answer_read(struct answering *answering)
{
	struct ctx *ctx = answering->write->ctx;
	struct answer_body *body = &answering->body;
	bool rejected;
	uint64_t given;
	int rc = read_object(ctx, answering->write->call->body, FIELDS(answer_fields), READ_CREATE,
			     body, &given);

	if (rc != 0)
		return rc;
	rejected = body->answer == transfer_answer_rejected;
	if (body->answered_on.day == 0)
		body->answered_on = answering->write->change.today;
	if (body->answered_on.day > answering->write->change.today.day)
		violate(ctx, P_IN_THE_FUTURE, TEXT("/answered_on"));
	if (rejected && body->reason.ptr == NULL)
		violate(ctx, P_REQUIRED, TEXT("/reason"));
	if (!rejected && body->reason.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/reason"), TEXT("answer = rejected"));
	if (rejected && body->case_worker_id.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/case_worker_id"), TEXT("answer = accepted"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static void answer_row(struct write *write, size_t *ret_at)
{
	struct call *call = write->call;
	struct place place = { call->ids[0], NULL, 0, SCOPE_OWN, &call->actor };
	struct sql *sql = trip_add(&write->trip, ret_at);

	sql_puts(sql, "SELECT ");
	sql_columns(sql, &write->projection);
	sql_from(sql, write->resource, false);
	sql_where(sql, write->resource, &place);
}

/* The giver's case and the request are locked before they are read. */
static void answer_look(struct answering *answering)
{
	struct write *write = answering->write;
	struct sql *sql = trip_add(&write->trip, NULL);

	sql_puts(sql, "SELECT transfer_lock(");
	sql_param(sql, write->call->ids[0]);
	sql_puts(sql, ")");
	answer_row(write, &answering->row_at);
	sql = trip_add(&write->trip, &answering->key_at);
	sql_puts(sql, "SELECT * FROM transfer_key(");
	sql_param(sql, write->call->ids[0]);
	sql_puts(sql, ")");
}

static int answer_judge(struct answering *answering)
{
	struct write *write = answering->write;
	struct reply row = write->trip.replies[answering->row_at];
	struct text state = render_cell(&write->projection, row, 0, "state");
	struct text status = render_cell(&write->projection, row, 0, "case_status");
	struct date requested_on;
	int rc = transfer_answer_check(
		write->ctx, (enum transfer_state)enumeration_find(&transfer_state_values, state),
		answering->body.answer,
		(enum case_status)enumeration_find(&case_status_values, status));

	if (rc != 0)
		return rc;
	if (date_parse(render_cell(&write->projection, row, 0, "requested_on"), &requested_on) != 0)
		return fault(write->ctx, EINVAL, "row_unreadable", TEXT("requested_on"));
	if (answering->body.answered_on.day < requested_on.day)
		return fail_at(write->ctx, P_END_BEFORE_START, "/answered_on",
			       words_date(write->ctx, requested_on));
	answering->notes = arena_copy(write->ctx->arena,
				      render_cell(&write->projection, row, 0, "with_notes"));
	return 0;
}

/* The giver's key; and the receiver's own client of this person, where there is one. */
static int answer_keys(struct answering *answering)
{
	enum { KEY_ID, WRAPPED, CLIENT, CLIENT_KEY_ID, CLIENT_WRAPPED };
	struct write *write = answering->write;
	struct reply reply = write->trip.replies[answering->key_at];
	struct handover *handover = &answering->handover;
	struct arena *arena = write->ctx->arena;
	struct text id;
	int rc;

	if (reply_rows(reply) != 1 || reply_cell(reply, 0, WRAPPED).ptr == NULL)
		return fault(write->ctx, ENOKEY, "transfer_without_key", TEXT_NULL);
	id = arena_copy(arena, reply_cell(reply, 0, KEY_ID));
	rc = data_key_unwrap(write->ctx, write->engine->keyring, id, reply_cell(reply, 0, WRAPPED),
			     &handover->giver);
	handover->known = reply_cell(reply, 0, CLIENT).ptr != NULL;
	if (rc != 0 || !handover->known)
		return rc;
	handover->client_id = arena_copy(arena, reply_cell(reply, 0, CLIENT));
	id = arena_copy(arena, reply_cell(reply, 0, CLIENT_KEY_ID));
	return data_key_unwrap(write->ctx, write->engine->keyring, id,
			       reply_cell(reply, 0, CLIENT_WRAPPED), &handover->own);
}

static void answer_settle(struct answering *answering, struct text reason)
{
	struct write *write = answering->write;
	const struct handover *handover = &answering->handover;
	bool accepted = answering->body.answer == transfer_answer_accepted;
	struct text values[] = {
		write->call->ids[0],
		enumeration_name(&transfer_answer_values, (int)answering->body.answer),
		words_date(write->ctx, answering->body.answered_on),
		reason,
		accepted ? handover->client_id : TEXT_NULL,
		accepted ? handover->case_id : TEXT_NULL,
		accepted ? answering->notes : TEXT_NULL,
	};
	struct sql *sql;

	trip_init(&write->trip, write->ctx->arena);
	sql = trip_add(&write->trip, NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		sql_puts(sql, i == 0 ? "SELECT transfer_answer(" : ", ");
		sql_param(sql, values[i]);
	}
	sql_puts(sql, ")");
}

/* The giver and the agency read the reason, so it is sealed with the key of the giver's client. */
static int answer_reject(struct answering *answering)
{
	struct write *write = answering->write;
	struct seal_place place = { "transfers", "rejection_reason", write->call->ids[0] };
	struct text reason;
	int rc = seal(write->ctx, &answering->handover.giver, place, answering->body.reason,
		      &reason);

	if (rc == 0)
		answer_settle(answering, reason);
	return rc;
}

static int answer_accept(struct answering *answering)
{
	struct write *write = answering->write;
	struct handover *handover = &answering->handover;

	handover->ctx = write->ctx;
	handover->engine = write->engine;
	handover->conn = write->conn;
	handover->trip = &write->trip;
	handover->provider_id = write->call->actor.provider_id;
	handover->transfer_id = write->call->ids[0];
	handover->case_id = uuid_text(write->ctx->arena);
	if (!handover->known)
		handover->client_id = uuid_text(write->ctx->arena);
	if (handover->case_id.ptr == NULL || handover->client_id.ptr == NULL)
		return -ENOMEM;
	handover->notes = text_is(answering->notes, "t");
	handover->opened_on = answering->body.answered_on;
	handover->case_worker_id = answering->body.case_worker_id;
	if (handover->case_worker_id.ptr == NULL && write->call->actor.role == role_case_worker)
		handover->case_worker_id = write->call->actor.user_id;
	answer_settle(answering, TEXT_NULL);
	return handover_accept(handover);
}

/* The row as it is now, the stored answer, COMMIT. */
static int answer_finish(struct answering *answering, struct answer *answer)
{
	struct write *write = answering->write;
	size_t at;
	int rc;

	answer_row(write, &at);
	rc = trip_run(write->ctx, &write->trip, write->conn, false);
	if (rc == 0)
		rc = write_answer(write, write->trip.replies[at], answer);
	if (rc != 0)
		return rc;
	trip_init(&write->trip, write->ctx->arena);
	answer->client_id = answering->handover.client_id;
	rc = idempotency_store(write->ctx, write->engine, write->call, &answering->idempotency,
			       answer, &write->trip);
	return rc != 0 ? rc : trip_run(write->ctx, &write->trip, write->conn, true);
}

static int answer_open(struct answering *answering, struct answer *answer, bool *ret_replay)
{
	struct write *write = answering->write;
	int rc = write_open(write, ACTION_EFFECT);

	if (rc == 0)
		rc = idempotency_open(write->ctx, write->call, &write->trip,
				      &answering->idempotency);
	if (rc == 0)
		rc = answer_read(answering);
	if (rc != 0)
		return rc;
	answer_look(answering);
	rc = write_look(write);
	if (rc != 0)
		return rc;
	if (reply_rows(write->trip.replies[answering->row_at]) == 0)
		return fail(write->ctx, P_NOT_FOUND);
	return idempotency_find(write->ctx, write->engine, write->call, &answering->idempotency,
				&write->trip, answer, ret_replay);
}

static int answer_again(struct write *write)
{
	trip_init(&write->trip, write->ctx->arena);
	idempotency_confirm(trip_add(&write->trip, NULL));
	return write_finish(write);
}

static int answer_try(struct write *write, struct answer *answer)
{
	struct answering *answering = arena_alloc(write->ctx->arena, sizeof(*answering));
	bool replay = false;
	int rc;

	if (answering == NULL)
		return -ENOMEM;
	answering->write = write;
	rc = answer_open(answering, answer, &replay);
	if (rc == 0 && replay)
		rc = answer_again(write);
	if (rc != 0 || replay)
		return rc;
	rc = answer_judge(answering);
	if (rc == 0)
		rc = answer_keys(answering);
	if (rc == 0)
		rc = answering->body.answer == transfer_answer_accepted ? answer_accept(answering)
									: answer_reject(answering);
	if (rc == 0)
		rc = answer_finish(answering, answer);
	explicit_bzero(&answering->handover.giver, sizeof(answering->handover.giver));
	explicit_bzero(&answering->handover.own, sizeof(answering->handover.own));
	return rc;
}

static int transfer_answer(struct ctx *ctx, struct engine *engine, struct call *call,
			   struct answer *answer)
{
	/* The endpoint answers with the resource's row, and its rights are the resource's. */
	call->resource = registry_find(TEXT("incoming_transfers"));
	return write_attempt(ctx, engine, call, answer_try, answer);
}

static const enum problem answer_problems[] = {
	P_ALREADY_FINAL,     P_NOT_TRANSFERABLE, P_END_BEFORE_START,
	P_UNKNOWN_REFERENCE, P_CONFLICT,	 P_NONE,
};

const struct endpoint transfer_answer_endpoint = {
	.method = METHOD_POST,
	.path = "/v1/incoming_transfers/{incoming_transfer_id}/answer",
	.about = "Accept a transfer, which brings client, case and usage here, or reject it.",
	.tag = "Cases",
	.request = FIELDS(answer_fields),
	.reply_schema = "{\"$ref\":\"#/components/schemas/incoming_transfer\"}",
	.status = 200,
	.roles = 1u << role_provider_manager | 1u << role_case_worker,
	.idempotent = true,
	.problems = answer_problems,
	.handle = transfer_answer,
};
