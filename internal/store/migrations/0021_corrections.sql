-- Corrections (R19) of journeys, escorts and assessments, as of every other service; the client's refusal
-- of journeys, escorts and representation.

-- locks: the tables are small before the first release.
ALTER TABLE journeys
	ADD COLUMN declined_by_client boolean NOT NULL DEFAULT false,
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT journeys_corrects FOREIGN KEY (corrects_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	ADD CONSTRAINT journeys_once_corrected UNIQUE (corrects_id);
-- locks: as above.
ALTER TABLE escorts
	ADD COLUMN declined_by_client boolean NOT NULL DEFAULT false,
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT escorts_of_case UNIQUE (id, case_id);
-- locks: as above.
ALTER TABLE escorts
	ADD CONSTRAINT escorts_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES escorts (id, case_id),
	ADD CONSTRAINT escorts_once_corrected UNIQUE (corrects_id);
-- locks: as above.
ALTER TABLE assessments
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT assessments_of_case UNIQUE (id, case_id);
-- locks: as above.
ALTER TABLE assessments
	ADD CONSTRAINT assessments_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES assessments (id, case_id),
	ADD CONSTRAINT assessments_once_corrected UNIQUE (corrects_id);
ALTER TABLE representations ADD COLUMN declined_by_client boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW case_first_assessments WITH (security_invoker = true) AS
	SELECT case_id, min(assessed_on) AS assessed_on FROM assessments WHERE NOT superseded GROUP BY case_id;

-- A correction has the travellers of the journey that it corrects. Its escorts are acts of their own, with a price, and
-- go along: they belong to the journey that stands, and are billed by its days.
CREATE FUNCTION journey_corrected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO journey_travellers (id, provider_id, client_id, case_id, journey_id, kind, family_member_id,
		with_client)
	SELECT gen_random_uuid(), t.provider_id, t.client_id, t.case_id, NEW.id, t.kind, t.family_member_id,
		t.with_client
	FROM journey_travellers t WHERE t.journey_id = NEW.corrects_id AND t.case_id = NEW.case_id;
	UPDATE escorts SET journey_id = NEW.id, updated_at = now(), updated_by = app_user(), version = version + 1
	WHERE journey_id = NEW.corrects_id AND case_id = NEW.case_id;
	RETURN NULL;
END
$$;
CREATE TRIGGER journey_corrected AFTER INSERT ON journeys FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION journey_corrected();

-- The giver of a transfer corrects these too.
DROP TRIGGER case_has_gone ON journeys;
CREATE TRIGGER case_has_gone AFTER INSERT ON journeys FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
DROP TRIGGER case_has_gone ON escorts;
DROP TRIGGER case_has_gone ON assessments;
CREATE TRIGGER case_has_gone AFTER INSERT ON assessments FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
CREATE TRIGGER case_has_gone AFTER INSERT ON escorts FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();

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
			(coalesce(j.departed_at, j.planned_departure_at, j.created_at)
				AT TIME ZONE 'Europe/Riga')::date AS day,
			(j.arrived_at AT TIME ZONE 'Europe/Riga')::date AS last_day
		FROM span s JOIN journeys j ON j.provider_id = provider_of
			AND coalesce(j.departed_at, j.planned_departure_at, j.created_at) >= s.since
			AND coalesce(j.departed_at, j.planned_departure_at, j.created_at) < s.before
		WHERE j.state IN ('completed', 'cancelled') AND NOT j.superseded
	), acts AS (
		SELECT 'consultations' AS act, t.id AS act_id, t.client_id, t.case_id, 'consultation' AS service,
			(t.starts_at AT TIME ZONE 'Europe/Riga')::date AS day, t.minutes, 0::bigint AS days,
			1::bigint AS pieces, NULL::bigint AS own, t.outcome = 'no_show' AS no_show, true AS rated,
			NULL::date AS gap
		FROM span s JOIN consultations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome IN ('held', 'no_show') AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'representations', t.id, t.client_id, t.case_id, 'representation',
			(t.starts_at AT TIME ZONE 'Europe/Riga')::date, t.minutes, 0, 1, NULL,
			t.outcome = 'no_show', true, NULL
		FROM span s JOIN representations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome IN ('held', 'no_show') AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'interpretations', t.id, t.client_id, t.case_id, 'interpretation',
			(t.starts_at AT TIME ZONE 'Europe/Riga')::date, t.minutes, 0, 1, NULL, false, true, NULL
		FROM span s JOIN interpretations t ON t.provider_id = provider_of AND t.starts_at >= s.since
			AND t.starts_at < s.before
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'legal_documents', t.id, t.client_id, t.case_id, 'legal_document', t.drafted_on, t.minutes, 0, 1,
			NULL, false, true, NULL
		FROM span s JOIN legal_documents t ON t.provider_id = provider_of AND t.drafted_on >= s.first
			AND t.drafted_on < s.until
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		-- Of one that was left, what was attended.
		SELECT 'trainings', t.id, t.client_id, t.case_id, 'training', coalesce(t.completed_on, t.enrolled_on),
			t.attended_hours * 60, 0, 1, NULL, false, true, NULL
		FROM span s JOIN trainings t ON t.provider_id = provider_of AND t.enrolled_on < s.until
		WHERE (t.outcome = 'completed' OR t.outcome = 'left' AND t.attended_hours > 0) AND t.funding = 'state'
			AND NOT t.superseded
		UNION ALL
		SELECT 'goods', t.id, t.client_id, t.case_id, 'goods', t.given_on, 0, 0, coalesce(t.quantity, 1),
			t.cents, false, true, NULL
		FROM span s JOIN goods t ON t.provider_id = provider_of AND t.given_on >= s.first
			AND t.given_on < s.until
		WHERE t.outcome = 'delivered' AND t.funding = 'state' AND NOT t.superseded
		UNION ALL
		SELECT 'assessments', t.id, t.client_id, t.case_id, 'assessment', t.assessed_on, 0, 0, 1, NULL, false,
			true, NULL
		FROM span s JOIN assessments t ON t.provider_id = provider_of AND t.assessed_on >= s.first
			AND t.assessed_on < s.until
		WHERE NOT t.superseded
		UNION ALL
		SELECT 'identifications', t.id, t.client_id, t.case_id, 'commission', coalesce(t.held_on, t.closed_on),
			0, 0, 1, NULL, false, true, NULL
		FROM span s JOIN identifications t ON t.provider_id = provider_of
			AND coalesce(t.held_on, t.closed_on) >= s.first AND coalesce(t.held_on, t.closed_on) < s.until
		WHERE t.identified_by = 'commission' AND t.closed_on IS NOT NULL
		UNION ALL
		SELECT 'journeys', t.id, t.client_id, t.case_id, 'journey', t.day, 0, 0, t.done::int, t.cost_cents,
			false, t.done, NULL
		FROM trips t WHERE (t.done OR t.cost_cents IS NOT NULL) AND t.funding = 'state'
		UNION ALL
		SELECT 'escorts', e.id, e.client_id, e.case_id, 'escort', t.day, 0,
			CASE WHEN t.done THEN t.last_day - t.day + 1 ELSE 0 END, t.done::int, e.cost_cents, false,
			t.done, NULL
		FROM trips t JOIN escorts e ON e.journey_id = t.id
		WHERE (t.done OR e.cost_cents IS NOT NULL) AND e.funding = 'state' AND NOT e.superseded
		UNION ALL
		-- The nights that have passed, of the stay and not of each occupant: a room has one price.
		SELECT 'accommodations', t.id, t.client_id, t.case_id, t.service, lower(t.nights), 0,
			all_nights.days, 0, CASE WHEN priced.days = all_nights.days THEN priced.cents END, false, false,
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
		SELECT 'cases', t.id, t.client_id, t.id, 'case_management', t.day, 0, 0, 1, NULL, false, true, NULL
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
		WHERE a.day <@ s.days AND (NOT a.no_show OR r.no_show_consumes)
	) b
$$;
