-- Consultations: the service that limits count.

CREATE TABLE consultations (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT consultations_key REFERENCES data_keys (id),
	specialist_kind text NOT NULL CHECK (specialist_kind IN ('lawyer', 'social_worker', 'psychologist', 'other')),
	specialist_id uuid,
	entitlement text NOT NULL CHECK (entitlement IN ('start_up', 'course', 'criminal_support', 'aftercare',
		'family')),
	family_member_id uuid,
	starts_at timestamptz NOT NULL,
	minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
	ends_at timestamptz NOT NULL,
	joint boolean NOT NULL DEFAULT false,
	mode text NOT NULL DEFAULT 'in_person' CHECK (mode IN ('in_person', 'phone', 'video', 'written')),
	place text CHECK (place IN ('provider_office', 'shelter', 'authority', 'court', 'health_care', 'remote',
		'other')),
	language text,
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'held', 'no_show', 'cancelled')),
	outcome_reason bytea,
	declined_by_client boolean NOT NULL DEFAULT false,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	topic bytea,
	notes bytea,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, client_id, provider_id),
	UNIQUE (id, case_id),
	CONSTRAINT consultations_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT consultations_specialist FOREIGN KEY (specialist_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT consultations_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT consultations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES consultations (id, case_id),
	CONSTRAINT consultations_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT consultations_times CHECK (ends_at > starts_at),
	-- R18: joint sessions, cancelled and corrected ones collide with nothing.
	CONSTRAINT consultations_overlap EXCLUDE USING gist
		(provider_id WITH =, specialist_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
		WHERE (outcome <> 'cancelled' AND NOT joint AND NOT superseded)
);
CREATE INDEX consultations_list ON consultations (case_id, starts_at, id);
CREATE INDEX consultations_provider ON consultations (provider_id, starts_at, id);
SELECT record_table('consultations');

-- The client of a case, for rules that ask for an age.
CREATE VIEW case_clients WITH (security_invoker = true) AS
	SELECT c.id AS case_id, l.id, l.birth_date FROM cases c JOIN clients l ON l.id = c.client_id;
GRANT SELECT ON case_clients TO atbalsts_api;
