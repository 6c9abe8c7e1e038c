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

-- A password of the holder's own enrols the account; one that another sets takes the approval away (R32).
CREATE FUNCTION credentials_set() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF is_operator() THEN
		RETURN NULL;
	END IF;
	IF NEW.user_id = app_user() THEN
		UPDATE users SET enrolled_at = now(), updated_at = now(), updated_by = app_user(),
			version = version + 1
		WHERE id = NEW.user_id AND enrolled_at IS NULL;
	ELSE
		UPDATE users u SET enrolled_at = NULL, approved_at = NULL, approved_by = NULL,
			handled_by = users_handlers(u), updated_at = now(), updated_by = app_user(),
			version = version + 1
		WHERE id = NEW.user_id;
	END IF;
	RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION credentials_set() FROM PUBLIC;
CREATE TRIGGER credentials_set AFTER INSERT OR UPDATE ON credentials
	FOR EACH ROW EXECUTE FUNCTION credentials_set();

-- Approves the account as it was seen, in that version, for the one whose live session acts; null, or the code of the
-- problem. A provider's people are approved by its manager, all others, and a provider's people where no manager can,
-- by an administrator; never by who handled the account (R32).
CREATE FUNCTION approve_user(account uuid, seen bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	approver users;
	subject users;
BEGIN
	SELECT u.* INTO approver FROM sessions s JOIN users u ON u.id = s.user_id
	WHERE s.id = app_setting('session_id')::uuid AND s.user_id = app_user() AND s.ended_at IS NULL
		AND s.expires_at > now() AND u.active AND u.approved
		AND u.role IN ('provider_manager', 'system_admin');
	SELECT * INTO subject FROM users WHERE id = account FOR UPDATE;
	IF approver.id IS NULL OR subject.id IS NULL
		OR (approver.role = 'provider_manager'
			AND subject.provider_id IS DISTINCT FROM approver.provider_id) THEN
		RETURN 'not_found';
	ELSIF subject.version <> seen THEN
		RETURN 'stale_version';
	ELSIF subject.approved THEN
		RETURN NULL;
	ELSIF approver.id = ANY (subject.handled_by || subject.id) THEN
		RETURN 'needs_second_person';
	ELSIF approver.role = 'system_admin' AND EXISTS (SELECT FROM users m WHERE m.provider_id = subject.provider_id
		AND m.role = 'provider_manager' AND m.active AND m.approved AND m.id <> ALL (subject.handled_by)) THEN
		RETURN 'manager_approves';
	ELSIF subject.enrolled_at IS NULL THEN
		RETURN 'not_enrolled';
	END IF;
	UPDATE users SET approved_at = now(), approved_by = approver.id, updated_at = now(), updated_by = approver.id,
		version = version + 1 WHERE id = subject.id;
	INSERT INTO audit_events (action, resource, row_id) VALUES ('approve', 'users', subject.id);
	RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION approve_user(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approve_user(uuid, bigint) TO atbalsts_api;
