-- What every table stands on: audit log, outbox, idempotency.

CREATE EXTENSION IF NOT EXISTS btree_gist;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO atbalsts_api, atbalsts_jobs;
DO $$
BEGIN
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO atbalsts_api, atbalsts_jobs', current_database());
END
$$;

-- The standard columns, in one place: a table begins with LIKE pattern.record… INCLUDING ALL and ends with
-- SELECT record_table('its_name'), which adds keys, audit and row-level security. Nobody reads or writes these tables.
CREATE SCHEMA pattern;
CREATE TABLE pattern.record (
	id uuid PRIMARY KEY,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1
);
CREATE TABLE pattern.record_of_provider (LIKE pattern.record INCLUDING ALL, provider_id uuid NOT NULL);
CREATE TABLE pattern.record_of_client (LIKE pattern.record_of_provider INCLUDING ALL, client_id uuid NOT NULL);
CREATE TABLE pattern.record_of_case (LIKE pattern.record_of_client INCLUDING ALL, case_id uuid NOT NULL);

CREATE SEQUENCE audit_numbers;
GRANT USAGE ON SEQUENCE audit_numbers TO atbalsts_api, atbalsts_jobs;

-- Who acted is never told by the statement but taken from the transaction's settings.
CREATE TABLE audit_events (
	id uuid PRIMARY KEY DEFAULT audit_id(),
	at timestamptz NOT NULL DEFAULT now(),
	actor text NOT NULL DEFAULT app_setting('actor') CHECK (actor IN ('user', 'client', 'job', 'cli')),
	user_id uuid DEFAULT app_user(),
	role text DEFAULT app_role(),
	provider_id uuid DEFAULT app_provider(),
	purpose text DEFAULT app_setting('purpose'),
	session_id uuid DEFAULT app_setting('session_id')::uuid,
	request_id text DEFAULT app_setting('request_id'),
	action text NOT NULL,
	resource text NOT NULL,
	row_id uuid,
	client_id uuid,
	client_provider_id uuid,
	fields text[]
);
CREATE INDEX audit_events_client ON audit_events (client_id, at, id) WHERE client_id IS NOT NULL;
CREATE INDEX audit_events_user ON audit_events (user_id, at, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_at ON audit_events (at, id);
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON audit_events TO atbalsts_api, atbalsts_jobs;

-- The outbox: what happened, for deliveries; ids only.
CREATE TABLE events (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	resource text NOT NULL,
	row_id uuid NOT NULL,
	client_id uuid,
	provider_id uuid,
	action text NOT NULL CHECK (action IN ('create', 'update', 'delete')),
	version bigint
);
GRANT SELECT ON events TO atbalsts_jobs;

-- Answers of successful POSTs for 24 hours: each new one removes a few that are older. response is sealed by the
-- service; erasing a client removes its rows.
CREATE TABLE idempotency_keys (
	user_id uuid NOT NULL,
	route text NOT NULL,
	key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
	fingerprint bytea NOT NULL,
	status int NOT NULL CHECK (status BETWEEN 200 AND 299),
	response bytea,
	location text,
	etag text,
	client_id uuid,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_client ON idempotency_keys (client_id) WHERE client_id IS NOT NULL;
GRANT SELECT, INSERT, DELETE,
	UPDATE (fingerprint, status, response, location, etag, client_id, created_at)
	ON idempotency_keys TO atbalsts_api;
GRANT SELECT (user_id, route, key, client_id, created_at), DELETE ON idempotency_keys TO atbalsts_jobs;
