-- Who is read before anybody is known, and who may read the audit log.

-- Nobody writes in another's name, and no row is changed or removed.
DROP POLICY IF EXISTS audit_events_append ON audit_events;
CREATE POLICY audit_events_append ON audit_events FOR INSERT
	WITH CHECK (app_user() IS NULL OR user_id = app_user());
DROP POLICY IF EXISTS audit_events_auditor ON audit_events;
CREATE POLICY audit_events_auditor ON audit_events FOR SELECT
	USING ((SELECT app_role()) = 'auditor');
DROP POLICY IF EXISTS audit_events_manager ON audit_events;
CREATE POLICY audit_events_manager ON audit_events FOR SELECT
	USING ((SELECT app_role()) = 'provider_manager' AND action = 'read'
		AND client_provider_id = (SELECT app_provider()));
-- The sign-in and the session row are read before anybody is known; afterwards everybody sees at least oneself.
DROP POLICY IF EXISTS users_sign_in ON users;
CREATE POLICY users_sign_in ON users FOR SELECT
	USING ((SELECT app_setting('actor')) IS NULL OR id = (SELECT app_user()));

-- Whether this is the console on the server, where the operator answers for what is done.
CREATE OR REPLACE FUNCTION is_operator() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT pg_has_role(session_user, 'atbalsts_owner', 'MEMBER') $$;

-- The account's handlers with the caller. After an approval the list begins anew.
CREATE OR REPLACE FUNCTION users_handlers(account users) RETURNS uuid[]
LANGUAGE sql STABLE
AS $$
	SELECT array_remove(array_remove(CASE WHEN account.approved THEN '{}' ELSE account.handled_by END, app_user())
		|| app_user(), NULL)
$$;

-- An account as approval judges it: all but what gives nobody more power, so that a new column needs approval too.
CREATE OR REPLACE FUNCTION users_power(account users) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
	SELECT to_jsonb(account) - ARRAY['name', 'organisation', 'phone', 'language', 'enrolled_at', 'approved_at',
		'approved_by', 'approved', 'handled_by', 'updated_at', 'updated_by', 'version']
		-- With their own address nobody gets in who was not in before.
		- CASE WHEN account.id = app_user() THEN 'email' ELSE '' END
$$;

CREATE OR REPLACE FUNCTION users_unapprove() RETURNS trigger
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
CREATE OR REPLACE TRIGGER users_unapprove BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_unapprove();

-- A password of the holder's own enrols the account; one that another sets takes the approval away (R32).
CREATE OR REPLACE FUNCTION credentials_set() RETURNS trigger
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
CREATE OR REPLACE TRIGGER credentials_set AFTER INSERT OR UPDATE ON credentials
	FOR EACH ROW EXECUTE FUNCTION credentials_set();

-- Approves the account as it was seen, in that version, for the one whose live session acts; null, or the code of the
-- problem. A provider's people are approved by its manager, all others, and a provider's people where no manager can,
-- by an administrator; never by who handled the account (R32).
CREATE OR REPLACE FUNCTION approve_user(account uuid, seen bigint) RETURNS text
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

-- Of concurrent acts the newest id need not be the newest time, so a few are looked at: all by the primary key.
CREATE OR REPLACE FUNCTION audit_state() RETURNS TABLE (newest_change timestamptz, unflushed_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT (SELECT max(e.at) FROM (SELECT at FROM events ORDER BY id DESC LIMIT 50) e),
		CASE WHEN NOT pg_is_in_recovery()
			THEN (pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn())::bigint END
$$;

REVOKE ALL ON FUNCTION credentials_set() FROM PUBLIC;
REVOKE ALL ON FUNCTION approve_user(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approve_user(uuid, bigint) TO atbalsts_api;
REVOKE ALL ON FUNCTION audit_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_state() TO atbalsts_api;
