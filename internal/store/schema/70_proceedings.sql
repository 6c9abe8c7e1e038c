-- Support in criminal proceedings as the rules ask for it.

-- Support in the proceedings of one case suspends the aftercare of another and stands for its support (R3, R4), also
-- where a specialist is not in the other's team: of all that is kept there the rules get days and basis alone, and
-- the caller their refusal.
CREATE OR REPLACE FUNCTION client_supports(client uuid)
RETURNS TABLE (id uuid, starts_on date, ends_on date, basis text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT s.id, s.starts_on, s.ends_on, s.basis FROM support_periods s
	WHERE s.client_id = client AND ((SELECT app_role()) = 'agency_officer'
		OR s.provider_id = (SELECT app_provider()))
$$;

-- All of the client's: support in the proceedings of one case suspends the aftercare of another (R3).
CREATE OR REPLACE VIEW case_supports WITH (security_invoker = true) AS
	SELECT c.id AS case_id, s.id, s.starts_on, s.ends_on, s.basis
	FROM cases c CROSS JOIN LATERAL client_supports(c.client_id) s;

GRANT SELECT ON case_supports TO atbalsts_api;
REVOKE ALL ON FUNCTION client_supports(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_supports(uuid) TO atbalsts_api;
