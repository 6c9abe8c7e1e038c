-- What the database keeps true of delivered services.

-- The client of a case, for rules that ask for an age.
CREATE OR REPLACE VIEW case_clients WITH (security_invoker = true) AS
	SELECT c.id AS case_id, l.id, l.birth_date FROM cases c JOIN clients l ON l.id = c.client_id;

CREATE OR REPLACE FUNCTION accommodation_days(stay accommodations) RETURNS daterange
LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN stay.state = 'cancelled' OR stay.superseded THEN 'empty'::daterange
	ELSE daterange(stay.starts_on, stay.ends_on) END $$;

CREATE OR REPLACE FUNCTION accommodation_occupant_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	NEW.days := (SELECT accommodation_days(a) FROM accommodations a WHERE a.id = NEW.accommodation_id);
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER accommodation_occupant_arrives BEFORE INSERT ON accommodation_occupants FOR EACH ROW
	EXECUTE FUNCTION accommodation_occupant_arrives();

CREATE OR REPLACE FUNCTION accommodation_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	UPDATE accommodation_occupants SET days = accommodation_days(NEW), updated_at = now(),
		updated_by = app_user(), version = version + 1
	WHERE accommodation_id = NEW.id AND days <> accommodation_days(NEW);
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER accommodation_moves AFTER UPDATE OF starts_on, ends_on, state, superseded
	ON accommodations FOR EACH ROW
	EXECUTE FUNCTION accommodation_moves();

-- A correction has the occupants of the stay that it corrects.
CREATE OR REPLACE FUNCTION accommodation_corrected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	INSERT INTO accommodation_occupants (id, provider_id, client_id, case_id, accommodation_id, family_member_id)
	SELECT gen_random_uuid(), o.provider_id, o.client_id, o.case_id, NEW.id, o.family_member_id
	FROM accommodation_occupants o WHERE o.accommodation_id = NEW.corrects_id AND o.case_id = NEW.case_id;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER accommodation_corrected AFTER INSERT ON accommodations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION accommodation_corrected();

-- A correction has the travellers of the journey that it corrects. Its escorts are acts of their own, with a price, and
-- go along: they belong to the journey that stands, and are billed by its days.
CREATE OR REPLACE FUNCTION journey_corrected() RETURNS trigger
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
CREATE OR REPLACE TRIGGER journey_corrected AFTER INSERT ON journeys FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION journey_corrected();

GRANT SELECT ON case_clients TO atbalsts_api;
