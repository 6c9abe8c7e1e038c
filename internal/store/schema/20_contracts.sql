-- Terms of contracts, and the counters of limits.

-- Contract terms for the rules: both days belong to the contract.
CREATE OR REPLACE VIEW provider_contracts WITH (security_invoker = true) AS
	SELECT p.provider_id, c.id AS contract_id, c.starts_on, c.ends_on
	FROM contract_parties p JOIN contracts c ON c.id = p.contract_id;

CREATE OR REPLACE FUNCTION limit_counter(l limits) RETURNS uuid
LANGUAGE sql STABLE
AS $$
	SELECT coalesce((SELECT f.counter_id FROM limits f
		WHERE f.ruleset_id <> l.ruleset_id AND f.counter_id IS NOT NULL
			AND (f.code, f.per, f.period) = (l.code, l.per, l.period)
		ORDER BY f.created_at, f.id LIMIT 1), l.id)
$$;

CREATE OR REPLACE FUNCTION limit_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.counter_id := limit_counter(NEW);
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER limit_arrives BEFORE INSERT ON limits FOR EACH ROW EXECUTE FUNCTION limit_arrives();

GRANT SELECT ON provider_contracts TO atbalsts_api;
-- What runs as the owner is not for whoever else may connect.
REVOKE ALL ON FUNCTION limit_arrives() FROM PUBLIC;
