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

-- Of concurrent acts the newest id need not be the newest time, so a few are looked at: all by the primary key.
CREATE OR REPLACE FUNCTION audit_state() RETURNS TABLE (newest_change timestamptz, unflushed_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT (SELECT max(e.at) FROM (SELECT at FROM events ORDER BY id DESC LIMIT 50) e),
		CASE WHEN NOT pg_is_in_recovery()
			THEN (pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn())::bigint END
$$;

REVOKE ALL ON FUNCTION audit_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_state() TO atbalsts_api;
