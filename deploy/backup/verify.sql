-- By psql as atbalsts_owner or a superuser, after a restore or whenever rows seem to be missing; servers may write
-- meanwhile. Does each row have its audit, and each audit its row? One line for each table and kind of difference, with
-- their number and the first five rows; ends with an error when there is any.
--   not_audited  a table whose changes no trigger records, and that is not named below
--   no_table     the audit log or the outbox tells of rows of a table that is not there
--   lost         created and never deleted, and yet not there (a TRUNCATE or a delete behind the triggers)
--   unaudited    there, without an audit event of its creation
--   deleted      there, though an audit event or the outbox says that it was deleted
--   stale        not of the version of its newest event
--   changed      written by another transaction than its newest event: behind the triggers
--   half_told    audit log and outbox tell different numbers of creations, changes or deletions
--   dangling     a foreign key leads nowhere (a row of a table without audit is lost: a key, a person)
--   incomplete   a file lacks pieces; a statement is not the sum of its lines or items, or a counter of its entries
-- What it cannot see: access rows (action read) and sign-ins that were removed, for nothing else tells of them; a row
-- that is gone together with both its audit and its events; after a dump was restored, a change behind the triggers of
-- a row whose newest event is older (`changed` needs the transactions' numbers, which pg_dump does not keep); lost
-- credentials, sessions and stored answers.
\set ON_ERROR_STOP on
BEGIN ISOLATION LEVEL REPEATABLE READ;
-- A role that does not see every row gets an error, not a part.
SET LOCAL row_security = off;

CREATE TEMP TABLE differences (name text NOT NULL, difference text NOT NULL, id text) ON COMMIT DROP;

-- Tables without audit, and what tells of a row that they have lost.
CREATE TEMP TABLE not_recorded ON COMMIT DROP AS SELECT * FROM (VALUES
	('audit_events', 'unaudited, half_told; reads: nothing'), ('events', 'half_told'),
	('attachment_pieces', 'incomplete'), ('frozen_statement_items', 'incomplete'),
	('frozen_statement_lines', 'incomplete'), ('limit_usages', 'dangling'), ('limit_entries', 'incomplete'),
	('data_keys', 'dangling'), ('persons', 'dangling'), ('service_units', 'dangling'),
	('client_numbers', 'numbers are unique'), ('free_movement', 'nothing: law, by migration'),
	('schema_migrations', 'config check'), ('schema_objects', 'config check'),
	('key_fingerprints', 'config check'), ('credentials', 'nothing'),
	('sessions', 'nothing'), ('sign_in_attempts', 'nothing'), ('idempotency_keys', 'nothing')) AS v (name, seen_by);

-- All other tables; recorded: each insert, update and delete of a row fires record_change.
CREATE TEMP TABLE recorded ON COMMIT DROP AS
SELECT c.oid, c.relname::text AS name, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid
		AND t.tgfoid = 'record_change'::regproc AND t.tgtype & 29 = 29 AND t.tgqual IS NULL
		AND t.tgenabled IN ('O', 'A')) AS by_trigger,
	(SELECT count(*) = 2 FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
		AND (a.attname, a.atttypid) IN (('id', 'uuid'::regtype), ('version', 'bigint'::regtype))) AS has_rows
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
	AND NOT EXISTS (SELECT FROM not_recorded n WHERE n.name = c.relname);
INSERT INTO differences SELECT name, 'not_audited' FROM recorded WHERE NOT (by_trigger AND has_rows);

-- Numbers of creations, changes and deletions of each row, by the audit log and by the outbox. Both are written in one
-- transaction with the row: writer is its number, unless a dump has given all of them others.
CREATE TEMP TABLE audited ON COMMIT DROP AS
SELECT resource, row_id, ARRAY[count(*) FILTER (WHERE action = 'create'), count(*) FILTER (WHERE action = 'update'),
	count(*) FILTER (WHERE action = 'delete')] AS acts
FROM audit_events WHERE action IN ('create', 'update', 'delete') GROUP BY 1, 2;
CREATE TEMP TABLE sent ON COMMIT DROP AS
SELECT resource, row_id, ARRAY[count(*) FILTER (WHERE action = 'create'), count(*) FILTER (WHERE action = 'update'),
	count(*) FILTER (WHERE action = 'delete')] AS acts, max(id) AS newest
FROM events GROUP BY 1, 2;
CREATE TEMP TABLE told ON COMMIT DROP AS
SELECT resource, row_id, a.acts AS audits, s.acts AS events, coalesce(a.acts[1], 0) > 0 AS made,
	coalesce(a.acts[3], 0) + coalesce(s.acts[3], 0) > 0 AS gone, e.version, w.writer
FROM audited a FULL JOIN sent s USING (resource, row_id)
	LEFT JOIN (SELECT id, version, action, xmin AS writer FROM events) e ON e.id = s.newest
	LEFT JOIN (SELECT DISTINCT resource, row_id, action, xmin AS writer FROM audit_events
		WHERE action IN ('create', 'update', 'delete')) w USING (resource, row_id, action, writer);
ANALYZE told;

INSERT INTO differences SELECT resource, 'no_table', row_id FROM told
WHERE resource NOT IN (SELECT name FROM recorded UNION ALL SELECT name FROM not_recorded);

-- A migration may write a whole table anew.
SELECT format('INSERT INTO differences SELECT %1$L, d.difference, coalesce(t.id, a.row_id)'
	' FROM (SELECT id, version, xmin AS writer FROM %1$I) t'
	' FULL JOIN (SELECT * FROM told WHERE resource = %1$L) a ON a.row_id = t.id'
	' CROSS JOIN LATERAL (VALUES (''lost'', t.id IS NULL AND NOT a.gone),'
	' (''deleted'', t.id IS NOT NULL AND a.gone),'
	' (''unaudited'', t.id IS NOT NULL AND a.made IS NOT TRUE), (''stale'', a.version <> t.version),'
	' (''changed'', a.writer <> t.writer AND t.writer::text NOT IN (SELECT xmin::text FROM schema_migrations)),'
	' (''half_told'', a.audits IS DISTINCT FROM a.events)) AS d (difference, holds) WHERE d.holds', name)
FROM recorded WHERE has_rows ORDER BY name
\gexec

SELECT format('INSERT INTO differences SELECT %L, ''dangling'', to_jsonb(t) ->> ''id'' FROM %s t'
	' WHERE %s AND NOT EXISTS (SELECT FROM %s r WHERE %s)', c.conrelid::regclass || ' by ' || c.conname,
	c.conrelid::regclass, string_agg(format('t.%I IS NOT NULL', f.attname), ' AND '), c.confrelid::regclass,
	string_agg(format('r.%I = t.%I', r.attname, f.attname), ' AND '))
FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there)
	JOIN pg_attribute f ON f.attrelid = c.conrelid AND f.attnum = k.here
	JOIN pg_attribute r ON r.attrelid = c.confrelid AND r.attnum = k.there
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
GROUP BY c.oid, c.conrelid, c.conname, c.confrelid ORDER BY c.conrelid::regclass::text, c.conname
\gexec

INSERT INTO differences
SELECT 'attachments', 'incomplete', a.id FROM attachments a LEFT JOIN attachment_pieces p ON p.attachment_id = a.id
WHERE a.state <> 'uploading' GROUP BY a.id
HAVING count(p.*) <> CASE a.state WHEN 'complete' THEN (a.size + 65535) / 65536 ELSE 0 END;
INSERT INTO differences
SELECT 'statements', 'incomplete', s.id
FROM statements s
	LEFT JOIN (SELECT statement_id, sum(cents) AS cents FROM frozen_statement_lines GROUP BY 1) l
		ON l.statement_id = s.id
	LEFT JOIN (SELECT statement_id, sum(cents) AS cents FROM frozen_statement_items GROUP BY 1) i
		ON i.statement_id = s.id
WHERE coalesce(l.cents, 0) <> coalesce(s.cents, 0) OR coalesce(i.cents, 0) <> coalesce(s.cents, 0);
INSERT INTO differences
SELECT 'limit_usages', 'incomplete', u.id FROM limit_usages u
	LEFT JOIN limit_entries e ON e.usage_id = u.id AND e.given_back_at IS NULL
GROUP BY u.id HAVING u.used <> coalesce(sum(e.units), 0);

SELECT name, difference, count(*), array_agg(id) FILTER (WHERE place <= 5) AS first
FROM (SELECT *, row_number() OVER (PARTITION BY name, difference ORDER BY id) AS place FROM differences) d
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT (SELECT count(*) FROM recorded) AS tables, (SELECT count(*) FROM told WHERE NOT gone) AS rows,
	(SELECT count(*) FROM differences) AS differences;

DO $$
BEGIN
	IF EXISTS (SELECT FROM differences) THEN
		RAISE EXCEPTION 'the audit log does not agree with the rows';
	END IF;
END
$$;
COMMIT;
