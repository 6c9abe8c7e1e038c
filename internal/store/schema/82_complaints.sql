-- Who does not see a complaint.

-- Nobody reads, examines or answers a complaint about oneself, whatever the role.
DROP POLICY IF EXISTS complaints_about_others ON complaints;
CREATE POLICY complaints_about_others ON complaints AS RESTRICTIVE TO atbalsts_api
	USING (about_user_id IS DISTINCT FROM (SELECT app_user()));
