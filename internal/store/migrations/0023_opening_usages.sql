-- What was used of a limit before the system. It is a fact, so it is recorded even beyond the limit, and it counts on
-- the client's own counter alone. A correction with 0 units undoes it.
CREATE TABLE opening_usages (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT opening_usages_key REFERENCES data_keys (id),
	code text NOT NULL CHECK (code IN ('course', 'criminal_support_minutes', 'criminal_support_consultations',
		'aftercare', 'family')),
	year bigint CHECK (year BETWEEN 2000 AND 2199),
	units bigint NOT NULL CHECK (units >= 0),
	source bytea NOT NULL,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT opening_usages_undo CHECK (units > 0 OR corrects_id IS NOT NULL),
	CONSTRAINT opening_usages_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT opening_usages_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES opening_usages (id, case_id),
	CONSTRAINT opening_usages_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX opening_usages_list ON opening_usages (case_id, created_at, id);
SELECT record_table('opening_usages');
CREATE TRIGGER case_has_gone AFTER INSERT ON opening_usages FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
