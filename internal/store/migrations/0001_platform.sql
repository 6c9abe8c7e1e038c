-- What every table stands on: the caller's identity, the audit log, the outbox, idempotency.

CREATE EXTENSION IF NOT EXISTS btree_gist;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO atbalsts_api, atbalsts_jobs;
DO $$
BEGIN
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO atbalsts_api, atbalsts_jobs', current_database());
END
$$;

-- A setting of the transaction; null when unset, so that policies fail closed.
CREATE FUNCTION app_setting(name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.' || name, true), '') $$;

CREATE FUNCTION app_user() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;

CREATE FUNCTION app_provider() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.provider_id', true), '')::uuid $$;

CREATE FUNCTION app_role() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.role', true), '') $$;

-- Legal days are civil days in Riga.
CREATE FUNCTION riga_today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (now() AT TIME ZONE 'Europe/Riga')::date $$;

-- Audit ids are UUIDs of version 7 whose random part is a sequence: ascending, so that the log is read in order.
CREATE SEQUENCE audit_numbers;
CREATE FUNCTION audit_id() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
	SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
		|| '70008' || lpad(to_hex(nextval('audit_numbers')), 15, '0'))::uuid
$$;
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
-- Nobody writes in another's name, and no row is changed or removed.
CREATE POLICY audit_events_append ON audit_events FOR INSERT
	WITH CHECK (app_user() IS NULL OR user_id = app_user());
CREATE POLICY audit_events_auditor ON audit_events FOR SELECT
	USING ((SELECT app_role()) = 'auditor');
CREATE POLICY audit_events_manager ON audit_events FOR SELECT
	USING ((SELECT app_role()) = 'provider_manager' AND action = 'read'
		AND client_provider_id = (SELECT app_provider()));

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

-- The names of the fields that differ; keyed hashes and row bookkeeping are not fields.
CREATE FUNCTION changed_fields(was jsonb, becomes jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT array_agg(b.key ORDER BY b.key)
	FROM jsonb_each(becomes) b
	WHERE b.value IS DISTINCT FROM coalesce(was -> b.key, 'null'::jsonb)
		AND b.key NOT IN ('id', 'key_id', 'provider_id', 'client_id', 'case_id', 'created_at',
			'created_by', 'updated_at', 'updated_by', 'version')
		AND b.key NOT LIKE '%\_index'
$$;

-- Runs as the owner: the API's role may not write the outbox itself.
CREATE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
	becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
	subject jsonb := CASE WHEN TG_OP = 'DELETE' THEN was ELSE becomes END;
	verb text := CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END;
	row_client uuid := subject ->> 'client_id';
	row_provider uuid := subject ->> 'provider_id';
BEGIN
	IF app_setting('actor') IS NULL THEN
		RAISE EXCEPTION 'app.actor is not set: % of % cannot be audited', verb, TG_TABLE_NAME;
	END IF;
	INSERT INTO audit_events (action, resource, row_id, client_id, client_provider_id, fields)
	VALUES (verb, TG_TABLE_NAME, (subject ->> 'id')::uuid, row_client,
		CASE WHEN row_client IS NOT NULL THEN row_provider END, changed_fields(was, becomes));
	INSERT INTO events (resource, row_id, client_id, provider_id, action, version)
	VALUES (TG_TABLE_NAME, (subject ->> 'id')::uuid, row_client, row_provider, verb,
		(subject ->> 'version')::bigint);
	RETURN NULL;
END
$$;

-- Makes a table one of the API's: audited, and closed until the policies of auth/access.def are laid.
CREATE FUNCTION record_table(name text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON %I'
		' FOR EACH ROW EXECUTE FUNCTION record_change()', name);
	EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
	EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
	EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO atbalsts_api', name);
END
$$;

REVOKE ALL ON FUNCTION record_change(), record_table(text), changed_fields(jsonb, jsonb) FROM PUBLIC;

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
