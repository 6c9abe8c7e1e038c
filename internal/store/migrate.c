#include "core/clock.h"
#include "core/log.h"
#include "store/connect.h"
#include "store/migrations.h"
#include "store/sqlstate.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define CONNECT_NS (INT64_C(10) * 1000000000)
#define LOCK_TIMEOUT_MS 30000
/* Who waits for an exclusive lock holds up all who come after: shorter than requests wait for one
 * (LOCK_TIMEOUT_MS of the configuration), and then again. */
#define LAY_SQL "SET LOCAL lock_timeout = '1s'"
#define LAY_TRIES 60
#define PAUSE_NS 200000000

/* Asked again and again: who waited for it inside a statement would be an open transaction, for
 * whose end an index that is built concurrently waits. */
static const char LOCK_SQL[] = "SELECT pg_try_advisory_lock(hashtext('atbalsts migrations'))";
#define LOCK_TRIES 150

static const char REMEMBER_SQL[] =
	"INSERT INTO schema_migrations (number, name, checksum, contracts) VALUES ($1, $2, $3, $4)";
/* What a CREATE INDEX CONCURRENTLY left that was cut short. */
static const char INVALID_SQL[] =
	"SELECT format('DROP INDEX CONCURRENTLY %I', c.relname) FROM pg_index i"
	" JOIN pg_class c ON c.oid = i.indexrelid"
	" WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace";

/* Readable for the API's role, whose server checks them at start. */
static const char TABLES_SQL[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL,"
	" checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
	"CREATE TABLE IF NOT EXISTS schema_policies (only_one boolean PRIMARY KEY DEFAULT true"
	" CHECK (only_one), checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
	"ALTER TABLE schema_migrations"
	" ADD COLUMN IF NOT EXISTS contracts boolean NOT NULL DEFAULT false;"
	"ALTER TABLE schema_policies"
	" ADD COLUMN IF NOT EXISTS earlier text[] NOT NULL DEFAULT '{}';"
	"GRANT SELECT ON schema_migrations, schema_policies TO PUBLIC";

static const char EXISTS_SQL[] = "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL"
				 " AND to_regclass('schema_policies') IS NOT NULL";
/* By way of jsonb, so that a database from before these columns can be asked too. */
static const char APPLIED_SQL[] =
	"SELECT number, name, checksum, coalesce(to_jsonb(m) ->> 'contracts', 'false')"
	" FROM schema_migrations m ORDER BY number";
static const char POLICIES_SQL[] =
	"SELECT h.sum, p.checksum, coalesce(to_jsonb(p) -> 'earlier' ? h.sum, false)"
	" FROM (SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS sum) h"
	" LEFT JOIN schema_policies p ON true";
/* earlier is a stack: whoever lays an earlier version's again takes the later ones off. */
static const char POLICIES_LAID_SQL[] =
	"INSERT INTO schema_policies AS p (checksum) VALUES ($1) ON CONFLICT (only_one)"
	" DO UPDATE SET checksum = excluded.checksum, applied_at = now(), earlier ="
	" CASE WHEN p.checksum = excluded.checksum THEN p.earlier"
	" WHEN array_position(p.earlier, excluded.checksum) IS NULL"
	" THEN array_append(p.earlier, p.checksum)"
	" ELSE p.earlier[:array_position(p.earlier, excluded.checksum) - 1] END";

/* An owner's connection: PQexec in turn, for nobody waits for a request here. */
struct session {
	struct ctx *ctx;
	PGconn *pg;
};

static void session_done(struct session *session)
{
	PQfinish(session->pg);
}

static void result_done(PGresult **result)
{
	PQclear(*result);
}

static int session_open(struct session *session, const char *dsn)
{
	const struct connect_limits limits = { 0, LOCK_TIMEOUT_MS, 0 };
	struct connector connector;
	char why[WHY_SIZE];
	int rc = connector_init(&connector, dsn, &limits);

	if (rc != 0)
		return fault(session->ctx, EINVAL, "bad_connection_string", TEXT_NULL);
	rc = connector_open(&connector, clock_ticks() + CONNECT_NS, &session->pg, why);
	connector_done(&connector);
	if (rc != 0)
		return fault(session->ctx, -rc, "database_unreachable", text_of(why));
	return 0;
}

/* Lines up to the character that PostgreSQL complains of; 0 when it names none. */
static int error_line(const char *sql, const PGresult *result)
{
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	int64_t left;
	int line = 1;

	if (position == NULL || text_to_int64(text_of(position), &left) != 0)
		return 0;
	for (; *sql != '\0' && left > 1; sql++) {
		line += *sql == '\n';
		left -= (*sql & 0xc0) != 0x80;
	}
	return line;
}

static int session_fault(struct session *session, const char *what, const char *sql,
			 const PGresult *result)
{
	const struct sql_error error = {
		.sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
		.constraint = text_of(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME)),
		.table = text_of(PQresultErrorField(result, PG_DIAG_TABLE_NAME)),
		.message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
	};
	char print[SQL_ERROR_SIZE], line[SQL_ERROR_SIZE + 128];

	/* libpq's own errors, a lost connection above all, have no fields. */
	if (error.sqlstate.ptr == NULL)
		message_line(PQresultErrorMessage(result), print);
	else
		sql_error_print(&error, print);
	snprintf(line, sizeof(line), "%.80s line %d: %s", what, error_line(sql, result), print);
	return fault(session->ctx, EIO, "migration_failed", text_of(line));
}

/* Locks that did not come free, or that two wanted in turn: to be tried again. */
static bool lock_failed(const PGresult *result)
{
	struct text sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));

	return text_is(sqlstate, "55P03") || text_is(sqlstate, "40P01");
}

/* -EAGAIN, told as a warning, for a lock that was not to be had. */
static int session_run(struct session *session, const char *what, const char *sql)
{
	__attribute__((cleanup(result_done))) PGresult *result = PQexec(session->pg, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return 0;
	if (!lock_failed(result))
		return session_fault(session, what, sql, result);
	log_warning("migration_waits", LOG_TEXT("what", text_of(what)));
	return -EAGAIN;
}

static int session_ask(struct session *session, const char *sql, size_t count,
		       const char *const *params, PGresult **ret)
{
	PGresult *result = PQexecParams(session->pg, sql, (int)count, NULL, params, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	int rc;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		*ret = result;
		return 0;
	}
	rc = session_fault(session, "bookkeeping", sql, result);
	PQclear(result);
	return rc;
}

static int session_commit(struct session *session, const char *what)
{
	__attribute__((cleanup(result_done))) PGresult *result = PQexec(session->pg, "COMMIT");

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return session_fault(session, what, "", result);
	if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		return fault(session->ctx, ECANCELED, "migration_rolled_back", text_of(what));
	return 0;
}

static int lay_once(struct session *session, const char *what, const char *sql,
		    const char *remember, size_t count, const char *const *params)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	int rc = session_run(session, what, "BEGIN");

	if (rc == 0)
		rc = session_run(session, what, LAY_SQL);
	if (rc == 0)
		rc = session_run(session, what, sql);
	if (rc != 0)
		return rc;
	if (PQtransactionStatus(session->pg) != PQTRANS_INTRANS)
		return fault(session->ctx, EPROTO, "migration_ends_its_transaction", text_of(what));
	if (remember != NULL)
		rc = session_ask(session, remember, count, params, &result);
	if (rc != 0)
		return rc;
	return session_commit(session, what);
}

/* The text in one transaction, with the row that remembers it (or none); again while requests hold
 * what it wants to lock. */
static int session_lay(struct session *session, const char *what, const char *sql,
		       const char *remember, size_t count, const char *const *params)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < LAY_TRIES; i++) {
		int rc = lay_once(session, what, sql, remember, count, params);

		if (rc != -EAGAIN)
			return rc;
		rc = session_run(session, what, "ROLLBACK");
		if (rc != 0)
			return rc;
		nanosleep(&pause, NULL);
	}
	return fault(session->ctx, ETIMEDOUT, "migration_blocked", text_of(what));
}

static int schema_fail(struct ctx *ctx, const char *what, const char *migration)
{
	char words[256];

	snprintf(words, sizeof(words), "%s %s.", what, migration);
	return fail(ctx, P_SCHEMA, text_of(words));
}

static int applied_compare_one(struct ctx *ctx, struct reply applied, size_t row,
			       const struct migration *migration)
{
	const char *name = reply_cell(applied, row, 1).ptr;
	int64_t number;

	if (text_to_int64(reply_cell(applied, row, 0), &number) != 0)
		return fault(ctx, EPROTO, "bad_migration_number", TEXT_NULL);
	if (number < migration->number)
		return schema_fail(ctx,
				   "The database has a migration that is not known here:", name);
	if (number > migration->number)
		return schema_fail(ctx, "The database has later migrations, but not",
				   migration->name);
	if (!text_is(reply_cell(applied, row, 2), migration->checksum))
		return schema_fail(ctx, "The database has another text of migration",
				   migration->name);
	return 0;
}

struct applied {
	size_t known; /* of the list's first ones, word for word */
	size_t later; /* behind all of the list's, of a later version: they only expand */
};

/* The rows of APPLIED_SQL against the list. P_SCHEMA also for a later one that contracts. */
static int applied_compare(struct ctx *ctx, struct reply rows, const struct migration *list,
			   struct applied *ret)
{
	struct applied applied = { 0, 0 };

	for (size_t i = 0; i < reply_rows(rows); i++) {
		const char *name = reply_cell(rows, i, 1).ptr;
		int rc = 0;

		if (list[applied.known].name != NULL) {
			rc = applied_compare_one(ctx, rows, i, &list[applied.known++]);
		} else if (text_is(reply_cell(rows, i, 3), "true")) {
			rc = schema_fail(ctx, "A later version has contracted the schema:", name);
		} else {
			applied.later++;
			log_info("schema_is_later", LOG_TEXT("migration", text_of(name)));
		}
		if (rc != 0)
			return rc;
	}
	*ret = applied;
	return 0;
}

/* Outside a transaction it can be cut short, so it begins by taking away what a former try left.
 * It waits for every older transaction to end, without holding anybody up. */
static int session_alone(struct session *session, const struct migration *migration,
			 const char *const *params)
{
	__attribute__((cleanup(result_done))) PGresult *invalid = NULL;
	__attribute__((cleanup(result_done))) PGresult *remembered = NULL;
	int rc = session_ask(session, INVALID_SQL, 0, NULL, &invalid);

	if (rc == 0)
		rc = session_run(session, migration->name, "SET lock_timeout = 0");
	for (int i = 0; rc == 0 && i < PQntuples(invalid); i++)
		rc = session_run(session, migration->name, PQgetvalue(invalid, i, 0));
	if (rc == 0)
		rc = session_run(session, migration->name, migration->sql);
	if (rc == 0)
		rc = session_run(session, migration->name, "RESET lock_timeout");
	if (rc == 0)
		rc = session_ask(session, REMEMBER_SQL, 4, params, &remembered);
	return rc == -EAGAIN ? fault(session->ctx, EBUSY, "migration_blocked",
				     text_of(migration->name))
			     : rc;
}

static int migration_apply(struct session *session, const struct migration *migration)
{
	char number[12];
	const char *const params[] = { number, migration->name, migration->checksum,
				       migration->traits & MIGRATION_CONTRACTS ? "true"
									       : "false" };
	int rc;

	snprintf(number, sizeof(number), "%d", migration->number);
	if (migration->traits & MIGRATION_ALONE)
		rc = session_alone(session, migration, params);
	else
		rc = session_lay(session, migration->name, migration->sql, REMEMBER_SQL, 4, params);
	if (rc != 0)
		return rc;
	log_info("migration_applied", LOG_TEXT("migration", text_of(migration->name)));
	return 0;
}

/* Each part in a transaction of its own: exclusive locks on all tables at once would be held
 * against requests that have some of them already, and wait for each other. */
static int policies_parts(struct session *session, const char *policies)
{
	char *text = memory_take(strlen(policies) + 1);
	char *rest = memcpy(text, policies, strlen(policies) + 1);
	int rc = 0;

	while (rc == 0 && rest != NULL) {
		char *part = rest;

		rest = strstr(rest, POLICIES_BETWEEN);
		if (rest != NULL) {
			*rest = '\0';
			rest += sizeof(POLICIES_BETWEEN) - 1;
		}
		rc = session_lay(session, "policies", part, NULL, 0, NULL);
	}
	memory_give(text);
	return rc;
}

/* Also after any migration: it may have made a table that waits for its policies. */
static int policies_lay(struct session *session, const char *policies, bool always)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	const char *checksum;
	int rc = session_ask(session, POLICIES_SQL, 1, &policies, &result);

	if (rc != 0)
		return rc;
	checksum = PQgetvalue(result, 0, 0);
	if (!always && strcmp(checksum, PQgetvalue(result, 0, 1)) == 0)
		return 0;
	rc = policies_parts(session, policies);
	if (rc == 0)
		rc = session_lay(session, "policies", "", POLICIES_LAID_SQL, 1, &checksum);
	if (rc != 0)
		return rc;
	log_info("policies_laid", LOG_TEXT("checksum", text_of(checksum)));
	return 0;
}

/* Another migrate at work is waited for. */
static int session_lock(struct session *session)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < LOCK_TRIES; i++) {
		__attribute__((cleanup(result_done))) PGresult *result = NULL;
		int rc = session_ask(session, LOCK_SQL, 0, NULL, &result);

		if (rc != 0 || strcmp(PQgetvalue(result, 0, 0), "t") == 0)
			return rc;
		nanosleep(&pause, NULL);
	}
	return fault(session->ctx, EBUSY, "migration_blocked", TEXT("another migrate is at work"));
}

static int session_migrate(struct session *session, const struct migration *list,
			   const char *policies, int *ret_applied)
{
	__attribute__((cleanup(result_done))) PGresult *result = NULL;
	struct applied applied;
	size_t next;
	int rc = session_lock(session);

	if (rc == 0)
		rc = session_run(session, "tables", TABLES_SQL);
	if (rc == 0)
		rc = session_ask(session, APPLIED_SQL, 0, NULL, &result);
	if (rc == 0)
		rc = applied_compare(session->ctx, (struct reply){ result }, list, &applied);
	if (rc != 0)
		return rc == -EAGAIN ? fault(session->ctx, EBUSY, "migration_blocked", TEXT_NULL)
				     : rc;
	/* A later version's policies go with its tables. */
	if (applied.later > 0) {
		*ret_applied = 0;
		return 0;
	}
	for (next = applied.known; list[next].name != NULL; next++) {
		rc = migration_apply(session, &list[next]);
		if (rc != 0)
			return rc;
	}
	rc = policies_lay(session, policies, next > applied.known);
	if (rc != 0)
		return rc;
	*ret_applied = (int)(next - applied.known);
	return 0;
}

int migrations_apply(struct ctx *ctx, const char *owner_dsn, const struct migration *list,
		     struct text policies, int *ret_applied)
{
	__attribute__((cleanup(session_done))) struct session session = { ctx, NULL };
	char *text = memory_take(policies.len + 1);
	int rc = session_open(&session, owner_dsn);

	if (policies.len > 0)
		memcpy(text, policies.ptr, policies.len);
	text[policies.len] = '\0';
	if (rc == 0)
		rc = session_migrate(&session, list, text, ret_applied);
	memory_give(text);
	return rc;
}

int migrations_compare(struct ctx *ctx, struct conn *conn, const struct migration *list,
		       struct text policies)
{
	const struct text params[] = { policies.ptr != NULL ? policies : TEXT("") };
	const struct query exists = { TEXT(EXISTS_SQL), NULL, 0 };
	const struct query queries[] = { { TEXT(APPLIED_SQL), NULL, 0 },
					 { TEXT(POLICIES_SQL), params, 1 } };
	struct reply replies[2];
	struct applied applied;
	int rc = conn_run(ctx, conn, &exists, 1, replies);

	if (rc != 0)
		return rc;
	if (reply_rows(replies[0]) == 0)
		return schema_fail(ctx, "The database", "was never migrated");
	rc = conn_run(ctx, conn, queries, 2, replies);
	if (rc != 0)
		return rc;
	rc = applied_compare(ctx, replies[0], list, &applied);
	if (rc != 0)
		return rc;
	if (list[applied.known].name != NULL)
		return schema_fail(ctx, "The database lacks migration", list[applied.known].name);
	if (applied.later > 0 ||
	    text_eq(reply_cell(replies[1], 0, 0), reply_cell(replies[1], 0, 1)))
		return 0;
	if (!text_is(reply_cell(replies[1], 0, 2), "t"))
		return schema_fail(ctx, "The database has other", "row-level security policies");
	log_info("policies_are_later", LOG_TEXT("checksum", reply_cell(replies[1], 0, 1)));
	return 0;
}

int migrate_run(struct ctx *ctx, const char *owner_dsn, struct text policies, int *ret_applied)
{
	return migrations_apply(ctx, owner_dsn, migrations, policies, ret_applied);
}

int migrate_check(struct ctx *ctx, struct conn *conn, struct text policies)
{
	return migrations_compare(ctx, conn, migrations, policies);
}
