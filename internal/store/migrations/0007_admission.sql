-- Admission: applications, identifications, decisions; and travel to the place of service.

CREATE TABLE applications (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT applications_key REFERENCES data_keys (id),
	received_on date NOT NULL,
	channel text CHECK (channel IN ('in_person', 'post', 'email', 'through_other')),
	written boolean NOT NULL DEFAULT true,
	chosen_provider_id uuid NOT NULL CONSTRAINT applications_chosen_provider REFERENCES providers (id),
	representative_id uuid,
	language text,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT applications_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT applications_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id)
);
CREATE INDEX applications_list ON applications (case_id, created_at, id);
SELECT record_table('applications');

CREATE TABLE application_documents (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	application_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT application_documents_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('victim_decision', 'law_enforcement_certificate', 'assessment_protocol',
		'foreign_certificate')),
	issuer text NOT NULL CHECK (issuer <> ''),
	country text,
	number bytea,
	issued_on date NOT NULL,
	original boolean,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT application_documents_application FOREIGN KEY (application_id, case_id, client_id, provider_id)
		REFERENCES applications (id, case_id, client_id, provider_id)
);
CREATE INDEX application_documents_list ON application_documents (application_id, created_at, id);
CREATE INDEX application_documents_case ON application_documents (case_id);
SELECT record_table('application_documents');

CREATE TABLE identifications (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT identifications_key REFERENCES data_keys (id),
	identified_by text NOT NULL CHECK (identified_by IN ('commission', 'police', 'prosecutor', 'court',
		'foreign_authority')),
	held_on date,
	language text,
	interpreter_present boolean,
	issuer text,
	document_number bytea,
	issued_on date,
	acts text[] NOT NULL DEFAULT '{}' CHECK (acts <@ ARRAY['recruitment', 'conveyance', 'transfer', 'concealment',
		'accommodation', 'reception']),
	means text[] NOT NULL DEFAULT '{}' CHECK (means <@ ARRAY['violence', 'threats', 'deceit',
		'dependence_on_offender', 'state_of_vulnerability', 'state_of_helplessness', 'benefit_for_consent']),
	purposes text[] NOT NULL DEFAULT '{}' CHECK (purposes <@ ARRAY['prostitution', 'other_sexual_exploitation',
		'forced_labour', 'forced_services', 'forced_criminality', 'slavery', 'debt_slavery', 'serfdom',
		'transfer_into_dependence', 'servitude', 'organ_removal']),
	minor_then boolean,
	findings bytea,
	conclusion text CHECK (conclusion IN ('meets', 'does_not_meet', 'more_information')),
	closed_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT identifications_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT identifications_closed CHECK (closed_on IS NULL OR conclusion IS NOT NULL),
	CONSTRAINT identifications_days CHECK (closed_on >= held_on),
	CONSTRAINT identifications_document CHECK (identified_by = 'commission' OR closed_on IS NULL
		OR (issuer IS NOT NULL AND issued_on IS NOT NULL))
);
CREATE INDEX identifications_list ON identifications (case_id, created_at, id);
SELECT record_table('identifications');

-- open is what an outside member's sight hangs on; it falls when the sitting is closed.
CREATE TABLE identification_members (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	identification_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT identification_members_key REFERENCES data_keys (id),
	user_id uuid,
	name bytea,
	organisation text,
	profession text NOT NULL CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer',
		'other')),
	vote text CHECK (vote IN ('meets', 'does_not_meet', 'more_information')),
	voted_at timestamptz,
	voted_by uuid,
	open boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT identification_members_identification
		FOREIGN KEY (identification_id, case_id, client_id, provider_id)
		REFERENCES identifications (id, case_id, client_id, provider_id),
	CONSTRAINT identification_members_user FOREIGN KEY (user_id) REFERENCES users (id),
	CONSTRAINT identification_members_once UNIQUE (identification_id, user_id),
	CONSTRAINT identification_members_who CHECK (num_nonnulls(user_id, name) > 0),
	CONSTRAINT identification_members_voted CHECK ((vote IS NULL) = (voted_at IS NULL)
		AND (vote IS NULL) = (voted_by IS NULL)),
	CONSTRAINT identification_members_own_vote CHECK (voted_by = user_id)
);
-- R10: at least four accounts are needed for four votes. One member has none, and the account that enters that
-- member's vote gives no other.
CREATE UNIQUE INDEX identification_members_one_without_account ON identification_members (identification_id)
	WHERE user_id IS NULL;
CREATE UNIQUE INDEX identification_members_one_vote ON identification_members (identification_id, voted_by);
CREATE INDEX identification_members_list ON identification_members (identification_id, created_at, id);
CREATE INDEX identification_members_open ON identification_members (user_id, identification_id) WHERE open;
CREATE INDEX identification_members_client ON identification_members (client_id, user_id) WHERE open;
SELECT record_table('identification_members');

-- Who sits is of the provider's own staff or an outside member, and sits for the profession they have. A vote
-- is that of the account that gives it; once cast it stays, and the member too: only the member's own account
-- gives another instead. The sitting's row is locked, so that no vote comes between its closing's count and
-- its end.
CREATE FUNCTION identification_member_sits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	member users;
BEGIN
	PERFORM FROM identifications
	WHERE id = coalesce(NEW.identification_id, OLD.identification_id)
		AND closed_on IS NULL
	FOR SHARE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the sitting is closed' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_open';
	END IF;
	IF OLD.vote IS NOT NULL AND (TG_OP = 'UPDATE' AND NEW.vote IS NOT NULL AND OLD.user_id = app_user()
			AND (NEW.user_id, NEW.name, NEW.organisation, NEW.profession) IS NOT DISTINCT FROM
				(OLD.user_id, OLD.name, OLD.organisation, OLD.profession)) IS NOT TRUE THEN
		RAISE EXCEPTION 'the vote is cast' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_cast';
	END IF;
	IF TG_OP = 'DELETE' THEN
		RETURN OLD;
	END IF;
	IF NEW.vote IS NOT NULL AND (NEW.vote, NEW.voted_by) IS DISTINCT FROM (OLD.vote, OLD.voted_by)
			AND NEW.voted_by IS DISTINCT FROM app_user() THEN
		RAISE EXCEPTION 'the vote of another account' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_own_vote';
	END IF;
	IF NEW.user_id IS NOT NULL THEN
		SELECT * INTO member FROM users WHERE id = NEW.user_id
			AND (provider_id = NEW.provider_id OR role = 'commission_member');
		IF NOT FOUND THEN
			RAISE EXCEPTION 'no such member' USING ERRCODE = 'foreign_key_violation',
				CONSTRAINT = 'identification_members_user';
		END IF;
		IF coalesce(member.profession, 'other') <> NEW.profession THEN
			RAISE EXCEPTION 'another profession' USING ERRCODE = 'check_violation',
				CONSTRAINT = 'identification_members_profession';
		END IF;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER identification_member_sits BEFORE INSERT OR DELETE
	OR UPDATE OF user_id, name, organisation, profession, vote, voted_at, voted_by ON identification_members
	FOR EACH ROW
	EXECUTE FUNCTION identification_member_sits();

CREATE FUNCTION identification_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE identification_members SET open = false, updated_at = now(), updated_by = app_user(),
		version = version + 1
	WHERE identification_id = NEW.id AND open;
	RETURN NULL;
END
$$;
CREATE TRIGGER identification_closed AFTER UPDATE OF closed_on ON identifications FOR EACH ROW
	WHEN (NEW.closed_on IS NOT NULL AND OLD.closed_on IS NULL) EXECUTE FUNCTION identification_closed();

CREATE TABLE decisions (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT decisions_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('grant', 'refusal', 'amendment', 'termination')),
	number text NOT NULL CHECK (number <> ''),
	decided_on date NOT NULL,
	reasons bytea,
	course_start date,
	course_end date,
	suspended_days bigint CHECK (suspended_days >= 0),
	delivered_on date,
	appeal_until date,
	appealed_on date,
	appeal_result text CHECK (appeal_result IN ('upheld', 'annulled', 'changed', 'withdrawn')),
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT decisions_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT decisions_number UNIQUE (number),
	CONSTRAINT decisions_course CHECK (course_end >= course_start),
	CONSTRAINT decisions_grant CHECK (kind <> 'grant' OR (course_start IS NOT NULL AND course_end IS NOT NULL)),
	-- R12: what burdens is reasoned.
	CONSTRAINT decisions_reasons CHECK (kind NOT IN ('refusal', 'termination') OR reasons IS NOT NULL),
	CONSTRAINT decisions_delivered CHECK (delivered_on >= decided_on),
	CONSTRAINT decisions_appeal CHECK (appeal_until >= coalesce(delivered_on, decided_on)),
	CONSTRAINT decisions_appealed CHECK (appealed_on >= decided_on),
	CONSTRAINT decisions_appeal_result CHECK (appeal_result IS NULL OR appealed_on IS NOT NULL)
);
CREATE INDEX decisions_list ON decisions (case_id, created_at, id);
CREATE INDEX decisions_by_day ON decisions (case_id, decided_on, id);
SELECT record_table('decisions');

-- R12: who proposed the matter, voted on it or entered another's vote.
CREATE VIEW decision_participants WITH (security_invoker = true) AS
	SELECT case_id, created_by AS user_id FROM applications
	UNION
	SELECT case_id, created_by FROM case_transitions WHERE "to" = 'awaiting_decision'
	UNION
	SELECT case_id, voted_by FROM identification_members WHERE vote IS NOT NULL;

-- Whose course days the ledger holds: a later decision gives them back and takes its own.
CREATE VIEW course_entries WITH (security_invoker = true) AS
	SELECT DISTINCT case_id, act_id FROM limit_entries WHERE act = 'decisions' AND given_back_at IS NULL;

CREATE TABLE journeys (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT journeys_key REFERENCES data_keys (id),
	direction text NOT NULL CHECK (direction IN ('to_service', 'return')),
	state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'under_way', 'completed', 'cancelled')),
	from_country text NOT NULL,
	from_place bytea,
	to_country text NOT NULL,
	to_place bytea,
	transport text CHECK (transport IN ('air', 'road', 'rail', 'sea', 'other')),
	planned_departure_at timestamptz,
	planned_arrival_at timestamptz,
	departed_at timestamptz,
	arrived_at timestamptz,
	can_travel_alone boolean,
	booking bytea,
	cost_cents bigint CHECK (cost_cents >= 0),
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	cancelled_because bytea,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT journeys_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT journeys_planned CHECK (planned_arrival_at >= planned_departure_at),
	CONSTRAINT journeys_done CHECK (arrived_at >= departed_at),
	CONSTRAINT journeys_times CHECK (CASE state WHEN 'under_way' THEN departed_at IS NOT NULL
		WHEN 'completed' THEN num_nulls(departed_at, arrived_at) = 0 ELSE true END)
);
CREATE INDEX journeys_list ON journeys (case_id, created_at, id);
SELECT record_table('journeys');

CREATE TABLE journey_travellers (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	journey_id uuid NOT NULL,
	kind text NOT NULL CHECK (kind IN ('client', 'child')),
	family_member_id uuid,
	with_client boolean,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT journey_travellers_journey FOREIGN KEY (journey_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	CONSTRAINT journey_travellers_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT journey_travellers_child CHECK ((kind = 'child') = (family_member_id IS NOT NULL)),
	CONSTRAINT journey_travellers_once UNIQUE (journey_id, family_member_id)
);
CREATE UNIQUE INDEX journey_travellers_one_client ON journey_travellers (journey_id) WHERE kind = 'client';
CREATE INDEX journey_travellers_list ON journey_travellers (journey_id, created_at, id);
SELECT record_table('journey_travellers');

CREATE TABLE escorts (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	journey_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT escorts_key REFERENCES data_keys (id),
	user_id uuid,
	name bytea,
	organisation text,
	reason text CHECK (reason IN ('cannot_travel_alone', 'minor', 'safety', 'health')),
	reason_words bytea,
	from_country text,
	from_place bytea,
	to_country text,
	to_place bytea,
	cost_cents bigint CHECK (cost_cents >= 0),
	funding text NOT NULL CHECK (funding IN ('state', 'provider_own', 'other')),
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT escorts_journey FOREIGN KEY (journey_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	CONSTRAINT escorts_user FOREIGN KEY (user_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT escorts_who CHECK (num_nonnulls(user_id, name) > 0),
	-- R14
	CONSTRAINT escorts_reason CHECK (funding <> 'state' OR reason IS NOT NULL)
);
CREATE INDEX escorts_list ON escorts (journey_id, created_at, id);
CREATE INDEX escorts_user_list ON escorts (user_id) WHERE user_id IS NOT NULL;
SELECT record_table('escorts');

-- The client's family as a rule of a case asks for it.
CREATE VIEW case_family_members WITH (security_invoker = true) AS
	SELECT c.id AS case_id, f.id, f.birth_year, f.minor, f.in_latvia, f.with_client
	FROM cases c JOIN family_members f ON f.client_id = c.client_id;

GRANT SELECT ON decision_participants, course_entries, case_family_members TO atbalsts_api;
