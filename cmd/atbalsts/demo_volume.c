/* Volume for measurements: real keys, sealed fields and blind indexes, loaded with COPY as the
 * owner, without the rules. Enter at demo_volume. */

#include "demo.h"

#include "core/buf.h"
#include "core/uuid.h"
#include "resource/registry.h"
#include "store/copy.h"

#include <errno.h>
#include <stdio.h>

#define CHUNK 2000
#define CHUNK_ARENA ((size_t)64 * 1024 * 1024)
#define TWO_YEARS (INT64_C(730) * 24 * 60 * INSTANT_MINUTE)
#define CLIENT_COLUMNS 25
#define CASE_COLUMNS 20

struct volume_client {
	struct text id, key_id, person_id, case_id, wrapped, created_at;
	struct instant created;
	const char *status;
	uint64_t dice;
	int provider;
	int64_t number;
	struct data_key key;
};

struct volume {
	struct ctx *ctx; /* of the chunk */
	const struct keyring *keyring;
	struct conn *conn;
	int64_t count, first;
	struct instant from;
	struct text providers[DEMO_PROVIDERS];
	struct text workers[DEMO_PROVIDERS];
	struct volume_client clients[CHUNK];
	size_t chunk;
};

/* Drop foreign keys and indexes and make them anew after the load: row by row they cost several
 * times as much. */
static const char BEFORE_SQL[] =
	"DO $$ DECLARE r record; BEGIN"
	" CREATE TEMP TABLE volume_later (step int, sql text) ON COMMIT DROP;"
	" FOR r IN SELECT c.conrelid::regclass AS t, c.conname AS n,"
	"  pg_get_constraintdef(c.oid) AS d FROM pg_constraint c WHERE c.contype = 'f' AND "
	"c.conrelid IN ('data_keys'::regclass,"
	"  'clients'::regclass, 'cases'::regclass, 'case_team'::regclass, "
	"'consultations'::regclass)"
	" LOOP"
	"  INSERT INTO volume_later VALUES (2, format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.t, "
	"r.n,"
	"   r.d));"
	"  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.n);"
	" END LOOP;"
	" FOR r IN SELECT i.indexrelid::regclass AS n, pg_get_indexdef(i.indexrelid) AS d"
	"  FROM pg_index i WHERE i.indrelid IN ('persons'::regclass, 'data_keys'::regclass,"
	"  'clients'::regclass, 'cases'::regclass) AND NOT EXISTS (SELECT FROM pg_constraint c"
	"  WHERE c.conindid = i.indexrelid)"
	" LOOP"
	"  INSERT INTO volume_later VALUES (1, r.d);"
	"  EXECUTE format('DROP INDEX %s', r.n);"
	" END LOOP; END $$";

static const char AFTER_SQL[] = "DO $$ DECLARE r record; BEGIN"
				" FOR r IN SELECT sql FROM volume_later ORDER BY step LOOP"
				"  EXECUTE r.sql;"
				" END LOOP; END $$";

#define TRIGGERS(word, table) "ALTER TABLE " table " " word " TRIGGER USER"

static const char PROVIDERS_SQL[] =
	"SELECT p.id, (SELECT u.id FROM users u WHERE u.provider_id = p.id"
	" AND u.role = 'case_worker' ORDER BY u.id LIMIT 1)"
	" FROM providers p ORDER BY p.register_number LIMIT 2";

/* Puts the specialists of the first provider into the teams of the load's running cases. */
static const char TEAM_SQL[] =
	"INSERT INTO case_team (id, provider_id, client_id, case_id, user_id)"
	" SELECT audit_id(), c.provider_id, c.client_id, c.id, u.id FROM cases c JOIN users u"
	" ON u.provider_id = c.provider_id AND u.role = 'specialist'"
	" WHERE c.provider_id = $1 AND c.status = 'in_course' AND c.number LIKE 'L-%'";

/* Twenty consultations for each of the newest running cases; consecutive for each specialist, so
 * that none overlap; not paid by the state, so that they use no limit. */
static const char CONSULTATIONS_SQL[] =
	"WITH u AS MATERIALIZED (SELECT id, profession,"
	"  row_number() OVER (ORDER BY id) - 1 AS place FROM users WHERE provider_id = $1 AND role "
	"= 'specialist'),"
	" c AS MATERIALIZED (SELECT *,"
	"  row_number() OVER (ORDER BY created_at DESC, id) - 1 AS place FROM cases WHERE "
	"provider_id = $1 AND status = 'in_course' AND number LIKE 'L-%'),"
	" n AS MATERIALIZED (SELECT g AS number, g / us.places AS slot,"
	"  g % us.places AS user_place, g % greatest(least(cs.places, $2::bigint / 20), 1) AS "
	"case_place"
	"  FROM generate_series(0, $2::bigint - 1) g, (SELECT count(*) AS places FROM u) us,"
	"  (SELECT count(*) AS places FROM c) cs)"
	" INSERT INTO consultations (id, provider_id, client_id, case_id, key_id, specialist_kind,"
	"  specialist_id, entitlement, starts_at, minutes, ends_at, language, outcome, funding)"
	" SELECT audit_id(), c.provider_id, c.client_id, c.id, c.key_id, u.profession, u.id,"
	"  'course', s.at, 20, s.at + interval '20 minutes', 'lv',"
	"  CASE WHEN n.number % 10 = 0 THEN 'cancelled'"
	"   WHEN n.number % 17 = 0 THEN 'no_show' ELSE 'held' END, 'provider_own'"
	" FROM n JOIN u ON u.place = n.user_place JOIN c ON c.place = n.case_place, LATERAL"
	"  (SELECT now() - interval '1 day' - n.slot * interval '20 minutes' AS at) s";

static const char AUDIT_LOAD_SQL[] =
	"INSERT INTO audit_events (action, resource, fields) VALUES ('load', 'clients',"
	" ARRAY[$1])";

/* A round of splitmix64: well mixed, and the same load each time. */
static uint64_t volume_dice(uint64_t seed)
{
	seed += UINT64_C(0x9e3779b97f4a7c15);
	seed = (seed ^ (seed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	seed = (seed ^ (seed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return seed ^ (seed >> 31);
}

static const char *volume_status(int provider, uint64_t dice)
{
	static const char *const statuses[DEMO_PROVIDERS][16] = {
		{ "in_course", "in_course", "in_course", "in_course", "in_course", "inquiry",
		  "inquiry", "applied", "under_assessment", "awaiting_decision", "granted",
		  "aftercare", "aftercare", "closed", "closed", "withdrawn" },
		{ "in_course", "inquiry", "applied", "refused", "granted", "aftercare", "aftercare",
		  "closed", "closed", "closed", "closed", "closed", "closed", "closed", "withdrawn",
		  "withdrawn" },
	};

	return statuses[provider][dice % 16];
}

static bool status_is_one_of(const char *status, const char *list)
{
	return strstr(list, status) != NULL;
}

static const char *volume_client_status(const char *status)
{
	if (status_is_one_of(status, "closed withdrawn"))
		return "former";
	return status_is_one_of(status, "granted in_course aftercare") ? "active" : "potential";
}

static int volume_prepare(struct volume *volume, struct volume_client *client, int64_t number)
{
	struct arena *arena = volume->ctx->arena;
	char at[INSTANT_SIZE];

	client->number = number;
	client->provider = (int)(number % DEMO_PROVIDERS);
	client->dice = volume_dice((uint64_t)number);
	client->status = volume_status(client->provider, client->dice >> 8);
	client->created.us =
		volume->from.us + (number - volume->first) * (TWO_YEARS / volume->count);
	instant_print(client->created, at);
	client->created_at = arena_copy(arena, text_of(at));
	client->id = uuid_text(arena);
	client->key_id = uuid_text(arena);
	client->person_id = uuid_text(arena);
	client->case_id = uuid_text(arena);
	if (client->created_at.ptr == NULL || client->case_id.ptr == NULL)
		return -ENOMEM;
	data_key_new(client->key_id, &client->key);
	return data_key_wrap(volume->ctx, volume->keyring, &client->key, &client->wrapped);
}

/* A value sealed, and its blind index where the field has one. */
static int volume_seal(struct volume *volume, const struct volume_client *client, const char *name,
		       struct text plain, struct text *ret_sealed, struct text *ret_index)
{
	const struct seal_place place = { "clients", name, client->id };
	const struct resource *clients = &resource_clients;
	int at = field_find(clients->fields, clients->field_count, text_of(name));
	int rc = seal(volume->ctx, &client->key, place, plain, ret_sealed);

	if (rc != 0 || ret_index == NULL || plain.ptr == NULL)
		return rc;
	return blind_index(volume->ctx, volume->keyring, "clients", &clients->fields[at], plain,
			   ret_index);
}

struct volume_identity {
	struct text given, family, birth, code, phone, email;
};

static void volume_identity(struct volume *volume, const struct volume_client *client,
			    struct volume_identity *ret)
{
	static const char *const given[] = { "Anna",	"Ilze",	  "Līga",    "Inga",
					     "Sanita",	"Zane",	  "Dace",    "Elīna",
					     "Olga",	"Maria",  "Jānis",   "Andris",
					     "Mārtiņš", "Edgars", "Sergejs", "Thu" };
	static const char *const roots[] = { "Kaln", "Bērz",  "Ozol", "Liep",  "Zvirbul", "Krast",
					     "Upen", "Vītol", "Egl",  "Pried", "Kļav",	  "Roz",
					     "Lāc",  "Vilk",  "Zaķ",  "Gulb" };
	static const char *const ends[] = { "iņa", "a", "iete", "ova", "āne", "ska", "ule", "ene" };
	struct arena *arena = volume->ctx->arena;
	uint64_t dice = client->dice;
	struct date birth = date_add_days(date_of(1955, 1, 1), (int32_t)(client->number % 18262));
	char day[DATE_SIZE];
	int year, month, date;

	date_print(birth, day);
	date_split(birth, &year, &month, &date);
	*ret = (struct volume_identity){ 0 };
	ret->given = arena_format(arena, "%s %s", given[dice % 16], given[(dice >> 4) % 16]);
	ret->family =
		arena_format(arena, "%s%s-%s%s", roots[(dice >> 20) % 16], ends[(dice >> 24) % 8],
			     roots[(dice >> 28) % 16], ends[(dice >> 32) % 8]);
	ret->birth = arena_copy(arena, text_of(day));
	if (dice >> 40 & 3)
		ret->code = arena_format(arena, "%02d%02d%02d-%05d", date, month, year % 100,
					 10000 + (int)(client->number / 18262));
	if (dice >> 42 & 3)
		ret->phone = arena_format(arena, "+3712%07d", (int)(client->number % 10000000));
	if (dice >> 44 & 1)
		ret->email = arena_format(arena, "client%d@example.org", (int)client->number);
}

/* Makes the identity index as the engine does, of the members in resource_clients.identity. */
static int volume_identity_index(struct volume *volume, const struct volume_identity *identity,
				 struct text *ret)
{
	static const struct field field = { .name = "identity",
					    .type = FIELD_TEXT,
					    .blind = BLIND_NAME };
	struct text whole = arena_format(volume->ctx->arena, "%s %s %s ", identity->given.ptr,
					 identity->family.ptr, identity->birth.ptr);

	if (whole.ptr == NULL)
		return -ENOMEM;
	return blind_index(volume->ctx, volume->keyring, "clients", &field, whole, ret);
}

static int copy_client(struct volume *volume, struct copy *copy, const struct volume_client *client)
{
	struct text c[CLIENT_COLUMNS] = { client->id, volume->providers[client->provider],
					  client->key_id, client->person_id };
	char day[DATE_SIZE];
	struct volume_identity identity;
	int rc;

	date_print(instant_date(client->created), day);
	volume_identity(volume, client, &identity);
	c[4] = arena_format(volume->ctx->arena, "L-%07d", (int)client->number);
	c[5] = text_of(volume_client_status(client->status));
	rc = volume_seal(volume, client, "given_name", identity.given, &c[6], &c[7]);
	if (rc == 0)
		rc = volume_seal(volume, client, "family_name", identity.family, &c[8], &c[9]);
	if (rc == 0)
		rc = volume_seal(volume, client, "personal_code", identity.code, &c[10], &c[11]);
	if (rc == 0)
		rc = volume_seal(volume, client, "birth_date", identity.birth, &c[12], NULL);
	if (rc == 0)
		rc = volume_identity_index(volume, &identity, &c[13]);
	if (rc == 0)
		rc = volume_seal(volume, client, "phone", identity.phone, &c[14], &c[15]);
	if (rc == 0)
		rc = volume_seal(volume, client, "email", identity.email, &c[16], &c[17]);
	if (rc != 0)
		return rc;
	c[18] = text_of(client->dice >> 50 & 3 ? "female" : "male");
	c[19] = TEXT("LV");
	c[20] = TEXT("{lv}");
	c[21] = text_of(client->dice >> 52 & 1 ? "LV" : "IE");
	c[22] = text_of(day);
	c[23] = c[24] = client->created_at;
	return copy_row(volume->ctx, copy, c, CLIENT_COLUMNS);
}

static int copy_case(struct volume *volume, struct copy *copy, const struct volume_client *client)
{
	enum { OPENED, RECEIVED, GRANTED, START, END, CLOSED, DAYS };
	static const int32_t offsets[DAYS] = { 0, 7, 21, 24, 203, 260 };
	struct date opened = instant_date(client->created);
	const char *status = client->status;
	bool course = status_is_one_of(status, "granted in_course aftercare closed");
	bool closed = strcmp(status, "closed") == 0;
	char days[DAYS][DATE_SIZE];
	struct text c[CASE_COLUMNS] = {
		client->case_id,
		volume->providers[client->provider],
		client->id,
		client->key_id,
		client->person_id,
		TEXT_NULL,
		text_of(status),
		TEXT_NULL,
		volume->workers[client->provider],
	};

	for (int i = 0; i < DAYS; i++)
		date_print(date_add_days(opened, offsets[i]), days[i]);
	c[5] = arena_format(volume->ctx->arena, "L-%07d-1", (int)client->number);
	c[7] = text_of(days[OPENED]);
	c[9] = TEXT("medium");
	c[10] = text_of(days[OPENED]);
	c[11] = TEXT("01890000-0000-7000-8000-000000000344");
	c[12] = strcmp(status, "inquiry") != 0 ? text_of(days[RECEIVED]) : TEXT_NULL;
	if (course) {
		c[13] = text_of(days[GRANTED]);
		c[14] = text_of(days[START]);
		c[15] = text_of(days[END]);
	}
	c[16] = closed ? text_of(days[CLOSED]) : TEXT_NULL;
	c[17] = closed ? TEXT("completed") : TEXT_NULL;
	c[18] = c[19] = client->created_at;
	return copy_row(volume->ctx, copy, c, CASE_COLUMNS);
}

static int copy_person(struct volume *volume, struct copy *copy, const struct volume_client *client)
{
	const struct text cells[] = { client->person_id, client->created_at };

	return copy_row(volume->ctx, copy, cells, 2);
}

static int copy_key(struct volume *volume, struct copy *copy, const struct volume_client *client)
{
	const struct text cells[] = { client->key_id, volume->providers[client->provider],
				      client->id, client->wrapped, client->created_at };

	return copy_row(volume->ctx, copy, cells, 5);
}

static const struct {
	const char *sql;
	int (*row)(struct volume *volume, struct copy *copy, const struct volume_client *client);
} tables[] = {
	{ "COPY persons (id, created_at) FROM STDIN", copy_person },
	{ "COPY data_keys (id, provider_id, client_id, wrapped, created_at) FROM STDIN", copy_key },
	{ "COPY clients (id, provider_id, key_id, person_id, number, status, given_name,"
	  " given_name_index, family_name, family_name_index, personal_code, personal_code_index,"
	  " birth_date, identity_index, phone, phone_index, email, email_index, sex, citizenship,"
	  " languages, current_country, first_contact_on, created_at, updated_at) FROM STDIN",
	  copy_client },
	{ "COPY cases (id, provider_id, client_id, key_id, person_id, number, status, opened_on,"
	  " case_worker_id, risk_level, risk_assessed_on, ruleset_id, received_on, granted_on,"
	  " course_start, course_end, closed_on, close_reason, created_at, updated_at) FROM STDIN",
	  copy_case },
};

static int volume_table(struct volume *volume, size_t table)
{
	struct copy copy;
	int rc = copy_begin(volume->ctx, volume->conn, tables[table].sql, &copy);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < volume->chunk && rc == 0; i++)
		rc = tables[table].row(volume, &copy, &volume->clients[i]);
	return copy_end(volume->ctx, &copy, rc);
}

static int volume_chunk(struct volume *volume, int64_t first, size_t count)
{
	int rc = 0;

	volume->chunk = count;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = volume_prepare(volume, &volume->clients[i], first + (int64_t)i);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && rc == 0; i++)
		rc = volume_table(volume, i);
	explicit_bzero(volume->clients, sizeof(volume->clients));
	return rc;
}

static int volume_rows(struct volume *volume, struct ctx *ctx)
{
	int rc = 0;

	for (int64_t at = 0; at < volume->count && rc == 0; at += CHUNK) {
		int64_t left = volume->count - at;
		struct arena arena;
		struct ctx chunk;

		arena_init(&arena, CHUNK_ARENA);
		command_ctx(&chunk, &arena);
		volume->ctx = &chunk;
		rc = volume_chunk(volume, volume->first + at,
				  (size_t)(left < CHUNK ? left : CHUNK));
		if (rc > 0) {
			command_fail(&chunk, rc);
			rc = -EPROTO;
		}
		arena_done(&arena);
	}
	volume->ctx = ctx;
	return rc;
}

static int volume_begin(struct volume *volume)
{
	const struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true),"
		       " set_config('maintenance_work_mem', '256MB', true)"),
		  NULL, 0 },
		{ TEXT(PROVIDERS_SQL), NULL, 0 },
		{ TEXT("SELECT count(*) FROM clients WHERE number LIKE 'L-%'"), NULL, 0 },
		{ TEXT(TRIGGERS("DISABLE", "clients")), NULL, 0 },
		{ TEXT(TRIGGERS("DISABLE", "cases")), NULL, 0 },
		{ TEXT(TRIGGERS("DISABLE", "case_team")), NULL, 0 },
		{ TEXT(TRIGGERS("DISABLE", "consultations")), NULL, 0 },
		{ TEXT(BEFORE_SQL), NULL, 0 },
	};
	struct reply replies[sizeof(queries) / sizeof(queries[0])];
	int rc = conn_run(volume->ctx, volume->conn, queries, sizeof(queries) / sizeof(queries[0]),
			  replies);

	if (rc != 0)
		return rc;
	if (reply_rows(replies[2]) < DEMO_PROVIDERS)
		return fault(volume->ctx, ENOENT, "load_needs_two_providers", TEXT_NULL);
	for (size_t i = 0; i < DEMO_PROVIDERS; i++) {
		volume->providers[i] = arena_copy(volume->ctx->arena, reply_cell(replies[2], i, 0));
		volume->workers[i] = arena_copy(volume->ctx->arena, reply_cell(replies[2], i, 1));
	}
	if (text_to_int64(reply_cell(replies[3], 0, 0), &volume->first) != 0)
		return fault(volume->ctx, EPROTO, "count_is_no_number", TEXT_NULL);
	conn_forget(volume->conn);
	return 0;
}

/* A fifth as many consultations as clients. */
static int volume_end(struct volume *volume)
{
	struct text share =
		arena_format(volume->ctx->arena, "%lld", (long long)(volume->count / 5));
	struct text told =
		arena_format(volume->ctx->arena, "%lld clients", (long long)volume->count);
	const struct text consultations[] = { volume->providers[0], share };
	const struct query queries[] = {
		/* Analyse first: the planner has no statistics of the copied rows and would join
		 * row by row. */
		{ TEXT("ANALYZE cases"), NULL, 0 },
		{ TEXT("SELECT set_config('enable_nestloop', 'off', true)"), NULL, 0 },
		{ TEXT(TEAM_SQL), volume->providers, 1 },
		{ TEXT(CONSULTATIONS_SQL), consultations, 2 },
		{ TEXT(AFTER_SQL), NULL, 0 },
		{ TEXT(TRIGGERS("ENABLE", "clients")), NULL, 0 },
		{ TEXT(TRIGGERS("ENABLE", "cases")), NULL, 0 },
		{ TEXT(TRIGGERS("ENABLE", "case_team")), NULL, 0 },
		{ TEXT(TRIGGERS("ENABLE", "consultations")), NULL, 0 },
		{ TEXT(AUDIT_LOAD_SQL), &told, 1 },
	};
	const struct query analyze = { TEXT("ANALYZE"), NULL, 0 };
	struct reply replies[sizeof(queries) / sizeof(queries[0])];
	int rc = conn_commit(volume->ctx, volume->conn, queries,
			     sizeof(queries) / sizeof(queries[0]), replies);

	return rc != 0 ? rc : conn_run(volume->ctx, volume->conn, &analyze, 1, replies);
}

int demo_volume(struct ctx *ctx, const struct keyring *keyring, struct conn *conn, int64_t count)
{
	struct volume *volume = arena_alloc(ctx->arena, sizeof(*volume));
	int rc;

	if (volume == NULL)
		return -ENOMEM;
	volume->ctx = ctx;
	volume->keyring = keyring;
	volume->conn = conn;
	volume->count = count;
	volume->from.us = clock_now().us - TWO_YEARS;
	rc = volume_begin(volume);
	if (rc == 0)
		rc = volume_rows(volume, ctx);
	return rc != 0 ? rc : volume_end(volume);
}
