-- Criminal proceedings, the support that the state pays in them, and representation in court.

CREATE TABLE criminal_proceedings (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT criminal_proceedings_key REFERENCES data_keys (id),
	authority text NOT NULL CHECK (authority <> ''),
	number bytea,
	state text NOT NULL DEFAULT 'investigation' CHECK (state IN ('investigation', 'prosecution', 'court',
		'terminated', 'completed')),
	client_role text CHECK (client_role IN ('injured_party', 'witness')),
	basis_kind text CHECK (basis_kind IN ('injured_party_decision', 'witness_certificate')),
	basis_number bytea,
	basis_on date,
	opened_on date NOT NULL,
	closed_on date,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT criminal_proceedings_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT criminal_proceedings_basis CHECK (basis_kind IS NULL OR basis_on IS NOT NULL),
	CONSTRAINT criminal_proceedings_days CHECK (closed_on >= opened_on),
	CONSTRAINT criminal_proceedings_ended CHECK (state NOT IN ('terminated', 'completed') OR closed_on IS NOT NULL)
);
CREATE INDEX criminal_proceedings_list ON criminal_proceedings (case_id, created_at, id);
CREATE INDEX criminal_proceedings_client ON criminal_proceedings (client_id);
SELECT record_table('criminal_proceedings');

CREATE TABLE support_periods (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT support_periods_key REFERENCES data_keys (id),
	proceeding_id uuid NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	basis text NOT NULL CHECK (basis IN ('injured_party_decision', 'witness_certificate')),
	reason bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT support_periods_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT support_periods_proceeding FOREIGN KEY (proceeding_id, case_id, client_id, provider_id)
		REFERENCES criminal_proceedings (id, case_id, client_id, provider_id),
	CONSTRAINT support_periods_days CHECK (ends_on >= starts_on),
	CONSTRAINT support_periods_overlap EXCLUDE USING gist
		(provider_id WITH =, proceeding_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
CREATE INDEX support_periods_list ON support_periods (case_id, created_at, id);
CREATE INDEX support_periods_client ON support_periods (client_id);
CREATE INDEX support_periods_all ON support_periods (created_at, id);
SELECT record_table('support_periods');

-- All of the client's: support in the proceedings of one case suspends the aftercare of another (R3).
CREATE VIEW case_supports WITH (security_invoker = true) AS
	SELECT c.id AS case_id, s.id, s.starts_on, s.ends_on, s.basis
	FROM cases c JOIN support_periods s ON s.client_id = c.client_id;
GRANT SELECT ON case_supports TO atbalsts_api;

CREATE TABLE hearings (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	criminal_proceeding_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT hearings_key REFERENCES data_keys (id),
	starts_at timestamptz NOT NULL,
	court bytea,
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'held', 'postponed', 'cancelled')),
	client_attended boolean,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT hearings_criminal_proceeding FOREIGN KEY (criminal_proceeding_id, case_id, client_id, provider_id)
		REFERENCES criminal_proceedings (id, case_id, client_id, provider_id)
);
CREATE INDEX hearings_list ON hearings (criminal_proceeding_id, starts_at, id);
SELECT record_table('hearings');
-- locks: both tables are as new as this.
ALTER TABLE interpretations ADD CONSTRAINT interpretations_hearing FOREIGN KEY (hearing_id, case_id)
	REFERENCES hearings (id, case_id);

CREATE TABLE powers_of_attorney (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT powers_of_attorney_key REFERENCES data_keys (id),
	scope bytea NOT NULL,
	given_by text NOT NULL CHECK (given_by IN ('client', 'representative')),
	representative_id uuid,
	lawyer_id uuid,
	granted_on date NOT NULL,
	valid_until date,
	revoked_on date,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT powers_of_attorney_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT powers_of_attorney_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT powers_of_attorney_lawyer FOREIGN KEY (lawyer_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT powers_of_attorney_giver CHECK ((given_by = 'representative') = (representative_id IS NOT NULL)),
	CONSTRAINT powers_of_attorney_valid CHECK (valid_until >= granted_on),
	CONSTRAINT powers_of_attorney_revoked CHECK (revoked_on >= granted_on)
);
CREATE INDEX powers_of_attorney_list ON powers_of_attorney (case_id, created_at, id);
CREATE INDEX powers_of_attorney_ending ON powers_of_attorney (provider_id, valid_until)
	WHERE valid_until IS NOT NULL AND revoked_on IS NULL;
SELECT record_table('powers_of_attorney');

-- No exclusion of overlaps: one lawyer stands for several injured parties in one hearing.
CREATE TABLE representations (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT representations_key REFERENCES data_keys (id),
	hearing_id uuid,
	entitlement text NOT NULL CHECK (entitlement IN ('course', 'criminal_support')),
	lawyer_id uuid,
	starts_at timestamptz NOT NULL,
	minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'held', 'no_show', 'cancelled')),
	outcome_reason bytea,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	notes bytea,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id),
	CONSTRAINT representations_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT representations_hearing FOREIGN KEY (hearing_id, case_id) REFERENCES hearings (id, case_id),
	CONSTRAINT representations_lawyer FOREIGN KEY (lawyer_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT representations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES representations (id, case_id),
	CONSTRAINT representations_once_corrected UNIQUE (corrects_id, provider_id),
	CONSTRAINT representations_support CHECK (entitlement <> 'criminal_support' OR hearing_id IS NOT NULL)
);
CREATE INDEX representations_list ON representations (case_id, starts_at, id);
CREATE INDEX representations_hearing_list ON representations (hearing_id) WHERE hearing_id IS NOT NULL;
SELECT record_table('representations');

-- The smallest free number of a counter, over all providers that share it: the caller sees only its own entries, and
-- would take a number that another provider holds.
CREATE FUNCTION limit_number(counter uuid, highest bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT min(n) FROM generate_series(1, highest) n
	WHERE NOT EXISTS (SELECT FROM limit_entries e WHERE e.usage_id = counter AND e.number = n)
$$;
