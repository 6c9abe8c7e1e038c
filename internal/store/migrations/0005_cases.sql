-- Cases: team, steps, the ledger of limits, notes, tasks, flags, and the work list's settings.

CREATE TABLE cases (
	LIKE pattern.record_of_client INCLUDING ALL,
	case_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
	key_id uuid NOT NULL,
	person_id uuid NOT NULL CONSTRAINT cases_person REFERENCES persons (id),
	number text NOT NULL,
	status text NOT NULL DEFAULT 'inquiry' CHECK (status IN ('inquiry', 'applied', 'under_assessment',
		'awaiting_decision', 'granted', 'refused', 'in_course', 'suspended', 'aftercare', 'withdrawn',
		'closed')),
	opened_on date NOT NULL,
	case_worker_id uuid,
	deputy_id uuid,
	risk_level text CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
	risk_assessed_on date,
	next_review_on date,
	summary bytea,
	ruleset_id uuid CONSTRAINT cases_ruleset REFERENCES rulesets (id),
	received_on date,
	granted_on date,
	refused_on date,
	course_start date,
	course_end date,
	suspended_days bigint CHECK (suspended_days >= 0),
	suspended_from date,
	suspended_until date,
	closed_on date,
	close_reason text CHECK (close_reason IN ('completed', 'withdrew', 'moved_abroad', 'transferred',
		'lost_contact', 'not_a_victim', 'not_pursued', 'deceased', 'other')),
	UNIQUE (id, client_id, provider_id),
	CONSTRAINT cases_client FOREIGN KEY (client_id, provider_id) REFERENCES clients (id, provider_id),
	CONSTRAINT cases_case_worker FOREIGN KEY (case_worker_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT cases_deputy FOREIGN KEY (deputy_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT cases_number UNIQUE (provider_id, number),
	CONSTRAINT cases_course CHECK (course_end >= course_start),
	CONSTRAINT cases_suspension CHECK (suspended_until >= suspended_from),
	CONSTRAINT cases_running CHECK (status NOT IN ('in_course', 'suspended') OR course_start IS NOT NULL),
	CONSTRAINT cases_closed CHECK (status <> 'closed' OR (closed_on IS NOT NULL AND close_reason IS NOT NULL))
);
-- R15: one running course per person, over all providers.
CREATE UNIQUE INDEX cases_running_course ON cases (person_id) WHERE status IN ('granted', 'in_course', 'suspended');
CREATE INDEX cases_list ON cases (provider_id, created_at, id);
CREATE INDEX cases_by_status ON cases (provider_id, status, created_at, id);
CREATE INDEX cases_all ON cases (created_at, id);
CREATE INDEX cases_all_by_status ON cases (status, created_at, id);
CREATE INDEX cases_review ON cases (provider_id, next_review_on) WHERE next_review_on IS NOT NULL;
CREATE INDEX cases_client ON cases (client_id);
CREATE INDEX cases_person ON cases (person_id);
CREATE INDEX cases_case_worker ON cases (case_worker_id, created_at, id) WHERE case_worker_id IS NOT NULL;
-- What the list reads of each provider.
CREATE INDEX cases_course_ending ON cases (provider_id, course_end) WHERE status IN ('in_course', 'suspended');
CREATE INDEX cases_aftercare_closing ON cases (provider_id, course_end) WHERE status = 'aftercare';
SELECT record_table('cases');

CREATE TABLE case_team (
	LIKE pattern.record_of_case INCLUDING ALL,
	user_id uuid NOT NULL,
	duty text,
	CONSTRAINT case_team_user FOREIGN KEY (user_id, provider_id) REFERENCES users (id, provider_id)
);
CREATE UNIQUE INDEX case_team_once ON case_team (case_id, user_id);
CREATE INDEX case_team_list ON case_team (case_id, created_at, id);
CREATE INDEX case_team_by_client ON case_team (client_id, user_id);
CREATE INDEX case_team_by_user ON case_team (user_id, case_id);
SELECT record_table('case_team');

CREATE TABLE case_transitions (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	"from" text NOT NULL CHECK ("from" IN ('inquiry', 'applied', 'under_assessment', 'awaiting_decision', 'granted',
		'refused', 'in_course', 'suspended', 'aftercare', 'withdrawn', 'closed')),
	"to" text NOT NULL CHECK ("to" IN ('inquiry', 'applied', 'under_assessment', 'awaiting_decision', 'granted',
		'refused', 'in_course', 'suspended', 'aftercare', 'withdrawn', 'closed')),
	happened_on date NOT NULL,
	close_reason text CHECK (close_reason IN ('completed', 'withdrew', 'moved_abroad', 'transferred',
		'lost_contact', 'not_a_victim', 'not_pursued', 'deceased', 'other')),
	suspended_from date,
	suspended_until date,
	reason bytea,
	decided boolean NOT NULL DEFAULT false,
	CONSTRAINT case_transitions_suspension CHECK (suspended_until >= suspended_from)
);
CREATE INDEX case_transitions_list ON case_transitions (case_id, created_at, id);
CREATE INDEX case_transitions_ends ON case_transitions (provider_id, case_id)
	WHERE "to" IN ('closed', 'withdrawn') OR "from" IN ('closed', 'withdrawn');
SELECT record_table('case_transitions');

-- One counter per limit, holder and period; entries say what took the units. Of a limit that clients share (per person
-- or contract) each client has an own counter beside the shared one, with its holder's id: an act counts on both, an
-- opening usage on the own one alone, so that it changes nothing at another provider and tells nothing from there.
CREATE TABLE limit_usages (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	limit_id uuid NOT NULL CONSTRAINT limit_usages_limit REFERENCES limits (id),
	holder_id uuid NOT NULL,
	provider_id uuid,
	client_id uuid,
	case_id uuid,
	period text NOT NULL CHECK (period ~ '^(whole|[0-9]{4})$'),
	amount bigint NOT NULL,
	used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
	enforcement text NOT NULL CHECK (enforcement IN ('block', 'warn')),
	own boolean NOT NULL DEFAULT false,
	CONSTRAINT limit_usages_once UNIQUE (limit_id, holder_id, period),
	CONSTRAINT limit_usages_amount CHECK (used <= amount OR enforcement = 'warn')
);
CREATE INDEX limit_usages_holder ON limit_usages (holder_id);
CREATE INDEX limit_usages_near ON limit_usages (limit_id, period, used) WHERE period <> 'whole';
ALTER TABLE limit_usages ENABLE ROW LEVEL SECURITY;
ALTER TABLE limit_usages FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON limit_usages TO atbalsts_api;

CREATE TABLE limit_entries (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	usage_id uuid CONSTRAINT limit_entries_usage REFERENCES limit_usages (id),
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	act text NOT NULL,
	act_id uuid,
	units bigint NOT NULL CHECK (units > 0),
	number bigint CHECK (number > 0),
	opening boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	given_back_at timestamptz,
	-- The giver's entry, when it came with a transfer.
	copied_from uuid CONSTRAINT limit_entries_copied_from REFERENCES limit_entries (id),
	CONSTRAINT limit_entries_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	-- An act that got no units has no counter to name: this refuses it, by name.
	CONSTRAINT limit_entries_taken CHECK (usage_id IS NOT NULL),
	CONSTRAINT limit_entries_number UNIQUE (usage_id, number),
	CONSTRAINT limit_entries_origin CHECK (opening = (act_id IS NULL))
);
CREATE INDEX limit_entries_act ON limit_entries (act_id);
CREATE INDEX limit_entries_copies ON limit_entries (copied_from) WHERE copied_from IS NOT NULL;
CREATE INDEX limit_entries_case ON limit_entries (case_id);
ALTER TABLE limit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE limit_entries FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON limit_entries TO atbalsts_api;

-- What was used of a limit before the system. It is a fact, so it is recorded even beyond the limit, and it counts on
-- the client's own counter alone. A correction with 0 units undoes it.
CREATE TABLE opening_usages (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	code text NOT NULL CHECK (code IN ('course', 'criminal_support_minutes', 'criminal_support_consultations',
		'aftercare', 'family')),
	year bigint CHECK (year BETWEEN 2000 AND 2199),
	units bigint NOT NULL CHECK (units >= 0),
	source bytea NOT NULL,
	corrects_id uuid,
	superseded boolean NOT NULL DEFAULT false,
	UNIQUE (id, case_id),
	CONSTRAINT opening_usages_undo CHECK (units > 0 OR corrects_id IS NOT NULL),
	CONSTRAINT opening_usages_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES opening_usages (id, case_id),
	CONSTRAINT opening_usages_once_corrected UNIQUE (corrects_id, provider_id)
);
CREATE INDEX opening_usages_list ON opening_usages (case_id, created_at, id);
SELECT record_table('opening_usages');

CREATE TABLE case_notes (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	profession text NOT NULL CHECK (profession IN ('social_worker', 'psychologist', 'lawyer', 'police_officer',
		'other')),
	written_on date NOT NULL,
	text bytea NOT NULL
);
CREATE INDEX case_notes_list ON case_notes (case_id, created_at, id);
SELECT record_table('case_notes');

CREATE TABLE case_tasks (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	title bytea NOT NULL,
	assignee_id uuid,
	due_on date NOT NULL,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'dropped')),
	done_on date,
	CONSTRAINT case_tasks_assignee FOREIGN KEY (assignee_id, provider_id) REFERENCES users (id, provider_id),
	CONSTRAINT case_tasks_done CHECK ((status = 'done') = (done_on IS NOT NULL))
);
CREATE INDEX case_tasks_list ON case_tasks (case_id, due_on, id);
CREATE INDEX case_tasks_due ON case_tasks (provider_id, due_on, id) WHERE status = 'open';
CREATE INDEX case_tasks_assignee ON case_tasks (assignee_id, due_on) WHERE status = 'open';
SELECT record_table('case_tasks');

CREATE TABLE case_flags (
	LIKE pattern.record_of_case INCLUDING ALL,
	key_id uuid NOT NULL,
	kind text NOT NULL CHECK (kind IN ('safety', 'health', 'self_harm', 'child_protection', 'do_not_contact',
		'missing', 'media', 'other')),
	severity text NOT NULL CHECK (severity IN ('notice', 'warning', 'danger')),
	raised_on date NOT NULL,
	lifted_on date,
	note bytea,
	CONSTRAINT case_flags_days CHECK (lifted_on >= raised_on)
);
CREATE INDEX case_flags_list ON case_flags (case_id, created_at, id);
SELECT record_table('case_flags');

-- How long before its day a row comes onto the list, and at which part of a year's limit. The row without a provider
-- holds for all that have none of their own. The days for plans and evaluations are the rule set's.
CREATE TABLE worklist_settings (
	LIKE pattern.record INCLUDING ALL,
	provider_id uuid CONSTRAINT worklist_settings_provider REFERENCES providers (id),
	kind text NOT NULL CHECK (kind IN ('plan_due', 'evaluation_due', 'decision_due', 'aftercare_closing',
		'course_ending', 'year_limit', 'power_of_attorney_expiring', 'case_task', 'plan_task',
		'reflection_ending')),
	days bigint CHECK (days BETWEEN 0 AND 366),
	-- Below half of a limit the index over counters would not serve.
	percent bigint CHECK (percent BETWEEN 50 AND 100),
	CONSTRAINT worklist_settings_once UNIQUE NULLS NOT DISTINCT (provider_id, kind),
	CONSTRAINT worklist_settings_unit CHECK ((kind = 'year_limit') = (percent IS NOT NULL)
		AND (kind = 'year_limit') = (days IS NULL))
);
SELECT record_table('worklist_settings');
SELECT set_config('app.actor', 'cli', true);
-- Of a decision: days after the case began to wait for it.
INSERT INTO worklist_settings (id, kind, days, percent)
SELECT gen_random_uuid(), s.kind, s.days, s.percent FROM (VALUES
	('plan_due', 14, NULL::int), ('evaluation_due', 7, NULL), ('decision_due', 10, NULL),
	('aftercare_closing', 60, NULL), ('course_ending', 14, NULL), ('year_limit', NULL, 80),
	('power_of_attorney_expiring', 30, NULL), ('case_task', 14, NULL), ('plan_task', 14, NULL),
	('reflection_ending', 7, NULL)
) AS s (kind, days, percent);
