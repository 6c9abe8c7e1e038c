-- Limits, their counters, and what is left of them.

-- A counter that providers share belongs to none of them; whose units stand in it, only the entries tell.
CREATE OR REPLACE FUNCTION limit_usage_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	terms limits;
BEGIN
	SELECT * INTO STRICT terms FROM limits WHERE id = NEW.limit_id;
	NEW.own := terms.per IN ('person', 'contract') AND NEW.holder_id IS NOT DISTINCT FROM NEW.client_id;
	IF terms.per IN ('person', 'contract') AND NOT NEW.own THEN
		NEW.provider_id := NULL;
		NEW.client_id := NULL;
	END IF;
	IF terms.per <> 'case' THEN
		NEW.case_id := NULL;
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER limit_usage_arrives BEFORE INSERT ON limit_usages FOR EACH ROW
	EXECUTE FUNCTION limit_usage_arrives();

DROP POLICY IF EXISTS limit_usages_providers ON limit_usages;
CREATE POLICY limit_usages_providers ON limit_usages
	USING ((SELECT app_role()) IN ('provider_manager', 'case_worker', 'specialist')
		AND (provider_id = (SELECT app_provider()) OR provider_id IS NULL));
DROP POLICY IF EXISTS limit_usages_agency ON limit_usages;
CREATE POLICY limit_usages_agency ON limit_usages USING ((SELECT app_role()) = 'agency_officer');
DROP POLICY IF EXISTS limit_entries_providers ON limit_entries;
CREATE POLICY limit_entries_providers ON limit_entries
	USING ((SELECT app_role()) IN ('provider_manager', 'case_worker', 'specialist')
		AND provider_id = (SELECT app_provider()));
DROP POLICY IF EXISTS limit_entries_agency ON limit_entries;
CREATE POLICY limit_entries_agency ON limit_entries USING ((SELECT app_role()) = 'agency_officer');

-- What the rules know of a case and its rule set.
CREATE OR REPLACE VIEW case_facts WITH (security_invoker = true) AS
	SELECT c.id AS case_id, c.client_id, c.provider_id, c.person_id, c.ruleset_id, c.status, c.received_on,
		c.granted_on, c.course_start, c.course_end, c.suspended_days, l.amount AS course_days,
		aftercare_last_day(c.course_end, w.window_months) AS aftercare_until, r.aftercare_minutes,
		r.no_show_consumes, r.witness_supported, r.interpreter_only_where_none
	FROM cases c LEFT JOIN rulesets r ON r.id = c.ruleset_id
		LEFT JOIN limits l ON l.ruleset_id = c.ruleset_id AND l.code = 'course'
		LEFT JOIN limits w ON w.ruleset_id = c.ruleset_id AND w.code = 'aftercare';

-- The smallest free number of a counter, over all providers that share it: the caller sees only its own entries, and
-- would take a number that another provider holds.
CREATE OR REPLACE FUNCTION limit_number(counter uuid, highest bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT min(n) FROM generate_series(1, highest) n
	WHERE NOT EXISTS (SELECT FROM limit_entries e WHERE e.usage_id = counter AND e.number = n)
$$;

-- Every limit of the case's rule set, and of each contract that its provider is party to (with that contract's days).
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
				WHEN l.period = 'window' THEN aftercare_last_day(c.course_end, l.window_months)
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
		FROM (SELECT *, limit_period(period, riga_today()) AS this_period FROM case_limits) l
			JOIN cases c ON c.id = l.case_id
		WHERE l.contract_id IS NULL OR riga_today() BETWEEN l.starts_on AND l.ends_on
	) e;

GRANT SELECT ON case_facts, case_limits, case_limit_uses, entitlements TO atbalsts_api;
-- What runs as the owner is not for whoever else may connect.
REVOKE ALL ON FUNCTION limit_number(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION limit_number(uuid, bigint) TO atbalsts_api;
