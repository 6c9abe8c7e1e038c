-- After a restore, by psql as atbalsts_owner or a superuser: does the audit log agree with the rows? One line for each
-- table that differs; ends with an error when there is any.
--   unaudited  rows that no audit event has made
--   stale      rows whose version is not that of their newest event
--   deleted    rows that an audit event says are gone
\set ON_ERROR_STOP on

CREATE TEMP TABLE audited AS
SELECT resource, row_id, bool_or(action = 'create') AS made, bool_or(action = 'delete') AS deleted
FROM audit_events WHERE action IN ('create', 'update', 'delete') GROUP BY 1, 2;
CREATE TEMP TABLE newest AS
SELECT resource, row_id, max(version) AS version FROM events GROUP BY 1, 2;
CREATE TEMP TABLE verified (name text, total bigint, unaudited bigint, stale bigint, deleted bigint);

SELECT format('INSERT INTO verified SELECT %1$L, count(*), count(*) FILTER (WHERE a.made IS NOT TRUE),'
	' count(*) FILTER (WHERE n.version IS DISTINCT FROM t.version), count(*) FILTER (WHERE a.deleted)'
	' FROM %1$I t LEFT JOIN audited a ON a.resource = %1$L AND a.row_id = t.id'
	' LEFT JOIN newest n ON n.resource = %1$L AND n.row_id = t.id', tgrelid::regclass)
FROM pg_trigger WHERE tgname = 'record_change' ORDER BY tgrelid::regclass::text
\gexec

SELECT * FROM verified WHERE unaudited + stale + deleted > 0;
SELECT count(*) AS tables, sum(total) AS total, sum(unaudited) AS unaudited, sum(stale) AS stale,
	sum(deleted) AS deleted FROM verified;

DO $$
BEGIN
	IF EXISTS (SELECT FROM verified WHERE unaudited + stale + deleted > 0) THEN
		RAISE EXCEPTION 'the audit log does not agree with the rows';
	END IF;
END
$$;
