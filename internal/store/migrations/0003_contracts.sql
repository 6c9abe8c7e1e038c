-- Contracts with their rates, and rule sets with their limits. The rule sets are law, so they are rows of the schema.

CREATE TABLE contracts (
	LIKE pattern.record INCLUDING ALL,
	number text NOT NULL,
	title text NOT NULL CHECK (title <> ''),
	ministry text NOT NULL CHECK (ministry <> ''),
	signed_on date,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	planned_clients bigint CHECK (planned_clients >= 0),
	currency text NOT NULL DEFAULT 'EUR',
	remarks text,
	CONSTRAINT contracts_number UNIQUE (number),
	CONSTRAINT contracts_days CHECK (ends_on >= starts_on)
);
CREATE INDEX contracts_list ON contracts (starts_on, id);
SELECT record_table('contracts');

CREATE TABLE contract_parties (
	LIKE pattern.record INCLUDING ALL,
	contract_id uuid NOT NULL CONSTRAINT contract_parties_contract REFERENCES contracts (id),
	provider_id uuid NOT NULL CONSTRAINT contract_parties_provider REFERENCES providers (id),
	CONSTRAINT contract_parties_once UNIQUE (contract_id, provider_id)
);
CREATE INDEX contract_parties_of_provider ON contract_parties (provider_id);
SELECT record_table('contract_parties');

-- Representation in court has a rate of its own. What a service is measured in, the finest first: where a contract
-- has rates in several of its units for one day, the first one holds.
CREATE TABLE service_units (
	service text NOT NULL,
	unit text NOT NULL,
	place int NOT NULL,
	PRIMARY KEY (service, unit)
);
GRANT SELECT ON service_units TO atbalsts_api;
INSERT INTO service_units (service, unit, place)
SELECT s.service, u.unit, u.place
FROM (VALUES ('minute', 1), ('hour', 2), ('piece', 3)) AS u (unit, place)
	CROSS JOIN unnest(ARRAY['consultation', 'interpretation', 'legal_document', 'representation', 'training'])
		AS s (service)
UNION ALL
VALUES ('accommodation', 'day', 1), ('accommodation_abroad', 'day', 1), ('case_management', 'month', 1),
	('commission', 'piece', 1), ('journey', 'piece', 1), ('escort', 'day', 1), ('escort', 'piece', 2),
	('assessment', 'piece', 1), ('goods', 'piece', 1);

CREATE TABLE contract_rates (
	LIKE pattern.record INCLUDING ALL,
	contract_id uuid NOT NULL CONSTRAINT contract_rates_contract REFERENCES contracts (id),
	service text NOT NULL,
	unit text NOT NULL CHECK (unit IN ('piece', 'minute', 'hour', 'day', 'month')),
	cents bigint NOT NULL CHECK (cents >= 0),
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	CONSTRAINT contract_rates_days CHECK (ends_on >= starts_on),
	-- A rate in another unit pays for nothing.
	CONSTRAINT contract_rates_unit FOREIGN KEY (service, unit) REFERENCES service_units (service, unit),
	CONSTRAINT contract_rates_once EXCLUDE USING gist
		(contract_id WITH =, service WITH =, unit WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
);
SELECT record_table('contract_rates');

-- What the ministry planned beside the clients: one volume for each service.
CREATE TABLE planned_volumes (
	LIKE pattern.record INCLUDING ALL,
	contract_id uuid NOT NULL CONSTRAINT planned_volumes_contract REFERENCES contracts (id),
	service text NOT NULL,
	unit text NOT NULL,
	amount bigint NOT NULL CHECK (amount >= 0),
	CONSTRAINT planned_volumes_once UNIQUE (contract_id, service),
	CONSTRAINT planned_volumes_unit FOREIGN KEY (service, unit) REFERENCES service_units (service, unit)
);
SELECT record_table('planned_volumes');

CREATE TABLE rulesets (
	LIKE pattern.record INCLUDING ALL,
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
	CONSTRAINT rulesets_code UNIQUE (code),
	CONSTRAINT rulesets_days CHECK (ends_on >= starts_on),
	CONSTRAINT rulesets_one_at_a_time EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
);
CREATE INDEX rulesets_list ON rulesets (starts_on, id);
SELECT record_table('rulesets');
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

-- Rule sets replace one another, and a person may have cases under several: a limit that bounds the same service in
-- the same unit, per the same holder and period as one of an earlier rule set is the same limit, and counts on its
-- counter. The amount is that of the case's own rule set. Two limits of one rule set have two counters.
CREATE TABLE limits (
	LIKE pattern.record INCLUDING ALL,
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
	counter_id uuid NOT NULL CONSTRAINT limits_counter REFERENCES limits (id),
	enforcement text NOT NULL CHECK (enforcement IN ('block', 'warn')),
	CONSTRAINT limits_kind CHECK ((code, service, unit) IN (('course', 'course', 'days'),
		('criminal_support_minutes', 'criminal_support', 'minutes'),
		('criminal_support_consultations', 'criminal_support', 'consultations'),
		('aftercare', 'aftercare', 'consultations'), ('family', 'family', 'consultations'))),
	CONSTRAINT limits_of_contract CHECK (contract_id IS NULL OR code <> 'course'),
	CONSTRAINT limits_aftercare CHECK (ruleset_id IS NULL OR code <> 'aftercare' OR period = 'window'),
	CONSTRAINT limits_owner CHECK (num_nonnulls(ruleset_id, contract_id) = 1),
	CONSTRAINT limits_window CHECK ((period = 'window') = (window_months IS NOT NULL)),
	CONSTRAINT limits_ruleset_code UNIQUE (ruleset_id, code),
	CONSTRAINT limits_contract_code UNIQUE (contract_id, code),
	CONSTRAINT limits_counter_once UNIQUE (ruleset_id, counter_id)
);
SELECT record_table('limits');
-- Both rule sets count on the counters of the first.
INSERT INTO limits (id, ruleset_id, code, service, unit, amount, per, period, window_months, enforcement, counter_id)
SELECT (lpad(r.mark, 8, '0') || '-0000-7000-8000-' || lpad(l.number::text, 12, '0'))::uuid, r.id,
	l.code, l.service, l.unit, l.amount, l.per, l.period, l.window_months, 'block',
	('00000889-0000-7000-8000-' || lpad(l.number::text, 12, '0'))::uuid
FROM (SELECT id, right(id::text, 3) AS mark FROM rulesets) r,
	(VALUES
		(1, 'course', 'course', 'days', 180, 'case', 'whole', NULL::bigint),
		(2, 'criminal_support_minutes', 'criminal_support', 'minutes', 9000, 'person', 'calendar_year', NULL),
		(3, 'aftercare', 'aftercare', 'consultations', 5, 'case', 'window', 24),
		(4, 'family', 'family', 'consultations', 5, 'client', 'whole', NULL)
	) AS l (number, code, service, unit, amount, per, period, window_months);
