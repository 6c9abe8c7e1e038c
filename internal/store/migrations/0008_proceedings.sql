-- Criminal proceedings: support periods, hearings, powers of attorney, representations.

CREATE TABLE criminal_proceedings (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
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
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT criminal_proceedings_basis CHECK (basis_kind IS NULL OR basis_on IS NOT NULL),
	CONSTRAINT criminal_proceedings_days CHECK (closed_on >= opened_on),
	CONSTRAINT criminal_proceedings_ended CHECK (state NOT IN ('terminated', 'completed') OR closed_on IS NOT NULL)
);
CREATE INDEX criminal_proceedings_list ON criminal_proceedings (case_id, created_at, id);
CREATE INDEX criminal_proceedings_client ON criminal_proceedings (client_id);
SELECT record_table('criminal_proceedings');

CREATE TABLE support_periods (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	proceeding_id uuid NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	basis text NOT NULL CHECK (basis IN ('injured_party_decision', 'witness_certificate')),
	reason bytea,
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

CREATE TABLE hearings (
	LIKE pattern.record_of_case INCLUDING ALL,
	criminal_proceeding_id uuid NOT NULL,
	key_id uuid NOT NULL,
	starts_at timestamptz NOT NULL,
	court bytea,
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'held', 'postponed', 'cancelled')),
	client_attended boolean,
	remarks bytea,
	UNIQUE (id, case_id),
	CONSTRAINT hearings_criminal_proceeding FOREIGN KEY (criminal_proceeding_id, case_id, client_id, provider_id)
		REFERENCES criminal_proceedings (id, case_id, client_id, provider_id)
);
CREATE INDEX hearings_list ON hearings (criminal_proceeding_id, starts_at, id);
SELECT record_table('hearings');

CREATE TABLE powers_of_attorney (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	scope bytea NOT NULL,
	given_by text NOT NULL CHECK (given_by IN ('client', 'representative')),
	representative_id uuid,
	lawyer_id uuid,
	granted_on date NOT NULL,
	valid_until date,
	revoked_on date,
	remarks bytea,
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
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	hearing_id uuid,
	entitlement text NOT NULL CHECK (entitlement IN ('start_up', 'course', 'criminal_support', 'aftercare',
		'family')),
	lawyer_id uuid,
	starts_at timestamptz NOT NULL,
	minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
	outcome text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'held', 'no_show', 'cancelled')),
	outcome_reason bytea,
	declined_by_client boolean NOT NULL DEFAULT false,
	funding text NOT NULL DEFAULT 'state' CHECK (funding IN ('state', 'provider_own', 'other')),
	notes bytea,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	UNIQUE (id, case_id),
	CONSTRAINT representations_hearing FOREIGN KEY (hearing_id, case_id) REFERENCES hearings (id, case_id),
	CONSTRAINT representations_lawyer FOREIGN KEY (lawyer_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT representations_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES representations (id, case_id),
	CONSTRAINT representations_once_corrected UNIQUE (corrects_id, provider_id),
	-- Only these two hold a lawyer at court.
	CONSTRAINT representations_entitlement CHECK (entitlement NOT IN ('start_up', 'aftercare', 'family')),
	CONSTRAINT representations_support CHECK (entitlement <> 'criminal_support' OR hearing_id IS NOT NULL)
);
CREATE INDEX representations_list ON representations (case_id, starts_at, id);
CREATE INDEX representations_hearing_list ON representations (hearing_id) WHERE hearing_id IS NOT NULL;
-- What the account of a provider reads by its days.
CREATE INDEX representations_provider ON representations (provider_id, starts_at, id);
SELECT record_table('representations');
