"""On which days the state pays for a consultation: each profession under each entitlement, at the
edges of grant and course."""

import pytest

from admission import case_after_course
from billing import at
from story import Story
from test_criminal import contract_limit, proceeding, support  # noqa: F401
from world import body_schema

# The course of case_after_course: granted, begun, ended.
BEFORE_GRANT, GRANT = ("2017-08-29", "23:59"), ("2017-08-30", "00:00")
BEFORE, START = ("2017-08-31", "23:59"), ("2017-09-01", "00:00")
END, AFTER = ("2018-02-27", "23:59"), ("2018-02-28", "00:00")
DAYS = (BEFORE_GRANT, GRANT, BEFORE, START, END, AFTER)
PAID = None
COURSE = ("not_granted", "outside_course", "outside_course", PAID, PAID, "outside_course")
ALWAYS = (PAID,) * 6
ENDED = ("course_not_ended",) * 5 + (PAID,)
# What the state answers on each of the days; PAID: it pays.
EXPECTED = {
    # The social worker's talks are case management, which is start-up.
    ("start_up", "social_worker"): ALWAYS,
    **{("start_up", kind): COURSE for kind in ("lawyer", "psychologist", "other")},
    **{("course", kind): COURSE for kind in ("lawyer", "social_worker", "psychologist", "other")},
    **{("criminal_support", kind): ENDED for kind in ("lawyer", "social_worker", "psychologist")},
    ("criminal_support", "other"): ("specialist_not_covered",) * 6,
    **{("aftercare", kind): ENDED for kind in (
        "lawyer", "social_worker", "psychologist", "other")},
    # Of a minor's family: from the grant on, the course does not end it.
    **{("family", kind): ("not_granted", PAID, PAID, PAID, PAID, PAID) for kind in (
        "lawyer", "social_worker", "psychologist", "other")},
}


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture(scope="module")
def places(story, cluster, contract_limit):  # noqa: F811
    """By entitlement, where to record, and what the record needs beside. Support in proceedings,
    which excludes aftercare, has a case of its own: there it runs since before the course's end."""
    with cluster.connect() as database:
        case = case_after_course(database, story, birth_date="2003-06-15")
        supported = case_after_course(database, story)
    support(story, supported, proceeding(story, supported), starts_on="2018-02-12")
    member = story.family_member(case["client_id"], in_latvia=True)
    found = dict.fromkeys(("start_up", "course", "aftercare"), (case, {}))
    found["criminal_support"] = supported, {}
    found["family"] = case, {"family_member_id": member["id"]}
    return found


def test_every_profession_and_entitlement_has_its_days():
    members = body_schema("/v1/cases/{case_id}/consultations")["properties"]
    assert set(EXPECTED) == {(entitlement, kind) for entitlement in members["entitlement"]["enum"]
                             for kind in members["specialist_kind"]["enum"]}


@pytest.mark.parametrize("entitlement, kind", EXPECTED)
def test_the_state_pays_on_the_days_of_the_entitlement(story, places, entitlement, kind):
    case, more = places[entitlement]
    place, told = f"/v1/cases/{case['id']}/consultations", []
    for moment in DAYS:
        body = {"entitlement": entitlement, "specialist_kind": kind, "minutes": 60, "joint": True,
                "starts_at": at(*moment), "funding": "state"} | more
        answer = story.worker.post(place, body)
        told.append(PAID if answer.status_code == 201 else answer.json()["code"])
        if told[-1] is PAID:
            # Its unit goes back, so that no limit is met here.
            story.worker.change(f"{place}/{answer.json()['id']}", {"outcome": "cancelled"})
        else:
            # What the state does not pay for may be given all the same.
            story.worker.create(place, body | {"funding": "provider_own"})
    assert tuple(told) == EXPECTED[entitlement, kind]


@pytest.mark.parametrize("funding", ["state", "provider_own"])
@pytest.mark.parametrize("entitlement", ["start_up", "aftercare", "family"])
def test_a_representation_serves_the_course_or_the_proceedings(story, places, entitlement, funding):
    refused = story.lawyer.create(
        f"/v1/cases/{places['course'][0]['id']}/representations", {
            "entitlement": entitlement, "minutes": 60, "starts_at": at("2018-01-10", "10:00"),
            "funding": funding}, expect="validation_failed")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/entitlement", "not_in_list")]
