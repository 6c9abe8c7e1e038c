-- Interpreting at a sitting of the commission, as with a consultation or a hearing.
-- locks: the table is small before the first release.
ALTER TABLE interpretations
	ADD COLUMN identification_id uuid,
	ADD CONSTRAINT interpretations_identification FOREIGN KEY (identification_id, case_id, client_id, provider_id)
		REFERENCES identifications (id, case_id, client_id, provider_id);
-- locks: as above.
CREATE INDEX interpretations_identification ON interpretations (identification_id)
	WHERE identification_id IS NOT NULL;
