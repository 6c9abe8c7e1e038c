"""Thirty-two clients over two servers fight for what there is only one of: never one too many.

RACE_ROUNDS is how often; `make race` tells it.
"""

import itertools
import os
import uuid

import pytest

from crowd import CLIENTS
from story import day
# Fixtures of the API's tests: a case after its course, one person at both providers.
from test_criminal import (after_course, contract_limit, family_hour, hour,  # noqa: F401
                           shared_person, stories, use_up, used)
from test_counters import under_both_rule_sets  # noqa: F401
from test_services import Services

ROUNDS = int(os.environ.get("RACE_ROUNDS", "100"))
pytestmark = pytest.mark.parametrize("turn", range(ROUNDS))
CODES = itertools.count(20000)

# Entries that are live, against the total; and entries of what was cancelled or never made.
LEDGER = """SELECT u.id, u.used, u.amount, coalesce(sum(e.units), 0) FROM limit_usages u
LEFT JOIN limit_entries e ON e.usage_id = u.id AND e.given_back_at IS NULL GROUP BY u.id
HAVING u.used <> coalesce(sum(e.units), 0) OR (u.used > u.amount AND u.enforcement = 'block')"""
STRAY = """SELECT e.id FROM limit_entries e LEFT JOIN consultations c ON c.id = e.act_id
WHERE e.act = 'consultations' AND NOT e.opening AND e.given_back_at IS NULL
AND (c.id IS NULL OR c.outcome = 'cancelled' OR c.funding <> 'state')"""
# The other way: a state-paid consultation under a limit without an entry in the ledger.
UNCOUNTED = """SELECT c.id FROM consultations c WHERE c.funding = 'state'
AND c.outcome <> 'cancelled' AND c.entitlement IN ('aftercare', 'criminal_support', 'family')
AND NOT EXISTS (SELECT FROM limit_entries e WHERE e.act_id = c.id AND e.given_back_at IS NULL)"""


@pytest.fixture(autouse=True)
def ledger_and_rows_agree(database):
    yield
    assert database.execute(LEDGER).fetchall() == []
    assert database.execute(STRAY).fetchall() == []
    assert database.execute(UNCOUNTED).fetchall() == []


@pytest.fixture
def story(stories):  # noqa: F811
    return stories["marta"]


def place(case, kind="consultations"):
    return f"/v1/cases/{case['id']}/{kind}"


def repeated(acts):
    """The acts in turn until every client has one."""
    return list(itertools.islice(itertools.cycle(acts), CLIENTS))


def crossed(acts):
    """As repeated, but each act reaches both servers: neighbours go to different ones."""
    return repeated([act for act in acts for _ in range(2)])


def one_wins(answers, *codes):
    """The one 201; everybody else is refused with one of these codes."""
    told = [(a.status_code, a.json().get("code")) for a in answers]
    refusals = {code for status, code in told if status != 201}
    assert [status for status, _ in told].count(201) == 1, told
    assert refusals <= set(codes), told
    return next(a.json() for a in answers if a.status_code == 201)


def rows(database, case, table="consultations"):
    return database.execute(f"SELECT count(*) FROM {table} WHERE case_id = %s",
                            [case["id"]]).fetchone()[0]


def test_the_fifth_consultation_after_the_course(turn, crowd, story, after_course, database):
    case = after_course(story)
    for _ in range(4):
        story.worker.create(place(case), hour(entitlement="aftercare"))
    body = hour(entitlement="aftercare")
    one_wins(crowd.rush(repeated([(story.worker, "POST", place(case), body)])),
             "aftercare_exhausted")
    assert rows(database, case) == 5


def test_the_150th_of_the_year_from_two_providers(
        turn, crowd, contract_limit, shared_person, database):
    code = contract_limit["code"]
    use_up(database, shared_person[0][1], code, 149)
    one_wins(crowd.rush(crossed([(story.worker, "POST", place(case), hour())
                                 for story, case in shared_person])), "yearly_limit_reached")
    assert used(database, shared_person[1][1], code) == {"2018": 150}
    assert sum(rows(database, case) for _, case in shared_person) == 1


def test_the_last_30_of_9000_minutes(turn, crowd, shared_person, database):
    use_up(database, shared_person[0][1], "criminal_support_minutes", 8970)
    one_wins(crowd.rush(crossed([(story.worker, "POST", place(case), hour(minutes=30))
                                 for story, case in shared_person])), "yearly_limit_reached")
    assert used(database, shared_person[0][1]) == {"2018": 9000}


def test_the_last_10_minutes_under_two_rule_sets(
        turn, crowd, under_both_rule_sets, database):  # noqa: F811
    story, *cases = under_both_rule_sets
    use_up(database, cases[0], "criminal_support_minutes", 8990)
    one_wins(crowd.rush(crossed([(story.worker, "POST", place(case), hour(minutes=10))
                                 for case in cases])), "yearly_limit_reached")
    assert used(database, cases[1]) == {"2018": 9000}


def test_the_familys_fifth(turn, crowd, story, after_course, database):
    case = after_course(story, birth_date="2003-01-01")
    members = [story.family_member(case["client_id"], in_latvia=True) for _ in range(2)]
    for _ in range(4):
        story.worker.create(place(case), family_hour(members[0]))
    one_wins(crowd.rush(crossed([(story.worker, "POST", place(case), family_hour(member))
                                 for member in members])), "family_limit_reached")
    assert rows(database, case) == 5


def test_one_running_course_per_person(turn, crowd, stories, api, database):
    code = f"010190-{next(CODES)}"
    cases = [story.case_in("awaiting_decision", personal_code=code) for story in stories.values()]
    officers = [api("agency_officer"), api("agency_officer", number=2)]
    pairs = list(itertools.product(officers, cases))
    acts = [(officer, "POST", place(case, "decisions"), {
        "kind": "grant", "number": f"RACE-{uuid.uuid4()}", "decided_on": "2018-01-29",
        "course_start": "2018-02-01"}) for officer, case in pairs * (CLIENTS // len(pairs))]
    one_wins(crowd.rush(acts), "running_course_exists", "illegal_transition")
    states = sorted(story.read_case(case)["status"]
                    for story, case in zip(stories.values(), cases))
    assert states == ["awaiting_decision", "granted"]
    assert sum(rows(database, case, "decisions") for case in cases) == 1


@pytest.fixture(scope="module")
def crowded():
    """crowded(story): as many cases as there are clients, of sixteen clients; the same each turn.

    No lock of a case keeps any of them apart.
    """
    made = []

    def make(story):
        if not made:
            persons = [story.client()["id"] for _ in range(CLIENTS // 2)]
            made.extend(story.case(person) for person in repeated(persons))
        return made

    return make


def test_overlapping_appointments(turn, crowd, story, crowded, database):
    """One specialist, asked for in thirty-two cases at once."""
    cases, date = crowded(story), day("2020-01-01", turn)
    bodies = [hour(f"{date}T08:{minute}:00Z", entitlement="start_up", joint=False, funding="other")
              for minute in ("00", "15", "30", "45")]
    before = sum(rows(database, case) for case in cases)
    one_wins(crowd.rush([(story.worker, "POST", place(case), body)
                         for case, body in zip(cases, repeated(bodies))]), "overlap")
    assert sum(rows(database, case) for case in cases) == before + 1


def test_moving_into_the_same_hour(turn, crowd, story, crowded, database):
    """Appointments that were apart are moved into one another's time."""
    cases, date = crowded(story), day("2022-01-01", turn)
    made = [story.worker.create(place(case), hour(
        f"{date}T{minute // 60:02}:{minute % 60:02}:00Z", entitlement="start_up", minutes=10,
        joint=False, funding="other")) for minute, case in zip(range(0, 640, 20), cases)]
    answers = crowd.rush([
        (story.worker, "PATCH", f"{place(case)}/{row['id']}", {"starts_at": f"{date}T20:00:00Z"},
         {"If-Match": '"1"'}) for case, row in zip(cases, made)])
    told = [(a.status_code, a.json().get("code")) for a in answers]
    assert told.count((200, None)) == 1 and set(told) == {(200, None), (409, "overlap")}, told


def test_overlapping_stays(turn, crowd, story, database):
    services = Services(story, story.case_in("inquiry"))
    stays = [services.abroad(starts_on=day("2018-01-09", n), ends_on=day("2018-01-17", n))
             for n in range(4)]
    one_wins(crowd.rush(crossed([
        (story.worker, "POST", f"{place(services.case, 'accommodations')}/{stay['id']}/occupants",
         {}) for stay in stays])), "overlap", "conflict")
    assert rows(database, services.case, "accommodation_occupants") == 1


def test_stays_of_one_client_in_several_cases(turn, crowd, story, database):
    client = story.client()["id"]
    cases = [story.case(client) for _ in range(CLIENTS // 4)]
    stays = [Services(story, case).abroad(starts_on="2018-01-09", ends_on="2018-01-17")
             for case in cases]
    one_wins(crowd.rush(crossed([
        (story.worker, "POST", f"{place(case, 'accommodations')}/{stay['id']}/occupants", {})
        for case, stay in zip(cases, stays)])), "overlap", "conflict")
    assert sum(rows(database, case, "accommodation_occupants") for case in cases) == 1


def test_overlapping_periods_of_reflection(turn, crowd, story, database):
    client = story.client(citizenship="UA")["id"]
    path = f"/v1/clients/{client}/reflection_periods"
    one_wins(crowd.rush(crossed([
        (story.worker, "POST", path, {"starts_on": day("2018-01-09", n), "granted_by": "police"})
        for n in range(4)])), "overlap")


def test_the_same_idempotency_key(turn, crowd, story, after_course, database):
    case, key = after_course(story), {"Idempotency-Key": str(uuid.uuid4())}
    act = (story.worker, "POST", place(case), hour(entitlement="aftercare"), key)
    answers = crowd.rush(repeated([act]))
    told = {a.json().get("code") for a in answers if a.status_code != 201}
    assert told <= {"idempotency_key_in_use"}, told
    # Whoever was told to wait learns at either server what was made.
    calm = [crowd.alone(client, act) for client in range(2)]
    assert [a.status_code for a in calm] == [201, 201], [a.text for a in calm]
    assert len({a.json()["id"] for a in answers + calm if a.status_code == 201}) == 1
    assert rows(database, case) == 1
    assert story.entitlement(case, "aftercare")["used"] == 1


def test_the_same_version(turn, crowd, story):
    path = f"/v1/clients/{story.client()['id']}"
    answers = crowd.rush([(story.worker, "PATCH", path, {"dependants": n}, {"If-Match": '"1"'})
                          for n in range(1, CLIENTS + 1)])
    assert sorted(a.status_code for a in answers) == [200] + [412] * (CLIENTS - 1)
    won = next(a.json() for a in answers if a.status_code == 200)
    shown = story.worker.read(path)
    assert (shown["dependants"], shown["version"]) == (won["dependants"], 2)


def test_cancelling_moving_and_taking_at_once(
        turn, crowd, contract_limit, shared_person, database):
    """Units that come back and go over New Year while everybody asks for the last ones."""
    code = contract_limit["code"]
    use_up(database, shared_person[0][1], code, 142)
    acts = []
    for story, case in shared_person:
        made = [story.worker.create(place(case), hour()) for _ in range(4)]
        changes = [{"outcome": "cancelled"}] * 2 + [{"starts_at": "2019-01-05T08:00:00Z"}] * 2
        acts += [(story.worker, "PATCH", f"{place(case)}/{row['id']}", change, {"If-Match": '"1"'})
                 for row, change in zip(made, changes)]
        acts += [(story.worker, "POST", place(case), hour()) for _ in range(12)]
    answers = crowd.rush(acts)
    codes = [a.status_code for a in answers]
    assert codes.count(200) == 8, [a.text for a in answers]
    refused = {a.json()["code"] for a in answers if a.status_code >= 400}
    assert refused <= {"yearly_limit_reached"}
    # Eight units came back in the year; all that was taken anew fits into them.
    made = codes.count(201)
    assert made <= 8
    assert used(database, shared_person[0][1], code)["2018"] == 142 + made
    assert used(database, shared_person[0][1]) == {"2018": made * 60, "2019": 4 * 60}
