-- Providers, the people who use the service, and their sessions.

CREATE TABLE providers (
	LIKE pattern.record INCLUDING ALL,
	name text NOT NULL CHECK (name <> ''),
	register_number text NOT NULL,
	addresses text[] NOT NULL DEFAULT '{}',
	phones text[] NOT NULL DEFAULT '{}',
	email text,
	website text,
	languages text[] NOT NULL DEFAULT '{}',
	active boolean NOT NULL,
	CONSTRAINT providers_register_number UNIQUE (register_number)
);
CREATE INDEX providers_name ON providers (name, id);
SELECT record_table('providers');

CREATE TABLE users (
	LIKE pattern.record INCLUDING ALL,
	email text NOT NULL,
	name text NOT NULL CHECK (name <> ''),
	role text NOT NULL CHECK (role IN ('ministry_officer', 'statistician', 'agency_officer', 'provider_manager',
		'case_worker', 'specialist', 'commission_member', 'auditor', 'system_admin', 'integration')),
	provider_id uuid CONSTRAINT users_provider REFERENCES providers (id),
	profession text CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer', 'other')),
	organisation text,
	phone text,
	language text NOT NULL DEFAULT 'lv' CHECK (language IN ('lv', 'en')),
	active boolean NOT NULL DEFAULT true,
	UNIQUE (id, provider_id),
	CONSTRAINT users_role_provider CHECK (
		(role IN ('provider_manager', 'case_worker', 'specialist')) = (provider_id IS NOT NULL)),
	CONSTRAINT users_role_profession CHECK (
		role NOT IN ('specialist', 'commission_member') OR profession IS NOT NULL)
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE INDEX users_provider_list ON users (provider_id, created_at, id);
SELECT record_table('users');

CREATE TABLE credentials (
	user_id uuid PRIMARY KEY REFERENCES users (id),
	hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
	changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE (hash, changed_at) ON credentials TO atbalsts_api;

-- refresh_hash is a keyed hash of the one refresh token that is good now; it changes with each use.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users (id),
	refresh_hash bytea NOT NULL CHECK (octet_length(refresh_hash) = 32),
	generation int NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	ended_reason text CHECK (ended_reason IN ('signed_out', 'refresh_reused', 'password_changed')),
	CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id, expires_at);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
GRANT SELECT, INSERT (id, user_id, refresh_hash, expires_at), DELETE,
	UPDATE (refresh_hash, generation, expires_at, ended_at, ended_reason) ON sessions TO atbalsts_api;
GRANT SELECT (id, expires_at, ended_at), DELETE ON sessions TO atbalsts_jobs;

-- key is a keyed hash of the account's name, existing or not, or of the client's network: no table of addresses.
CREATE TABLE sign_in_attempts (
	kind text NOT NULL CHECK (kind IN ('account', 'address')),
	key bytea NOT NULL CHECK (octet_length(key) = 32),
	failures int NOT NULL CHECK (failures >= 0),
	last_failed_at timestamptz NOT NULL DEFAULT now(),
	blocked_until timestamptz NOT NULL DEFAULT '-infinity',
	PRIMARY KEY (kind, key)
);
CREATE INDEX sign_in_attempts_last_failed_at ON sign_in_attempts (last_failed_at);
GRANT SELECT, INSERT, DELETE, UPDATE (failures, last_failed_at, blocked_until)
	ON sign_in_attempts TO atbalsts_api;
GRANT SELECT (kind, key, last_failed_at), DELETE ON sign_in_attempts TO atbalsts_jobs;
