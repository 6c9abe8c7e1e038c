-- The work list.

CREATE OR REPLACE FUNCTION worklist_id(kind text, subject uuid, case_of uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT md5(kind || subject::text || case_of::text)::uuid $$;

-- It reads as its owner: row-level security asked of each row of eight tables cost ten times the list itself. So the
-- view states the scope, from the same settings as the policies do: `mine` and `terms` hold what the caller reaches
-- (the own provider's open cases; a specialist's, where they are in the team; the agency's, where it decides), and
-- every kind begins with one of these. The service states it once more.
--
-- If providers share a year's limit, warn on the provider's own usage only; the shared total would reveal that another
-- provider has the same person as its client. A specialist is warned of the provider's whole usage, also of cases of
-- other teams, because a number reveals nothing about these. The shared counter refuses by the sum. The counter's
-- amount does not decide either: it belongs to the case that took last. `near` finds the own counters that are near.
--
-- The id is the subject's own where that stands in the list once: plans, tasks and powers of attorney, and the case in
-- those kinds of which its status allows one at a time. The agency has its decisions alone: it does not see the plans,
-- so all of them would seem to be missing. Plans and their evaluations are due while the course lasts; then its end is
-- what waits.
CREATE OR REPLACE VIEW worklist WITH (security_invoker = false) AS
	WITH terms AS MATERIALIZED (
		SELECT p.id AS provider_id, s.kind, coalesce(o.days, s.days)::int AS days,
			coalesce(o.percent, s.percent) AS percent, riga_today() AS today,
			riga_today() + coalesce(o.days, s.days)::int AS until
		FROM providers p CROSS JOIN worklist_settings s
			LEFT JOIN worklist_settings o ON o.provider_id = p.id AND o.kind = s.kind
		WHERE s.provider_id IS NULL
			AND ((SELECT app_role()) = 'agency_officer' AND s.kind = 'decision_due'
				OR (SELECT app_role()) IN ('provider_manager', 'case_worker', 'specialist')
					AND p.id = (SELECT app_provider()))
	), law AS MATERIALIZED (
		SELECT r.id AS ruleset_id, r.plan_due_days, r.evaluation_days, l.window_months
		FROM rulesets r LEFT JOIN limits l ON l.ruleset_id = r.id AND l.code = 'aftercare'
	), mine AS MATERIALIZED (
		SELECT c.id, c.client_id, c.provider_id, c.person_id, c.status, c.ruleset_id, c.course_start,
			c.course_end, c.case_worker_id,
			c.status IN ('in_course', 'suspended') AND c.course_end >= (SELECT riga_today()) AS running
		FROM cases c
		WHERE c.provider_id = (SELECT CASE WHEN app_role() IN ('provider_manager', 'case_worker', 'specialist')
				THEN app_provider() END)
			AND c.status IN ('inquiry', 'applied', 'under_assessment', 'awaiting_decision', 'granted',
				'refused', 'in_course', 'suspended', 'aftercare')
			AND ((SELECT app_role()) <> 'specialist' OR EXISTS (SELECT FROM case_team m
				WHERE m.case_id = c.id AND m.user_id = (SELECT app_user())))
	), courses AS MATERIALIZED (
		SELECT c.id, c.client_id, c.provider_id, c.course_start, c.case_worker_id, l.plan_due_days,
			l.evaluation_days
		FROM mine c JOIN law l ON l.ruleset_id = c.ruleset_id WHERE c.running
	), live AS MATERIALIZED (
		SELECT p.id, p.case_id, p.activated_on, p.status = 'active' AS active FROM plans p
		WHERE p.provider_id = (SELECT app_provider()) AND p.status IN ('draft', 'agreed', 'active')
	), near AS MATERIALIZED (
		SELECT u.holder_id FROM terms t JOIN limits l ON l.per = 'person' AND l.period = 'calendar_year'
			JOIN limit_usages u ON u.limit_id = l.counter_id AND u.own
				AND u.period = limit_period('calendar_year', riga_today()) AND u.period <> 'whole'
				AND u.used >= (l.amount * t.percent + 99) / 100
		WHERE t.kind = 'year_limit'
	)
	SELECT w.id, w.provider_id, w.client_id, w.case_id, w.kind, w.subject_id, w.due_on,
		w.due_on < (SELECT riga_today()) AS overdue, w.responsible_id
	FROM (
		SELECT 'plan_due' AS kind, c.id, c.id AS subject_id, c.id AS case_id, c.client_id, c.provider_id,
			plan_due_on(c.course_start, c.plan_due_days) AS due_on, c.case_worker_id AS responsible_id
		FROM terms t JOIN courses c ON c.provider_id = t.provider_id
			AND plan_due_on(c.course_start, c.plan_due_days) <= t.until
		WHERE t.kind = 'plan_due'
			AND CASE WHEN c.id NOT IN (SELECT p.case_id FROM live p WHERE p.active) THEN
				(SELECT p.id FROM plans p WHERE p.case_id = c.id AND p.status = 'completed' LIMIT 1)
					IS NULL END
		UNION ALL
		SELECT 'evaluation_due', e.id, e.id, e.case_id, e.client_id, e.provider_id, e.due_on, e.case_worker_id
		FROM (
			SELECT t.until, p.id, p.case_id, c.client_id, c.provider_id, c.case_worker_id,
				CASE WHEN v.evaluated_on IS NULL
					THEN evaluation_due_on(p.activated_on, c.evaluation_days)
					ELSE v.next_due_on END AS due_on
			FROM terms t JOIN courses c ON c.provider_id = t.provider_id
				JOIN live p ON p.case_id = c.id AND p.active
				LEFT JOIN LATERAL (SELECT e.evaluated_on, e.next_due_on FROM plan_evaluations e
					WHERE e.plan_id = p.id
					ORDER BY e.evaluated_on DESC, e.id DESC LIMIT 1) v ON true
			WHERE t.kind = 'evaluation_due'
				AND evaluation_due_on(p.activated_on, c.evaluation_days) IS NOT NULL
		) e
		WHERE e.due_on <= e.until
		UNION ALL
		SELECT 'decision_due', c.id, c.id, c.id, c.client_id, c.provider_id, s.happened_on + t.days,
			c.case_worker_id
		FROM terms t JOIN (
				SELECT id, client_id, provider_id, case_worker_id FROM mine
				WHERE status = 'awaiting_decision'
				UNION ALL
				SELECT c.id, c.client_id, c.provider_id, c.case_worker_id FROM cases c
				WHERE c.status = 'awaiting_decision' AND (SELECT app_role()) = 'agency_officer'
			) c ON c.provider_id = t.provider_id
			JOIN LATERAL (SELECT m.happened_on FROM case_transitions m
				WHERE m.case_id = c.id AND m."to" = 'awaiting_decision'
				ORDER BY m.created_at DESC, m.id DESC LIMIT 1) s ON true
		WHERE t.kind = 'decision_due'
		UNION ALL
		SELECT 'aftercare_closing', c.id, c.id, c.id, c.client_id, c.provider_id,
			aftercare_last_day(c.course_end, l.window_months), c.case_worker_id
		FROM terms t JOIN mine c ON c.provider_id = t.provider_id AND c.status = 'aftercare'
			JOIN law l ON l.ruleset_id = c.ruleset_id
		WHERE t.kind = 'aftercare_closing' AND aftercare_last_day(c.course_end, l.window_months) <= t.until
		UNION ALL
		SELECT 'course_ending', worklist_id('course_ending', c.id, c.id), c.id, c.id, c.client_id,
			c.provider_id, c.course_end, c.case_worker_id
		FROM terms t JOIN mine c ON c.provider_id = t.provider_id AND c.status IN ('in_course', 'suspended')
			AND c.course_end <= t.until
		WHERE t.kind = 'course_ending'
		UNION ALL
		SELECT 'year_limit', worklist_id('year_limit', u.id, c.id), u.id, c.id, c.client_id, c.provider_id,
			t.today, c.case_worker_id
		FROM terms t JOIN mine c ON c.provider_id = t.provider_id
				AND c.status IN ('granted', 'in_course', 'suspended', 'aftercare')
				AND (c.client_id IN (SELECT n.holder_id FROM near n)) IS TRUE
			JOIN limit_usages u ON u.holder_id = c.client_id AND u.own
				AND u.period = limit_period('calendar_year', riga_today())
			JOIN limits l ON l.counter_id = u.limit_id AND l.per = 'person'
				AND (l.ruleset_id = c.ruleset_id OR l.contract_id IS NOT NULL)
		WHERE t.kind = 'year_limit' AND u.used * 100 >= l.amount * t.percent
		UNION ALL
		-- One that is followed by a later one has no more to tell.
		SELECT 'power_of_attorney_expiring', a.id, a.id, a.case_id, a.client_id, a.provider_id, a.valid_until,
			c.case_worker_id
		FROM terms t JOIN powers_of_attorney a ON a.provider_id = t.provider_id AND a.valid_until <= t.until
				AND a.valid_until IS NOT NULL AND a.revoked_on IS NULL
			JOIN mine c ON c.id = a.case_id
		WHERE t.kind = 'power_of_attorney_expiring'
			AND NOT EXISTS (SELECT FROM powers_of_attorney o WHERE o.case_id = a.case_id
				AND o.revoked_on IS NULL AND coalesce(o.valid_until, 'infinity') > a.valid_until)
		UNION ALL
		SELECT 'case_task', k.id, k.id, k.case_id, k.client_id, k.provider_id, k.due_on,
			coalesce(k.assignee_id, c.case_worker_id)
		FROM terms t JOIN case_tasks k ON k.provider_id = t.provider_id AND k.status = 'open'
				AND k.due_on <= t.until
			JOIN mine c ON c.id = k.case_id
		WHERE t.kind = 'case_task'
		UNION ALL
		SELECT 'plan_task', k.id, k.id, k.case_id, k.client_id, k.provider_id, k.due_on,
			coalesce(k.responsible_id, c.case_worker_id)
		FROM terms t JOIN plan_tasks k ON k.provider_id = t.provider_id AND k.status = 'open'
				AND k.due_on IS NOT NULL AND k.due_on <= t.until
			JOIN live p ON p.id = k.plan_id
			JOIN mine c ON c.id = k.case_id
		WHERE t.kind = 'plan_task'
		UNION ALL
		SELECT 'reflection_ending', worklist_id('reflection_ending', f.id, c.id), f.id, c.id, c.client_id,
			c.provider_id, f.ends_on, c.case_worker_id
		FROM terms t JOIN reflection_periods f ON f.provider_id = t.provider_id AND f.ends_on <= t.until
				AND f.ends_on >= t.today
			JOIN mine c ON c.client_id = f.client_id
		WHERE t.kind = 'reflection_ending'
	) w;

GRANT SELECT ON worklist TO atbalsts_api;
GRANT SELECT ON worklist TO atbalsts_api;
