"""What a step of the case changes beside its status, and who signs a change of provider."""

import pytest

from admission import decide, pointers
from story import COURSE_START, COURSE_DAYS, day

LAST = day(COURSE_START, COURSE_DAYS - 1)


@pytest.fixture
def story(marta):
    return marta


def days(story, case, *names):
    row = story.read_case(case)
    return tuple(row[name] for name in names)


def test_a_case_that_is_opened_again_is_not_closed(story):
    case = story.case_in("closed")
    assert days(story, case, "closed_on", "close_reason") == (
        day(COURSE_START, COURSE_DAYS + 1), "completed")
    story.step(case, "aftercare", happened_on="2018-10-01")
    assert days(story, case, "status", "closed_on", "close_reason", "course_end") == (
        "aftercare", None, None, LAST)


def suspended(story, until="2018-03-31"):
    case = story.case_in("in_course")
    story.step(case, "suspended", happened_on="2018-03-01", suspended_until=until,
               reason="Hospital.")
    assert days(story, case, "suspended_from", "suspended_until") == ("2018-03-01", until)
    return case


@pytest.mark.parametrize("to, more", [
    ("in_course", {}), ("aftercare", {}), ("closed", {"close_reason": "withdrew"})])
@pytest.mark.parametrize("left", ["2018-03-01", "2018-03-14", "2018-04-10"])
def test_a_suspension_ends_on_the_day_it_is_left(story, to, more, left):
    case = suspended(story)
    story.step(case, to, happened_on=left, **more)
    ends = LAST if to == "in_course" else left
    assert days(story, case, "status", "suspended_from", "suspended_until", "course_end") == (
        to, "2018-03-01", left, ends)


def test_a_later_step_leaves_an_ended_suspension_alone(story):
    case = suspended(story)
    story.step(case, "in_course", happened_on="2018-03-14")
    story.step(case, "aftercare", happened_on="2018-04-01")
    assert days(story, case, "suspended_until") == ("2018-03-14",)


@pytest.mark.parametrize("to, more", [
    ("aftercare", {}), ("closed", {"close_reason": "withdrew"})])
@pytest.mark.parametrize("left, ends", [
    (day(COURSE_START), day(COURSE_START)), ("2018-05-02", "2018-05-02"),
    (day(LAST, -1), day(LAST, -1)), (LAST, LAST), (day(LAST, 1), LAST)])
def test_a_course_that_is_left_early_ends_on_that_day(story, to, more, left, ends):
    case = story.case_in("in_course")
    story.step(case, to, happened_on=left, **more)
    assert days(story, case, "status", "course_start", "course_end") == (
        to, day(COURSE_START), ends)


def test_a_step_that_does_not_leave_the_course_does_not_end_it(story):
    case = story.case_in("in_course")
    story.step(case, "suspended", happened_on="2018-03-01", reason="Hospital.")
    assert days(story, case, "course_end") == (LAST,)


@pytest.mark.parametrize("other", ["inquiry", "withdrawn"])
def test_a_client_is_former_when_no_case_runs_any_more(story, other):
    case = story.case_in("in_course")
    second = story.case(case["client_id"])
    if other == "withdrawn":
        story.step(second, "withdrawn", happened_on="2018-01-10", reason="Went home.")
    status = lambda: story.worker.read(f"/v1/clients/{case['client_id']}")["status"]
    assert status() == "active"
    story.step(case, "closed", happened_on="2018-05-02", close_reason="completed")
    if other == "inquiry":
        assert status() == "active", "another case runs"
        story.step(second, "closed", happened_on="2018-05-03", close_reason="other")
    assert status() == "former"


# R20: who signs


@pytest.fixture
def minor(story):
    """(case, guardian): the client is of age on 2018-06-15, the guardian in office until May."""
    case = story.case_in("in_course", birth_date="2000-06-15")
    guardian = story.worker.create(f"/v1/clients/{case['client_id']}/representatives", {
        "kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
        "starts_on": "2018-02-10", "ends_on": "2018-05-31"})
    return case, guardian


def signed(story, dm, case, representative, requested_on, **more):
    return story.transfer(case, dm, requested_by="representative", requested_on=requested_on,
                          representative_id=representative["id"], **more)


@pytest.mark.parametrize("requested_on, refused", [
    ("2018-02-09", "not_in_office"), ("2018-02-10", None), ("2018-05-31", None),
    ("2018-06-01", "not_in_office")])
def test_a_representative_asks_for_a_transfer_while_in_office(story, dm, minor, requested_on,
                                                              refused):
    case, guardian = minor
    told = signed(story, dm, case, guardian, requested_on, expect=422 if refused else 201)
    if refused:
        assert told["code"] == refused and pointers(told) == {"/representative_id"}
    else:
        assert told["state"] == "requested"


@pytest.mark.parametrize("requested_on, refused", [("2018-06-14", False), ("2018-06-15", True)])
def test_nobody_asks_for_a_transfer_for_an_adult_client(story, dm, minor, requested_on,
                                                            refused):
    case, guardian = minor
    place = f"/v1/clients/{case['client_id']}/representatives/{guardian['id']}"
    story.worker.change(place, {"ends_on": None})
    told = signed(story, dm, case, guardian, requested_on, expect=422 if refused else 201)
    assert told.get("code") == ("not_a_minor" if refused else None)


def test_another_clients_representative_does_not_sign(story, dm, minor):
    case, guardian = minor
    other = story.case_in("in_course", birth_date="2003-06-15")
    assert signed(story, dm, other, guardian, "2018-03-01", expect=422)["code"] == \
        "unknown_reference"
    told = story.transfer(case, dm, expect=422, representative_id=guardian["id"])
    assert told["code"] == "validation_failed", "the client asks, the representative signs"


# Decisions: what is told of delivery and appeal when one is recorded


@pytest.mark.parametrize("told, refused", [
    ({"delivered_on": "2018-01-28"}, "/delivered_on"),
    ({"delivered_on": "2999-01-01"}, "/delivered_on"),
    ({"appealed_on": "2018-01-28"}, "/appealed_on"),
    ({"appealed_on": "2999-01-01"}, "/appealed_on"),
    ({"appeal_until": "2018-01-28"}, "/appeal_until"),
    ({"delivered_on": "2018-02-01", "appeal_until": "2018-01-31"}, "/appeal_until"),
    ({"appeal_result": "upheld"}, "/appealed_on")])
def test_a_decisions_delivery_and_appeal_are_judged_when_it_is_recorded(story, told, refused):
    case = story.case_in("awaiting_decision")
    answer = decide(story, case, "refusal", reasons="No papers.", expect=422, **told)
    assert pointers(answer) == {refused}
    assert story.read_case(case)["status"] == "awaiting_decision"


@pytest.mark.parametrize("told, appeal_until", [
    ({}, None), ({"delivered_on": "2018-01-29"}, "2018-02-28"),
    ({"delivered_on": "2018-01-31"}, "2018-02-28"),
    ({"delivered_on": "2018-02-01"}, "2018-03-01"),
    ({"delivered_on": "2018-02-01", "appeal_until": "2018-02-01"}, "2018-02-01"),
    ({"appeal_until": "2018-01-29", "appealed_on": "2018-01-29", "appeal_result": "upheld"},
     "2018-01-29")])
def test_an_appeal_is_open_for_a_month_from_delivery(story, told, appeal_until):
    made = decide(story, story.case_in("awaiting_decision"), "refusal", reasons="No papers.",
                  **told)
    assert {name: made[name] for name in told} == told and made["appeal_until"] == appeal_until
