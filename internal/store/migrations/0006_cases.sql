-- Cases, their teams and steps, and the ledger of limits.

CREATE TABLE cases (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
	key_id uuid NOT NULL CONSTRAINT cases_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
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
SELECT record_table('cases');

CREATE TABLE case_team (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	user_id uuid NOT NULL,
	duty text,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT case_team_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT case_team_user FOREIGN KEY (user_id, provider_id) REFERENCES users (id, provider_id)
);
CREATE UNIQUE INDEX case_team_once ON case_team (case_id, user_id);
CREATE INDEX case_team_by_client ON case_team (client_id, user_id);
CREATE INDEX case_team_by_user ON case_team (user_id, case_id);
SELECT record_table('case_team');

-- What policies ask of the caller's own team. They run as the owner: the team's own policy asks them too.
CREATE FUNCTION team_has_client(client uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM case_team m WHERE m.client_id = client AND m.user_id = app_user());
END
$$;

CREATE FUNCTION team_has_case(case_of uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM case_team m WHERE m.case_id = case_of AND m.user_id = app_user());
END
$$;

REVOKE ALL ON FUNCTION team_has_client(uuid), team_has_case(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION team_has_client(uuid), team_has_case(uuid) TO atbalsts_api;

-- The same of open sittings of a commission, whose tables come with identifications: under the policies of
-- what they read.
CREATE FUNCTION sits_in(identification uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM identification_members m
		WHERE m.identification_id = identification AND m.user_id = app_user() AND m.open);
END
$$;

CREATE FUNCTION sits_about(client uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM identification_members m
		WHERE m.client_id = client AND m.user_id = app_user() AND m.open);
END
$$;

CREATE TABLE case_transitions (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT case_transitions_key REFERENCES data_keys (id),
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
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT case_transitions_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT case_transitions_suspension CHECK (suspended_until >= suspended_from)
);
CREATE INDEX case_transitions_list ON case_transitions (case_id, created_at, id);
SELECT record_table('case_transitions');

-- The person and the number come from the client's row, as the owner: the API's roles do not see persons.
CREATE FUNCTION case_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	client clients;
BEGIN
	SELECT * INTO client FROM clients WHERE id = NEW.client_id FOR NO KEY UPDATE;
	NEW.person_id := client.person_id;
	IF NEW.number IS NULL OR app_setting('actor') IS DISTINCT FROM 'cli' THEN
		NEW.number := client.number || '-'
			|| (SELECT count(*) + 1 FROM cases WHERE client_id = NEW.client_id);
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER case_arrives BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION case_arrives();

-- The rule set is that of the application's day; before there is one, of the day the case was opened.
CREATE FUNCTION case_ruleset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.ruleset_id := (SELECT r.id FROM rulesets r WHERE daterange(r.starts_on, r.ends_on, '[]')
		@> coalesce(NEW.received_on, NEW.opened_on));
	RETURN NEW;
END
$$;
CREATE TRIGGER case_ruleset BEFORE INSERT OR UPDATE OF received_on, opened_on ON cases FOR EACH ROW
	EXECUTE FUNCTION case_ruleset();

-- The timeline has every step, also those that a decision took, on the decision's day. Deferred: a transition's own row
-- counts first, and the decision's is there. With the grant a potential client becomes a client, and a former one when
-- no case is open any more.
CREATE FUNCTION case_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE clients SET status = becomes, updated_at = now(), updated_by = app_user(), version = version + 1
	FROM (SELECT CASE WHEN NEW.status IN ('granted', 'in_course', 'suspended', 'aftercare') THEN 'active'
		WHEN NEW.status IN ('closed', 'withdrawn') AND NOT EXISTS (SELECT FROM cases
			WHERE client_id = NEW.client_id AND status NOT IN ('closed', 'withdrawn')) THEN 'former'
		END AS becomes) s
	WHERE id = NEW.client_id AND becomes <> status;
	IF EXISTS (SELECT FROM case_transitions t WHERE t.case_id = NEW.id AND t."from" = OLD.status
			AND t."to" = NEW.status AND t.created_at = now()) THEN
		RETURN NULL;
	END IF;
	INSERT INTO case_transitions (id, provider_id, client_id, case_id, key_id, "from", "to", happened_on,
		close_reason, decided)
	VALUES (gen_random_uuid(), NEW.provider_id, NEW.client_id, NEW.id, NEW.key_id, OLD.status, NEW.status,
		coalesce((SELECT max(decided_on) FROM decisions WHERE case_id = NEW.id AND created_at = now()),
			riga_today()), NEW.close_reason, true);
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER case_moved AFTER UPDATE OF status ON cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION case_moved();

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
	CONSTRAINT limit_entries_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	-- An act that got no units has no counter to name: this refuses it, by name.
	CONSTRAINT limit_entries_taken CHECK (usage_id IS NOT NULL),
	CONSTRAINT limit_entries_number UNIQUE (usage_id, number),
	CONSTRAINT limit_entries_origin CHECK (opening = (act_id IS NULL))
);
CREATE INDEX limit_entries_act ON limit_entries (act_id);
ALTER TABLE limit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE limit_entries FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON limit_entries TO atbalsts_api;

-- A counter that providers share belongs to none of them; whose units stand in it, only the entries tell.
CREATE FUNCTION limit_usage_arrives() RETURNS trigger
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
CREATE TRIGGER limit_usage_arrives BEFORE INSERT ON limit_usages FOR EACH ROW EXECUTE FUNCTION limit_usage_arrives();

CREATE POLICY limit_usages_providers ON limit_usages
	USING ((SELECT app_role()) IN ('provider_manager', 'case_worker', 'specialist')
		AND (provider_id = (SELECT app_provider()) OR provider_id IS NULL));
CREATE POLICY limit_usages_agency ON limit_usages USING ((SELECT app_role()) = 'agency_officer');
CREATE POLICY limit_entries_providers ON limit_entries
	USING ((SELECT app_role()) IN ('provider_manager', 'case_worker', 'specialist')
		AND provider_id = (SELECT app_provider()));
CREATE POLICY limit_entries_agency ON limit_entries USING ((SELECT app_role()) = 'agency_officer');

-- What the rules know of a case and its rule set.
CREATE VIEW case_facts WITH (security_invoker = true) AS
	SELECT c.id AS case_id, c.client_id, c.provider_id, c.person_id, c.ruleset_id, c.status, c.received_on,
		c.granted_on, c.course_start, c.course_end, c.suspended_days, l.amount AS course_days,
		r.aftercare_minutes, r.no_show_consumes, r.witness_supported, r.interpreter_only_where_none,
		r.plan_due_days, r.evaluation_days
	FROM cases c LEFT JOIN rulesets r ON r.id = c.ruleset_id
		LEFT JOIN limits l ON l.ruleset_id = c.ruleset_id AND l.code = 'course';

-- Every limit of the case's rule set, and of each contract that its provider is party to (with that contract's days).
CREATE VIEW case_limits WITH (security_invoker = true) AS
	SELECT c.id AS case_id, c.client_id, c.provider_id, l.id, l.code, l.service, l.unit, l.amount, l.per, l.period,
		l.window_months, l.enforcement, NULL::uuid AS contract_id, NULL::date AS starts_on,
		NULL::date AS ends_on,
		CASE l.per WHEN 'case' THEN c.id WHEN 'client' THEN c.client_id ELSE c.person_id END AS holder_id
	FROM cases c JOIN limits l ON l.ruleset_id = c.ruleset_id
	UNION ALL
	SELECT c.id, c.client_id, c.provider_id, l.id, l.code, l.service, l.unit, l.amount, l.per, l.period,
		l.window_months, l.enforcement, k.contract_id, k.starts_on, k.ends_on,
		CASE l.per WHEN 'case' THEN c.id WHEN 'client' THEN c.client_id WHEN 'person' THEN c.person_id
			ELSE k.contract_id END
	FROM cases c JOIN provider_contracts k ON k.provider_id = c.provider_id
		JOIN limits l ON l.contract_id = k.contract_id;

-- The counters behind them, summed over providers where the limit is a person's.
CREATE VIEW case_limit_uses WITH (security_invoker = true) AS
	SELECT l.case_id, l.id AS limit_id, u.period, u.used
	FROM case_limits l JOIN limit_usages u ON u.limit_id = l.id AND u.holder_id = l.holder_id;

-- What a case worker asks: how much there is, what is used, what is left. Days of a course pass by themselves. Of a
-- limit that providers share, used counts what the reader may see.
CREATE VIEW entitlements WITH (security_invoker = true) AS
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
				ELSE coalesce((SELECT sum(n.units) FROM limit_usages u JOIN limit_entries n
					ON n.usage_id = u.id AND n.given_back_at IS NULL
					WHERE u.limit_id = l.id AND u.holder_id = l.holder_id
						AND u.period = CASE l.period WHEN 'calendar_year'
							THEN extract(year FROM riga_today())::text
							ELSE 'whole' END), 0)
				END::bigint AS used
		FROM case_limits l JOIN cases c ON c.id = l.case_id
		WHERE l.contract_id IS NULL OR riga_today() BETWEEN l.starts_on AND l.ends_on
	) e;

-- The agency's register of recipients.
CREATE VIEW person_register WITH (security_invoker = true) AS
	SELECT p.id, p.created_at AS first_seen_at,
		coalesce((SELECT array_agg(c.id::text ORDER BY c.id) FROM clients c WHERE c.person_id = p.id), '{}')
			AS client_ids,
		coalesce((SELECT array_agg(DISTINCT c.provider_id::text) FROM clients c WHERE c.person_id = p.id), '{}')
			AS provider_ids,
		(SELECT count(*) FROM cases c WHERE c.person_id = p.id) AS case_count,
		(SELECT c.id FROM cases c WHERE c.person_id = p.id
			AND c.status IN ('granted', 'in_course', 'suspended')) AS running_case_id
	FROM persons p;

GRANT SELECT ON case_facts, case_limits, case_limit_uses, entitlements, person_register TO atbalsts_api;

-- Joins two persons when the agency says that they are one: clients, cases and ledgers follow. R15's index may refuse.
CREATE FUNCTION person_join(gone uuid, kept uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	UPDATE clients SET person_id = kept WHERE person_id = gone;
	UPDATE cases SET person_id = kept WHERE person_id = gone;
	-- What both have used is used, even where the sum passes the limit.
	UPDATE limit_usages k SET used = k.used + g.used, amount = greatest(k.amount, k.used + g.used)
	FROM limit_usages g
	WHERE k.holder_id = kept AND g.holder_id = gone AND g.limit_id = k.limit_id AND g.period = k.period;
	UPDATE limit_entries e SET usage_id = k.id, number = NULL
	FROM limit_usages k, limit_usages g
	WHERE e.usage_id = g.id AND k.holder_id = kept AND g.holder_id = gone AND g.limit_id = k.limit_id
		AND g.period = k.period;
	DELETE FROM limit_usages g USING limit_usages k
	WHERE k.holder_id = kept AND g.holder_id = gone AND g.limit_id = k.limit_id AND g.period = k.period;
	UPDATE limit_usages SET holder_id = kept WHERE holder_id = gone;
	UPDATE person_matches SET person_id = kept WHERE person_id = gone;
	DELETE FROM person_matches m USING person_matches o
	WHERE m.likely_person_id = gone AND o.likely_person_id = kept AND o.client_id = m.client_id;
	UPDATE person_matches SET likely_person_id = kept WHERE likely_person_id = gone;
	UPDATE person_matches SET state = 'linked' WHERE state = 'open' AND person_id = likely_person_id;
$$;
REVOKE ALL ON FUNCTION person_join(uuid, uuid) FROM PUBLIC;

CREATE FUNCTION person_match_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF NEW.person_id <> NEW.likely_person_id THEN
		PERFORM person_join(NEW.person_id, NEW.likely_person_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER person_match_decided AFTER UPDATE OF state ON person_matches FOR EACH ROW
	WHEN (OLD.state = 'open' AND NEW.state = 'linked') EXECUTE FUNCTION person_match_decided();
