-- What the metrics tell of the audit. As the owner: the API's role sees neither the outbox nor other people's rows.

-- Of concurrent acts the newest id need not be the newest time, so a few are looked at: all by the primary key.
CREATE FUNCTION audit_state() RETURNS TABLE (newest_change timestamptz, unflushed_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT (SELECT max(e.at) FROM (SELECT at FROM events ORDER BY id DESC LIMIT 50) e),
		CASE WHEN NOT pg_is_in_recovery()
			THEN (pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn())::bigint END
$$;
REVOKE ALL ON FUNCTION audit_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_state() TO atbalsts_api;
