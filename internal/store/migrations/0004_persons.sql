-- Persons across providers, clients at one provider, and the people around a client.

-- A person's key wrapped by the master key. Destroying it erases all that it sealed.
CREATE TABLE data_keys (
	id uuid PRIMARY KEY,
	provider_id uuid CONSTRAINT data_keys_provider REFERENCES providers (id),
	client_id uuid,
	wrapped bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	destroyed_at timestamptz,
	CONSTRAINT data_keys_destroyed CHECK ((destroyed_at IS NULL) = (length(wrapped) > 0))
);
CREATE INDEX data_keys_client ON data_keys (client_id);
CREATE INDEX data_keys_master ON data_keys (master_key_of(wrapped), id) WHERE destroyed_at IS NULL;
ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON data_keys TO atbalsts_api;

-- Keyed hashes of the secrets in the master key file as they were first used: blind at the first start, a master key
-- before it wraps anything. The API's role reads them and adds one, and never replaces any.
CREATE TABLE key_fingerprints (
	id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
	fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON key_fingerprints TO atbalsts_api;

CREATE TABLE persons (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX persons_created_at ON persons (created_at, id);
ALTER TABLE persons ENABLE ROW LEVEL SECURITY;
ALTER TABLE persons FORCE ROW LEVEL SECURITY;
GRANT SELECT ON persons TO atbalsts_api;

CREATE TABLE client_numbers (
	provider_id uuid NOT NULL CONSTRAINT client_numbers_provider REFERENCES providers (id),
	year int NOT NULL,
	last int NOT NULL,
	PRIMARY KEY (provider_id, year)
);

CREATE TABLE clients (
	LIKE pattern.record INCLUDING ALL,
	provider_id uuid NOT NULL CONSTRAINT clients_provider REFERENCES providers (id),
	client_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
	key_id uuid NOT NULL,
	person_id uuid NOT NULL CONSTRAINT clients_person REFERENCES persons (id),
	number text NOT NULL,
	status text NOT NULL DEFAULT 'potential' CHECK (status IN ('potential', 'active', 'former')),
	given_name bytea NOT NULL,
	given_name_index bytea,
	family_name bytea,
	family_name_index bytea,
	personal_code bytea,
	personal_code_index bytea,
	birth_date bytea,
	identity_index bytea,
	sex text CHECK (sex IN ('female', 'male', 'other')),
	citizenship text,
	residence_status text CHECK (residence_status IN ('citizen', 'non_citizen', 'eu_citizen', 'permanent',
		'temporary', 'visa', 'asylum_seeker', 'protected', 'reflection_period', 'irregular', 'other')),
	residence_until date,
	declared_address bytea,
	correspondence_address bytea,
	phone bytea,
	phone_index bytea,
	email bytea,
	email_index bytea,
	emergency_contact bytea,
	travel_document text CHECK (travel_document IN ('passport', 'identity_card', 'return_certificate', 'other',
		'none_held')),
	travel_document_number bytea,
	travel_document_until date,
	safe_contact_channel text CHECK (safe_contact_channel IN ('phone', 'sms', 'messenger', 'email', 'post',
		'in_person', 'through_other')),
	safe_contact_times bytea,
	safe_contact_words bytea,
	do_not_contact boolean NOT NULL DEFAULT false,
	languages text[] NOT NULL DEFAULT '{}',
	interpreter_wanted boolean,
	interpreter_sex text CHECK (interpreter_sex IN ('female', 'male', 'other')),
	health_needs bytea,
	threats bytea,
	dependants bigint CHECK (dependants BETWEEN 0 AND 50),
	current_country text,
	referrer text CHECK (referrer IN ('self', 'family_or_friend', 'police', 'prosecutor', 'border_guard', 'embassy',
		'social_service', 'orphans_court', 'health_care', 'school', 'hotline', 'non_governmental',
		'foreign_organisation', 'other')),
	referred_by bytea,
	first_contact_on date NOT NULL,
	UNIQUE (id, provider_id),
	CONSTRAINT clients_number UNIQUE (provider_id, number)
);
CREATE INDEX clients_list ON clients (provider_id, created_at, id);
CREATE INDEX clients_by_status ON clients (provider_id, status, created_at, id);
CREATE INDEX clients_all ON clients (created_at, id);
CREATE INDEX clients_person ON clients (person_id);
CREATE INDEX clients_identity ON clients (identity_index) WHERE identity_index IS NOT NULL;
CREATE INDEX clients_code ON clients (personal_code_index) WHERE personal_code_index IS NOT NULL;
CREATE UNIQUE INDEX clients_personal_code ON clients (provider_id, personal_code_index)
	WHERE personal_code_index IS NOT NULL;
CREATE INDEX clients_given_name ON clients (given_name_index, provider_id);
CREATE INDEX clients_family_name ON clients (family_name_index, provider_id);
CREATE INDEX clients_phone ON clients (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX clients_email ON clients (email_index) WHERE email_index IS NOT NULL;
SELECT record_table('clients');

-- Likely matches without a personal code, and late codes that would join running courses: the agency decides.
CREATE TABLE person_matches (
	LIKE pattern.record_of_client INCLUDING ALL,
	person_id uuid NOT NULL CONSTRAINT person_matches_person REFERENCES persons (id),
	likely_person_id uuid NOT NULL CONSTRAINT person_matches_likely_person REFERENCES persons (id),
	basis text NOT NULL CHECK (basis IN ('name_and_birth_date', 'personal_code')),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'linked', 'separated')),
	remarks text,
	CONSTRAINT person_matches_once UNIQUE (client_id, likely_person_id)
);
-- A trigger makes them.
ALTER TABLE person_matches ALTER COLUMN id SET DEFAULT gen_random_uuid();
CREATE INDEX person_matches_list ON person_matches (state, created_at, id);
CREATE INDEX person_matches_all ON person_matches (created_at, id);
SELECT record_table('person_matches');

CREATE TABLE representatives (
	LIKE pattern.record_of_client INCLUDING ALL,
	key_id uuid NOT NULL,
	kind text NOT NULL CHECK (kind IN ('parent', 'guardian', 'orphans_court')),
	given_name bytea NOT NULL,
	family_name bytea NOT NULL,
	organisation bytea,
	personal_code bytea,
	address bytea,
	phone bytea,
	email bytea,
	languages text[] NOT NULL DEFAULT '{}',
	basis bytea,
	starts_on date NOT NULL,
	ends_on date,
	conflict_of_interest boolean,
	conflict_note bytea,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT representatives_days CHECK (ends_on >= starts_on)
);
CREATE INDEX representatives_list ON representatives (client_id, created_at, id);
SELECT record_table('representatives');

CREATE TABLE family_members (
	LIKE pattern.record_of_client INCLUDING ALL,
	key_id uuid NOT NULL,
	relation text NOT NULL CHECK (relation IN ('child', 'parent', 'spouse', 'partner', 'sibling', 'grandparent',
		'guardian', 'other')),
	given_name bytea NOT NULL,
	family_name bytea,
	birth_date bytea,
	birth_year bigint CHECK (birth_year BETWEEN 1900 AND 2200),
	minor boolean,
	in_latvia boolean,
	with_client boolean,
	country text,
	safe_to_contact boolean,
	phone bytea,
	email bytea,
	address bytea,
	languages text[] NOT NULL DEFAULT '{}',
	remarks bytea,
	UNIQUE (id, client_id, provider_id)
);
CREATE INDEX family_members_list ON family_members (client_id, created_at, id);
SELECT record_table('family_members');

CREATE TABLE trafficking_profiles (
	LIKE pattern.record_of_client INCLUDING ALL,
	key_id uuid NOT NULL,
	exploitation_forms text[] NOT NULL DEFAULT '{}' CHECK (exploitation_forms <@ ARRAY['forced_labour',
		'domestic_servitude', 'sexual_exploitation', 'forced_begging', 'forced_marriage', 'sham_marriage',
		'forced_criminality', 'slavery', 'organ_removal', 'illegal_adoption', 'armed_conflict', 'other']),
	recruitment_country text,
	transit_countries text[] NOT NULL DEFAULT '{}',
	exploitation_countries text[] NOT NULL DEFAULT '{}',
	sector text,
	recruiter_relation text CHECK (recruiter_relation IN ('intimate_partner', 'family', 'friend', 'acquaintance',
		'employer', 'agency', 'stranger', 'other')),
	recruited_online boolean,
	means_of_control text[] NOT NULL DEFAULT '{}' CHECK (means_of_control <@ ARRAY['debt_bondage', 'takes_earnings',
		'restricts_finances', 'threats', 'threat_of_authorities', 'psychological_abuse', 'physical_abuse',
		'sexual_abuse', 'false_promises', 'psychoactive_substances', 'restricts_movement',
		'restricts_medical_care', 'excessive_hours', 'uses_children', 'withholds_necessities',
		'withholds_documents', 'other']),
	age_then bigint CHECK (age_then BETWEEN 0 AND 120),
	minor_then boolean,
	started_on date,
	ended_on date,
	exited_how text CHECK (exited_how IN ('escaped', 'released', 'police', 'helped', 'other')),
	narrative bytea,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT trafficking_profiles_days CHECK (ended_on >= started_on)
);
CREATE INDEX trafficking_profiles_list ON trafficking_profiles (client_id, created_at, id);
SELECT record_table('trafficking_profiles');
