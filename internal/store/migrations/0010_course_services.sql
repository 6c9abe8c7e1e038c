-- Services before and during the course, beside consultations, and the diary of a case.

-- A stay's address is the most secret datum there is; the place has a code that tells nothing.
CREATE TABLE accommodations (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT accommodations_key REFERENCES data_keys (id),
	place text NOT NULL CHECK (place IN ('abroad', 'in_latvia')),
	place_code text NOT NULL CHECK (place_code <> ''),
	country text NOT NULL,
	address bytea,
	starts_on date NOT NULL,
	ends_on date,
	nights bigint CHECK (nights > 0),
	cooperation boolean NOT NULL DEFAULT false,
	cooperation_body text,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'occupied', 'ended', 'cancelled')),
	declined_by_client boolean NOT NULL DEFAULT false,
	remarks bytea,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT accommodations_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT accommodations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES accommodations (id, case_id),
	CONSTRAINT accommodations_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT accommodations_days CHECK (ends_on > starts_on),
	CONSTRAINT accommodations_country CHECK ((place = 'in_latvia') = (country = 'LV')),
	CONSTRAINT accommodations_ended CHECK (state <> 'ended' OR ends_on IS NOT NULL)
);
CREATE INDEX accommodations_list ON accommodations (case_id, starts_on, id);
CREATE INDEX accommodations_provider ON accommodations (provider_id, starts_on, id);
SELECT record_table('accommodations');

-- R18: a person is in one place at a time. The days are the stay's; of a cancelled or corrected one, none.
CREATE TABLE accommodation_occupants (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	accommodation_id uuid NOT NULL,
	family_member_id uuid,
	person_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(family_member_id, client_id)) STORED,
	days daterange NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT accommodation_occupants_stay FOREIGN KEY (accommodation_id, case_id, client_id, provider_id)
		REFERENCES accommodations (id, case_id, client_id, provider_id),
	CONSTRAINT accommodation_occupants_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT accommodation_occupants_once UNIQUE (accommodation_id, person_id),
	CONSTRAINT accommodation_occupants_overlap EXCLUDE USING gist
		(provider_id WITH =, person_id WITH =, days WITH &&)
);
CREATE INDEX accommodation_occupants_case ON accommodation_occupants (case_id, created_at, id);
SELECT record_table('accommodation_occupants');

CREATE FUNCTION accommodation_days(stay accommodations) RETURNS daterange
LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN stay.state = 'cancelled' OR stay.superseded THEN 'empty'::daterange
	ELSE daterange(stay.starts_on, stay.ends_on) END $$;

CREATE FUNCTION accommodation_occupant_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.days := (SELECT accommodation_days(a) FROM accommodations a WHERE a.id = NEW.accommodation_id);
	RETURN NEW;
END
$$;
CREATE TRIGGER accommodation_occupant_arrives BEFORE INSERT ON accommodation_occupants FOR EACH ROW
	EXECUTE FUNCTION accommodation_occupant_arrives();

CREATE FUNCTION accommodation_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE accommodation_occupants SET days = accommodation_days(NEW), updated_at = now(),
		updated_by = app_user(), version = version + 1
	WHERE accommodation_id = NEW.id AND days <> accommodation_days(NEW);
	RETURN NULL;
END
$$;
CREATE TRIGGER accommodation_moves AFTER UPDATE OF starts_on, ends_on, state, superseded ON accommodations FOR EACH ROW
	EXECUTE FUNCTION accommodation_moves();

-- A correction has the occupants of the stay that it corrects.
CREATE FUNCTION accommodation_corrected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO accommodation_occupants (id, provider_id, client_id, case_id, accommodation_id, family_member_id)
	SELECT gen_random_uuid(), o.provider_id, o.client_id, o.case_id, NEW.id, o.family_member_id
	FROM accommodation_occupants o WHERE o.accommodation_id = NEW.corrects_id AND o.case_id = NEW.case_id;
	RETURN NULL;
END
$$;
CREATE TRIGGER accommodation_corrected AFTER INSERT ON accommodations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION accommodation_corrected();

CREATE TABLE interpretations (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT interpretations_key REFERENCES data_keys (id),
	consultation_id uuid,
	hearing_id uuid,
	entitlement text NOT NULL CHECK (entitlement IN ('start_up', 'course', 'criminal_support', 'aftercare',
		'family')),
	starts_at timestamptz NOT NULL,
	minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
	language_from text NOT NULL,
	language_to text NOT NULL,
	interpreter bytea,
	interpreter_provided boolean,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'delivered', 'cancelled')),
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT interpretations_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT interpretations_consultation FOREIGN KEY (consultation_id, case_id)
		REFERENCES consultations (id, case_id),
	CONSTRAINT interpretations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES interpretations (id, case_id),
	CONSTRAINT interpretations_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX interpretations_list ON interpretations (case_id, starts_at, id);
CREATE INDEX interpretations_provider ON interpretations (provider_id, starts_at, id);
CREATE INDEX interpretations_consultation ON interpretations (consultation_id) WHERE consultation_id IS NOT NULL;
CREATE INDEX interpretations_hearing ON interpretations (hearing_id) WHERE hearing_id IS NOT NULL;
SELECT record_table('interpretations');

CREATE TABLE legal_documents (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT legal_documents_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('application', 'complaint', 'claim', 'appeal', 'power_of_attorney',
		'contract', 'translation', 'other')),
	entitlement text NOT NULL CHECK (entitlement IN ('start_up', 'course', 'criminal_support', 'aftercare',
		'family')),
	addressee bytea,
	drafted_on date NOT NULL,
	filed_on date,
	minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'delivered', 'cancelled')),
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT legal_documents_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT legal_documents_corrects FOREIGN KEY (corrects_id, case_id)
		REFERENCES legal_documents (id, case_id),
	CONSTRAINT legal_documents_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT legal_documents_days CHECK (filed_on >= drafted_on)
);
CREATE INDEX legal_documents_list ON legal_documents (case_id, drafted_on, id);
CREATE INDEX legal_documents_provider ON legal_documents (provider_id, drafted_on, id);
SELECT record_table('legal_documents');

CREATE TABLE trainings (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	kind text NOT NULL CHECK (kind IN ('self_care', 'self_service', 'education', 'language', 'vocational',
		'other')),
	title text NOT NULL CHECK (title <> ''),
	enrolled_on date NOT NULL,
	attended_hours bigint NOT NULL DEFAULT 0 CHECK (attended_hours >= 0),
	completed_on date,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	outcome text NOT NULL DEFAULT 'enrolled' CHECK (outcome IN ('enrolled', 'completed', 'left', 'cancelled')),
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT trainings_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT trainings_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES trainings (id, case_id),
	CONSTRAINT trainings_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT trainings_days CHECK (completed_on >= enrolled_on)
);
CREATE INDEX trainings_list ON trainings (case_id, enrolled_on, id);
CREATE INDEX trainings_provider ON trainings (provider_id, enrolled_on, id);
SELECT record_table('trainings');

CREATE TABLE goods (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT goods_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('food', 'medicine', 'clothing', 'footwear', 'hygiene', 'money', 'other')),
	what bytea,
	quantity bigint CHECK (quantity > 0),
	cents bigint CHECK (cents >= 0),
	given_on date NOT NULL,
	received_by text NOT NULL DEFAULT 'client' CHECK (received_by IN ('client', 'family_member', 'representative')),
	family_member_id uuid,
	representative_id uuid,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'delivered', 'cancelled')),
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT goods_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT goods_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT goods_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT goods_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES goods (id, case_id),
	CONSTRAINT goods_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX goods_list ON goods (case_id, given_on, id);
CREATE INDEX goods_provider ON goods (provider_id, given_on, id);
SELECT record_table('goods');

CREATE TABLE case_notes (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT case_notes_key REFERENCES data_keys (id),
	profession text NOT NULL CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer',
		'other')),
	written_on date NOT NULL,
	text bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT case_notes_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id)
);
CREATE INDEX case_notes_list ON case_notes (case_id, created_at, id);
SELECT record_table('case_notes');
-- A specialist has the notes of the own profession only; a case worker all of them.
CREATE POLICY case_notes_profession ON case_notes AS RESTRICTIVE TO atbalsts_api
	USING ((SELECT app_role()) <> 'specialist'
		OR profession = (SELECT u.profession FROM users u WHERE u.id = app_user()));

CREATE TABLE case_tasks (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT case_tasks_key REFERENCES data_keys (id),
	title bytea NOT NULL,
	assignee_id uuid,
	due_on date NOT NULL,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'dropped')),
	done_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT case_tasks_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT case_tasks_assignee FOREIGN KEY (assignee_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT case_tasks_done CHECK ((status = 'done') = (done_on IS NOT NULL))
);
CREATE INDEX case_tasks_list ON case_tasks (case_id, due_on, id);
CREATE INDEX case_tasks_due ON case_tasks (provider_id, due_on, id) WHERE status = 'open';
CREATE INDEX case_tasks_assignee ON case_tasks (assignee_id, due_on) WHERE status = 'open';
SELECT record_table('case_tasks');

CREATE TABLE case_flags (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT case_flags_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('safety', 'health', 'self_harm', 'child_protection', 'do_not_contact',
		'missing', 'media', 'other')),
	severity text NOT NULL CHECK (severity IN ('notice', 'warning', 'danger')),
	raised_on date NOT NULL,
	lifted_on date,
	note bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT case_flags_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT case_flags_days CHECK (lifted_on >= raised_on)
);
CREATE INDEX case_flags_list ON case_flags (case_id, raised_on, id);
SELECT record_table('case_flags');
