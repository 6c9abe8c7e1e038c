-- Consents, privacy notices, reflection periods, complaints, transfers to another provider.

CREATE TABLE consents (
	LIKE pattern.record_of_client INCLUDING ALL,
	recipient_provider_id uuid CONSTRAINT consents_recipient_provider REFERENCES providers (id),
	key_id uuid NOT NULL,
	scope text NOT NULL CHECK (scope IN ('notes_transfer', 'law_enforcement', 'authorities', 'health_care',
		'abroad', 'family_contact', 'research', 'publicity', 'other')),
	purpose text NOT NULL CHECK (purpose <> ''),
	recipient text,
	informed_of text[] NOT NULL CHECK (informed_of <@ ARRAY['controller', 'purposes', 'data_types',
		'right_to_withdraw', 'automated_decisions', 'transfer_risks']),
	language text,
	given_on date NOT NULL,
	given_by text NOT NULL CHECK (given_by IN ('client', 'representative')),
	representative_id uuid,
	valid_until date,
	withdrawn_on date,
	remarks bytea,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT consents_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT consents_giver CHECK ((given_by = 'representative') = (representative_id IS NOT NULL)),
	-- Told of less, nobody has consented.
	CONSTRAINT consents_informed CHECK (informed_of @> ARRAY['controller', 'purposes', 'data_types',
		'right_to_withdraw', 'automated_decisions', 'transfer_risks']),
	CONSTRAINT consents_valid CHECK (valid_until >= given_on),
	CONSTRAINT consents_withdrawn CHECK (withdrawn_on >= given_on)
);
CREATE INDEX consents_list ON consents (client_id, created_at, id);
SELECT record_table('consents');

-- Whose nationals move freely in the Union (EU, EEA, Switzerland), and since when: they need no time to reflect.
CREATE TABLE free_movement (
	country text PRIMARY KEY CHECK (country ~ '^[A-Z]{2}$'),
	starts_on date NOT NULL,
	ends_on date
);
GRANT SELECT ON free_movement TO atbalsts_api;
INSERT INTO free_movement (country, starts_on, ends_on)
SELECT country, date '2004-05-01', CASE WHEN country = 'GB' THEN date '2020-12-31' END
FROM unnest(ARRAY['AT', 'BE', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HU', 'IE', 'IS', 'IT',
	'LI', 'LT', 'LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'SE', 'SI', 'SK']) AS country
UNION ALL
VALUES ('BG', date '2007-01-01', NULL::date), ('RO', '2007-01-01', NULL), ('HR', '2013-07-01', NULL);

CREATE TABLE reflection_periods (
	LIKE pattern.record_of_client INCLUDING ALL,
	key_id uuid NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	granted_by text NOT NULL CHECK (granted_by IN ('police', 'border_guard', 'prosecutor', 'other')),
	document_number bytea,
	remarks bytea,
	CONSTRAINT reflection_periods_days CHECK (ends_on >= starts_on),
	CONSTRAINT reflection_periods_overlap EXCLUDE USING gist
		(provider_id WITH =, client_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
CREATE INDEX reflection_periods_list ON reflection_periods (client_id, created_at, id);
CREATE INDEX reflection_periods_ending ON reflection_periods (provider_id, ends_on);
SELECT record_table('reflection_periods');

CREATE TABLE privacy_notices (
	LIKE pattern.record_of_client INCLUDING ALL,
	key_id uuid NOT NULL,
	text_version text NOT NULL CHECK (text_version <> ''),
	language text NOT NULL,
	given_on date NOT NULL,
	channel text NOT NULL CHECK (channel IN ('oral', 'written', 'electronic', 'interpreter', 'other')),
	given_to text NOT NULL CHECK (given_to IN ('client', 'representative')),
	representative_id uuid,
	given_by uuid NOT NULL,
	remarks bytea,
	CONSTRAINT privacy_notices_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT privacy_notices_given_by FOREIGN KEY (given_by, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT privacy_notices_receiver CHECK ((given_to = 'representative') = (representative_id IS NOT NULL))
);
CREATE INDEX privacy_notices_list ON privacy_notices (client_id, created_at, id);
SELECT record_table('privacy_notices');

CREATE TABLE complaints (
	LIKE pattern.record_of_case INCLUDING ALL,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	key_id uuid NOT NULL,
	service text NOT NULL CHECK (service IN ('commission', 'journey', 'escort', 'accommodation_abroad',
		'case_management', 'interpretation', 'accommodation', 'assessment', 'consultation', 'legal_document',
		'representation', 'training', 'goods')),
	about_user_id uuid,
	made_by text NOT NULL CHECK (made_by IN ('client', 'representative')),
	representative_id uuid,
	received_on date NOT NULL,
	text bytea NOT NULL,
	state text NOT NULL CHECK (state IN ('received', 'examined', 'answered')),
	examined_on date,
	findings bytea,
	answered_on date,
	answer bytea,
	CONSTRAINT complaints_about_user FOREIGN KEY (about_user_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT complaints_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT complaints_maker CHECK ((made_by = 'representative') = (representative_id IS NOT NULL)),
	CONSTRAINT complaints_of_case UNIQUE (id, case_id),
	CONSTRAINT complaints_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES complaints (id, case_id),
	CONSTRAINT complaints_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT complaints_examined CHECK ((state <> 'received') = (num_nulls(examined_on, findings) = 0)),
	CONSTRAINT complaints_answered CHECK ((state = 'answered') = (num_nulls(answered_on, answer) = 0)),
	CONSTRAINT complaints_examined_on CHECK (examined_on >= received_on),
	CONSTRAINT complaints_answered_on CHECK (answered_on >= examined_on)
);
CREATE INDEX complaints_list ON complaints (case_id, received_on, id);
SELECT record_table('complaints');

-- Rows of the giver's. new_client_id and new_case_id are what the receiver has got, and never told to the giver.
CREATE TABLE transfers (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	to_provider_id uuid NOT NULL CONSTRAINT transfers_to_provider REFERENCES providers (id),
	requested_on date NOT NULL,
	requested_by text NOT NULL CHECK (requested_by IN ('client', 'representative')),
	representative_id uuid,
	reason bytea,
	notes_consent_id uuid,
	state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'accepted', 'rejected', 'revoked')),
	revoked_on date,
	revoked_by text CHECK (revoked_by IN ('client', 'representative')),
	answered_on date,
	rejection_reason bytea,
	notes_travelled boolean,
	answered_at timestamptz,
	answered_by uuid,
	new_client_id uuid,
	new_case_id uuid,
	CONSTRAINT transfers_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT transfers_notes_consent FOREIGN KEY (notes_consent_id, client_id, provider_id)
		REFERENCES consents (id, client_id, provider_id),
	-- The answer names the receiver's case before it is there, so that the case knows whose it is.
	CONSTRAINT transfers_new_case FOREIGN KEY (new_case_id, new_client_id, to_provider_id)
		REFERENCES cases (id, client_id, provider_id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT transfers_elsewhere CHECK (to_provider_id <> provider_id),
	CONSTRAINT transfers_requester CHECK ((requested_by = 'representative') = (representative_id IS NOT NULL)),
	CONSTRAINT transfers_revoked CHECK ((state = 'revoked') = (num_nulls(revoked_on, revoked_by) = 0)
		AND revoked_on >= requested_on),
	CONSTRAINT transfers_answered CHECK ((state IN ('accepted', 'rejected')) = (num_nulls(answered_on, answered_at,
		answered_by) = 0) AND answered_on >= requested_on),
	CONSTRAINT transfers_accepted CHECK ((state = 'accepted') = (num_nulls(new_client_id, new_case_id) = 0)),
	CONSTRAINT transfers_rejected CHECK ((state = 'rejected') = (rejection_reason IS NOT NULL))
);
CREATE UNIQUE INDEX transfers_open ON transfers (case_id) WHERE state = 'requested';
CREATE UNIQUE INDEX transfers_gone ON transfers (case_id) WHERE state = 'accepted';
CREATE INDEX transfers_list ON transfers (case_id, created_at, id);
CREATE INDEX transfers_incoming ON transfers (to_provider_id, requested_on, id);
CREATE INDEX transfers_all ON transfers (requested_on, id);
CREATE INDEX transfers_by_state ON transfers (state, requested_on, id);
CREATE INDEX transfers_new_client ON transfers (new_client_id) WHERE new_client_id IS NOT NULL;
CREATE INDEX transfers_new_case ON transfers (new_case_id) WHERE new_case_id IS NOT NULL;
SELECT record_table('transfers');
