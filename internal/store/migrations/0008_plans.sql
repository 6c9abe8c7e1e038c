-- Assessments, plans of social rehabilitation with what belongs to them, and evaluations.

CREATE TABLE assessments (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT assessments_key REFERENCES data_keys (id),
	kind text NOT NULL CHECK (kind IN ('initial', 'repeated', 'final')),
	assessed_on date NOT NULL,
	assessor_id uuid NOT NULL,
	housing bigint CHECK (housing BETWEEN 0 AND 4),
	safety bigint CHECK (safety BETWEEN 0 AND 4),
	physical_health bigint CHECK (physical_health BETWEEN 0 AND 4),
	mental_health bigint CHECK (mental_health BETWEEN 0 AND 4),
	self_care bigint CHECK (self_care BETWEEN 0 AND 4),
	social_network bigint CHECK (social_network BETWEEN 0 AND 4),
	education_work bigint CHECK (education_work BETWEEN 0 AND 4),
	finances bigint CHECK (finances BETWEEN 0 AND 4),
	legal bigint CHECK (legal BETWEEN 0 AND 4),
	language bigint CHECK (language BETWEEN 0 AND 4),
	findings bytea,
	needs bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT assessments_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT assessments_assessor FOREIGN KEY (assessor_id, provider_id) REFERENCES users (id, provider_id)
);
CREATE INDEX assessments_list ON assessments (case_id, assessed_on, id);
SELECT record_table('assessments');

CREATE TABLE plans (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT plans_key REFERENCES data_keys (id),
	number bigint NOT NULL CHECK (number > 0),
	replaces_id uuid CHECK (replaces_id <> id),
	status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'agreed', 'active', 'replaced', 'completed')),
	needs bytea,
	goal bytea,
	drawn_on date NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	client_agreed boolean,
	agreed_on date,
	activated_on date,
	completed_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (id, case_id, client_id, provider_id),
	CONSTRAINT plans_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT plans_replaces FOREIGN KEY (replaces_id, case_id, client_id, provider_id)
		REFERENCES plans (id, case_id, client_id, provider_id),
	-- The case's list is sorted by it too.
	CONSTRAINT plans_number UNIQUE (case_id, number),
	CONSTRAINT plans_days CHECK (ends_on >= starts_on),
	CONSTRAINT plans_agreed CHECK (status = 'draft' OR (agreed_on IS NOT NULL AND ends_on IS NOT NULL)),
	CONSTRAINT plans_activated CHECK (status NOT IN ('active', 'completed') OR activated_on IS NOT NULL),
	CONSTRAINT plans_completed CHECK ((status = 'completed') = (completed_on IS NOT NULL))
);
CREATE UNIQUE INDEX plans_active ON plans (case_id) WHERE status = 'active';
CREATE INDEX plans_by_replaced ON plans (replaces_id) WHERE replaces_id IS NOT NULL;
SELECT record_table('plans');

-- Whoever plans has locked the case, so that no two plans count the same number.
CREATE FUNCTION plan_arrives() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	NEW.number := (SELECT coalesce(max(number), 0) + 1 FROM plans WHERE case_id = NEW.case_id);
	RETURN NEW;
END
$$;
CREATE TRIGGER plan_arrives BEFORE INSERT ON plans FOR EACH ROW WHEN (NEW.number IS NULL)
	EXECUTE FUNCTION plan_arrives();

CREATE TABLE plan_services (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	plan_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT plan_services_key REFERENCES data_keys (id),
	service text NOT NULL CHECK (service IN ('commission', 'journey', 'escort', 'accommodation_abroad',
		'case_management', 'interpretation', 'accommodation', 'assessment', 'consultation', 'legal_document',
		'training', 'goods')),
	volume bigint CHECK (volume > 0),
	unit text CHECK (unit IN ('consultations', 'hours', 'days', 'times', 'items')),
	starts_on date,
	ends_on date,
	description bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT plan_services_plan FOREIGN KEY (plan_id, case_id, client_id, provider_id)
		REFERENCES plans (id, case_id, client_id, provider_id),
	CONSTRAINT plan_services_volume CHECK ((volume IS NULL) = (unit IS NULL)),
	CONSTRAINT plan_services_days CHECK (ends_on >= starts_on)
);
CREATE INDEX plan_services_list ON plan_services (plan_id, created_at, id);
CREATE INDEX plan_services_case ON plan_services (case_id);
SELECT record_table('plan_services');

CREATE TABLE plan_tasks (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	plan_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT plan_tasks_key REFERENCES data_keys (id),
	title bytea NOT NULL,
	responsible_id uuid,
	due_on date,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'dropped')),
	done_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT plan_tasks_plan FOREIGN KEY (plan_id, case_id, client_id, provider_id)
		REFERENCES plans (id, case_id, client_id, provider_id),
	CONSTRAINT plan_tasks_responsible FOREIGN KEY (responsible_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT plan_tasks_done CHECK ((status = 'done') = (done_on IS NOT NULL))
);
CREATE INDEX plan_tasks_list ON plan_tasks (plan_id, created_at, id);
CREATE INDEX plan_tasks_case ON plan_tasks (case_id);
-- What is due, for the reminders of a provider's staff.
CREATE INDEX plan_tasks_due ON plan_tasks (provider_id, due_on) WHERE status = 'open' AND due_on IS NOT NULL;
SELECT record_table('plan_tasks');

CREATE TABLE plan_duties (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	plan_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT plan_duties_key REFERENCES data_keys (id),
	duty bytea NOT NULL,
	fulfilled boolean,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT plan_duties_plan FOREIGN KEY (plan_id, case_id, client_id, provider_id)
		REFERENCES plans (id, case_id, client_id, provider_id)
);
CREATE INDEX plan_duties_list ON plan_duties (plan_id, created_at, id);
CREATE INDEX plan_duties_case ON plan_duties (case_id);
SELECT record_table('plan_duties');

CREATE TABLE plan_evaluations (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	plan_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT plan_evaluations_key REFERENCES data_keys (id),
	evaluated_on date NOT NULL,
	progress text NOT NULL CHECK (progress IN ('setback', 'little', 'good', 'reached')),
	findings bytea,
	changes bytea,
	final boolean NOT NULL DEFAULT false,
	next_due_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT plan_evaluations_plan FOREIGN KEY (plan_id, case_id, client_id, provider_id)
		REFERENCES plans (id, case_id, client_id, provider_id)
);
CREATE UNIQUE INDEX plan_evaluations_final ON plan_evaluations (plan_id) WHERE final;
CREATE INDEX plan_evaluations_list ON plan_evaluations (plan_id, evaluated_on, id);
CREATE INDEX plan_evaluations_case ON plan_evaluations (case_id);
SELECT record_table('plan_evaluations');

-- R16: an assessment comes before the plan.
CREATE VIEW case_first_assessments WITH (security_invoker = true) AS
	SELECT case_id, min(assessed_on) AS assessed_on FROM assessments GROUP BY case_id;

-- The days that a plan's services span: a draft's own days are not drawn in from under them.
CREATE VIEW plan_service_days WITH (security_invoker = true) AS
	SELECT plan_id, least(min(starts_on), min(ends_on)) AS starts_on,
		greatest(max(starts_on), max(ends_on)) AS ends_on
	FROM plan_services GROUP BY plan_id;

GRANT SELECT ON case_first_assessments, plan_service_days TO atbalsts_api;
