-- Corrections (R19) of journeys, escorts and assessments, as of every other service; the client's refusal
-- of journeys, escorts and representation.

-- locks: the tables are small before the first release.
ALTER TABLE journeys
	ADD COLUMN declined_by_client boolean NOT NULL DEFAULT false,
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT journeys_corrects FOREIGN KEY (corrects_id, case_id, client_id, provider_id)
		REFERENCES journeys (id, case_id, client_id, provider_id),
	ADD CONSTRAINT journeys_once_corrected UNIQUE (corrects_id, provider_id);
-- locks: as above.
ALTER TABLE escorts
	ADD COLUMN declined_by_client boolean NOT NULL DEFAULT false,
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT escorts_of_case UNIQUE (id, case_id);
-- locks: as above.
ALTER TABLE escorts
	ADD CONSTRAINT escorts_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES escorts (id, case_id),
	ADD CONSTRAINT escorts_once_corrected UNIQUE (corrects_id, provider_id);
-- locks: as above.
ALTER TABLE assessments
	ADD COLUMN corrects_id uuid,
	ADD COLUMN superseded boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT assessments_of_case UNIQUE (id, case_id);
-- locks: as above.
ALTER TABLE assessments
	ADD CONSTRAINT assessments_corrects FOREIGN KEY (corrects_id, case_id) REFERENCES assessments (id, case_id),
	ADD CONSTRAINT assessments_once_corrected UNIQUE (corrects_id, provider_id);
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
