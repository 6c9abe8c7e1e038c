-- Files: what is said of them, and their sealed pieces.

CREATE TABLE attachments (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT attachments_completed CHECK ((state = 'uploading') = (completed_at IS NULL)),
	CONSTRAINT attachments_withdrawn CHECK ((state = 'withdrawn') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX attachments_list ON attachments (case_id, created_at, id);
CREATE INDEX attachments_uploading ON attachments (created_at) WHERE state = 'uploading';
CREATE INDEX attachments_uploader ON attachments (created_by) WHERE state = 'uploading';
SELECT record_table('attachments');

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
ALTER TABLE attachment_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE attachment_pieces ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment_pieces FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON attachment_pieces TO atbalsts_api;
