-- Consents of clients, and the time that third-country nationals have to reflect.

CREATE TABLE consents (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT consents_key REFERENCES data_keys (id),
	scope text NOT NULL CHECK (scope IN ('notes_transfer', 'law_enforcement', 'authorities', 'health_care',
		'abroad', 'family_contact', 'research', 'publicity', 'other')),
	purpose text NOT NULL CHECK (purpose <> ''),
	recipient text,
	informed_of text[] NOT NULL,
	language text,
	given_on date NOT NULL,
	given_by text NOT NULL CHECK (given_by IN ('client', 'representative')),
	representative_id uuid,
	valid_until date,
	withdrawn_on date,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT consents_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id),
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

CREATE VIEW client_nationalities WITH (security_invoker = true) AS
	SELECT c.id AS client_id, c.citizenship, f.starts_on, f.ends_on
	FROM clients c LEFT JOIN free_movement f ON f.country = c.citizenship;
GRANT SELECT ON client_nationalities TO atbalsts_api;

CREATE TABLE reflection_periods (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT reflection_periods_key REFERENCES data_keys (id),
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	granted_by text NOT NULL CHECK (granted_by IN ('police', 'border_guard', 'prosecutor', 'other')),
	document_number bytea,
	remarks bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT reflection_periods_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id),
	CONSTRAINT reflection_periods_days CHECK (ends_on >= starts_on),
	CONSTRAINT reflection_periods_overlap EXCLUDE USING gist
		(provider_id WITH =, client_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
CREATE INDEX reflection_periods_list ON reflection_periods (client_id, created_at, id);
CREATE INDEX reflection_periods_ending ON reflection_periods (provider_id, ends_on);
SELECT record_table('reflection_periods');
