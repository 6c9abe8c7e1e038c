"""The main job from end to end, phase by phase."""

import pytest

from story import COURSE_START, PHASES, Story, at, day


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


def test_a_case_walks_through_every_phase(story):
    case = story.case_in("closed")
    steps = story.worker.read(f"/v1/cases/{case['id']}/transitions",
                              params={"sort": "created_at", "limit": 200})["data"]
    assert [step["to"] for step in steps] == list(PHASES[1:])


def test_the_course_has_its_days_and_the_client_becomes_active(story):
    case = story.case_in("in_course")
    assert case["course_start"] == day(COURSE_START)
    assert case["course_end"] == day(COURSE_START, 179)
    assert story.worker.read(f"/v1/clients/{case['client_id']}")["status"] == "active"


def test_consultations_within_the_course(story):
    case = story.case_in("in_course", start="2018-03-05")
    story.consultation(case, at(day("2018-03-05")))
    story.consultation(case, at(day("2018-03-05", 179)))
    story.consultation(case, at(day("2018-03-05", 180)), expect="outside_course")
    story.consultation(case, at(day("2018-03-05", 180)), funding="provider_own")


def test_the_other_provider_learns_nothing(story, api):
    case = story.case_in("inquiry")
    stranger = api("case_worker", "dm")
    stranger.get(f"/v1/cases/{case['id']}", expect="not_found")
    stranger.get(f"/v1/clients/{case['client_id']}", expect="not_found")
    stranger.get(f"/v1/cases/{case['id']}/transitions", expect="not_found")
