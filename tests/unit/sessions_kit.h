#ifndef TESTS_SESSIONS_KIT_H
#define TESTS_SESSIONS_KIT_H

#include "auth_help.h"

#include "auth/password.h"
#include "engine/policies.h"
#include "feature/endpoints.h"
#include "store/migrate/migrate.h"

/* An engine on a migrated database of its own, with one auditor, one administrator and one who
 * left. A header, so that tests of other packages need not link the whole engine. */

#define ANNA "01890a5d-0000-7000-8000-000000000001"
#define ADMIN "01890a5d-0000-7000-8000-000000000002"
#define LEFT "01890a5d-0000-7000-8000-000000000003"
#define NOBODY "01890a5d-0000-7000-8000-000000000009"
#define PASSWORD "three blue herons 42"

static struct engine kit_engine;

static struct keyring keyring;
static struct store *owner;
static char hash[PASSWORD_HASH_SIZE];

static struct store *store_open(const char *dsn, int size)
{
	const struct store_config config = { dsn, size, 5000, 10000, 5000 };
	struct store *store;

	assert_int_equal(store_new(&config, &store), 0);
	return store;
}

static void database_migrate(struct ctx *ctx)
{
	struct text policies;
	int applied;

	assert_int_equal(policies_text(ctx, &policies), 0);
	assert_int_equal(
		migrate_run(ctx, "dbname=atbalsts user=atbalsts_owner", policies, &applied), 0);
}

static int kit_setup(void **state)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 8 << 20);
	char path[32];

	(void)state;
	file_make(path, "m " HEX_A "\nblind " HEX_B "\n");
	assert_int_equal(clock_init(), 0);
	assert_int_equal(keyring_load(&keyring, path), 0);
	unlink(path);
	database_migrate(ctx);
	assert_int_equal(password_hash(ctx, TEXT(PASSWORD), hash), 0);
	owner = store_open("dbname=atbalsts user=atbalsts_owner", 1);
	kit_engine = (struct engine){
		.store = store_open("dbname=atbalsts user=atbalsts_api", 8),
		.keyring = &keyring,
		.token = { .key_count = 1,
			   .issuer = TEXT("http://a"),
			   .audience = TEXT("http://a"),
			   .lifetime = 600 },
		.session_days = 14,
	};
	memcpy(kit_engine.token.keys[0].kid, "one", 4);
	random_bytes(kit_engine.token.keys[0].secret, TOKEN_KEY_SIZE);
	scene_end(&scene);
	return 0;
}

static int kit_teardown(void **state)
{
	(void)state;
	store_free(kit_engine.store);
	store_free(owner);
	return 0;
}

static void owner_run(const struct query *queries, size_t count)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct reply replies[16];

	assert_int_equal(store_acquire(ctx, owner, &conn), 0);
	assert_int_equal(conn_commit(ctx, conn, queries, count, replies), 0);
	scene_end(&scene);
}

/* Before each test: the accounts with their passwords, and no session, attempt or audit row. */
static int kit_reset(void **state)
{
	static const char users[] =
		"INSERT INTO users (id, email, name, role, language, active, enrolled_at,"
		" approved_at) SELECT v.*, now(), now() FROM (VALUES"
		" ('" ANNA "'::uuid, 'anna@example.org', 'Anna', 'auditor', 'lv', true),"
		" ('" ADMIN "', 'admin@example.org', 'Admin', 'system_admin', 'en', true),"
		" ('" LEFT "', 'left@example.org', 'Left', 'auditor', 'lv', false)) v"
		" ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role, active = EXCLUDED.active,"
		" enrolled_at = now(), approved_at = now()";
	static const char credentials[] =
		"INSERT INTO credentials (user_id, hash) SELECT id, $1 FROM users"
		" ON CONFLICT (user_id) DO UPDATE SET hash = $1";
	const struct text param = text_of(hash);
	const struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ TEXT("DELETE FROM sessions"), NULL, 0 },
		{ TEXT("DELETE FROM sign_in_attempts"), NULL, 0 },
		{ TEXT(users), NULL, 0 },
		{ TEXT(credentials), &param, 1 },
		{ TEXT("DELETE FROM audit_events"), NULL, 0 },
	};

	(void)state;
	owner_run(queries, sizeof(queries) / sizeof(queries[0]));
	return 0;
}

/* As the database's owner: one statement, one cell or "" in static memory. */
static const char *kit_sql(const char *sql)
{
	static char cell[256];
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	const struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ text_of(sql), NULL, 0 },
	};
	struct reply replies[4];
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);

	cell[0] = '\0';
	assert_int_equal(store_acquire(ctx, owner, &conn), 0);
	assert_int_equal(conn_commit(ctx, conn, queries, 3, replies), 0);
	if (reply_columns(replies[2]) > 0 && reply_rows(replies[2]) > 0)
		snprintf(cell, sizeof(cell), "%.*s", (int)reply_cell(replies[2], 0, 0).len,
			 reply_cell(replies[2], 0, 0).ptr);
	scene_end(&scene);
	return cell;
}

struct kit_reply {
	int rc;
	int retry_after;
	char body[8192];
};

/* One request. bearer, user_id (path) and body may be NULL. Thread-safe. */
static void kit_call(const struct endpoint *endpoint, const char *bearer, const char *user_id,
		     const char *body, const char *address, struct kit_reply *ret)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	struct answer answer;
	struct call call = {
		.method = endpoint->method,
		.endpoint = endpoint,
		.body = text_of(body),
		.bearer = text_of(bearer),
		.client_address = text_of(address),
		.ids = { text_of(user_id) },
		.id_count = user_id != NULL,
	};

	ctx->request_id = TEXT("test");
	ret->body[0] = '\0';
	ret->rc = engine_call(ctx, &kit_engine, &call, &answer);
	ret->retry_after = ctx->retry_after;
	if (ret->rc == 0 && answer.body.ptr != NULL)
		snprintf(ret->body, sizeof(ret->body), "%.*s", (int)answer.body.len,
			 answer.body.ptr);
	scene_end(&scene);
}

/* Signs in from address 192.0.2.1. */
static int kit_sign_in(const char *email, const char *password, struct kit_reply *ret)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}", email, password);
	kit_call(&session_create_endpoint, NULL, NULL, body, "192.0.2.1", ret);
	return ret->rc;
}

/* The text of a member of a flat JSON object, as a copy that the caller frees. */
static char *kit_member(const struct kit_reply *reply, const char *name)
{
	char key[64];
	const char *from;
	const char *to;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	from = strstr(reply->body, key);
	assert_non_null(from);
	from += strlen(key);
	to = strchr(from, '"');
	assert_non_null(to);
	return strndup(from, (size_t)(to - from));
}

#endif
