-- Plans and assessments as the rules ask for them.

-- Whoever plans has locked the case, so that no two plans count the same number.
CREATE OR REPLACE FUNCTION plan_arrives() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	NEW.number := (SELECT coalesce(max(number), 0) + 1 FROM plans WHERE case_id = NEW.case_id);
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER plan_arrives BEFORE INSERT ON plans FOR EACH ROW WHEN (NEW.number IS NULL)
	EXECUTE FUNCTION plan_arrives();

-- R16: with an evaluation comes the day of the next one; after the final one none is due.
CREATE OR REPLACE FUNCTION plan_evaluation_arrives() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	NEW.next_due_on := (SELECT evaluation_due_on(NEW.evaluated_on, r.evaluation_days)
		FROM cases c JOIN rulesets r ON r.id = c.ruleset_id WHERE c.id = NEW.case_id AND NOT NEW.final);
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER plan_evaluation_arrives BEFORE INSERT ON plan_evaluations FOR EACH ROW
	EXECUTE FUNCTION plan_evaluation_arrives();

-- The days that a plan's services span: a draft's own days are not drawn in from under them.
CREATE OR REPLACE VIEW plan_service_days WITH (security_invoker = true) AS
	SELECT plan_id, least(min(starts_on), min(ends_on)) AS starts_on,
		greatest(max(starts_on), max(ends_on)) AS ends_on
	FROM plan_services GROUP BY plan_id;

-- R16: an assessment comes before the plan.
CREATE OR REPLACE VIEW case_first_assessments WITH (security_invoker = true) AS
	SELECT case_id, min(assessed_on) AS assessed_on FROM assessments WHERE NOT superseded GROUP BY case_id;

GRANT SELECT ON case_first_assessments, plan_service_days TO atbalsts_api;
