-- Delivered services: journeys, consultations, stays, interpreting, documents, trainings, goods.

CREATE TABLE journeys (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT journeys_planned CHECK (planned_arrival_at >= planned_departure_at),
	CONSTRAINT journeys_done CHECK (arrived_at >= departed_at),
	CONSTRAINT journeys_times CHECK (CASE state WHEN 'under_way' THEN departed_at IS NOT NULL
		WHEN 'completed' THEN num_nulls(departed_at, arrived_at) = 0 ELSE true END),
	CONSTRAINT journeys_corrects FOREIGN KEY (corrects_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	CONSTRAINT journeys_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX journeys_list ON journeys (case_id, created_at, id);
CREATE INDEX journeys_provider ON journeys
	(provider_id, coalesce(departed_at, planned_departure_at, created_at), id);
SELECT record_table('journeys');

CREATE TABLE journey_travellers (
	LIKE pattern.record_of_case INCLUDING ALL,
	journey_id uuid NOT NULL,
	kind text NOT NULL CHECK (kind IN ('client', 'child')),
	family_member_id uuid,
	with_client boolean,
	CONSTRAINT journey_travellers_journey FOREIGN KEY (journey_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	CONSTRAINT journey_travellers_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT journey_travellers_child CHECK ((kind = 'child') = (family_member_id IS NOT NULL)),
	CONSTRAINT journey_travellers_once UNIQUE (journey_id, family_member_id)
);
CREATE UNIQUE INDEX journey_travellers_one_client ON journey_travellers (journey_id) WHERE kind = 'client';
CREATE INDEX journey_travellers_list ON journey_travellers (journey_id, created_at, id);
CREATE INDEX journey_travellers_case ON journey_travellers (case_id, created_at, id);
SELECT record_table('journey_travellers');

CREATE TABLE escorts (
	LIKE pattern.record_of_case INCLUDING ALL,
	journey_id uuid NOT NULL,
	key_id uuid NOT NULL,
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
	declined_by_client boolean NOT NULL DEFAULT false,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	CONSTRAINT escorts_journey FOREIGN KEY (journey_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	CONSTRAINT escorts_user FOREIGN KEY (user_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT escorts_who CHECK (num_nonnulls(user_id, name) > 0),
	-- R14
	CONSTRAINT escorts_reason CHECK (funding <> 'state' OR reason IS NOT NULL),
	CONSTRAINT escorts_of_case UNIQUE (id, case_id),
	CONSTRAINT escorts_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES escorts (id, case_id),
	CONSTRAINT escorts_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX escorts_list ON escorts (journey_id, created_at, id);
CREATE INDEX escorts_user_list ON escorts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX escorts_case ON escorts (case_id, created_at, id);
SELECT record_table('escorts');

CREATE TABLE consultations (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, client_id, provider_id),
	UNIQUE (id, case_id),
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

-- A stay's address is the most secret datum there is; the place has a code that tells nothing.
CREATE TABLE accommodations (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, case_id),
	UNIQUE (id, case_id, client_id, provider_id),
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
	LIKE pattern.record_of_case INCLUDING ALL,
	accommodation_id uuid NOT NULL,
	family_member_id uuid,
	person_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(family_member_id, client_id)) STORED,
	days daterange NOT NULL,
	CONSTRAINT accommodation_occupants_stay FOREIGN KEY (accommodation_id, case_id, client_id, provider_id)
		REFERENCES accommodations (id, case_id, client_id, provider_id),
	CONSTRAINT accommodation_occupants_family_member FOREIGN KEY (family_member_id, client_id, provider_id)
		REFERENCES family_members (id, client_id, provider_id),
	CONSTRAINT accommodation_occupants_once UNIQUE (accommodation_id, person_id),
	CONSTRAINT accommodation_occupants_overlap EXCLUDE USING gist
		(provider_id WITH =, person_id WITH =, days WITH &&)
);
CREATE INDEX accommodation_occupants_list ON accommodation_occupants (accommodation_id, created_at, id);
CREATE INDEX accommodation_occupants_case ON accommodation_occupants (case_id, created_at, id);
SELECT record_table('accommodation_occupants');

CREATE TABLE interpretations (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	consultation_id uuid,
	hearing_id uuid,
	identification_id uuid,
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
	UNIQUE (id, case_id),
	CONSTRAINT interpretations_consultation FOREIGN KEY (consultation_id, case_id)
		REFERENCES consultations (id, case_id),
	CONSTRAINT interpretations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES interpretations (id, case_id),
	CONSTRAINT interpretations_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT interpretations_hearing FOREIGN KEY (hearing_id, case_id) REFERENCES hearings (id, case_id),
	CONSTRAINT interpretations_identification FOREIGN KEY (identification_id, case_id, client_id, provider_id)
		REFERENCES identifications (id, case_id, client_id, provider_id)
);
CREATE INDEX interpretations_list ON interpretations (case_id, starts_at, id);
CREATE INDEX interpretations_provider ON interpretations (provider_id, starts_at, id);
CREATE INDEX interpretations_consultation ON interpretations (consultation_id) WHERE consultation_id IS NOT NULL;
CREATE INDEX interpretations_hearing ON interpretations (hearing_id) WHERE hearing_id IS NOT NULL;
CREATE INDEX interpretations_identification ON interpretations (identification_id)
	WHERE identification_id IS NOT NULL;
SELECT record_table('interpretations');

CREATE TABLE legal_documents (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, case_id),
	CONSTRAINT legal_documents_corrects FOREIGN KEY (corrects_id, case_id)
		REFERENCES legal_documents (id, case_id),
	CONSTRAINT legal_documents_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT legal_documents_days CHECK (filed_on >= drafted_on)
);
CREATE INDEX legal_documents_list ON legal_documents (case_id, drafted_on, id);
CREATE INDEX legal_documents_provider ON legal_documents (provider_id, drafted_on, id);
SELECT record_table('legal_documents');

CREATE TABLE trainings (
	LIKE pattern.record_of_case INCLUDING ALL,
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
	UNIQUE (id, case_id),
	CONSTRAINT trainings_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES trainings (id, case_id),
	CONSTRAINT trainings_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT trainings_days CHECK (completed_on >= enrolled_on)
);
CREATE INDEX trainings_list ON trainings (case_id, enrolled_on, id);
CREATE INDEX trainings_provider ON trainings (provider_id, enrolled_on, id);
SELECT record_table('trainings');

CREATE TABLE goods (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, case_id),
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
