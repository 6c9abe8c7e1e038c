-- Monthly statements, frozen when they are submitted.

-- A provider's account of one month of a contract. From its submission it is what its frozen rows say.
CREATE TABLE statements (
	LIKE pattern.record INCLUDING ALL,
	provider_id uuid NOT NULL CONSTRAINT statements_provider REFERENCES providers (id),
	contract_id uuid NOT NULL CONSTRAINT statements_contract REFERENCES contracts (id),
	month text NOT NULL CHECK (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
	state text NOT NULL DEFAULT 'drafted' CHECK (state IN ('drafted', 'submitted', 'returned', 'accepted')),
	reason text,
	cents bigint,
	submitted_at timestamptz,
	submitted_by uuid,
	decided_at timestamptz,
	decided_by uuid,
	CONSTRAINT statements_once UNIQUE (contract_id, provider_id, month),
	CONSTRAINT statements_frozen CHECK ((state = 'drafted') = (cents IS NULL)),
	CONSTRAINT statements_returned CHECK (state <> 'returned' OR reason IS NOT NULL)
);
CREATE INDEX statements_list ON statements (provider_id, month, id);
CREATE INDEX statements_all ON statements (month, id);
SELECT record_table('statements');

-- What a submitted statement bills: for each act what was not billed before, or what has changed since.
CREATE TABLE frozen_statement_items (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	statement_id uuid NOT NULL CONSTRAINT frozen_statement_items_statement REFERENCES statements (id),
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	act text NOT NULL,
	act_id uuid NOT NULL,
	service text NOT NULL,
	month text NOT NULL,
	day date NOT NULL,
	correction boolean NOT NULL,
	acts bigint NOT NULL,
	minutes bigint NOT NULL,
	days bigint NOT NULL,
	pieces bigint NOT NULL,
	cents bigint,
	-- What nobody has set a price for cannot be billed.
	CONSTRAINT frozen_statement_items_rate CHECK (cents IS NOT NULL)
);
CREATE INDEX frozen_statement_items_list ON frozen_statement_items (statement_id, day, id);
ALTER TABLE frozen_statement_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE frozen_statement_items FORCE ROW LEVEL SECURITY;
GRANT SELECT ON frozen_statement_items TO atbalsts_api;

CREATE TABLE frozen_statement_lines (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	statement_id uuid NOT NULL CONSTRAINT frozen_statement_lines_statement REFERENCES statements (id),
	provider_id uuid NOT NULL,
	service text NOT NULL,
	month text NOT NULL,
	correction boolean NOT NULL,
	people bigint NOT NULL,
	acts bigint NOT NULL,
	minutes bigint NOT NULL,
	days bigint NOT NULL,
	pieces bigint NOT NULL,
	cents bigint NOT NULL,
	CONSTRAINT frozen_statement_lines_once UNIQUE (statement_id, month, service)
);
ALTER TABLE frozen_statement_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE frozen_statement_lines FORCE ROW LEVEL SECURITY;
GRANT SELECT ON frozen_statement_lines TO atbalsts_api;
