/* Tries the master keys on what the database holds. Enter at keys_check. Takes no lock; the
 * database decides between two that store fingerprints at once. */

#include "engine/keys.h"

#include "core/buf.h"

#include <errno.h>

static const char SAMPLES_SQL[] = "SELECT master, id, wrapped FROM master_key_samples()";
static const char KNOWN_SQL[] = "SELECT id, fingerprint FROM key_fingerprints";
static const char REMEMBER_SQL[] = "SELECT key_remember($1, $2)";

enum { SAMPLE_MASTER, SAMPLE_ID, SAMPLE_WRAPPED };
enum { KNOWN_ID, KNOWN_FINGERPRINT };

struct trial {
	struct ctx *ctx;
	struct conn *conn;
	const struct keyring *keyring;
	struct reply samples, known;
	bool new;     /* blind or the first key has no fingerprint, and may get one */
	bool settled; /* they had their chance */
};

bool keys_failed(const struct ctx *ctx, struct text id)
{
	for (size_t i = 0; i < ctx->violation_count && i < VIOLATIONS_MAX; i++)
		if (text_eq(ctx->violations[i].pointer, id))
			return true;
	return false;
}

/* Each line is told once, for its first reason. */
static void trial_fail(struct trial *trial, struct text id, enum problem problem)
{
	if (!keys_failed(trial->ctx, id))
		violate(trial->ctx, problem, id);
}

static bool ring_has(const struct keyring *keyring, struct text id)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (text_is(id, keyring->keys[i].id))
			return true;
	return false;
}

static struct text sample_master(const struct trial *trial, size_t row)
{
	return reply_cell(trial->samples, row, SAMPLE_MASTER);
}

static bool sample_opens(const struct trial *trial, size_t row)
{
	struct data_key key;
	int rc = data_key_try(trial->keyring, reply_cell(trial->samples, row, SAMPLE_ID),
			      reply_cell(trial->samples, row, SAMPLE_WRAPPED), &key);

	explicit_bzero(&key, sizeof(key));
	return rc == 0;
}

/* Rows of one master key stand side by side: one that opens proves the secret. */
static void trial_samples(struct trial *trial)
{
	size_t rows = reply_rows(trial->samples);
	size_t row = 0;

	while (row < rows) {
		struct text master = sample_master(trial, row);
		bool opens = false;

		for (; row < rows && text_eq(sample_master(trial, row), master); row++)
			opens = opens || sample_opens(trial, row);
		if (!ring_has(trial->keyring, master))
			trial_fail(trial, master, P_KEY_NOT_IN_FILE);
		else if (!opens)
			trial_fail(trial, master, P_KEY_OPENS_NOTHING);
	}
}

/* Whether something in the database hangs on the line. */
static bool line_is_used(const struct trial *trial, size_t line)
{
	size_t rows = reply_rows(trial->samples);
	const char *id = keyring_line_id(trial->keyring, line);

	if (line == trial->keyring->count)
		return rows > 0;
	for (size_t row = 0; row < rows; row++)
		if (text_is(sample_master(trial, row), id))
			return true;
	return false;
}

static struct text line_known(const struct trial *trial, size_t line)
{
	for (size_t row = 0; row < reply_rows(trial->known); row++)
		if (text_is(reply_cell(trial->known, row, KNOWN_ID),
			    keyring_line_id(trial->keyring, line)))
			return reply_cell(trial->known, row, KNOWN_FINGERPRINT);
	return TEXT_NULL;
}

static int trial_line(struct trial *trial, size_t line)
{
	struct text id = text_of(keyring_line_id(trial->keyring, line));
	struct text known = line_known(trial, line);
	bool needed = line == 0 || line == trial->keyring->count;
	struct text own;
	int rc = keyring_fingerprint(trial->ctx->arena, trial->keyring, line, &own);

	if (rc != 0)
		return rc;
	if (known.ptr != NULL && !secret_eq(known, own))
		trial_fail(trial, id, P_KEY_DIFFERS);
	else if (known.ptr == NULL && (line_is_used(trial, line) || (needed && trial->settled)))
		trial_fail(trial, id, P_KEY_NOT_REMEMBERED);
	else if (known.ptr == NULL && needed)
		trial->new = true;
	return 0;
}

static int trial_close(struct trial *trial)
{
	struct ctx *ctx = trial->ctx;
	struct text ids;
	struct buf buf;
	int rc;

	if (ctx->violation_count == 0)
		return 0;
	buf_init(&buf, ctx->arena);
	for (size_t i = 0; i < ctx->violation_count && i < VIOLATIONS_MAX; i++) {
		buf_puts(&buf, i > 0 ? ", " : "");
		buf_put_text(&buf, ctx->violations[i].pointer);
	}
	rc = buf_text(&buf, &ids);
	return rc != 0 ? rc : fail(ctx, P_MASTER_KEYS, ids);
}

static int trial_run(struct trial *trial)
{
	const struct query queries[] = { { TEXT(SAMPLES_SQL), NULL, 0 },
					 { TEXT(KNOWN_SQL), NULL, 0 } };
	struct reply replies[2];
	int rc = conn_run(trial->ctx, trial->conn, queries, 2, replies);

	if (rc != 0)
		return rc;
	trial->samples = replies[0];
	trial->known = replies[1];
	trial_samples(trial);
	for (size_t line = 0; rc == 0 && line < keyring_lines(trial->keyring); line++)
		rc = trial_line(trial, line);
	return rc != 0 ? rc : trial_close(trial);
}

static int trial_remember(struct trial *trial)
{
	const size_t lines[2] = { 0, trial->keyring->count };
	struct text params[2][2];
	struct query queries[2];
	struct reply replies[2];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 2; i++) {
		params[i][0] = text_of(keyring_line_id(trial->keyring, lines[i]));
		rc = keyring_fingerprint(trial->ctx->arena, trial->keyring, lines[i],
					 &params[i][1]);
		queries[i] = (struct query){ TEXT(REMEMBER_SQL), params[i], 2 };
	}
	return rc != 0 ? rc : conn_run(trial->ctx, trial->conn, queries, 2, replies);
}

int keys_check(struct ctx *ctx, struct conn *conn, const struct keyring *keyring, bool remember)
{
	struct trial trial = { .ctx = ctx, .conn = conn, .keyring = keyring };
	int rc = trial_run(&trial);

	if (rc != 0 || !trial.new || !remember)
		return rc;
	rc = trial_remember(&trial);
	trial.settled = true;
	return rc != 0 ? rc : trial_run(&trial);
}
