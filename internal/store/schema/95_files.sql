-- Who sees a file and its pieces, and how long an unfinished upload is kept.

-- An upload is its sender's alone, and for 24 hours; the agency sees what it decides from; a paper of a profession is
-- for that profession and the case worker, as their notes are.
DROP POLICY IF EXISTS attachments_seen ON attachments;
CREATE POLICY attachments_seen ON attachments AS RESTRICTIVE TO atbalsts_api USING (
	(state <> 'uploading'
		OR (created_by = (SELECT app_user()) AND created_at > now() - interval '24 hours'))
	AND ((SELECT app_role()) <> 'agency_officer' OR kind IN ('application', 'basis_document'))
	AND (profession IS NULL OR (SELECT app_role()) = 'case_worker'
		OR profession = (SELECT u.profession FROM users u WHERE u.id = (SELECT app_user()))));
-- Whoever sees the file sees its pieces: the sub-select runs under the policies of attachments.
DROP POLICY IF EXISTS attachment_pieces_select ON attachment_pieces;
CREATE POLICY attachment_pieces_select ON attachment_pieces FOR SELECT TO atbalsts_api
	USING (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id));
DROP POLICY IF EXISTS attachment_pieces_insert ON attachment_pieces;
CREATE POLICY attachment_pieces_insert ON attachment_pieces FOR INSERT TO atbalsts_api
	WITH CHECK (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id AND a.state = 'uploading'));
DROP POLICY IF EXISTS attachment_pieces_update ON attachment_pieces;
CREATE POLICY attachment_pieces_update ON attachment_pieces FOR UPDATE TO atbalsts_api
	USING (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id AND a.state = 'uploading'));

-- Uploads that were never completed. No user's act: told in the audit as a job's.
CREATE OR REPLACE FUNCTION attachments_sweep() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	names text[] := ARRAY['app.actor', 'app.user_id', 'app.role', 'app.provider_id', 'app.session_id',
		'app.purpose'];
	held text[];
	stale uuid[] := ARRAY(SELECT id FROM attachments
		WHERE state = 'uploading' AND created_at <= now() - interval '24 hours'
		ORDER BY created_at LIMIT 50 FOR UPDATE SKIP LOCKED);
BEGIN
	IF cardinality(stale) = 0 THEN
		RETURN;
	END IF;
	held := ARRAY(SELECT coalesce(current_setting(n, true), '')
		FROM unnest(names) WITH ORDINALITY AS u (n, i) ORDER BY i);
	PERFORM set_config(n, CASE n WHEN 'app.actor' THEN 'job' ELSE '' END, true) FROM unnest(names) AS n;
	DELETE FROM attachments WHERE id = ANY (stale);
	FOR i IN 1 .. cardinality(names) LOOP
		PERFORM set_config(names[i], held[i], true);
	END LOOP;
END
$$;

-- Nobody fills the disk with what is never completed: 8 open uploads a user. The lock makes the count exact.
CREATE OR REPLACE FUNCTION attachments_admit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	PERFORM attachments_sweep();
	PERFORM pg_advisory_xact_lock(hashtextextended('attachments ' || coalesce(NEW.created_by::text, ''), 0));
	IF (SELECT count(*) FROM attachments WHERE created_by = NEW.created_by AND state = 'uploading') >= 8 THEN
		RAISE EXCEPTION 'too many open uploads' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'attachments_open_uploads';
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER attachments_admit BEFORE INSERT ON attachments
	FOR EACH ROW WHEN (NEW.state = 'uploading') EXECUTE FUNCTION attachments_admit();

-- What is withdrawn is nobody's to read any more, the database's own keepers included.
CREATE OR REPLACE FUNCTION attachments_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	DELETE FROM attachment_pieces WHERE attachment_id = NEW.id;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER attachments_empty AFTER UPDATE OF state ON attachments
	FOR EACH ROW WHEN (NEW.state = 'withdrawn') EXECUTE FUNCTION attachments_empty();

REVOKE ALL ON FUNCTION attachments_sweep(), attachments_admit(), attachments_empty() FROM PUBLIC;
