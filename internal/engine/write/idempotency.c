/* Stores and repeats answers by Idempotency-Key. Enter at idempotency_open, idempotency_find and
 * idempotency_store. An advisory lock holds the key to the end of the transaction. */

#include "engine/write/idempotency.h"

#include <errno.h>

#define IDEMPOTENCY_KEY_MAX 255
#define KEPT "24 hours"

/* Each stored answer removes up to ten expired ones, so the table holds little more than a day's
 * acts and no act waits for another. It removes them a minute after they expire: a batch that
 * found its own row in time must still find those of its parts. */
static const char SWEEP_SQL[] =
	"DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_keys"
	" WHERE created_at < now() - interval '" KEPT " 1 minute' ORDER BY created_at LIMIT 10"
	" FOR UPDATE SKIP LOCKED))";

static bool idempotency_key_ok(struct text key)
{
	if (key.ptr == NULL || key.len == 0 || key.len > IDEMPOTENCY_KEY_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] < 0x21 || key.ptr[i] > 0x7e)
			return false;
	return true;
}

/* The fingerprint includes role, provider and a specialist's profession: if they have changed, a
 * stored answer must not show what only the former ones could see. */
static int idempotency_fingerprint(struct ctx *ctx, const struct engine *engine,
				   const struct call *call, struct text *ret)
{
	unsigned char hash[32];
	struct text whole;
	struct buf buf;
	int rc;

	buf_init(&buf, ctx->arena);
	buf_put_text(&buf, call->path);
	buf_putc(&buf, '\n');
	buf_put_text(&buf, enumeration_name(&role_values, (int)call->actor.role));
	buf_putc(&buf, ' ');
	buf_put_text(&buf, call->actor.provider_id);
	if (call->actor.role == role_specialist) {
		buf_putc(&buf, ' ');
		buf_put_text(&buf,
			     enumeration_name(&profession_values, (int)call->actor.profession));
	}
	buf_putc(&buf, '\n');
	buf_put_text(&buf, call->body);
	rc = buf_text(&buf, &whole);
	if (rc != 0)
		return rc;
	keyed_hash(engine->keyring, "fingerprint", whole, hash);
	return bytea_text(ctx->arena, hash, sizeof(hash), ret);
}

/* Stored answers outlive the act's own keys, so they have a key of the system, bound to the row.
 */
static void idempotency_data_key(const struct engine *engine, struct data_key *ret)
{
	ret->id = TEXT("idempotency");
	keyed_hash(engine->keyring, "idempotency", TEXT("answers"), ret->secret);
}

void idempotency_select(struct sql *sql, const struct call *call,
			const struct idempotency *idempotency)
{
	sql_puts(sql, "SELECT fingerprint, status, response, location, etag, client_id"
		      " FROM idempotency_keys"
		      " WHERE created_at > now() - interval '" KEPT "' AND user_id = ");
	sql_param(sql, call->actor.user_id);
	sql_puts(sql, " AND route = ");
	sql_param(sql, call->path);
	sql_puts(sql, " AND key = ");
	sql_param(sql, idempotency->key);
}

int idempotency_open(struct ctx *ctx, const struct call *call, struct trip *trip,
		     struct idempotency *ret)
{
	struct text name;
	struct sql *sql;

	if (!idempotency_key_ok(call->idempotency_key))
		return fail_at(ctx, P_KEY_REQUIRED, "header:Idempotency-Key");
	ret->key = call->idempotency_key;
	name = arena_format(ctx->arena, "%.*s %.*s %.*s", (int)call->actor.user_id.len,
			    call->actor.user_id.ptr, (int)call->path.len, call->path.ptr,
			    (int)ret->key.len, ret->key.ptr);
	if (name.ptr == NULL)
		return -ENOMEM;
	sql = trip_add(trip, &ret->lock);
	sql_puts(sql, "SELECT pg_try_advisory_xact_lock(hashtextextended(");
	sql_param(sql, name);
	sql_puts(sql, ", 0))");
	/* A later statement than the lock, so that it sees what the lock's last holder committed.
	 */
	idempotency_select(trip_add(trip, NULL), call, ret);
	return 0;
}

int idempotency_take(struct ctx *ctx, const struct engine *engine,
		     const struct idempotency *idempotency, struct reply found,
		     struct answer *answer)
{
	struct seal_place place = { "idempotency_keys", "response", idempotency->key };
	struct data_key key;
	int64_t status;

	if (text_to_int64(reply_cell(found, 0, 1), &status) != 0)
		return fault(ctx, EINVAL, "idempotency_row", TEXT("status"));
	answer->status = (int)status;
	answer->location = arena_copy(ctx->arena, reply_cell(found, 0, 3));
	answer->etag = arena_copy(ctx->arena, reply_cell(found, 0, 4));
	answer->client_id = arena_copy(ctx->arena, reply_cell(found, 0, 5));
	idempotency_data_key(engine, &key);
	return unseal(ctx, &key, place, reply_cell(found, 0, 2), &answer->body);
}

int idempotency_find(struct ctx *ctx, const struct engine *engine, const struct call *call,
		     struct idempotency *idempotency, const struct trip *trip,
		     struct answer *answer, bool *ret_replay)
{
	struct reply found = trip->replies[idempotency->lock + 1];
	int rc = idempotency_fingerprint(ctx, engine, call, &idempotency->fingerprint);

	*ret_replay = false;
	if (rc != 0)
		return rc;
	if (!text_is(reply_cell(trip->replies[idempotency->lock], 0, 0), "t")) {
		ctx->retry_after = 1;
		return fail(ctx, P_KEY_IN_USE);
	}
	if (reply_rows(found) == 0)
		return 0;
	if (!text_eq(reply_cell(found, 0, 0), idempotency->fingerprint))
		return fail_at(ctx, P_KEY_REUSED, "header:Idempotency-Key");
	rc = idempotency_take(ctx, engine, idempotency, found, answer);
	if (rc != 0)
		return rc;
	answer->idempotent_replay = true;
	*ret_replay = true;
	return 0;
}

void idempotency_confirm(struct sql *sql)
{
	sql_puts(sql, "SELECT pg_logical_emit_message(true, 'atbalsts', 'replay')");
}

int idempotency_store_part(struct ctx *ctx, const struct engine *engine, const struct call *call,
			   const struct idempotency *idempotency, const struct answer *answer,
			   struct trip *trip)
{
	struct seal_place place = { "idempotency_keys", "response", idempotency->key };
	struct text status = arena_format(ctx->arena, "%d", answer->status);
	struct text sealed;
	struct data_key key;
	struct sql *sql;
	int rc;

	idempotency_data_key(engine, &key);
	rc = seal(ctx, &key, place, answer->body, &sealed);
	if (rc != 0)
		return rc;
	struct text values[] = { call->actor.user_id,	   call->path,	 idempotency->key,
				 idempotency->fingerprint, status,	 sealed,
				 answer->location,	   answer->etag, answer->client_id };

	sql = trip_add(trip, NULL);
	sql_puts(sql, "INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status,"
		      " response, location, etag, client_id) VALUES (");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		sql_puts(sql, i == 0 ? "" : ", ");
		sql_param(sql, values[i]);
	}
	sql_puts(sql, ") ON CONFLICT (user_id, route, key) DO UPDATE SET"
		      " fingerprint = excluded.fingerprint, status = excluded.status,"
		      " response = excluded.response, location = excluded.location,"
		      " etag = excluded.etag, client_id = excluded.client_id, created_at = now()");
	return 0;
}

int idempotency_store(struct ctx *ctx, const struct engine *engine, const struct call *call,
		      const struct idempotency *idempotency, const struct answer *answer,
		      struct trip *trip)
{
	int rc = idempotency_store_part(ctx, engine, call, idempotency, answer, trip);

	if (rc == 0)
		sql_puts(trip_add(trip, NULL), SWEEP_SQL);
	return rc;
}
