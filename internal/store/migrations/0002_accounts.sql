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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, provider_id),
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
