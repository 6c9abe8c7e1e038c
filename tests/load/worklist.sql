-- A provider with 10 000 open cases, all of whose kinds of work are due or not yet, among what others have.
-- provider, worker, everywhere, few: ids of the provider, its case worker, a specialist on all cases and one on 200.
-- Sealed members are copies that nobody can open: the work list shows none.
SELECT set_config('app.actor', 'cli', false);
-- Audit and outbox are not what is measured.
CREATE TEMP TABLE filled (name) AS VALUES ('clients'), ('cases'), ('case_transitions'), ('case_team'), ('plans'),
	('plan_tasks'), ('plan_evaluations'), ('case_tasks'), ('powers_of_attorney'), ('reflection_periods');
SELECT format('ALTER TABLE %I DISABLE TRIGGER USER', name) FROM filled \gexec

-- What others have in the same tables.
INSERT INTO case_tasks (id, provider_id, client_id, case_id, key_id, title, due_on, status, done_on)
SELECT gen_random_uuid(), c.provider_id, c.client_id, c.id, c.key_id, '\x00', c.opened_on + 30,
	CASE WHEN row_number() OVER () % 4 = 0 THEN 'open' ELSE 'done' END,
	CASE WHEN row_number() OVER () % 4 <> 0 THEN c.opened_on + 30 END
FROM cases c WHERE c.status = 'in_course' AND c.provider_id <> :'provider';
INSERT INTO plans (id, provider_id, client_id, case_id, key_id, number, status, drawn_on, starts_on, ends_on, agreed_on,
	activated_on)
SELECT gen_random_uuid(), c.provider_id, c.client_id, c.id, c.key_id, 1, 'active', c.course_start, c.course_start,
	c.course_end, c.course_start, c.course_start
FROM cases c WHERE c.status = 'in_course' AND c.provider_id <> :'provider'
	AND NOT EXISTS (SELECT FROM plans p WHERE p.case_id = c.id);

CREATE TEMP TABLE open_cases AS
WITH source AS (SELECT key_id, given_name FROM clients ORDER BY id LIMIT 1)
SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS client_id, gen_random_uuid() AS person_id,
	gen_random_uuid() AS plan_id, s.key_id, s.given_name,
	(ARRAY['in_course', 'in_course', 'in_course', 'in_course', 'in_course', 'in_course', 'suspended',
		'awaiting_decision', 'aftercare', 'aftercare'])[n % 10 + 1] AS status,
	riga_today() - CASE WHEN n % 10 < 8 THEN n % 180 ELSE 180 + n * 7 % 730 END AS start
FROM generate_series(1, 10000) g (n), source s;

INSERT INTO persons (id) SELECT person_id FROM open_cases;
INSERT INTO clients (id, provider_id, key_id, person_id, number, status, given_name, first_contact_on)
SELECT client_id, :'provider', key_id, person_id, 'T-' || n, 'active', given_name, start - 30 FROM open_cases;
INSERT INTO cases (id, provider_id, client_id, key_id, person_id, number, status, opened_on, case_worker_id, ruleset_id,
	received_on, granted_on, course_start, course_end)
SELECT id, :'provider', client_id, key_id, person_id, 'T-' || n || '-1', status, start - 30, :'worker',
	'01890000-0000-7000-8000-000000000344', start - 20,
	CASE WHEN status <> 'awaiting_decision' THEN start - 5 END,
	CASE WHEN status <> 'awaiting_decision' THEN start END,
	CASE WHEN status <> 'awaiting_decision' THEN start + 179 END
FROM open_cases;
INSERT INTO case_transitions (id, provider_id, client_id, case_id, key_id, "from", "to", happened_on)
SELECT gen_random_uuid(), :'provider', client_id, id, key_id, 'under_assessment', 'awaiting_decision',
	riga_today() - n % 30
FROM open_cases WHERE status = 'awaiting_decision';
INSERT INTO case_team (id, provider_id, client_id, case_id, user_id)
SELECT gen_random_uuid(), :'provider', client_id, id, user_id::uuid
FROM open_cases, (VALUES (:'everywhere', 1), (:'few', 50)) u (user_id, every) WHERE n % every = every - 1;
INSERT INTO plans (id, provider_id, client_id, case_id, key_id, number, status, drawn_on, starts_on, ends_on, agreed_on,
	activated_on)
SELECT plan_id, :'provider', client_id, id, key_id, 1, 'active', start, start, start + 179, start, start + 7
FROM open_cases WHERE n % 10 < 7 AND n % 5 <> 0;
INSERT INTO plan_tasks (id, provider_id, client_id, case_id, plan_id, key_id, title, due_on, status)
SELECT gen_random_uuid(), :'provider', client_id, id, plan_id, key_id, '\x00', start + 20 * k, 'open'
FROM open_cases, generate_series(1, 3) k WHERE n % 10 < 7 AND n % 5 <> 0;
INSERT INTO plan_evaluations (id, provider_id, client_id, case_id, plan_id, key_id, evaluated_on, progress)
SELECT gen_random_uuid(), :'provider', client_id, id, plan_id, key_id, greatest(start + 7, riga_today() - n % 40),
	'good'
FROM open_cases WHERE n % 10 < 7 AND n % 5 <> 0;
INSERT INTO case_tasks (id, provider_id, client_id, case_id, key_id, title, due_on, status, done_on)
SELECT gen_random_uuid(), :'provider', client_id, id, key_id, '\x00', riga_today() - 10 + n % 60,
	CASE k WHEN 1 THEN 'open' ELSE 'done' END, CASE k WHEN 2 THEN riga_today() END
FROM open_cases, generate_series(1, 2) k;
INSERT INTO powers_of_attorney (id, provider_id, client_id, case_id, key_id, scope, given_by, granted_on, valid_until)
SELECT gen_random_uuid(), :'provider', client_id, id, key_id, '\x00', 'client', riga_today() - 90, riga_today() + n % 90
FROM open_cases WHERE n % 10 = 3;
INSERT INTO reflection_periods (id, provider_id, client_id, key_id, starts_on, ends_on, granted_by)
SELECT gen_random_uuid(), :'provider', client_id, key_id, riga_today() - 20, riga_today() + n % 15, 'police'
FROM open_cases WHERE n % 20 = 4;
-- The shared counter, and the client's own.
INSERT INTO limit_usages (limit_id, holder_id, provider_id, client_id, period, amount, used, enforcement, own)
SELECT l.counter_id, CASE k WHEN 1 THEN c.person_id ELSE c.client_id END,
	CASE k WHEN 2 THEN :'provider'::uuid END, CASE k WHEN 2 THEN c.client_id END,
	extract(year FROM riga_today())::text, l.amount, 1 + c.n * 7 % 9000, 'block', k = 2
FROM generate_series(1, 2) k, open_cases c, limits l JOIN rulesets r ON r.id = l.ruleset_id AND r.code = 'MK344-2019'
WHERE c.n % 8 = 1 AND l.code = 'criminal_support_minutes';
INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act, units, opening)
SELECT u.id, :'provider', c.client_id, c.id, 'opening', u.used, true
FROM open_cases c JOIN limit_usages u ON u.holder_id IN (c.person_id, c.client_id);
SELECT format('ALTER TABLE %I ENABLE TRIGGER USER', name) FROM filled \gexec
ANALYZE;
