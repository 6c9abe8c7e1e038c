-- Passwords, sessions and the slowing of failed sign-ins. They are read before anybody is known, so what guards them
-- is which columns the API's role may touch.

CREATE TABLE credentials (
	user_id uuid PRIMARY KEY REFERENCES users (id),
	hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
	changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE (hash, changed_at) ON credentials TO atbalsts_api;

-- The refresh token is derived: a keyed hash, under a key outside the database, of id, generation and secret. So the
-- service can give the current one again, and the table alone makes none.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users (id),
	secret bytea NOT NULL CHECK (octet_length(secret) = 32),
	generation int NOT NULL DEFAULT 1 CHECK (generation > 0),
	rotated_at timestamptz NOT NULL DEFAULT now(),
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	ended_reason text CHECK (ended_reason IN ('signed_out', 'refresh_reused', 'password_changed')),
	CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
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
