"""A client complains about a service: the complaint is received, examined and answered, and whom it
is about never sees it."""

import pytest

from story import Story, day

RECEIVED, EXAMINED, ANSWERED = "2018-03-05", "2018-03-08", "2018-03-12"
TEXT, FINDINGS, ANSWER = ("I waited an hour, twice.", "The calendar was an hour late.",
                          "We are sorry; you now get a text message.")


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture(scope="module")
def case(story):
    return story.case_in("in_course")


def place(case):
    return f"/v1/cases/{case['id']}/complaints"


def complain(story, case, by=None, expect=201, **more):
    return (by or story.worker).create(place(case), {
        "service": "consultation", "made_by": "client", "received_on": RECEIVED, "text": TEXT,
    } | more, expect=expect)


def change(case, complaint, by, expect=200, **body):
    return by.change(f"{place(case)}/{complaint['id']}", body, expect=expect)


def examine(story, case, complaint, by=None, expect=200, **more):
    return change(case, complaint, by or story.manager, expect, **{
        "state": "examined", "examined_on": EXAMINED, "findings": FINDINGS} | more)


def answer(story, case, complaint, by=None, expect=200, **more):
    return change(case, complaint, by or story.manager, expect, **{
        "state": "answered", "answered_on": ANSWERED, "answer": ANSWER} | more)


def answered(story, case, **more):
    made = complain(story, case, **more)
    examine(story, case, made)
    return answer(story, case, made)


def violations(refused):
    return [(error["pointer"], error["code"]) for error in refused["errors"]]


def test_a_complaint_is_received_examined_and_answered(story, case):
    made = complain(story, case, about_user_id=story.psychologist.account.id)
    assert (made["state"], made["received_on"], made["text"]) == ("received", RECEIVED, TEXT)
    assert (made["examined_on"], made["answered_on"], made["superseded"]) == (None, None, False)
    seen = examine(story, case, made)
    assert (seen["state"], seen["findings"], seen["answer"]) == ("examined", FINDINGS, None)
    done = answer(story, case, made)
    assert (done["state"], done["answer"], done["answered_on"]) == ("answered", ANSWER, ANSWERED)
    assert story.worker.read(f"{place(case)}/{made['id']}") == done


def test_the_list_has_no_text_and_is_filtered_by_state(story, case):
    open_one, closed = complain(story, case), answered(story, case)
    rows = story.manager.read(place(case), params={"state": "received"})["data"]
    ids = {row["id"] for row in rows}
    assert open_one["id"] in ids and closed["id"] not in ids
    assert not {"text", "findings", "answer"} & set(rows[0])


def test_the_days_are_today_unless_told(story, case):
    made = story.worker.create(place(case), {
        "service": "goods", "made_by": "client", "text": TEXT})
    seen = change(case, made, story.worker, state="examined", findings=FINDINGS)
    done = change(case, made, story.worker, state="answered", answer=ANSWER)
    assert made["received_on"] == seen["examined_on"] == done["answered_on"]
    assert made["received_on"] >= made["created_at"][:10], "the day in Riga, not before UTC's"


@pytest.mark.parametrize("received, examined, answered_on, wrong", [
    (RECEIVED, RECEIVED, RECEIVED, None),
    (RECEIVED, day(RECEIVED, -1), ANSWERED, ("/examined_on", "end_before_start")),
    (RECEIVED, EXAMINED, day(EXAMINED, -1), ("/answered_on", "end_before_start")),
    ("2199-01-01", None, None, ("/received_on", "in_the_future")),
    (RECEIVED, "2199-01-01", None, ("/examined_on", "in_the_future")),
    (RECEIVED, EXAMINED, "2199-01-01", ("/answered_on", "in_the_future")),
])
def test_the_days_follow_each_other_and_none_is_in_the_future(story, case, received, examined,
                                                              answered_on, wrong):
    made = complain(story, case, received_on=received,
                    expect=422 if wrong and wrong[0] == "/received_on" else 201)
    told = made
    if "id" in made:
        bad = bool(wrong) and wrong[0] == "/examined_on"
        told = examine(story, case, made, expect=422 if bad else 200, examined_on=examined)
        if not bad:
            told = answer(story, case, made, expect=422 if wrong else 200, answered_on=answered_on)
    assert wrong is None and told["state"] == "answered" or violations(told) == [wrong]


@pytest.mark.parametrize("body", [
    {"state": "answered", "answer": ANSWER},
    {"state": "answered", "findings": FINDINGS, "answer": ANSWER},
])
def test_no_step_is_left_out(story, case, body):
    made = complain(story, case)
    assert change(case, made, story.manager, 409, **body)["code"] == "illegal_transition"
    complain(story, case, state="examined", findings=FINDINGS, expect=409)
    examine(story, case, made)
    refused = change(case, made, story.manager, 409, state="received")
    assert refused["code"] == "illegal_transition"


def test_each_step_has_its_text_and_none_comes_before_its_step(story, case):
    made = complain(story, case)
    for body, wrong in (
        ({"state": "examined"}, ("/findings", "required")),
        ({"findings": FINDINGS}, ("/findings", "constraint")),
        ({"examined_on": EXAMINED}, ("/examined_on", "constraint")),
        ({"answer": ANSWER}, ("/answer", "constraint")),
    ):
        assert violations(change(case, made, story.manager, 422, **body)) == [wrong]
    examine(story, case, made)
    for body, wrong in (
        ({"state": "answered"}, ("/answer", "required")),
        ({"answered_on": ANSWERED}, ("/answered_on", "constraint")),
        ({"findings": None}, ("/findings", "required")),
    ):
        assert violations(change(case, made, story.manager, 422, **body)) == [wrong]


def test_what_the_client_said_is_never_edited(story, case):
    made = complain(story, case)
    for body in ({"text": "Milder."}, {"received_on": EXAMINED}):
        assert violations(change(case, made, story.manager, 422, **body)) == [
            (f"/{next(iter(body))}", "immutable_member")]


def test_an_answered_complaint_is_final_and_corrected_by_another_one(story, case):
    wrong = answered(story, case)
    for body in ({"answer": "Not at all."}, {"service": "goods"}, {"findings": "Other."}):
        assert change(case, wrong, story.manager, 409, **body)["code"] == "already_final"
    right = complain(story, case, corrects_id=wrong["id"])
    assert right["state"] == "received"
    assert story.worker.read(f"{place(case)}/{wrong['id']}")["superseded"] is True
    assert complain(story, case, corrects_id=wrong["id"], expect=409)["code"] == "conflict"
    assert complain(story, case, corrects_id=right["id"], expect=409)["code"] == "not_final"
    other = story.case_in("inquiry")
    refused = complain(story, other, corrects_id=right["id"], expect=422)
    assert refused["code"] == "unknown_reference"


def test_a_representative_who_complains_is_named(story, case):
    parent = story.worker.create(f"/v1/clients/{case['client_id']}/representatives", {
        "kind": "parent", "given_name": "Anita", "family_name": "Kalniņa",
        "starts_on": "2010-01-10"})
    made = complain(story, case, made_by="representative", representative_id=parent["id"])
    assert made["representative_id"] == parent["id"]
    for body, code in (({"made_by": "representative"}, "required"),
                       ({"representative_id": parent["id"]}, "constraint")):
        refused = complain(story, case, expect=422, **body)
        assert violations(refused) == [("/representative_id", code)]


def test_whom_it_is_about_neither_records_nor_takes_it_over(story, case):
    me = story.worker.account.id
    refused = complain(story, case, about_user_id=me, expect=422)
    assert (refused["code"], violations(refused)) == (
        "about_oneself", [("/about_user_id", "about_oneself")])
    made = complain(story, case)
    refused = change(case, made, story.manager, 422, about_user_id=story.manager.account.id)
    assert refused["code"] == "about_oneself"


def test_whom_it_is_about_never_sees_it(story, case, api):
    """In no list, count or file, by no id, and not to be answered or corrected either."""
    second = api("case_worker", "marta", number=2)
    made = complain(story, case, by=story.manager, about_user_id=second.account.id)
    path = f"{place(case)}/{made['id']}"
    story.worker.get(path, expect=200)
    second.get(path, expect=404)
    second.patch(path, {"state": "examined", "findings": "Nothing."}, etag='"1"', expect=404)
    rows = second.read(place(case), params={"count": "exact", "limit": 200})
    assert made["id"] not in {row["id"] for row in rows["data"]}
    assert rows["count"] == story.worker.read(
        place(case), params={"count": "exact", "limit": 1})["count"] - 1
    assert made["id"] not in second.get(f"/v1/cases/{case['id']}/file", expect=200).text
    assert made["id"] in story.worker.get(f"/v1/cases/{case['id']}/file", expect=200).text
    examine(story, case, made)
    answer(story, case, made)
    refused = complain(story, case, by=second, corrects_id=made["id"], expect=422)
    assert refused["code"] == "unknown_reference"


def test_a_complaint_that_turns_out_to_be_about_somebody_is_hidden_from_then_on(story, case, api):
    second = api("case_worker", "marta", number=2)
    made = complain(story, case)
    path = f"{place(case)}/{made['id']}"
    second.get(path, expect=200)
    examine(story, case, made, about_user_id=second.account.id)
    second.get(path, expect=404)


def test_neither_specialists_nor_the_agency_nor_another_provider_see_complaints(story, case, api):
    made = complain(story, case, about_user_id=story.psychologist.account.id)
    for caller in (story.psychologist, story.lawyer, story.agency, api("auditor")):
        caller.get(place(case), expect="forbidden")
        caller.get(f"{place(case)}/{made['id']}", expect="forbidden")
    api("case_worker", "dm").get(f"{place(case)}/{made['id']}", expect=404)
    assert made["id"] not in story.lawyer.get(f"/v1/cases/{case['id']}/file", expect=200).text
    refused = complain(story, case, about_user_id=api("case_worker", "dm").account.id, expect=422)
    assert violations(refused) == [("/about_user_id", "unknown_reference")]
