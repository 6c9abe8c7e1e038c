"""Usage from before the system: it takes units of the same counters as what is recorded later."""

import pytest

# Fixtures of another test: two providers' stories, a case after its course.
from test_criminal import after_course, hour, stories, supported, used  # noqa: F401


def opening(story, case, expect=201, by=None, **more):
    return (by or story.manager).create(f"/v1/cases/{case['id']}/opening_usages", {
        "code": "aftercare", "units": 3, "source": "2017. gada reģistrs, 12. ieraksts"} | more,
        expect=expect)


@pytest.fixture
def story(stories):  # noqa: F811
    return stories["marta"]


def aftercare(story, case, starts_at, expect=201):
    return story.consultation(case, starts_at, entitlement="aftercare", joint=True, expect=expect)


def test_what_was_used_before_leaves_what_is_left(story):
    case = story.case_in("aftercare")
    made = opening(story, case)
    assert (made["code"], made["year"], made["units"]) == ("aftercare", None, 3)
    left = story.entitlement(case, "aftercare")
    assert (left["used"], left["remaining"]) == (3, 2)
    for starts_at in ("2018-08-08T16:35:00Z", "2018-08-09T16:35:00Z"):
        aftercare(story, case, starts_at)
    assert aftercare(story, case, "2018-08-10T16:35:00Z",
                     expect=409)["code"] == "aftercare_exhausted"


def test_it_takes_no_more_than_there_is(story):
    case = story.case_in("aftercare")
    aftercare(story, case, "2018-08-08T16:35:00Z")
    assert opening(story, case, units=5, expect=409)["code"] == "aftercare_exhausted"
    assert story.entitlement(case, "aftercare")["used"] == 1
    opening(story, case, units=4)
    assert story.entitlement(case, "aftercare")["remaining"] == 0


def test_a_limit_by_year_is_of_its_year(story, after_course, database):  # noqa: F811
    case = after_course(story)
    supported(story, case)
    code = "criminal_support_minutes"
    for more, pointer in (({}, "/year"), ({"year": 2199}, "/year"), ({"year": 1999}, "/year")):
        refused = opening(story, case, code=code, expect=422, **more)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]
    opening(story, case, code=code, year=2018, units=8970)
    assert used(database, case) == {"2018": 8970}
    place = f"/v1/cases/{case['id']}/consultations"
    assert story.worker.create(place, hour(), expect=409)["code"] == "yearly_limit_reached"
    story.worker.create(place, hour(minutes=30))
    assert used(database, case) == {"2018": 9000}


def test_what_no_counter_counts_is_refused(story):
    case = story.case_in("aftercare")
    assert opening(story, case, code="nothing", expect=422)["code"] == "unknown_reference"
    for more, pointer in (({"code": "course"}, "/code"), ({"year": 2018}, "/year"),
                          ({"units": 0}, "/units"), ({"source": None}, "/source")):
        refused = opening(story, case, expect=422, **more)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert story.entitlement(case, "aftercare")["used"] == 0


def test_it_is_final_and_corrected_by_another(story):
    case = story.case_in("aftercare")
    first = opening(story, case, units=5)
    path = f"/v1/cases/{case['id']}/opening_usages/{first['id']}"
    assert story.manager.patch(path, {"units": 1}).status_code == 405
    opening(story, case, units=4, corrects_id=first["id"])
    assert story.entitlement(case, "aftercare")["used"] == 4
    assert story.manager.read(path)["superseded"] is True
    assert opening(story, case, units=1, corrects_id=first["id"], expect=409)["code"] == "conflict"
    other = story.case_in("aftercare")
    assert opening(story, other, units=1, corrects_id=first["id"],
                   expect=422)["code"] == "unknown_reference"
    assert story.entitlement(case, "aftercare")["used"] == 4


def test_the_manager_enters_it_and_others_read_it(story, stories):  # noqa: F811
    case = story.case_in("aftercare")
    opening(story, case, by=story.worker, expect=403)
    made = opening(story, case)
    path = f"/v1/cases/{case['id']}/opening_usages/{made['id']}"
    for reader in (story.worker, story.psychologist, story.agency):
        assert reader.read(path)["units"] == 3
    assert "source" not in story.agency.read(path)
    assert stories["dm"].manager.get(path).status_code == 404
