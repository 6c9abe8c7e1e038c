-- Rules that run over sets: each is computed here and nowhere else in SQL. Where C must know one of them too, because
-- the row is not written yet, tests/unit/test_store_rules.c compares both.

-- R3, R4: the last day of the window after a course, the same day months on (2018-02-28 + 24 is 2020-02-28).
CREATE OR REPLACE FUNCTION aftercare_last_day(course_end date, window_months bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (course_end + make_interval(months => window_months::int))::date $$;

-- R1, R20: days of a course left from the day on, inclusive; before its first day all of them, 0 after its last.
CREATE OR REPLACE FUNCTION course_days_left(course_start date, course_end date, day date) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN course_end IS NOT NULL THEN
	greatest(course_end - greatest(day, course_start) + 1, 0)::bigint END $$;

-- R16: by when a plan is active; by when the next evaluation is made, after the plan's begin or the evaluation before.
CREATE OR REPLACE FUNCTION plan_due_on(course_start date, plan_due_days bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT course_start + plan_due_days::int $$;

CREATE OR REPLACE FUNCTION evaluation_due_on(since date, evaluation_days bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT since + evaluation_days::int $$;

-- R3, R4, R7: whether a consultation or representation takes units, and is billed once it is over (in C:
-- consultation_consumes). One that the client missed does where the rule set says so.
CREATE OR REPLACE FUNCTION outcome_consumes(outcome text, no_show_consumes boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT outcome IN ('planned', 'held') OR outcome = 'no_show' AND no_show_consumes IS TRUE $$;

-- R3, R4, R7: on which counter of a limit an act of that day counts (in C: limit_claim and limit_claim_period).
CREATE OR REPLACE FUNCTION limit_period(period text, day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE period WHEN 'calendar_year' THEN extract(year FROM day)::text ELSE 'whole' END $$;

-- R15: whether a course is granted and not over (in C: case_is_running). The index cases_running_course is the
-- constraint.
CREATE OR REPLACE FUNCTION case_is_running(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT status IN ('granted', 'in_course', 'suspended') $$;

-- R20: whether a consent is in force on the day (in C: consent_in_force).
CREATE OR REPLACE FUNCTION consent_in_force(given_on date, valid_until date, withdrawn_on date, day date)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT given_on <= day AND coalesce(withdrawn_on > day, true) AND coalesce(valid_until >= day, true) $$;

-- R13: when a journey is, for its contract and its rate (in C: journey_start). The index of the account is the same.
CREATE OR REPLACE FUNCTION journey_start(departed_at timestamptz, planned_departure_at timestamptz,
	recorded_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce(departed_at, planned_departure_at, recorded_at) $$;
