-- Files of a case: what they are in one table, what is in them in another that no list reads.

CREATE TABLE attachments (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT attachments_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('application', 'basis_document', 'protocol', 'decision', 'consent',
		'power_of_attorney', 'plan', 'court_document', 'identity_document', 'medical_document',
		'correspondence', 'photograph', 'other')),
	profession text CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer', 'other')),
	name bytea NOT NULL,
	about bytea,
	media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png', 'image/tiff',
		'image/heic', 'text/plain', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
		'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
		'application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.spreadsheet',
		'application/vnd.etsi.asic-e+zip')),
	size bigint NOT NULL CHECK (size BETWEEN 1 AND 20971520),
	sha256 bytea NOT NULL,
	state text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'complete', 'withdrawn')),
	completed_at timestamptz,
	withdrawal_reason bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT attachments_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT attachments_completed CHECK ((state = 'uploading') = (completed_at IS NULL)),
	CONSTRAINT attachments_withdrawn CHECK ((state = 'withdrawn') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX attachments_list ON attachments (case_id, created_at, id);
CREATE INDEX attachments_uploading ON attachments (created_at) WHERE state = 'uploading';
CREATE INDEX attachments_uploader ON attachments (created_by) WHERE state = 'uploading';
SELECT record_table('attachments');

-- An upload is its sender's alone, and for 24 hours; the agency sees what it decides from; a paper of a profession is
-- for that profession and the case worker, as their notes are.
CREATE POLICY attachments_seen ON attachments AS RESTRICTIVE TO atbalsts_api USING (
	(state <> 'uploading'
		OR (created_by = (SELECT app_user()) AND created_at > now() - interval '24 hours'))
	AND ((SELECT app_role()) <> 'agency_officer' OR kind IN ('application', 'basis_document'))
	AND (profession IS NULL OR (SELECT app_role()) = 'case_worker'
		OR profession = (SELECT u.profession FROM users u WHERE u.id = (SELECT app_user()))));

-- 64 KiB each but the last, sealed. Audited are the file's upload, completion and end, not each piece: a trigger would
-- make JSON of all the bytes.
CREATE TABLE attachment_pieces (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	attachment_id uuid NOT NULL,
	number int NOT NULL CHECK (number BETWEEN 0 AND 319),
	sealed bytea NOT NULL CHECK (octet_length(sealed) < 66000),
	CONSTRAINT attachment_pieces_once UNIQUE (attachment_id, number),
	CONSTRAINT attachment_pieces_attachment FOREIGN KEY (attachment_id, case_id, client_id, provider_id)
		REFERENCES attachments (id, case_id, client_id, provider_id) ON DELETE CASCADE
);
-- What is sealed does not shrink.
ALTER TABLE attachment_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE attachment_pieces ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment_pieces FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON attachment_pieces TO atbalsts_api;
-- Whoever sees the file sees its pieces: the sub-select runs under the policies of attachments.
CREATE POLICY attachment_pieces_select ON attachment_pieces FOR SELECT TO atbalsts_api
	USING (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id));
CREATE POLICY attachment_pieces_insert ON attachment_pieces FOR INSERT TO atbalsts_api
	WITH CHECK (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id AND a.state = 'uploading'));
CREATE POLICY attachment_pieces_update ON attachment_pieces FOR UPDATE TO atbalsts_api
	USING (EXISTS (SELECT FROM attachments a WHERE a.id = attachment_id AND a.state = 'uploading'));

-- Uploads that were never completed. No user's act: told in the audit as a job's.
CREATE FUNCTION attachments_sweep() RETURNS void
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
CREATE FUNCTION attachments_admit() RETURNS trigger
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
CREATE TRIGGER attachments_admit BEFORE INSERT ON attachments
	FOR EACH ROW WHEN (NEW.state = 'uploading') EXECUTE FUNCTION attachments_admit();

-- What is withdrawn is nobody's to read any more, the database's own keepers included.
CREATE FUNCTION attachments_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	DELETE FROM attachment_pieces WHERE attachment_id = NEW.id;
	RETURN NULL;
END
$$;
CREATE TRIGGER attachments_empty AFTER UPDATE OF state ON attachments
	FOR EACH ROW WHEN (NEW.state = 'withdrawn') EXECUTE FUNCTION attachments_empty();
REVOKE ALL ON FUNCTION attachments_sweep(), attachments_admit(), attachments_empty() FROM PUBLIC;
