-- Contracts, rule sets and their limits. The rule sets are law, so they are part of the schema's data.

CREATE TABLE contracts (
	id uuid PRIMARY KEY,
	number text NOT NULL,
	title text NOT NULL CHECK (title <> ''),
	ministry text NOT NULL CHECK (ministry <> ''),
	signed_on date,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	planned_clients bigint CHECK (planned_clients >= 0),
	currency text NOT NULL DEFAULT 'EUR',
	remarks text,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT contracts_number UNIQUE (number),
	CONSTRAINT contracts_days CHECK (ends_on >= starts_on)
);
SELECT record_table('contracts');

CREATE TABLE contract_parties (
	id uuid PRIMARY KEY,
	contract_id uuid NOT NULL CONSTRAINT contract_parties_contract REFERENCES contracts (id),
	provider_id uuid NOT NULL CONSTRAINT contract_parties_provider REFERENCES providers (id),
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT contract_parties_once UNIQUE (contract_id, provider_id)
);
CREATE INDEX contract_parties_of_provider ON contract_parties (provider_id);
SELECT record_table('contract_parties');

CREATE TABLE contract_rates (
	id uuid PRIMARY KEY,
	contract_id uuid NOT NULL CONSTRAINT contract_rates_contract REFERENCES contracts (id),
	service text NOT NULL CHECK (service IN ('commission', 'journey', 'escort', 'accommodation_abroad',
		'case_management', 'interpretation', 'accommodation', 'assessment', 'consultation', 'legal_document',
		'training', 'goods')),
	unit text NOT NULL CHECK (unit IN ('piece', 'minute', 'hour', 'day', 'month')),
	cents bigint NOT NULL CHECK (cents >= 0),
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT contract_rates_days CHECK (ends_on >= starts_on),
	CONSTRAINT contract_rates_once EXCLUDE USING gist
		(contract_id WITH =, service WITH =, unit WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
SELECT record_table('contract_rates');

CREATE TABLE rulesets (
	id uuid PRIMARY KEY,
	code text NOT NULL,
	title text NOT NULL CHECK (title <> ''),
	law text NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	aftercare_minutes bigint NOT NULL CHECK (aftercare_minutes > 0),
	no_show_consumes boolean NOT NULL,
	witness_supported boolean NOT NULL,
	interpreter_only_where_none boolean NOT NULL,
	plan_due_days bigint NOT NULL CHECK (plan_due_days > 0),
	evaluation_days bigint NOT NULL CHECK (evaluation_days > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT rulesets_code UNIQUE (code),
	CONSTRAINT rulesets_days CHECK (ends_on >= starts_on),
	CONSTRAINT rulesets_one_at_a_time EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
);
SELECT record_table('rulesets');

CREATE TABLE limits (
	id uuid PRIMARY KEY,
	ruleset_id uuid CONSTRAINT limits_ruleset REFERENCES rulesets (id),
	contract_id uuid CONSTRAINT limits_contract REFERENCES contracts (id),
	-- A closed list (R31): what has another name, service or unit would limit nothing.
	code text NOT NULL CHECK (code IN ('course', 'criminal_support_minutes', 'criminal_support_consultations',
		'aftercare', 'family')),
	service text NOT NULL CHECK (service IN ('start_up', 'course', 'criminal_support', 'aftercare', 'family')),
	unit text NOT NULL CHECK (unit IN ('consultations', 'minutes', 'days')),
	amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 10000000),
	per text NOT NULL CHECK (per IN ('case', 'client', 'person', 'contract')),
	period text NOT NULL CHECK (period IN ('calendar_year', 'window', 'whole')),
	window_months bigint CHECK (window_months > 0),
	enforcement text NOT NULL CHECK (enforcement IN ('block', 'warn')),
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT limits_kind CHECK ((code, service, unit) IN (('course', 'course', 'days'),
		('criminal_support_minutes', 'criminal_support', 'minutes'),
		('criminal_support_consultations', 'criminal_support', 'consultations'),
		('aftercare', 'aftercare', 'consultations'), ('family', 'family', 'consultations'))),
	CONSTRAINT limits_of_contract CHECK (contract_id IS NULL OR code <> 'course'),
	CONSTRAINT limits_aftercare CHECK (ruleset_id IS NULL OR code <> 'aftercare' OR period = 'window'),
	CONSTRAINT limits_owner CHECK (num_nonnulls(ruleset_id, contract_id) = 1),
	CONSTRAINT limits_window CHECK ((period = 'window') = (window_months IS NOT NULL)),
	CONSTRAINT limits_ruleset_code UNIQUE (ruleset_id, code),
	CONSTRAINT limits_contract_code UNIQUE (contract_id, code)
);
SELECT record_table('limits');

-- Contract terms for the rules: both days belong to the contract.
CREATE VIEW provider_contracts WITH (security_invoker = true) AS
	SELECT p.provider_id, c.id AS contract_id, c.starts_on, c.ends_on
	FROM contract_parties p JOIN contracts c ON c.id = p.contract_id;
GRANT SELECT ON provider_contracts TO atbalsts_api;

SELECT set_config('app.actor', 'cli', true);

INSERT INTO rulesets (id, code, title, law, starts_on, ends_on, aftercare_minutes, no_show_consumes, witness_supported,
	interpreter_only_where_none, plan_due_days, evaluation_days)
VALUES
	('01890000-0000-7000-8000-000000000889', 'MK889-2013',
		'Sociālās rehabilitācijas pakalpojumi cilvēku tirdzniecības upuriem (2013–2019)',
		'Ministru kabineta 2006. gada 31. oktobra noteikumi Nr. 889', '2013-01-01', '2019-07-19',
		60, false, false, false, 14, 30),
	('01890000-0000-7000-8000-000000000344', 'MK344-2019',
		'Sociālās rehabilitācijas pakalpojumi cilvēku tirdzniecības upuriem (no 2019)',
		'Ministru kabineta 2019. gada 16. jūlija noteikumi Nr. 344', '2019-07-20', NULL,
		60, false, true, true, 14, 30);

INSERT INTO limits (id, ruleset_id, code, service, unit, amount, per, period, window_months, enforcement)
SELECT (lpad(r.mark, 8, '0') || '-0000-7000-8000-' || lpad(l.number::text, 12, '0'))::uuid, r.id,
	l.code, l.service, l.unit, l.amount, l.per, l.period, l.window_months, 'block'
FROM (SELECT id, right(id::text, 3) AS mark FROM rulesets) r,
	(VALUES
		(1, 'course', 'course', 'days', 180, 'case', 'whole', NULL::bigint),
		(2, 'criminal_support_minutes', 'criminal_support', 'minutes', 9000, 'person', 'calendar_year', NULL),
		(3, 'aftercare', 'aftercare', 'consultations', 5, 'case', 'window', 24),
		(4, 'family', 'family', 'consultations', 5, 'client', 'whole', NULL)
	) AS l (number, code, service, unit, amount, per, period, window_months);
