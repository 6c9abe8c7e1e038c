-- What is due: computed from the rows themselves, so that it cannot differ from them.

-- How long before its day a row comes onto the list, and at which part of a year's limit. The row without a provider
-- holds for all that have none of their own. The days for plans and evaluations are the rule set's.
CREATE TABLE worklist_settings (
	provider_id uuid CONSTRAINT worklist_settings_provider REFERENCES providers (id),
	kind text NOT NULL CHECK (kind IN ('plan_due', 'evaluation_due', 'decision_due', 'aftercare_closing',
		'course_ending', 'year_limit', 'power_of_attorney_expiring', 'case_task', 'plan_task',
		'reflection_ending')),
	days int CHECK (days BETWEEN 0 AND 366),
	-- Below half of a limit the index over counters would not serve.
	percent int CHECK (percent BETWEEN 50 AND 100),
	CONSTRAINT worklist_settings_once UNIQUE NULLS NOT DISTINCT (provider_id, kind),
	CONSTRAINT worklist_settings_unit CHECK ((kind = 'year_limit') = (percent IS NOT NULL)
		AND (kind = 'year_limit') = (days IS NULL))
);
GRANT SELECT ON worklist_settings TO atbalsts_api;
-- Of a decision: days after the case began to wait for it.
INSERT INTO worklist_settings (kind, days, percent) VALUES
	('plan_due', 14, NULL), ('evaluation_due', 7, NULL), ('decision_due', 10, NULL),
	('aftercare_closing', 60, NULL), ('course_ending', 14, NULL), ('year_limit', NULL, 80),
	('power_of_attorney_expiring', 30, NULL), ('case_task', 14, NULL), ('plan_task', 14, NULL),
	('reflection_ending', 7, NULL);

-- What the list reads of each provider.
-- locks: the table is small before the first release.
CREATE INDEX cases_course_ending ON cases (provider_id, course_end) WHERE status IN ('in_course', 'suspended');
-- locks: as above.
CREATE INDEX cases_aftercare_closing ON cases (provider_id, course_end) WHERE status = 'aftercare';
-- locks: as above.
CREATE INDEX limit_usages_near ON limit_usages (period) WHERE used * 2 >= amount AND period <> 'whole';

CREATE FUNCTION worklist_id(kind text, subject uuid, case_of uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT md5(kind || subject::text || case_of::text)::uuid $$;

-- The terms stand in materialised parts: what is computed of them there is a plain value to the indexes, also where
-- row-level security lets only leakproof conditions reach these. The agency has its decisions alone: it does not see
-- the plans, so all of them would seem to be missing. Plans and their evaluations are due while the course lasts; then
-- its end is what waits.
CREATE VIEW worklist WITH (security_invoker = true) AS
	WITH terms AS MATERIALIZED (
		SELECT p.id AS provider_id, s.kind, coalesce(o.days, s.days) AS days,
			coalesce(o.percent, s.percent) AS percent, riga_today() AS today,
			riga_today() + coalesce(o.days, s.days) AS until
		FROM providers p CROSS JOIN worklist_settings s
			LEFT JOIN worklist_settings o ON o.provider_id = p.id AND o.kind = s.kind
		WHERE s.provider_id IS NULL AND (SELECT app_role()) IN
			('provider_manager', 'case_worker', 'specialist', 'agency_officer')
	), law AS MATERIALIZED (
		SELECT r.id AS ruleset_id, r.plan_due_days::int AS plan_due_days,
			r.evaluation_days::int AS evaluation_days, make_interval(months => l.window_months::int)
				AS aftercare
		FROM rulesets r LEFT JOIN limits l ON l.ruleset_id = r.id AND l.code = 'aftercare'
	), care AS MATERIALIZED (
		SELECT * FROM terms WHERE (SELECT app_role()) <> 'agency_officer'
	), closing AS MATERIALIZED (
		-- Months differ in length: four days wider, and exactly below.
		SELECT c.provider_id, c.until, l.ruleset_id, l.aftercare, (c.until - l.aftercare)::date + 4 AS ended
		FROM care c CROSS JOIN law l WHERE c.kind = 'aftercare_closing'
	)
	SELECT worklist_id(w.kind, w.subject_id, w.case_id) AS id, w.provider_id, w.client_id, w.case_id, w.kind,
		w.subject_id, w.due_on, w.due_on < riga_today() AS overdue, w.responsible_id
	FROM (
		SELECT 'plan_due' AS kind, c.id AS subject_id, c.id AS case_id, c.client_id, c.provider_id,
			c.course_start + l.plan_due_days AS due_on, c.case_worker_id AS responsible_id
		FROM care t JOIN cases c ON c.provider_id = t.provider_id AND c.status IN ('in_course', 'suspended')
				AND c.course_end >= t.today
			JOIN law l ON l.ruleset_id = c.ruleset_id
		WHERE t.kind = 'plan_due' AND c.course_start + l.plan_due_days <= t.until
			AND NOT EXISTS (SELECT FROM plans p WHERE p.case_id = c.id AND p.status = 'active')
			AND NOT EXISTS (SELECT FROM plans p WHERE p.case_id = c.id AND p.status = 'completed')
		UNION ALL
		SELECT 'evaluation_due', e.id, e.case_id, e.client_id, e.provider_id, e.due_on, e.case_worker_id
		FROM (
			SELECT t.until, p.id, p.case_id, p.client_id, p.provider_id, c.case_worker_id,
				coalesce(v.next_due_on,
					coalesce(v.evaluated_on, p.activated_on) + l.evaluation_days) AS due_on
			FROM care t JOIN cases c ON c.provider_id = t.provider_id
					AND c.status IN ('in_course', 'suspended') AND c.course_end >= t.today
				JOIN plans p ON p.case_id = c.id AND p.status = 'active'
				JOIN law l ON l.ruleset_id = c.ruleset_id
				LEFT JOIN LATERAL (SELECT e.evaluated_on, e.next_due_on FROM plan_evaluations e
					WHERE e.plan_id = p.id
					ORDER BY e.evaluated_on DESC, e.id DESC LIMIT 1) v ON true
			WHERE t.kind = 'evaluation_due' AND p.activated_on + l.evaluation_days IS NOT NULL
		) e
		WHERE e.due_on <= e.until
		UNION ALL
		SELECT 'decision_due', c.id, c.id, c.client_id, c.provider_id, s.happened_on + t.days, c.case_worker_id
		FROM terms t JOIN cases c ON c.provider_id = t.provider_id AND c.status = 'awaiting_decision'
			JOIN LATERAL (SELECT m.happened_on FROM case_transitions m
				WHERE m.case_id = c.id AND m."to" = 'awaiting_decision'
				ORDER BY m.created_at DESC, m.id DESC LIMIT 1) s ON true
		WHERE t.kind = 'decision_due'
		UNION ALL
		SELECT 'aftercare_closing', c.id, c.id, c.client_id, c.provider_id,
			(c.course_end + t.aftercare)::date, c.case_worker_id
		FROM closing t JOIN cases c ON c.provider_id = t.provider_id AND c.status = 'aftercare'
			AND c.ruleset_id = t.ruleset_id AND c.course_end <= t.ended
		WHERE (c.course_end + t.aftercare)::date <= t.until
		UNION ALL
		SELECT 'course_ending', c.id, c.id, c.client_id, c.provider_id, c.course_end, c.case_worker_id
		FROM care t JOIN cases c ON c.provider_id = t.provider_id AND c.status IN ('in_course', 'suspended')
			AND c.course_end <= t.until
		WHERE t.kind = 'course_ending'
		UNION ALL
		-- Of a limit that providers share only units that the reader may see count: others' use is not told.
		SELECT 'year_limit', u.id, c.id, c.client_id, c.provider_id, t.today, c.case_worker_id
		FROM limit_usages u JOIN limits l ON l.id = u.limit_id
			JOIN cases c ON c.person_id = u.holder_id
				AND c.status IN ('granted', 'in_course', 'suspended', 'aftercare')
			JOIN care t ON t.provider_id = c.provider_id AND t.kind = 'year_limit'
			CROSS JOIN LATERAL (SELECT sum(n.units) AS used FROM limit_entries n
				WHERE n.usage_id = u.id AND n.given_back_at IS NULL) n
		WHERE l.per = 'person' AND u.period = extract(year FROM riga_today())::text AND u.period <> 'whole'
			AND u.used * 2 >= u.amount AND n.used * 100 >= u.amount * t.percent
		UNION ALL
		-- One that is followed by a later one has no more to tell.
		SELECT 'power_of_attorney_expiring', a.id, a.case_id, a.client_id, a.provider_id, a.valid_until,
			c.case_worker_id
		FROM care t JOIN powers_of_attorney a ON a.provider_id = t.provider_id AND a.valid_until <= t.until
				AND a.valid_until IS NOT NULL AND a.revoked_on IS NULL
			JOIN cases c ON c.id = a.case_id AND c.status NOT IN ('closed', 'withdrawn')
		WHERE t.kind = 'power_of_attorney_expiring'
			AND NOT EXISTS (SELECT FROM powers_of_attorney o WHERE o.case_id = a.case_id
				AND o.revoked_on IS NULL AND coalesce(o.valid_until, 'infinity') > a.valid_until)
		UNION ALL
		SELECT 'case_task', k.id, k.case_id, k.client_id, k.provider_id, k.due_on,
			coalesce(k.assignee_id, c.case_worker_id)
		FROM care t JOIN case_tasks k ON k.provider_id = t.provider_id AND k.status = 'open'
				AND k.due_on <= t.until
			JOIN cases c ON c.id = k.case_id AND c.status NOT IN ('closed', 'withdrawn')
		WHERE t.kind = 'case_task'
		UNION ALL
		SELECT 'plan_task', k.id, k.case_id, k.client_id, k.provider_id, k.due_on,
			coalesce(k.responsible_id, c.case_worker_id)
		FROM care t JOIN plan_tasks k ON k.provider_id = t.provider_id AND k.status = 'open'
				AND k.due_on IS NOT NULL AND k.due_on <= t.until
			JOIN plans p ON p.id = k.plan_id AND p.status NOT IN ('replaced', 'completed')
			JOIN cases c ON c.id = k.case_id AND c.status NOT IN ('closed', 'withdrawn')
		WHERE t.kind = 'plan_task'
		UNION ALL
		SELECT 'reflection_ending', f.id, c.id, c.client_id, c.provider_id, f.ends_on, c.case_worker_id
		FROM care t JOIN reflection_periods f ON f.provider_id = t.provider_id AND f.ends_on <= t.until
				AND f.ends_on >= t.today
			JOIN cases c ON c.client_id = f.client_id AND c.provider_id = f.provider_id
				AND c.status NOT IN ('closed', 'withdrawn')
		WHERE t.kind = 'reflection_ending'
	) w;
GRANT SELECT ON worklist TO atbalsts_api;
