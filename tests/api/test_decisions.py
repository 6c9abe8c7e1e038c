"""What the agency decides: grant, refusal, amendment, termination, and the days of the course."""

import pytest

from admission import assessed, decide, pointers, seat, sit, vote, waiting
from harness import PASSWORD
from recorder import Api
from story import Story, day


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


@pytest.fixture
def elsewhere(api, providers):
    return Story(api, providers, "dm")


def test_only_the_agency_decides(story):
    case = waiting(story)
    for caller in (story.worker, story.manager, story.psychologist, story.police):
        decide(story, case, "grant", by=caller, course_start="2018-02-01", expect="forbidden")
    story.step(case, "granted", by=story.agency, expect="decision_needed")


def test_a_refusal_has_reasons_and_an_appeal_may_turn_it(story):
    case = waiting(story)
    refused = decide(story, case, "refusal", expect="reasons_required")
    assert pointers(refused) == {"/reasons"}
    made = decide(story, case, "refusal", reasons="Nav ekspluatācijas pazīmju")
    assert story.worker.read(f"/v1/cases/{case['id']}/decisions/{made['id']}")["reasons"]
    listed = story.worker.read(f"/v1/cases/{case['id']}/decisions")["data"]
    assert [row["kind"] for row in listed] == ["refusal"] and "reasons" not in listed[0]
    after = story.read_case(case)
    assert (after["status"], after["refused_on"]) == ("refused", "2018-01-29")
    path = f"/v1/cases/{case['id']}/decisions/{made['id']}"
    delivered = story.agency.change(path, {"delivered_on": "2018-01-31"})
    assert delivered["appeal_until"] == "2018-02-28"
    story.agency.change(path, {"appeal_result": "annulled"}, expect="validation_failed")
    story.agency.change(path, {"delivered_on": "2018-01-28"}, expect="validation_failed")
    story.agency.change(path, {"appealed_on": "2018-02-20", "appeal_result": "annulled"})
    story.agency.change(path, {"reasons": "Citi"}, expect="validation_failed")
    story.worker.patch(path, {"appeal_until": "2018-03-02"}, etag='"1"', expect="forbidden")
    decide(story, case, "grant", decided_on="2018-02-26", course_start="2018-03-01")
    assert story.read_case(case)["status"] == "granted"


def test_a_grant_without_an_end_has_the_longest_course(story):
    case = waiting(story)
    decide(story, case, "grant", expect="validation_failed")
    too_long = {"course_start": "2018-02-01", "course_end": day("2018-02-01", 180)}
    refused = decide(story, case, "grant", expect="course_too_long", **too_long)
    assert pointers(refused) == {"/course_end"} and "2018-07-30" in refused["detail"]
    decide(story, case, "grant", course_start="2018-01-28", expect="end_before_start")
    decide(story, case, "grant", decided_on="2100-01-01", expect="in_the_future",
           course_start="2100-01-01")
    decide(story, case, "grant", course_start="2018-02-01", suspended_days=5,
           expect="validation_failed")
    decide(story, case, "amendment", expect="illegal_transition")
    made = decide(story, case, "grant", course_start="2018-02-01")
    assert made["course_end"] == day("2018-02-01", 179)
    case = story.read_case(case)
    assert case["granted_on"] == "2018-01-29" and case["course_end"] == "2018-07-30"
    decide(story, case, "grant", course_start="2018-02-01", expect="illegal_transition")
    second = waiting(story)
    decide(story, second, "grant", number=made["number"], course_start="2018-02-01",
           expect="conflict")
    assert story.read_case(second)["status"] == "awaiting_decision"


def ledger(database, case):
    """(used, amount) of the case's course days, and how many entries hold them."""
    row = database.execute(
        """SELECT u.used, u.amount, count(*) FILTER (WHERE e.given_back_at IS NULL)
        FROM limit_usages u JOIN limits l ON l.id = u.limit_id
        JOIN limit_entries e ON e.usage_id = u.id
        WHERE u.holder_id = %s AND l.code = 'course' GROUP BY u.used, u.amount""",
        [case["id"]],
    ).fetchone()
    return tuple(row) if row else None


def test_course_days_are_units_of_the_ledger(story, database):
    case = story.case_in("in_course")
    assert ledger(database, case) == (180, 180, 1)
    decide(story, case, "amendment", course_end=day("2018-02-01", 193), decided_on="2018-03-20",
           expect="course_too_long")
    decide(story, case, "amendment", course_end=day("2018-02-01", 193), decided_on="2018-03-20",
           suspended_days=14)
    after = story.read_case(case)
    assert (after["course_end"], after["suspended_days"]) == ("2018-08-13", 14)
    assert after["status"] == "in_course" and ledger(database, case) == (194, 194, 1)
    decide(story, case, "termination", decided_on="2018-05-31", expect="reasons_required")
    decide(story, case, "termination", decided_on="2018-05-31", reasons="Pēc klientes lūguma")
    after = story.read_case(case)
    assert (after["status"], after["course_end"]) == ("aftercare", "2018-05-31")
    assert ledger(database, case) == (120, 194, 1)


def test_a_course_ended_before_it_began_leaves_no_course(story, database):
    case = story.case_in("granted")
    decide(story, case, "termination", decided_on="2018-01-30", reasons="Atsaucies")
    after = story.read_case(case)
    assert (after["status"], after["closed_on"]) == ("closed", "2018-01-30")
    assert after["course_start"] is None and after["course_end"] is None
    assert ledger(database, case) == (0, 180, 0)
    story.consultation(case, "2018-03-01T10:00:00Z", expect="outside_course")


def test_one_person_has_one_running_course_and_only_the_agency_learns_it(story, elsewhere):
    """R15"""
    code = {"personal_code": "150694-12349"}
    first = story.case_in("in_course", **code)
    second = waiting(elsewhere, **code)
    grant = {"course_start": "2018-03-01", "decided_on": "2018-02-20"}
    decide(elsewhere, second, "grant", expect="running_course_exists", **grant)
    after = elsewhere.read_case(second)
    assert after["status"] == "awaiting_decision" and after["course_start"] is None
    story.step(first, "aftercare", happened_on="2018-02-19")
    decide(elsewhere, second, "grant", **grant)
    assert elsewhere.read_case(second)["status"] == "granted"


def signed_in(http, contract, account):
    answer = Api(http, contract).post(
        "/v1/sessions", {"email": account.email, "password": PASSWORD}, expect=201,
        headers={"Idempotency-Key": None})
    return Api(http, contract, answer.json()["access_token"], account)


def test_nobody_decides_on_a_case_that_they_voted_on(story, http, contract, database, new_account):
    account = new_account("commission_member", None, "lawyer")
    officer = signed_in(http, contract, account)
    case, papers = assessed(story)
    story.document(case, papers)
    sitting = sit(story, case)
    vote(case, sitting, seat(story, case, sitting, officer, "lawyer"), officer)
    story.step(case, "awaiting_decision")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE users SET role = 'agency_officer' WHERE id = %s",
                         [account.id])
    account.role = "agency_officer"
    officer = signed_in(http, contract, account)
    grant = {"course_start": "2018-02-01"}
    decide(story, case, "grant", by=officer, expect="self_approval", **grant)
    other = waiting(story)
    decide(story, other, "grant", by=officer, **grant)
    decide(story, case, "grant", **grant)


def test_the_step_of_a_decision_is_in_the_timeline(story):
    case = story.case_in("granted")
    steps = story.worker.read(f"/v1/cases/{case['id']}/transitions",
                              params={"sort": "created_at"})["data"]
    assert [step["to"] for step in steps][-1] == "granted" and steps[-1]["decided"] is True
    assert steps[-1]["happened_on"] == story.read_case(case)["granted_on"]
    decide(story, case, "termination", decided_on="2018-01-30", reasons="Atsaucies")
    ended, = story.worker.read(f"/v1/cases/{case['id']}/transitions", params={"limit": 1})["data"]
    assert (ended["to"], ended["happened_on"], ended["decided"]) == ("closed", "2018-01-30", True)
