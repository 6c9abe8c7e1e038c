-- What was delivered under a contract, what it costs, and what is used of the contract.

-- The rates of a contract without those that a finer unit's stand before on the same day: at most one for a day.
CREATE OR REPLACE FUNCTION contract_prices(contract_of uuid)
RETURNS TABLE (service text, unit text, cents bigint, days datemultirange)
LANGUAGE sql STABLE
AS $$
	SELECT r.service, r.unit, r.cents, datemultirange(daterange(r.starts_on, r.ends_on, '[]'))
		- coalesce((SELECT range_agg(daterange(o.starts_on, o.ends_on, '[]'))
			FROM contract_rates o JOIN service_units w ON w.service = o.service AND w.unit = o.unit
			WHERE o.contract_id = contract_of AND o.service = r.service AND w.place < u.place), '{}')
	FROM contract_rates r JOIN service_units u ON u.service = r.service AND u.unit = r.unit
	WHERE r.contract_id = contract_of
$$;

-- The days of a contract on which a provider's acts belong to it: those of the party's other contracts that began
-- later are theirs, so that no act is paid for twice.
CREATE OR REPLACE FUNCTION contract_days(contract_of uuid, provider_of uuid, first_day date, last_day date)
RETURNS datemultirange
LANGUAGE sql STABLE
AS $$
	SELECT datemultirange(daterange(greatest(c.starts_on, first_day), least(c.ends_on, last_day), '[]'))
		- coalesce((SELECT range_agg(daterange(o.starts_on, o.ends_on, '[]'))
			FROM contracts o JOIN contract_parties q ON q.contract_id = o.id AND q.provider_id = provider_of
			WHERE (o.starts_on, o.id) > (c.starts_on, c.id)), '{}')
	FROM contracts c JOIN contract_parties p ON p.contract_id = c.id AND p.provider_id = provider_of
	WHERE c.id = contract_of AND greatest(c.starts_on, first_day) <= least(c.ends_on, last_day)
$$;

-- Every state-funded act of a provider that was delivered on days of the contract and that no correction has
-- replaced; the parts of a stay by month. A day is a civil day in Riga; what begins before midnight is of that day.
-- A consultation or representation that the client missed counts where the case's rule set lets it consume. A
-- cancelled journey keeps its cost. Cents: units times the rate, minutes of an hourly one rounded half up for each
-- act; without a rate the act's own cost; null where there is neither, from unpriced_on.
CREATE OR REPLACE FUNCTION delivered_acts(contract_of uuid, provider_of uuid, first_day date, last_day date)
RETURNS TABLE (act text, act_id uuid, client_id uuid, case_id uuid, person_id uuid, service text, month text, day date,
	minutes bigint, days bigint, pieces bigint, cents bigint, unpriced_on date)
LANGUAGE sql STABLE
AS $$
	WITH span AS MATERIALIZED (
		SELECT d.days, lower(d.days) AS first, upper(d.days) AS until,
			lower(d.days)::timestamp AT TIME ZONE 'Europe/Riga' AS since,
			upper(d.days)::timestamp AT TIME ZONE 'Europe/Riga' AS before
		FROM (SELECT contract_days(contract_of, provider_of, first_day, last_day) AS days) d
		WHERE NOT isempty(d.days)
	), prices AS MATERIALIZED (
		SELECT * FROM contract_prices(contract_of)
	), managed AS MATERIALIZED (
		SELECT range_agg(x) AS days FROM prices p CROSS JOIN LATERAL unnest(p.days) x
		WHERE p.service = 'case_management' HAVING count(*) > 0
	), closed AS (
		-- A case that is opened again years later was closed in between.
		SELECT e.case_id, range_agg(daterange(e.happened_on + 1, greatest(e.happened_on + 1, e.until))) AS days
		FROM (SELECT m.case_id, m.happened_on, m."to" IN ('closed', 'withdrawn') AS ends,
				coalesce(lead(m.happened_on + (m."to" IN ('closed', 'withdrawn'))::int) OVER steps,
					'infinity') AS until
			FROM managed g JOIN case_transitions m ON m.provider_id = provider_of
			WHERE m."to" IN ('closed', 'withdrawn') OR m."from" IN ('closed', 'withdrawn')
			WINDOW steps AS (PARTITION BY m.case_id ORDER BY m.created_at, m.id)) e
		WHERE e.ends GROUP BY e.case_id
	), open_cases AS MATERIALIZED (
		SELECT c.id, c.client_id, s.days * g.days
			* (datemultirange(daterange(c.opened_on, greatest(c.opened_on, riga_today()), '[]'))
				- coalesce(e.days, '{}')) AS days
		FROM span s CROSS JOIN managed g
			JOIN cases c ON c.provider_id = provider_of AND c.opened_on < s.until
			LEFT JOIN closed e ON e.case_id = c.id
	), open_months AS MATERIALIZED (
		SELECT c.id, c.client_id, lower(c.days * datemultirange(daterange(n.starts::date,
			(n.starts + interval '1 month')::date))) AS day
		FROM open_cases c CROSS JOIN LATERAL generate_series(
			date_trunc('month', lower(c.days)::timestamp), upper(c.days)::timestamp - interval '1 day',
			interval '1 month') AS n (starts)
	), stays AS MATERIALIZED (
		SELECT a.id, a.client_id, a.case_id,
			CASE a.place WHEN 'abroad' THEN 'accommodation_abroad' ELSE 'accommodation' END AS service,
			s.days * datemultirange(daterange(a.starts_on,
				greatest(a.starts_on, least(a.ends_on, riga_today())))) AS nights
		FROM span s JOIN accommodations a ON a.provider_id = provider_of AND a.starts_on < s.until
		WHERE a.state IN ('occupied', 'ended') AND a.funding = 'state' AND NOT a.superseded
			AND (a.ends_on IS NULL OR a.ends_on > s.first)
	), stay_months AS MATERIALIZED (
		SELECT y.id, y.client_id, y.case_id, y.service, y.nights * datemultirange(daterange(n.starts::date,
			(n.starts + interval '1 month')::date)) AS nights
		FROM stays y CROSS JOIN LATERAL generate_series(
			date_trunc('month', lower(y.nights)::timestamp),
			upper(y.nights)::timestamp - interval '1 day', interval '1 month') AS n (starts)
	), trips AS MATERIALIZED (
		SELECT j.id, j.client_id, j.case_id, j.state = 'completed' AS done, j.cost_cents, j.funding,
			riga_day(journey_start(j.departed_at, j.planned_departure_at, j.created_at)) AS day,
			riga_day(j.arrived_at) AS last_day
		FROM span s JOIN journeys j ON j.provider_id = provider_of
			AND journey_start(j.departed_at, j.planned_departure_at, j.created_at) >= s.since
			AND journey_start(j.departed_at, j.planned_departure_at, j.created_at) < s.before
		WHERE j.state IN ('completed', 'cancelled') AND NOT j.superseded
	), acts AS (
		SELECT 'consultations' AS act, t.id AS act_id, t.client_id, t.case_id, 'consultation' AS service,
			riga_day(t.starts_at) AS day, t.minutes, 0::bigint AS days,
			1::bigint AS pieces, NULL::bigint AS own, t.outcome, true AS rated,
			NULL::date AS gap
		FROM span s JOIN consultations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome IN ('held', 'no_show') AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'representations', t.id, t.client_id, t.case_id, 'representation',
			riga_day(t.starts_at), t.minutes, 0, 1, NULL,
			t.outcome, true, NULL
		FROM span s JOIN representations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome IN ('held', 'no_show') AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'interpretations', t.id, t.client_id, t.case_id, 'interpretation',
			riga_day(t.starts_at), t.minutes, 0, 1, NULL, NULL, true, NULL
		FROM span s JOIN interpretations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'legal_documents', t.id, t.client_id, t.case_id, 'legal_document', t.drafted_on, t.minutes, 0, 1,
			NULL, NULL, true, NULL
		FROM span s JOIN legal_documents t ON t.provider_id = provider_of AND t.drafted_on >= s.first
			AND t.drafted_on < s.until
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		-- Of one that was left, what was attended.
		SELECT 'trainings', t.id, t.client_id, t.case_id, 'training', coalesce(t.completed_on, t.enrolled_on),
			t.attended_hours * 60, 0, 1, NULL, NULL, true, NULL
		FROM span s JOIN trainings t ON t.provider_id = provider_of AND t.enrolled_on < s.until
		WHERE (t.outcome = 'completed' OR t.outcome = 'left' AND t.attended_hours > 0) AND t.funding = 'state'
			AND NOT t.superseded
		UNION ALL
		SELECT 'goods', t.id, t.client_id, t.case_id, 'goods', t.given_on, 0, 0, coalesce(t.quantity, 1),
			t.cents, NULL, true, NULL
		FROM span s JOIN goods t ON t.provider_id = provider_of AND t.given_on >= s.first
			AND t.given_on < s.until
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'assessments', t.id, t.client_id, t.case_id, 'assessment', t.assessed_on, 0, 0, 1, NULL, NULL,
			true, NULL
		FROM span s JOIN assessments t ON t.provider_id = provider_of AND t.assessed_on >= s.first
			AND t.assessed_on < s.until
		WHERE NOT t.superseded
		UNION ALL
		SELECT 'identifications', t.id, t.client_id, t.case_id, 'commission', coalesce(t.held_on, t.closed_on),
			0, 0, 1, NULL, NULL, true, NULL
		FROM span s JOIN identifications t ON t.provider_id = provider_of
			AND coalesce(t.held_on, t.closed_on) >= s.first AND coalesce(t.held_on, t.closed_on) < s.until
		WHERE t.identified_by = 'commission' AND t.closed_on IS NOT NULL
		UNION ALL
		SELECT 'journeys', t.id, t.client_id, t.case_id, 'journey', t.day, 0, 0, t.done::int, t.cost_cents,
			NULL, t.done, NULL
		FROM trips t WHERE (t.done OR t.cost_cents IS NOT NULL) AND t.funding = 'state'
		UNION ALL
		SELECT 'escorts', e.id, e.client_id, e.case_id, 'escort', t.day, 0,
			CASE WHEN t.done THEN t.last_day - t.day + 1 ELSE 0 END, t.done::int, e.cost_cents, NULL,
			t.done, NULL
		FROM trips t JOIN escorts e ON e.journey_id = t.id
		WHERE (t.done OR e.cost_cents IS NOT NULL) AND e.funding = 'state' AND NOT e.superseded
		UNION ALL
		-- The nights that have passed, of the stay and not of each occupant: a room has one price.
		SELECT 'accommodations', t.id, t.client_id, t.case_id, t.service, lower(t.nights), 0,
			all_nights.days, 0, CASE WHEN priced.days = all_nights.days THEN priced.cents END, NULL, false,
			lower(t.nights - priced.covered)
		FROM stay_months t CROSS JOIN LATERAL (
			SELECT sum(upper(x) - lower(x)) AS days FROM unnest(t.nights) x
		) all_nights CROSS JOIN LATERAL (
			SELECT coalesce(sum(upper(x) - lower(x)), 0) AS days,
				sum((upper(x) - lower(x)) * p.cents)::bigint AS cents,
				coalesce(range_agg(x), '{}') AS covered
			FROM prices p CROSS JOIN LATERAL unnest(t.nights * p.days) x WHERE p.service = t.service
		) priced
		WHERE NOT isempty(t.nights)
		UNION ALL
		-- For each month begun, where the contract pays for it.
		SELECT 'cases', t.id, t.client_id, t.id, 'case_management', t.day, 0, 0, 1, NULL, NULL, true, NULL
		FROM open_months t WHERE t.day IS NOT NULL
	)
	SELECT b.act, b.act_id, b.client_id, b.case_id, b.person_id, b.service, to_char(b.day, 'YYYY-MM'), b.day,
		b.minutes, b.days, b.pieces, b.cents,
		CASE WHEN b.cents IS NULL THEN coalesce(b.gap, b.day) END
	FROM (
		SELECT a.*, k.person_id, CASE p.unit WHEN 'minute' THEN a.minutes * p.cents
			WHEN 'hour' THEN (a.minutes * p.cents + 30) / 60
			WHEN 'day' THEN a.days * p.cents
			WHEN 'piece' THEN a.pieces * p.cents WHEN 'month' THEN a.pieces * p.cents
			ELSE a.own END AS cents
		FROM span s CROSS JOIN acts a JOIN cases k ON k.id = a.case_id
			LEFT JOIN rulesets r ON r.id = k.ruleset_id
			LEFT JOIN prices p ON p.service = a.service AND a.day <@ p.days AND a.rated
		WHERE a.day <@ s.days AND (a.outcome IS NULL OR outcome_consumes(a.outcome, r.no_show_consumes))
	) b
$$;

-- What is used of a contract, and what was planned: for each provider and service, for each of them, and in all (null
-- stands for all). Persons are counted exactly, once over all providers: this is for payment, and no statistics.
-- Runs as the owner and so says itself who is told what: aggregates, and a manager the own part.
CREATE OR REPLACE FUNCTION contract_usage(contract_of uuid, first_day date, last_day date)
RETURNS TABLE (provider_id uuid, service text, people bigint, acts bigint, consultations bigint, minutes bigint,
	days bigint, pieces bigint, cents bigint, unpriced bigint, planned_clients bigint, planned_unit text,
	planned_amount bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH used AS MATERIALIZED (
		SELECT p.provider_id, a.service, count(DISTINCT a.person_id) AS people, count(a.act_id) AS acts,
			count(a.act_id) FILTER (WHERE a.act = 'consultations') AS consultations,
			coalesce(sum(a.minutes), 0)::bigint AS minutes, coalesce(sum(a.days), 0)::bigint AS days,
			coalesce(sum(a.pieces), 0)::bigint AS pieces,
			CASE WHEN count(a.unpriced_on) = 0 THEN coalesce(sum(a.cents), 0)::bigint END AS cents,
			count(a.unpriced_on) AS unpriced
		FROM contract_parties p CROSS JOIN LATERAL
			delivered_acts(contract_of, p.provider_id, first_day, last_day) a
		WHERE p.contract_id = contract_of AND ((SELECT app_role()) IN ('ministry_officer', 'agency_officer')
			OR (SELECT app_role()) = 'provider_manager' AND p.provider_id = (SELECT app_provider()))
		GROUP BY GROUPING SETS ((p.provider_id, a.service), (p.provider_id), (a.service), ())
	)
	SELECT u.*, CASE WHEN num_nonnulls(u.provider_id, u.service) = 0 THEN c.planned_clients END, v.unit, v.amount
	FROM used u JOIN contracts c ON c.id = contract_of
		LEFT JOIN planned_volumes v ON v.contract_id = contract_of AND v.service = u.service
			AND u.provider_id IS NULL
	UNION ALL
	SELECT NULL, v.service, 0, 0, 0, 0, 0, 0, 0, 0, NULL, v.unit, v.amount
	FROM planned_volumes v
	WHERE v.contract_id = contract_of
		AND NOT EXISTS (SELECT FROM used u WHERE u.service = v.service AND u.provider_id IS NULL)
$$;

-- The limits that the contract sets, and the units taken of them by the providers that the caller is told of, in the
-- years of these days. What a transfer has brought to the receiver's counter was taken at the giver, once. The clients'
-- own counters have all of it, opening usages too.
CREATE OR REPLACE FUNCTION contract_limit_usage(contract_of uuid, first_day date, last_day date)
RETURNS TABLE (code text, service text, unit text, per text, period text, amount bigint, used bigint, holders bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT l.code, l.service, l.unit, l.per, l.period, l.amount, coalesce(sum(e.units), 0)::bigint,
		count(DISTINCT CASE l.per WHEN 'person' THEN k.person_id WHEN 'contract' THEN l.contract_id
			ELSE u.holder_id END) FILTER (WHERE e.id IS NOT NULL)
	FROM limits l
		LEFT JOIN limit_usages u ON u.limit_id = l.id AND u.own = (l.per IN ('person', 'contract'))
			AND (u.period = 'whole' OR u.period BETWEEN
			extract(year FROM first_day)::text AND extract(year FROM last_day)::text)
		LEFT JOIN limit_entries e ON e.usage_id = u.id AND e.given_back_at IS NULL AND e.copied_from IS NULL
			AND ((SELECT app_role()) IN ('ministry_officer', 'agency_officer')
				OR (SELECT app_role()) = 'provider_manager' AND e.provider_id = (SELECT app_provider()))
		LEFT JOIN clients k ON k.id = e.client_id
	WHERE l.contract_id = contract_of
	GROUP BY l.id
$$;

REVOKE ALL ON FUNCTION contract_prices(uuid), contract_days(uuid, uuid, date, date),
	delivered_acts(uuid, uuid, date, date), contract_usage(uuid, date, date),
	contract_limit_usage(uuid, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contract_usage(uuid, date, date), contract_limit_usage(uuid, date, date) TO atbalsts_api;
