-- One person, one year, one counter; what a rule asks of all of a client's cases; appointments that wait their turn.

-- Rule sets replace one another, and a person may have cases under several: a limit with the code, holder and period of
-- one of an earlier rule set is the same limit, and counts on its counter. The amount is that of the case's own rule
-- set. Two limits of one rule set have two counters.
-- locks: limits has a few rows.
ALTER TABLE limits ADD COLUMN counter_id uuid CONSTRAINT limits_counter REFERENCES limits (id);

CREATE FUNCTION limit_counter(l limits) RETURNS uuid
LANGUAGE sql STABLE
AS $$
	SELECT coalesce((SELECT f.counter_id FROM limits f
		WHERE f.ruleset_id <> l.ruleset_id AND f.counter_id IS NOT NULL
			AND (f.code, f.per, f.period) = (l.code, l.per, l.period)
		ORDER BY f.created_at, f.id LIMIT 1), l.id)
$$;

CREATE FUNCTION limit_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.counter_id := limit_counter(NEW);
	RETURN NEW;
END
$$;
CREATE TRIGGER limit_arrives BEFORE INSERT ON limits FOR EACH ROW EXECUTE FUNCTION limit_arrives();

SELECT set_config('app.actor', 'cli', true);
DO $$
DECLARE
	l limits;
BEGIN
	FOR l IN SELECT k.* FROM limits k LEFT JOIN rulesets r ON r.id = k.ruleset_id
			ORDER BY r.starts_on, k.created_at, k.id LOOP
		UPDATE limits SET counter_id = limit_counter(l) WHERE id = l.id;
	END LOOP;
END
$$;
-- locks: as above.
ALTER TABLE limits ALTER COLUMN counter_id SET NOT NULL;
-- locks: as above.
ALTER TABLE limits ADD CONSTRAINT limits_counter_once UNIQUE (ruleset_id, counter_id);

-- What was counted apart is counted together, even where the sum passes the limit.
-- locks: only of persons with cases under two rule sets, and before the first release.
UPDATE limit_usages k SET used = k.used + g.used, amount = greatest(k.amount, k.used + g.used)
FROM limit_usages g JOIN limits l ON l.id = g.limit_id AND l.counter_id <> l.id
WHERE k.limit_id = l.counter_id AND k.holder_id = g.holder_id AND k.period = g.period;
-- locks: as above.
UPDATE limit_entries e SET usage_id = k.id, number = NULL
FROM limit_usages g JOIN limits l ON l.id = g.limit_id AND l.counter_id <> l.id
	JOIN limit_usages k ON k.limit_id = l.counter_id AND k.holder_id = g.holder_id AND k.period = g.period
WHERE e.usage_id = g.id;
-- locks: as above.
DELETE FROM limit_usages g USING limits l, limit_usages k
WHERE l.id = g.limit_id AND l.counter_id <> l.id AND k.limit_id = l.counter_id AND k.holder_id = g.holder_id
	AND k.period = g.period;
-- locks: as above.
UPDATE limit_usages g SET limit_id = l.counter_id FROM limits l WHERE l.id = g.limit_id AND l.counter_id <> l.id;

CREATE OR REPLACE VIEW case_limits WITH (security_invoker = true) AS
	SELECT c.id AS case_id, c.client_id, c.provider_id, l.id, l.code, l.service, l.unit, l.amount, l.per, l.period,
		l.window_months, l.enforcement, NULL::uuid AS contract_id, NULL::date AS starts_on,
		NULL::date AS ends_on,
		CASE l.per WHEN 'case' THEN c.id WHEN 'client' THEN c.client_id ELSE c.person_id END AS holder_id,
		l.counter_id, CASE l.per WHEN 'case' THEN c.id ELSE c.client_id END AS own_holder_id
	FROM cases c JOIN limits l ON l.ruleset_id = c.ruleset_id
	UNION ALL
	SELECT c.id, c.client_id, c.provider_id, l.id, l.code, l.service, l.unit, l.amount, l.per, l.period,
		l.window_months, l.enforcement, k.contract_id, k.starts_on, k.ends_on,
		CASE l.per WHEN 'case' THEN c.id WHEN 'client' THEN c.client_id WHEN 'person' THEN c.person_id
			ELSE k.contract_id END,
		l.counter_id, CASE l.per WHEN 'case' THEN c.id ELSE c.client_id END
	FROM cases c JOIN provider_contracts k ON k.provider_id = c.provider_id
		JOIN limits l ON l.contract_id = k.contract_id;

-- An act must fit into the shared counter and into the own one: the fuller of the two decides.
CREATE OR REPLACE VIEW case_limit_uses WITH (security_invoker = true) AS
	SELECT l.case_id, l.id AS limit_id, u.period, max(u.used) AS used
	FROM case_limits l JOIN limit_usages u ON u.limit_id = l.counter_id
		AND u.holder_id IN (l.holder_id, l.own_holder_id)
	GROUP BY l.case_id, l.id, u.period;

-- As before, and: a provider is told what its own client has used, before the system and with what came by a transfer.
-- The agency alone is told the sum of a person's clients.

CREATE OR REPLACE VIEW entitlements WITH (security_invoker = true) AS
	SELECT e.*, greatest(e.amount - e.used, 0) AS remaining
	FROM (
		SELECT l.id, l.case_id, l.client_id, l.provider_id, l.code, l.service, l.unit, l.amount, l.per,
			l.period, l.enforcement, l.contract_id,
			CASE WHEN l.contract_id IS NOT NULL THEN l.starts_on
				WHEN l.period = 'calendar_year' THEN date_trunc('year', riga_today())::date
				WHEN l.service = 'course' THEN c.course_start
				WHEN l.period = 'window' THEN c.course_end + 1 END AS starts_on,
			CASE WHEN l.contract_id IS NOT NULL THEN l.ends_on
				WHEN l.period = 'calendar_year'
					THEN (date_trunc('year', riga_today()) + interval '1 year - 1 day')::date
				WHEN l.service = 'course' THEN c.course_end
				WHEN l.period = 'window'
					THEN (c.course_end + make_interval(months => l.window_months::int))::date
				END AS ends_on,
			CASE WHEN l.unit = 'days' AND l.service = 'course'
				THEN greatest(coalesce(least(riga_today(), c.course_end) - c.course_start + 1, 0), 0)
				WHEN l.own_holder_id = l.holder_id
					OR l.per = 'person' AND (SELECT app_role()) <> 'agency_officer'
				THEN coalesce((SELECT u.used FROM limit_usages u
					WHERE u.limit_id = l.counter_id AND u.holder_id = l.own_holder_id
						AND u.period = l.this_period), 0)
				ELSE coalesce((SELECT sum(n.units) FROM limit_usages u JOIN limit_entries n
					ON n.usage_id = u.id AND n.given_back_at IS NULL
					WHERE u.limit_id = l.counter_id AND u.holder_id = l.holder_id
						AND u.period = l.this_period), 0)
					+ coalesce((SELECT sum(n.units) FROM clients k JOIN limit_usages u
						ON u.holder_id = k.id AND u.limit_id = l.counter_id
							AND u.period = l.this_period
						JOIN limit_entries n ON n.usage_id = u.id AND n.given_back_at IS NULL
							AND n.act = 'opening_usages' AND n.copied_from IS NULL
					WHERE k.person_id = c.person_id), 0)
				END::bigint AS used
		FROM (SELECT *, CASE period WHEN 'calendar_year' THEN extract(year FROM riga_today())::text
				ELSE 'whole' END AS this_period FROM case_limits) l
			JOIN cases c ON c.id = l.case_id
		WHERE l.contract_id IS NULL OR riga_today() BETWEEN l.starts_on AND l.ends_on
	) e;

-- Support in the proceedings of one case suspends the aftercare of another and stands for its support (R3, R4), also
-- where a specialist is not in the other's team: of all that is kept there the rules get days and basis alone, and
-- the caller their refusal.
CREATE FUNCTION client_supports(client uuid)
RETURNS TABLE (id uuid, starts_on date, ends_on date, basis text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT s.id, s.starts_on, s.ends_on, s.basis FROM support_periods s
	WHERE s.client_id = client AND ((SELECT app_role()) = 'agency_officer'
		OR s.provider_id = (SELECT app_provider()))
$$;
REVOKE ALL ON FUNCTION client_supports(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_supports(uuid) TO atbalsts_api;
CREATE OR REPLACE VIEW case_supports WITH (security_invoker = true) AS
	SELECT c.id AS case_id, s.id, s.starts_on, s.ends_on, s.basis
	FROM cases c CROSS JOIN LATERAL client_supports(c.client_id) s;

-- Two rows that exclude each other, inserted at once, find and wait for each other: a deadlock, and a second lost.
-- Whoever writes for the same specialist or client waits before the row is there. Of a stay it is the client for all
-- who are along, so that moves of two of the family's stays never wait crosswise. The argument: the column that names
-- whose turn it is, within the provider: nobody waits for another's.
CREATE FUNCTION takes_its_turn() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', TG_TABLE_NAME,
		to_jsonb(NEW) ->> 'provider_id', to_jsonb(NEW) ->> TG_ARGV[0]), 0));
	RETURN NEW;
END
$$;
CREATE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF specialist_id, starts_at, ends_at, outcome, joint, superseded
	ON consultations FOR EACH ROW
	WHEN (NEW.specialist_id IS NOT NULL AND NEW.outcome <> 'cancelled' AND NOT NEW.joint AND NOT NEW.superseded)
	EXECUTE FUNCTION takes_its_turn('specialist_id');
CREATE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF days ON accommodation_occupants FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('client_id');
CREATE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF starts_on, ends_on ON reflection_periods FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('client_id');
CREATE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF starts_on, ends_on ON contract_rates FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('contract_id');

-- What runs as the owner is not for whoever else may connect.
REVOKE ALL ON FUNCTION limit_number(uuid, bigint), limit_arrives() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION limit_number(uuid, bigint) TO atbalsts_api;
