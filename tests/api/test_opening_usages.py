"""Usage from before the system: it counts for the own client, always, and for nobody else."""

import json

import pytest

from story import at
# Fixtures of another test: two providers' stories, a case after its course.
from test_criminal import (after_course, contract_limit, family_hour, hour,  # noqa: F401
                           shared_person, stories, supported, use_up, used)

MINUTES = "criminal_support_minutes"


def opening(story, case, expect=201, by=None, **more):
    return (by or story.manager).create(f"/v1/cases/{case['id']}/opening_usages", {
        "code": "aftercare", "units": 3, "source": "2017. gada reģistrs, 12. ieraksts"} | more,
        expect=expect)


@pytest.fixture
def story(stories):  # noqa: F811
    return stories["marta"]


def aftercare(story, case, starts_at, expect=201):
    return story.consultation(case, starts_at, entitlement="aftercare", joint=True, expect=expect)


def test_earlier_use_reduces_the_units_that_are_left(story):
    case = story.case_in("aftercare")
    made = opening(story, case)
    assert (made["code"], made["year"], made["units"]) == ("aftercare", None, 3)
    left = story.entitlement(case, "aftercare")
    assert (left["used"], left["remaining"]) == (3, 2)
    for starts_at in ("2018-08-08T16:35:00Z", "2018-08-09T16:35:00Z"):
        aftercare(story, case, starts_at)
    assert aftercare(story, case, "2018-08-10T16:35:00Z",
                     expect=409)["code"] == "aftercare_exhausted"


def test_earlier_use_is_recorded_even_beyond_the_limit(story):
    case = story.case_in("aftercare")
    held = aftercare(story, case, "2018-08-08T16:35:00Z")
    first = opening(story, case, units=5)
    left = story.entitlement(case, "aftercare")
    assert (left["used"], left["remaining"]) == (6, 0)
    opening(story, case, units=10_000_000)
    story.worker.change(f"/v1/cases/{case['id']}/consultations/{held['id']}",
                        {"outcome": "cancelled"})
    assert story.entitlement(case, "aftercare")["used"] == 10_000_005
    assert aftercare(story, case, "2018-08-09T16:35:00Z",
                     expect=409)["code"] == "aftercare_exhausted"
    opening(story, case, units=0, corrects_id=first["id"], source="Ierakstīts citā lietā")
    assert story.entitlement(case, "aftercare")["used"] == 10_000_000


def test_a_limit_by_year_is_of_its_year(story, after_course, database):  # noqa: F811
    case = after_course(story)
    supported(story, case)
    code = "criminal_support_minutes"
    for more, pointer in (({}, "/year"), ({"year": 2199}, "/year"), ({"year": 1999}, "/year")):
        refused = opening(story, case, code=code, expect=422, **more)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]
    opening(story, case, code=code, year=2018, units=8970)
    place = f"/v1/cases/{case['id']}/consultations"
    assert story.worker.create(place, hour(), expect=409)["code"] == "yearly_limit_reached"
    story.worker.create(place, hour(minutes=30))
    assert story.worker.create(place, hour(minutes=1), expect=409)["code"] == "yearly_limit_reached"
    # What the providers share knows of the act alone.
    assert used(database, case) == {"2018": 30}
    story.worker.create(place, hour("2019-01-10T08:00:00Z"))


def test_earlier_use_without_a_counter_is_refused(story):
    case = story.case_in("aftercare")
    for more, pointer in (({"code": "nothing"}, "/code"), ({"code": "course"}, "/code"),
                          ({"year": 2018}, "/year"), ({"units": 0}, "/units"),
                          ({"source": None}, "/source")):
        refused = opening(story, case, expect=422, **more)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert story.entitlement(case, "aftercare")["used"] == 0


def test_an_opening_usage_is_final_and_corrected_by_another(story):
    case = story.case_in("aftercare")
    first = opening(story, case, units=5)
    path = f"/v1/cases/{case['id']}/opening_usages/{first['id']}"
    assert story.manager.patch(path, {"units": 1}).status_code == 405
    second = opening(story, case, units=4, corrects_id=first["id"])
    assert story.entitlement(case, "aftercare")["used"] == 4
    assert story.manager.read(path)["superseded"] is True
    assert opening(story, case, units=1, corrects_id=first["id"], expect=409)["code"] == "conflict"
    other = story.case_in("aftercare")
    assert opening(story, other, units=1, corrects_id=first["id"],
                   expect=422)["code"] == "unknown_reference"
    assert story.entitlement(case, "aftercare")["used"] == 4
    opening(story, case, units=0, corrects_id=second["id"])
    assert story.entitlement(case, "aftercare")["used"] == 0


def test_the_manager_enters_it_and_others_read_it(story, stories):  # noqa: F811
    case = story.case_in("aftercare")
    opening(story, case, by=story.worker, expect=403)
    made = opening(story, case)
    path = f"/v1/cases/{case['id']}/opening_usages/{made['id']}"
    for reader in (story.worker, story.psychologist, story.agency):
        assert reader.read(path)["units"] == 3
    assert "source" not in story.agency.read(path)
    assert stories["dm"].manager.get(path).status_code == 404


# One person at two providers: what one enters changes nothing for the other, and tells it nothing.


def told(story, case):
    """What the provider is told of the case's limits: the entitlements and the work list."""
    work = [row for row in story.worker.pages("/v1/worklist?limit=200")
            if row["case_id"] == case["id"]]
    return story.worker.read(f"/v1/cases/{case['id']}/entitlements")["data"], work


def consult(story, case, minutes, expect=201, **more):
    return story.worker.create(f"/v1/cases/{case['id']}/consultations",
                               hour(minutes=minutes, **more), expect=expect)


def test_it_takes_no_unit_from_the_other_provider(shared_person, database):  # noqa: F811
    (story, case), (other, elsewhere) = shared_person
    (year,) = database.execute("SELECT extract(year FROM riga_today())::int").fetchone()
    before = told(other, elsewhere)
    for at_year in (2018, year):
        opening(story, case, code=MINUTES, year=at_year, units=9000)
    assert told(other, elsewhere) == before
    consult(other, elsewhere, 1440)
    assert consult(story, case, 1, expect=409)["code"] == "yearly_limit_reached"
    assert story.entitlement(case, MINUTES)["remaining"] == 0
    assert other.entitlement(elsewhere, MINUTES)["used"] == 0
    # The agency alone is told the sum.
    rows = story.agency.read(f"/v1/cases/{elsewhere['id']}/entitlements")["data"]
    assert next(row for row in rows if row["code"] == MINUTES)["used"] == 9000


def test_what_was_given_back_is_not_in_the_agencys_sum(shared_person, database):  # noqa: F811
    (story, _), (_, elsewhere) = shared_person
    (year,) = database.execute("SELECT extract(year FROM riga_today())::int").fetchone()

    def told_to_the_agency():
        rows = story.agency.read(f"/v1/cases/{elsewhere['id']}/entitlements")["data"]
        return next(row for row in rows if row["code"] == MINUTES)["used"]

    use_up(database, elsewhere, MINUTES, 300, year=str(year))
    assert told_to_the_agency() == 300
    database.execute("UPDATE limit_usages SET used = 0 WHERE id IN"
                     " (SELECT usage_id FROM limit_entries WHERE case_id = %s)", [elsewhere["id"]])
    database.execute("UPDATE limit_entries SET given_back_at = now() WHERE case_id = %s",
                     [elsewhere["id"]])
    assert told_to_the_agency() == 0


def test_the_other_providers_use_is_not_found_by_bisection(shared_person, database):  # noqa: F811
    """The answers hang on the own client's rows alone, until the state's own sum is reached."""
    (story, case), (_, elsewhere) = shared_person
    use_up(database, elsewhere, MINUTES, 4321)
    for units in (9000, 4680, 4679, 4678):
        made = opening(story, case, code=MINUTES, year=2018, units=units)
        opening(story, case, code=MINUTES, year=2018, units=0, corrects_id=made["id"])
    opening(story, case, code=MINUTES, year=2018, units=8999)
    consult(story, case, 1)
    assert consult(story, case, 1, expect=409)["code"] == "yearly_limit_reached"


def test_an_opening_usage_waits_for_nobody_elsewhere(shared_person, cluster):  # noqa: F811
    """Not even for the shared counter: how long the answer takes tells nothing."""
    (story, case), (other, elsewhere) = shared_person
    consult(other, elsewhere, 60)
    with cluster.connect() as connection, connection.transaction():
        locked = connection.execute(
            "SELECT u.id FROM limit_usages u WHERE u.client_id IS DISTINCT FROM %s FOR UPDATE",
            [case["client_id"]]).fetchall()
        assert locked
        opening(story, case, code=MINUTES, year=2018, units=9000)


def test_a_contracts_yearly_consultations_are_the_own_clients_too(
        contract_limit, shared_person):  # noqa: F811
    code = contract_limit["code"]
    (story, case), (other, elsewhere) = shared_person
    opening(story, case, code=code, year=2018, units=150)
    assert consult(story, case, 30, expect=409)["code"] == "yearly_limit_reached"
    consult(other, elsewhere, 30)
    first = opening(story, case, code=code, year=2017, units=7)
    assert json.dumps(first).count(other.provider_id) == 0


def test_the_familys_consultations_are_recorded_beyond_five(story, after_course):  # noqa: F811
    case = after_course(story, birth_date="2003-01-01")
    member = story.family_member(case["client_id"], in_latvia=True)
    made = opening(story, case, code="family", units=9)
    place = f"/v1/cases/{case['id']}/consultations"
    assert story.worker.create(place, family_hour(member),
                               expect=409)["code"] == "family_limit_reached"
    story.worker.create(place, family_hour(member, funding="provider_own"))
    opening(story, case, code="family", units=4, corrects_id=made["id"])
    story.worker.create(place, family_hour(member))


def test_an_opening_usage_goes_with_a_transfer_and_follows_its_correction(stories):  # noqa: F811
    marta, dm = stories["marta"], stories["dm"]
    case = marta.case_in("aftercare")
    of = marta.worker.create(f"/v1/cases/{case['id']}/criminal_proceedings", {
        "authority": "Valsts policija", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_on": "2018-02-12",
        "opened_on": "2018-02-12"})
    marta.worker.create(f"/v1/cases/{case['id']}/support_periods", {
        "proceeding_id": of["id"], "starts_on": "2018-08-01", "basis": "injured_party_decision"})
    before = opening(marta, case, code=MINUTES, year=2018, units=8900)
    consult(marta, case, 60, starts_at=at("2018-08-02"), outcome="held")
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    more = {"starts_at": at("2018-08-07"), "outcome": "held"}
    assert consult(dm, new, 41, expect=409, **more)["code"] == "yearly_limit_reached"
    consult(dm, new, 40, **more)
    assert consult(dm, new, 1, expect=409, **more)["code"] == "yearly_limit_reached"
    opening(marta, case, code=MINUTES, year=2018, units=8000, corrects_id=before["id"])
    consult(dm, new, 900, **more)
    assert consult(dm, new, 1, expect=409, **more)["code"] == "yearly_limit_reached"
    opening(marta, case, code=MINUTES, year=2018, units=1, expect="case_transferred")
