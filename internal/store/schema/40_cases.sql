-- What moves with a case: number, rule set, timeline; who is in its team.

-- What policies ask of the caller's own team. They run as the owner: the team's own policy asks them too.
CREATE OR REPLACE FUNCTION team_has_client(client uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM case_team m WHERE m.client_id = client AND m.user_id = app_user());
END
$$;

CREATE OR REPLACE FUNCTION team_has_case(case_of uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM case_team m WHERE m.case_id = case_of AND m.user_id = app_user());
END
$$;

-- The same of open sittings of a commission, whose tables come with identifications: under the policies of
-- what they read.
CREATE OR REPLACE FUNCTION sits_in(identification uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM identification_members m
		WHERE m.identification_id = identification AND m.user_id = app_user() AND m.open);
END
$$;

CREATE OR REPLACE FUNCTION sits_about(client uuid) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM identification_members m
		WHERE m.client_id = client AND m.user_id = app_user() AND m.open);
END
$$;

-- The person and the number come from the client's row, as the owner: the API's roles do not see persons.
CREATE OR REPLACE FUNCTION case_arrives() RETURNS trigger
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
CREATE OR REPLACE TRIGGER case_arrives BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION case_arrives();

-- The rule set is that of the application's day; before there is one, of the day the case was opened.
CREATE OR REPLACE FUNCTION case_ruleset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.ruleset_id := (SELECT r.id FROM rulesets r WHERE daterange(r.starts_on, r.ends_on, '[]')
		@> coalesce(NEW.received_on, NEW.opened_on));
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER case_ruleset BEFORE INSERT OR UPDATE OF received_on, opened_on ON cases FOR EACH ROW
	EXECUTE FUNCTION case_ruleset();

-- The timeline has every step, also those that a decision took, on the decision's day. Deferred: a transition's own row
-- counts first, and the decision's is there. With the grant a potential client becomes a client, and a former one when
-- no case is open any more.
CREATE OR REPLACE FUNCTION case_moved() RETURNS trigger
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
DROP TRIGGER IF EXISTS case_moved ON cases;
CREATE CONSTRAINT TRIGGER case_moved AFTER UPDATE OF status ON cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION case_moved();

-- A specialist has the notes of the own profession only; a case worker all of them.
DROP POLICY IF EXISTS case_notes_profession ON case_notes;
CREATE POLICY case_notes_profession ON case_notes AS RESTRICTIVE TO atbalsts_api
	USING ((SELECT app_role()) <> 'specialist'
		OR profession = (SELECT u.profession FROM users u WHERE u.id = app_user()));

-- Two rows that exclude each other, inserted at once, find and wait for each other: a deadlock, and a second lost.
-- Whoever writes for the same specialist or client waits before the row is there. Of a stay it is the client for all
-- who are along, so that moves of two of the family's stays never wait crosswise. The argument: the column that names
-- whose turn it is, within the provider: nobody waits for another's.
CREATE OR REPLACE FUNCTION takes_its_turn() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', TG_TABLE_NAME,
		to_jsonb(NEW) ->> 'provider_id', to_jsonb(NEW) ->> TG_ARGV[0]), 0));
	RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE
	OF specialist_id, starts_at, ends_at, outcome, joint, superseded
	ON consultations FOR EACH ROW
	WHEN (NEW.specialist_id IS NOT NULL AND NEW.outcome <> 'cancelled' AND NOT NEW.joint AND NOT NEW.superseded)
	EXECUTE FUNCTION takes_its_turn('specialist_id');
CREATE OR REPLACE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF days ON accommodation_occupants FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('client_id');
CREATE OR REPLACE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF starts_on, ends_on
	ON reflection_periods FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('client_id');
CREATE OR REPLACE TRIGGER takes_its_turn BEFORE INSERT OR UPDATE OF starts_on, ends_on ON contract_rates FOR EACH ROW
	EXECUTE FUNCTION takes_its_turn('contract_id');

REVOKE ALL ON FUNCTION team_has_client(uuid), team_has_case(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION team_has_client(uuid), team_has_case(uuid) TO atbalsts_api;
