-- Sittings of the commission, and what decisions rest on.

-- Who sits is of the provider's own staff or an outside member, and sits for the profession they have. A vote
-- is that of the account that gives it; once cast it stays, and the member too: only the member's own account
-- gives another instead. The sitting's row is locked, so that no vote comes between its closing's count and
-- its end.
CREATE OR REPLACE FUNCTION identification_member_sits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	member users;
BEGIN
	PERFORM FROM identifications
	WHERE id = coalesce(NEW.identification_id, OLD.identification_id)
		AND closed_on IS NULL
	FOR SHARE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the sitting is closed' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_open';
	END IF;
	IF OLD.vote IS NOT NULL AND (TG_OP = 'UPDATE' AND NEW.vote IS NOT NULL AND OLD.user_id = app_user()
			AND (NEW.user_id, NEW.name, NEW.organisation, NEW.profession) IS NOT DISTINCT FROM
				(OLD.user_id, OLD.name, OLD.organisation, OLD.profession)) IS NOT TRUE THEN
		RAISE EXCEPTION 'the vote is cast' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_cast';
	END IF;
	IF TG_OP = 'DELETE' THEN
		RETURN OLD;
	END IF;
	IF NEW.vote IS NOT NULL AND (NEW.vote, NEW.voted_by) IS DISTINCT FROM (OLD.vote, OLD.voted_by)
			AND NEW.voted_by IS DISTINCT FROM app_user() THEN
		RAISE EXCEPTION 'the vote of another account' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'identification_members_own_vote';
	END IF;
	IF NEW.user_id IS NOT NULL THEN
		SELECT * INTO member FROM users WHERE id = NEW.user_id
			AND (provider_id = NEW.provider_id OR role = 'commission_member');
		IF NOT FOUND THEN
			RAISE EXCEPTION 'no such member' USING ERRCODE = 'foreign_key_violation',
				CONSTRAINT = 'identification_members_user';
		END IF;
		IF coalesce(member.profession, 'other') <> NEW.profession THEN
			RAISE EXCEPTION 'another profession' USING ERRCODE = 'check_violation',
				CONSTRAINT = 'identification_members_profession';
		END IF;
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER identification_member_sits BEFORE INSERT OR DELETE
	OR UPDATE OF user_id, name, organisation, profession, vote, voted_at, voted_by ON identification_members
	FOR EACH ROW
	EXECUTE FUNCTION identification_member_sits();

CREATE OR REPLACE FUNCTION identification_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE identification_members SET open = false, updated_at = now(), updated_by = app_user(),
		version = version + 1
	WHERE identification_id = NEW.id AND open;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER identification_closed AFTER UPDATE OF closed_on ON identifications FOR EACH ROW
	WHEN (NEW.closed_on IS NOT NULL AND OLD.closed_on IS NULL) EXECUTE FUNCTION identification_closed();

-- R12: who proposed the matter, voted on it or entered another's vote.
CREATE OR REPLACE VIEW decision_participants WITH (security_invoker = true) AS
	SELECT case_id, created_by AS user_id FROM applications
	UNION
	SELECT case_id, created_by FROM case_transitions WHERE "to" = 'awaiting_decision'
	UNION
	SELECT case_id, voted_by FROM identification_members WHERE vote IS NOT NULL;

-- Whose course days the ledger holds: a later decision gives them back and takes its own.
CREATE OR REPLACE VIEW course_entries WITH (security_invoker = true) AS
	SELECT DISTINCT case_id, act_id FROM limit_entries WHERE act = 'decisions' AND given_back_at IS NULL;

-- The client's family as a rule of a case asks for it.
CREATE OR REPLACE VIEW case_family_members WITH (security_invoker = true) AS
	SELECT c.id AS case_id, f.id, f.birth_year, f.minor, f.in_latvia, f.with_client
	FROM cases c JOIN family_members f ON f.client_id = c.client_id;

GRANT SELECT ON decision_participants, course_entries, case_family_members TO atbalsts_api;
