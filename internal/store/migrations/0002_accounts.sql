-- Providers and the people who use the service.

CREATE TABLE providers (
	id uuid PRIMARY KEY,
	name text NOT NULL CHECK (name <> ''),
	register_number text NOT NULL,
	addresses text[] NOT NULL DEFAULT '{}',
	phones text[] NOT NULL DEFAULT '{}',
	email text,
	website text,
	languages text[] NOT NULL DEFAULT '{}',
	active boolean NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT providers_register_number UNIQUE (register_number)
);
CREATE INDEX providers_name ON providers (name, id);
SELECT record_table('providers');

CREATE TABLE users (
	id uuid PRIMARY KEY,
	-- Sign-in looks for lower case: an address in another could never sign in, or twice.
	email text NOT NULL CONSTRAINT users_email_case CHECK (email = lower(email)),
	name text NOT NULL CHECK (name <> ''),
	role text NOT NULL CHECK (role IN ('ministry_officer', 'statistician', 'agency_officer', 'provider_manager',
		'case_worker', 'specialist', 'commission_member', 'auditor', 'system_admin', 'integration')),
	provider_id uuid CONSTRAINT users_provider REFERENCES providers (id),
	profession text CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer', 'other')),
	organisation text,
	phone text,
	language text NOT NULL DEFAULT 'lv' CHECK (language IN ('lv', 'en')),
	active boolean NOT NULL DEFAULT true,
	-- Four eyes (R32). enrolled_at: since when the password is the holder's own; null while it is another's.
	-- approved_at: null while the account opens nothing but itself. handled_by: who made the account, changed
	-- what it may do or set its password since it was last approved; none of them approves it.
	enrolled_at timestamptz,
	approved_at timestamptz,
	approved_by uuid,
	approved boolean NOT NULL GENERATED ALWAYS AS (approved_at IS NOT NULL) STORED,
	handled_by uuid[] NOT NULL DEFAULT array_remove(ARRAY[app_user()], NULL),
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, provider_id),
	CONSTRAINT users_approved_enrolled CHECK (approved_at IS NULL OR enrolled_at IS NOT NULL),
	CONSTRAINT users_approved_by CHECK (approved_by IS NULL
		OR (approved_at IS NOT NULL AND approved_by <> id AND approved_by <> ALL (handled_by))),
	CONSTRAINT users_role_provider CHECK (
		(role IN ('provider_manager', 'case_worker', 'specialist')) = (provider_id IS NOT NULL)),
	CONSTRAINT users_role_profession CHECK (
		role NOT IN ('specialist', 'commission_member') OR profession IS NOT NULL)
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_provider_list ON users (provider_id, created_at, id);
SELECT record_table('users');
-- The sign-in and the session row are read before anybody is known; afterwards everybody sees at least oneself.
CREATE POLICY users_sign_in ON users FOR SELECT
	USING ((SELECT app_setting('actor')) IS NULL OR id = (SELECT app_user()));
-- What belongs to approval is set by functions of the owner's (here and in migration 0003).
REVOKE INSERT, UPDATE, DELETE ON users FROM atbalsts_api;
GRANT INSERT (id, email, name, role, provider_id, profession, organisation, phone, language, active),
	UPDATE (email, name, role, provider_id, profession, organisation, phone, language, active, updated_at,
		updated_by, version) ON users TO atbalsts_api;

-- Whether this is the console on the server, where the operator answers for what is done.
CREATE FUNCTION is_operator() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT pg_has_role(session_user, 'atbalsts_owner', 'MEMBER') $$;

-- The account's handlers with the caller. After an approval the list begins anew.
CREATE FUNCTION users_handlers(account users) RETURNS uuid[]
LANGUAGE sql STABLE
AS $$
	SELECT array_remove(array_remove(CASE WHEN account.approved THEN '{}' ELSE account.handled_by END, app_user())
		|| app_user(), NULL)
$$;

-- An account as approval judges it: all but what gives nobody more power, so that a new column needs approval too.
CREATE FUNCTION users_power(account users) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
	SELECT to_jsonb(account) - ARRAY['name', 'organisation', 'phone', 'language', 'enrolled_at', 'approved_at',
		'approved_by', 'approved', 'handled_by', 'updated_at', 'updated_by', 'version']
		-- With their own address nobody gets in who was not in before.
		- CASE WHEN account.id = app_user() THEN 'email' ELSE '' END
$$;

CREATE FUNCTION users_unapprove() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF is_operator() OR users_power(NEW) = users_power(OLD) THEN
		RETURN NEW;
	END IF;
	NEW.handled_by := users_handlers(OLD);
	NEW.approved_at := NULL;
	NEW.approved_by := NULL;
	RETURN NEW;
END
$$;
CREATE TRIGGER users_unapprove BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_unapprove();
