-- Numbers and persons of clients, matches, and who has seen a client.

-- The oldest keys that each master key wraps, to try a master key file on: three, so that one damaged row shuts nobody
-- out. The index is skipped through, id by id. A file holds four master keys: with more ids than the limit lets through
-- it lacks one of those told.
CREATE OR REPLACE FUNCTION master_key_samples() RETURNS TABLE (master text, id uuid, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH RECURSIVE masters AS (
		SELECT min(master_key_of(k.wrapped)) AS master FROM data_keys k WHERE k.destroyed_at IS NULL
		UNION ALL
		SELECT (SELECT min(master_key_of(k.wrapped)) FROM data_keys k
			WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) > m.master)
		FROM masters m WHERE m.master IS NOT NULL
	)
	SELECT m.master, s.id, s.wrapped
	FROM masters m CROSS JOIN LATERAL (SELECT k.id, k.wrapped FROM data_keys k
		WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) = m.master ORDER BY k.id LIMIT 3) s
	LIMIT 60
$$;

-- Nothing where the key was used already: a fingerprint that is gone then is no first start.
CREATE OR REPLACE FUNCTION key_remember(key text, print bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	INSERT INTO key_fingerprints (id, fingerprint)
	SELECT key, print
	WHERE CASE WHEN key = 'blind' THEN NOT EXISTS (SELECT FROM data_keys)
		ELSE NOT EXISTS (SELECT FROM data_keys k
			WHERE k.destroyed_at IS NULL AND master_key_of(k.wrapped) = key) END
	ON CONFLICT (id) DO NOTHING
$$;

DROP POLICY IF EXISTS persons_agency ON persons;
CREATE POLICY persons_agency ON persons FOR SELECT USING ((SELECT app_role()) = 'agency_officer');

-- As before, and: a client who comes by a transfer is the person that the giver's client is.
CREATE OR REPLACE FUNCTION client_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	this_year int := extract(year FROM riga_today());
	place int;
BEGIN
	IF app_setting('actor') IS DISTINCT FROM 'cli' THEN
		NEW.number := NULL;
		NEW.person_id := NULL;
		SELECT c.person_id INTO NEW.person_id FROM transfers t JOIN clients c ON c.id = t.client_id
		WHERE t.new_client_id = NEW.id AND t.to_provider_id = NEW.provider_id AND t.state = 'accepted';
	END IF;
	IF NEW.person_id IS NULL AND NEW.personal_code_index IS NOT NULL THEN
		SELECT c.person_id INTO NEW.person_id FROM clients c
		WHERE c.personal_code_index = NEW.personal_code_index ORDER BY c.id LIMIT 1;
	END IF;
	IF NEW.person_id IS NULL THEN
		INSERT INTO persons DEFAULT VALUES RETURNING id INTO NEW.person_id;
	END IF;
	IF NEW.number IS NULL THEN
		INSERT INTO client_numbers AS n (provider_id, year, last) VALUES (NEW.provider_id, this_year, 1)
		ON CONFLICT (provider_id, year) DO UPDATE SET last = n.last + 1
		RETURNING n.last INTO place;
		NEW.number := this_year || '-' || lpad(place::text, greatest(4, length(place::text)), '0');
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER client_arrives BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION client_arrives();

-- Others with the same identity become tasks. An equal code found later is one too: joining the persons at once could
-- tell a provider, by a refusal, of a course elsewhere.
CREATE OR REPLACE FUNCTION client_matches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO person_matches (provider_id, client_id, person_id, likely_person_id, basis)
	SELECT NEW.provider_id, NEW.id, NEW.person_id, m.person_id, m.basis
	FROM (
		SELECT DISTINCT ON (c.person_id) c.person_id, c.basis
		FROM (
			SELECT o.person_id, 'personal_code' AS basis FROM clients o
			WHERE o.personal_code_index = NEW.personal_code_index
			UNION ALL
			SELECT o.person_id, 'name_and_birth_date' FROM clients o
			WHERE o.identity_index = NEW.identity_index
				AND (o.personal_code_index = NEW.personal_code_index) IS NOT FALSE
		) c
		WHERE c.person_id <> NEW.person_id
		ORDER BY c.person_id, c.basis DESC
		LIMIT 10
	) m
	ON CONFLICT (client_id, likely_person_id) DO NOTHING;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER client_matches_new AFTER INSERT ON clients FOR EACH ROW
	WHEN (NEW.identity_index IS NOT NULL) EXECUTE FUNCTION client_matches();
CREATE OR REPLACE TRIGGER client_matches_changed AFTER UPDATE ON clients FOR EACH ROW
	WHEN (NEW.identity_index IS DISTINCT FROM OLD.identity_index
		OR NEW.personal_code_index IS DISTINCT FROM OLD.personal_code_index)
	EXECUTE FUNCTION client_matches();

-- The agency's register of recipients.
CREATE OR REPLACE VIEW person_register WITH (security_invoker = true) AS
	SELECT p.id, p.created_at AS first_seen_at,
		coalesce((SELECT array_agg(c.id::text ORDER BY c.id) FROM clients c WHERE c.person_id = p.id), '{}')
			AS client_ids,
		coalesce((SELECT array_agg(DISTINCT c.provider_id::text) FROM clients c WHERE c.person_id = p.id), '{}')
			AS provider_ids,
		(SELECT count(*) FROM cases c WHERE c.person_id = p.id) AS case_count,
		(SELECT c.id FROM cases c WHERE c.person_id = p.id
			AND case_is_running(c.status)) AS running_case_id
	FROM persons p;

-- Joins two persons when the agency says that they are one: clients, cases and ledgers follow. R15's index may refuse.
CREATE OR REPLACE FUNCTION person_join(gone uuid, kept uuid) RETURNS void
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

CREATE OR REPLACE FUNCTION person_match_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF NEW.person_id <> NEW.likely_person_id THEN
		PERFORM person_join(NEW.person_id, NEW.likely_person_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER person_match_decided AFTER UPDATE OF state ON person_matches FOR EACH ROW
	WHEN (OLD.state = 'open' AND NEW.state = 'linked') EXECUTE FUNCTION person_match_decided();

CREATE OR REPLACE VIEW client_nationalities WITH (security_invoker = true) AS
	SELECT c.id AS client_id, c.citizenship, f.starts_on, f.ends_on
	FROM clients c LEFT JOIN free_movement f ON f.country = c.citizenship;

-- As before, and: whose staff has read is told, but who only of the own.
CREATE OR REPLACE VIEW accesses WITH (security_invoker = true) AS
	SELECT a.id, a.client_id, a.client_provider_id AS provider_id, a.at, a.purpose,
		a.provider_id AS organisation_id, p.name AS organisation, a.role,
		CASE WHEN (SELECT app_role()) = 'auditor' OR a.provider_id = (SELECT app_provider()) THEN a.user_id END
			AS user_id,
		a.resource, a.row_id
	FROM audit_events a LEFT JOIN providers p ON p.id = a.provider_id
	WHERE a.action = 'read' AND a.client_id IS NOT NULL;

REVOKE ALL ON FUNCTION master_key_samples(), key_remember(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION master_key_samples(), key_remember(text, bytea) TO atbalsts_api;
GRANT SELECT ON accesses TO atbalsts_api;
GRANT SELECT ON person_register TO atbalsts_api;
REVOKE ALL ON FUNCTION person_join(uuid, uuid) FROM PUBLIC;
GRANT SELECT ON client_nationalities TO atbalsts_api;
