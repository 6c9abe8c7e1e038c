-- Functions that the tables themselves need: applied before the migrations, so they read no table when they are made.

-- A setting of the transaction; null when unset, so that policies fail closed.
CREATE OR REPLACE FUNCTION app_setting(name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.' || name, true), '') $$;

CREATE OR REPLACE FUNCTION app_user() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION app_provider() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.provider_id', true), '')::uuid $$;

CREATE OR REPLACE FUNCTION app_role() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.role', true), '') $$;

-- Legal days are civil days in Riga.
CREATE OR REPLACE FUNCTION riga_day(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (moment AT TIME ZONE 'Europe/Riga')::date $$;

CREATE OR REPLACE FUNCTION riga_today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (now() AT TIME ZONE 'Europe/Riga')::date $$;

CREATE OR REPLACE FUNCTION audit_id() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
	SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
		|| '70008' || lpad(to_hex(nextval('audit_numbers')), 15, '0'))::uuid
$$;

-- The names of the fields that differ; keyed hashes and row bookkeeping are not fields.
CREATE OR REPLACE FUNCTION changed_fields(was jsonb, becomes jsonb) RETURNS text[]
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
CREATE OR REPLACE FUNCTION record_change() RETURNS trigger
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

-- Foreign keys that follow from a table's standard columns, unless one of its own covers them: a row of a case names
-- the case with its client and provider, so that policies, sealing and audit never need a join.
CREATE OR REPLACE FUNCTION record_keys(name text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	key text;
	target text;
	columns text[];
BEGIN
	FOR key, target, columns IN VALUES
		('key', 'data_keys', ARRAY['key_id']),
		('case', 'cases', ARRAY['case_id', 'client_id', 'provider_id']),
		('client', 'clients', ARRAY['client_id', 'provider_id'])
	LOOP
		CONTINUE WHEN name = target OR NOT columns <@ ARRAY(SELECT a.attname::text FROM pg_attribute a
				WHERE a.attrelid = name::regclass AND a.attnum > 0)
			OR EXISTS (SELECT FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid
					AND a.attnum = ANY (c.conkey)
				WHERE c.conrelid = name::regclass AND c.contype = 'f' GROUP BY c.oid
				-- One null column, and such a key asks nothing.
				HAVING bool_and(a.attnotnull) AND columns <@ array_agg(a.attname::text));
		EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %2$I FOREIGN KEY (%4$s) REFERENCES %3$I (%5$s)', name,
			name || '_' || key, target, array_to_string(columns, ', '),
			array_to_string(ARRAY['id'] || columns[2:], ', '));
	END LOOP;
END
$$;

-- Makes a table one of the API's: audited, and closed until the policies of auth/access.def are applied.
CREATE OR REPLACE FUNCTION record_table(name text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM record_keys(name);
	EXECUTE format('CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON %I'
		' FOR EACH ROW EXECUTE FUNCTION record_change()', name);
	EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
	EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
	EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO atbalsts_api', name);
END
$$;

-- The id of the master key in a wrapped key: version, length of the id, id (auth/seal.c).
CREATE OR REPLACE FUNCTION master_key_of(wrapped bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT CASE WHEN length(wrapped) > 2
		THEN encode(substring(wrapped FROM 3 FOR get_byte(wrapped, 1)), 'escape') ELSE '' END
$$;

REVOKE ALL ON FUNCTION record_change(), record_keys(text), record_table(text), changed_fields(jsonb, jsonb) FROM PUBLIC;
