#include "engine/engine.h"
#include "rotate.h"

#include "core/buf.h"
#include "engine/keys.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#define BATCH_ARENA ((size_t)16 * 1024 * 1024)
#define ID_SIZE 37

#define OTHERS " FROM data_keys WHERE destroyed_at IS NULL AND master_key_of(wrapped) <> $1"

static const char COUNT_SQL[] = "SELECT count(*)" OTHERS;
static const char NEXT_SQL[] =
	"SELECT id, substr(wrapped::text, 3), wrapped" OTHERS " AND id > $2 ORDER BY id LIMIT $3";
/* Changed only where it still is what was read, and each with its audit row. */
static const char WRAP_SQL[] =
	"WITH done AS (UPDATE data_keys k SET wrapped = decode(n.fresh, 'hex')"
	" FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (id, was, fresh)"
	" WHERE k.id = n.id AND k.wrapped = decode(n.was, 'hex')"
	" RETURNING k.id, k.client_id, k.provider_id)"
	" INSERT INTO audit_events"
	" (action, resource, row_id, client_id, client_provider_id, fields)"
	" SELECT 'update', 'data_keys', id, client_id, CASE WHEN client_id IS NOT NULL THEN"
	" provider_id END, '{wrapped}' FROM done";
static const char STATUS_SQL[] = "SELECT master_key_of(wrapped), count(*) FROM data_keys"
				 " WHERE destroyed_at IS NULL GROUP BY 1 ORDER BY 1";

struct rotation {
	struct ctx ctx;
	struct keyring keyring;
	struct store *store;
	struct conn *conn;
	struct text first; /* id of the master key that wraps from now on */
	int64_t batch, total, done;
	char last[ID_SIZE]; /* keys up to here were looked at */
};

static void rotation_end(struct rotation *rotation)
{
	conn_release(&rotation->conn);
	store_free(rotation->store);
	explicit_bzero(&rotation->keyring, sizeof(rotation->keyring));
}

static int rotation_begin(struct rotation *rotation, struct arena *arena,
			  const struct config *config)
{
	struct ctx *ctx = &rotation->ctx;
	int rc;

	command_ctx(ctx, arena);
	rc = keyring_load(&rotation->keyring, config->master_keys);
	if (rc != 0)
		return fault(ctx, -rc, "master_keys", text_of(config->master_keys));
	rotation->first = text_of(rotation->keyring.keys[0].id);
	return command_connect(ctx, config, &rotation->store, &rotation->conn);
}

/* Rows of NEXT_SQL to the three arrays of WRAP_SQL. */
static int batch_wrap(struct rotation *rotation, struct ctx *ctx, struct reply rows,
		      struct text params[3])
{
	struct buf arrays[3];
	int rc = 0;

	for (size_t i = 0; i < 3; i++) {
		buf_init(&arrays[i], ctx->arena);
		buf_putc(&arrays[i], '{');
	}
	for (size_t row = 0; rc == 0 && row < reply_rows(rows); row++) {
		struct text cells[3] = { reply_cell(rows, row, 0), reply_cell(rows, row, 1) };
		struct data_key key;

		rc = data_key_unwrap(ctx, &rotation->keyring, cells[0], reply_cell(rows, row, 2),
				     &key);
		if (rc == 0)
			rc = data_key_wrap(ctx, &rotation->keyring, &key, &cells[2]);
		explicit_bzero(&key, sizeof(key));
		if (rc != 0)
			return rc;
		cells[2] = (struct text){ cells[2].ptr + 2, cells[2].len - 2 };
		for (size_t i = 0; i < 3; i++) {
			buf_puts(&arrays[i], row > 0 ? "," : "");
			buf_put_text(&arrays[i], cells[i]);
		}
	}
	for (size_t i = 0; rc == 0 && i < 3; i++) {
		buf_putc(&arrays[i], '}');
		rc = buf_text(&arrays[i], &params[i]);
	}
	return rc;
}

static int batch_store(struct rotation *rotation, struct ctx *ctx, const struct text params[3])
{
	struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ TEXT(WRAP_SQL), params, 3 },
	};
	struct reply replies[3];
	int rc = conn_commit(ctx, rotation->conn, queries, 3, replies);

	if (rc == 0)
		rotation->done += (int64_t)reply_touched(replies[2]);
	return rc;
}

/* *ret_more: whether there were any left. */
static int batch_run(struct rotation *rotation, struct ctx *ctx, bool *ret_more)
{
	struct text limit = arena_format(ctx->arena, "%" PRId64, rotation->batch);
	struct text next[] = { rotation->first, text_of(rotation->last), limit };
	struct query query = { TEXT(NEXT_SQL), next, 3 };
	struct text params[3];
	struct reply rows;
	int rc = conn_run(ctx, rotation->conn, &query, 1, &rows);

	if (rc != 0)
		return rc;
	*ret_more = reply_rows(rows) > 0;
	if (!*ret_more)
		return 0;
	rc = batch_wrap(rotation, ctx, rows, params);
	if (rc != 0)
		return rc;
	snprintf(rotation->last, sizeof(rotation->last), "%s",
		 reply_cell(rows, reply_rows(rows) - 1, 0).ptr);
	return batch_store(rotation, ctx, params);
}

static int batch_next(struct rotation *rotation, bool *ret_more)
{
	struct ctx ctx = rotation->ctx;
	struct arena arena;
	int rc;

	arena_init(&arena, BATCH_ARENA);
	ctx.arena = &arena;
	rc = batch_run(rotation, &ctx, ret_more);
	conn_forget(rotation->conn);
	if (rc != 0)
		(void)command_fail(&ctx, rc);
	arena_done(&arena);
	return rc;
}

/* Whether the operator or a supervisor wants an end. */
static bool stop_is_asked(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

static void stop_hold(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

static int rotation_run(struct rotation *rotation)
{
	struct query query = { TEXT(COUNT_SQL), &rotation->first, 1 };
	struct reply reply;
	bool more = true;
	int rc = conn_run(&rotation->ctx, rotation->conn, &query, 1, &reply);

	if (rc == 0 && text_to_int64(reply_cell(reply, 0, 0), &rotation->total) != 0)
		rc = -1;
	if (rc != 0)
		return command_fail(&rotation->ctx, rc);
	printf("to wrap by %s: %" PRId64 "\n", rotation->first.ptr, rotation->total);
	while (more) {
		(void)fflush(stdout);
		if (stop_is_asked()) {
			printf("interrupted: what is done stays done; run it again for the rest\n");
			return EXIT_TROUBLE;
		}
		rc = batch_next(rotation, &more);
		if (rc != 0)
			return EXIT_TROUBLE;
		if (more)
			printf("wrapped %" PRId64 " of %" PRId64 "\n", rotation->done,
			       rotation->total);
	}
	return 0;
}

static const char *status_verdict(const struct rotation *rotation, struct text id)
{
	const struct keyring *keyring = &rotation->keyring;

	for (size_t i = 0; i < keyring->count; i++)
		if (text_is(id, keyring->keys[i].id))
			return keys_failed(&rotation->ctx, id) ? " and does not open them" : "";
	return " and is not in the master key file";
}

static bool counts_have(struct reply counts, const char *id)
{
	for (size_t row = 0; row < reply_rows(counts); row++)
		if (text_is(reply_cell(counts, row, 0), id))
			return true;
	return false;
}

static int rotation_status(struct rotation *rotation)
{
	const struct keyring *keyring = &rotation->keyring;
	struct query query = { TEXT(STATUS_SQL), NULL, 0 };
	struct reply counts;
	int rc = conn_run(&rotation->ctx, rotation->conn, &query, 1, &counts);

	if (rc != 0)
		return command_fail(&rotation->ctx, rc);
	for (size_t row = 0; row < reply_rows(counts); row++) {
		struct text id = reply_cell(counts, row, 0);

		printf("%s wraps %s%s\n", id.ptr, reply_cell(counts, row, 1).ptr,
		       status_verdict(rotation, id));
	}
	for (size_t i = 1; i < keyring->count; i++)
		if (!counts_have(counts, keyring->keys[i].id))
			printf("%s wraps none: when every server has taken a file that begins with "
			       "%s, its line may go\n",
			       keyring->keys[i].id, keyring->keys[0].id);
	return 0;
}

/* With keys that fail nothing is wrapped; what each wraps is told all the same. */
static int rotation_try(struct rotation *rotation)
{
	struct ctx *ctx = &rotation->ctx;
	bool rotates = rotation->batch > 0;
	int tried = keys_check(ctx, rotation->conn, &rotation->keyring, rotates);
	int status = 0;

	conn_forget(rotation->conn);
	if (tried == 0 && rotates)
		status = rotation_run(rotation);
	if (status == 0 && (tried == 0 || (tried == P_MASTER_KEYS && !rotates)))
		status = rotation_status(rotation);
	return tried != 0 ? command_fail(ctx, tried) : status;
}

static int rotation_act(struct arena *arena, const struct config *config, int64_t batch)
{
	struct rotation rotation = { .batch = batch,
				     .last = "00000000-0000-0000-0000-000000000000" };
	int status = 0;
	int rc;

	if (!command_needs(config->owner_database, "OWNER_DATABASE") ||
	    !command_needs(config->master_keys, "MASTER_KEYS"))
		return EXIT_CONFIG;
	rc = rotation_begin(&rotation, arena, config);
	if (rc != 0)
		status = command_fail(&rotation.ctx, rc);
	if (rc == 0)
		status = rotation_try(&rotation);
	rotation_end(&rotation);
	return status;
}

int key_rotate(struct arena *arena, const struct config *config, int64_t batch)
{
	stop_hold();
	return rotation_act(arena, config, batch);
}

int key_status(struct arena *arena, const struct config *config)
{
	return rotation_act(arena, config, 0);
}
