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
-- What belongs to approval is set by functions of the owner's (schema/10_accounts.sql).
REVOKE INSERT, UPDATE, DELETE ON users FROM atbalsts_api;
GRANT INSERT (id, email, name, role, provider_id, profession, organisation, phone, language, active),
	UPDATE (email, name, role, provider_id, profession, organisation, phone, language, active, updated_at,
		updated_by, version) ON users TO atbalsts_api;

-- Passwords, sessions and the slowing of failed sign-ins are read before anybody is known, so what guards them is which
-- columns the API's role may touch.
CREATE TABLE credentials (
	user_id uuid PRIMARY KEY CONSTRAINT credentials_user REFERENCES users (id),
	hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
	changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE (hash, changed_at) ON credentials TO atbalsts_api;

-- The refresh token is derived: a keyed hash, under a key outside the database, of id, generation and secret. So the
-- service can give the current one again, and the table alone makes none.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL CONSTRAINT sessions_user REFERENCES users (id),
	secret bytea NOT NULL CHECK (octet_length(secret) = 32),
	generation int NOT NULL DEFAULT 1 CHECK (generation > 0),
	rotated_at timestamptz NOT NULL DEFAULT now(),
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	ended_reason text CHECK (ended_reason IN ('signed_out', 'refresh_reused', 'password_changed')),
	CONSTRAINT sessions_ended CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id, expires_at);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
GRANT SELECT, INSERT (id, user_id, secret, expires_at), DELETE,
	UPDATE (generation, rotated_at, expires_at, ended_at, ended_reason) ON sessions TO atbalsts_api;
GRANT SELECT (id, expires_at, ended_at), DELETE ON sessions TO atbalsts_jobs;

-- key is a keyed hash of the account's name, existing or not, or of the client's network: no table of addresses.
-- failures: passwords that were looked at and were wrong. pending: attempts of an account without a verdict yet; they
-- hold a place among the free ones until pending_until, and then lapse without having counted.
CREATE TABLE sign_in_attempts (
	kind text NOT NULL CHECK (kind IN ('account', 'address')),
	key bytea NOT NULL CHECK (octet_length(key) = 32),
	failures int NOT NULL CHECK (failures >= 0),
	last_failed_at timestamptz NOT NULL DEFAULT now(),
	blocked_until timestamptz NOT NULL DEFAULT '-infinity',
	pending int NOT NULL DEFAULT 0 CHECK (pending >= 0),
	pending_until timestamptz NOT NULL DEFAULT '-infinity',
	PRIMARY KEY (kind, key)
);
CREATE INDEX sign_in_attempts_last_failed_at ON sign_in_attempts (last_failed_at);
GRANT SELECT, INSERT, DELETE, UPDATE (failures, last_failed_at, blocked_until, pending, pending_until)
	ON sign_in_attempts TO atbalsts_api;
GRANT SELECT (kind, key, last_failed_at), DELETE ON sign_in_attempts TO atbalsts_jobs;
