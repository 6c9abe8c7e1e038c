-- Human beings: persons across providers, clients at one of them, and those around a client.

-- A person's key wrapped by the master key. Destroying it erases all that it sealed.
CREATE TABLE data_keys (
	id uuid PRIMARY KEY,
	provider_id uuid CONSTRAINT data_keys_provider REFERENCES providers (id),
	client_id uuid,
	wrapped bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	destroyed_at timestamptz,
	CHECK ((destroyed_at IS NULL) = (length(wrapped) > 0))
);
CREATE INDEX data_keys_client ON data_keys (client_id);
ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON data_keys TO atbalsts_api;

-- The id of the master key in a wrapped key: version, length of the id, id (auth/seal.c).
CREATE FUNCTION master_key_of(wrapped bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT CASE WHEN length(wrapped) > 2
		THEN encode(substring(wrapped FROM 3 FOR get_byte(wrapped, 1)), 'escape') ELSE '' END
$$;
CREATE INDEX data_keys_master ON data_keys (master_key_of(wrapped), id) WHERE destroyed_at IS NULL;

-- The oldest keys that each master key wraps, to try a master key file on: three, so that one damaged row shuts nobody
-- out. The index is skipped through, id by id. A file holds four master keys: with more ids than the limit lets through
-- it lacks one of those told.
CREATE FUNCTION master_key_samples() RETURNS TABLE (master text, id uuid, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH RECURSIVE masters AS (
		SELECT min(master_key_of(k.wrapped)) AS master FROM data_keys k WHERE k.destroyed_at IS NULL
		UNION ALL
		SELECT (SELECT min(master_key_of(k.wrapped)) FROM data_keys k
			WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) > m.master)
		FROM masters m WHERE m.master IS NOT NULL
	)
	SELECT m.master, s.id, s.wrapped
	FROM masters m CROSS JOIN LATERAL (SELECT k.id, k.wrapped FROM data_keys k
		WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) = m.master ORDER BY k.id LIMIT 3) s
	LIMIT 60
$$;

-- Keyed hashes of the secrets in the master key file as they were first used: blind at the first start, a master key
-- before it wraps anything. The API's role reads them and adds one, and never replaces any.
CREATE TABLE key_fingerprints (
	id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
	fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON key_fingerprints TO atbalsts_api;

-- Nothing where the key was used already: a fingerprint that is gone then is no first start.
CREATE FUNCTION key_remember(key text, print bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO key_fingerprints (id, fingerprint)
	SELECT key, print
	WHERE CASE WHEN key = 'blind' THEN NOT EXISTS (SELECT FROM data_keys)
		ELSE NOT EXISTS (SELECT FROM data_keys k
			WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) = key) END
	ON CONFLICT (id) DO NOTHING
$$;
REVOKE ALL ON FUNCTION master_key_samples(), key_remember(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION master_key_samples(), key_remember(text, bytea) TO atbalsts_api;

CREATE TABLE persons (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX persons_created_at ON persons (created_at, id);
ALTER TABLE persons ENABLE ROW LEVEL SECURITY;
ALTER TABLE persons FORCE ROW LEVEL SECURITY;
GRANT SELECT ON persons TO atbalsts_api;
CREATE POLICY persons_agency ON persons FOR SELECT USING ((SELECT app_role()) = 'agency_officer');

CREATE TABLE client_numbers (
	provider_id uuid NOT NULL REFERENCES providers (id),
	year int NOT NULL,
	last int NOT NULL,
	PRIMARY KEY (provider_id, year)
);

CREATE TABLE clients (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL CONSTRAINT clients_provider REFERENCES providers (id),
	client_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
	key_id uuid NOT NULL CONSTRAINT clients_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
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
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	person_id uuid NOT NULL REFERENCES persons (id),
	likely_person_id uuid NOT NULL REFERENCES persons (id),
	basis text NOT NULL CHECK (basis IN ('name_and_birth_date', 'personal_code')),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'linked', 'separated')),
	remarks text,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT person_matches_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id),
	CONSTRAINT person_matches_once UNIQUE (client_id, likely_person_id)
);
CREATE INDEX person_matches_list ON person_matches (state, created_at, id);
SELECT record_table('person_matches');

-- Numbers and persons are given here, as the owner, so that nobody learns of another provider's clients. Loads
-- (actor cli) may bring their own.
CREATE FUNCTION client_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	this_year int := extract(year FROM riga_today());
	place int;
BEGIN
	IF app_setting('actor') IS DISTINCT FROM 'cli' THEN
		NEW.number := NULL;
		NEW.person_id := NULL;
	END IF;
	IF NEW.person_id IS NULL AND NEW.personal_code_index IS NOT NULL THEN
		SELECT c.person_id INTO NEW.person_id FROM clients c
		WHERE c.personal_code_index = NEW.personal_code_index ORDER BY c.id LIMIT 1;
	END IF;
	IF NEW.person_id IS NULL THEN
		INSERT INTO persons DEFAULT VALUES RETURNING id INTO NEW.person_id;
	END IF;
	IF NEW.number IS NULL THEN
		INSERT INTO client_numbers AS n (provider_id, year, last) VALUES (NEW.provider_id, this_year, 1)
		ON CONFLICT (provider_id, year) DO UPDATE SET last = n.last + 1
		RETURNING n.last INTO place;
		NEW.number := this_year || '-' || lpad(place::text, greatest(4, length(place::text)), '0');
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER client_arrives BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION client_arrives();

-- Others with the same identity become tasks. An equal code found later is one too: joining the persons at once could
-- tell a provider, by a refusal, of a course elsewhere.
CREATE FUNCTION client_matches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO person_matches (provider_id, client_id, person_id, likely_person_id, basis)
	SELECT NEW.provider_id, NEW.id, NEW.person_id, m.person_id, m.basis
	FROM (
		SELECT DISTINCT ON (c.person_id) c.person_id, c.basis
		FROM (
			SELECT o.person_id, 'personal_code' AS basis FROM clients o
			WHERE o.personal_code_index = NEW.personal_code_index
			UNION ALL
			SELECT o.person_id, 'name_and_birth_date' FROM clients o
			WHERE o.identity_index = NEW.identity_index
				AND (o.personal_code_index = NEW.personal_code_index) IS NOT FALSE
		) c
		WHERE c.person_id <> NEW.person_id
		ORDER BY c.person_id, c.basis DESC
		LIMIT 10
	) m
	ON CONFLICT (client_id, likely_person_id) DO NOTHING;
	RETURN NULL;
END
$$;
CREATE TRIGGER client_matches_new AFTER INSERT ON clients FOR EACH ROW
	WHEN (NEW.identity_index IS NOT NULL) EXECUTE FUNCTION client_matches();
CREATE TRIGGER client_matches_changed AFTER UPDATE ON clients FOR EACH ROW
	WHEN (NEW.identity_index IS DISTINCT FROM OLD.identity_index
		OR NEW.personal_code_index IS DISTINCT FROM OLD.personal_code_index)
	EXECUTE FUNCTION client_matches();

CREATE TABLE representatives (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT representatives_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT representatives_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id),
	CONSTRAINT representatives_days CHECK (ends_on >= starts_on)
);
CREATE INDEX representatives_list ON representatives (client_id, created_at, id);
SELECT record_table('representatives');

CREATE TABLE family_members (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT family_members_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT family_members_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id)
);
CREATE INDEX family_members_list ON family_members (client_id, created_at, id);
SELECT record_table('family_members');

CREATE TABLE trafficking_profiles (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT trafficking_profiles_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT trafficking_profiles_client FOREIGN KEY (client_id, provider_id)
		REFERENCES clients (id, provider_id),
	CONSTRAINT trafficking_profiles_days CHECK (ended_on >= started_on)
);
CREATE INDEX trafficking_profiles_list ON trafficking_profiles (client_id, created_at, id);
SELECT record_table('trafficking_profiles');

-- Who has seen a client: for the auditor and the client's own manager (policies of audit_events).
CREATE VIEW accesses WITH (security_invoker = true) AS
	SELECT a.id, a.client_id, a.client_provider_id AS provider_id, a.at, a.purpose,
		a.provider_id AS organisation_id, p.name AS organisation, a.role, a.user_id, a.resource, a.row_id
	FROM audit_events a LEFT JOIN providers p ON p.id = a.provider_id
	WHERE a.action = 'read' AND a.client_id IS NOT NULL;
GRANT SELECT ON accesses TO atbalsts_api;
