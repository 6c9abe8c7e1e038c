"""A profession's notes: open to that profession in the case's team and to the case worker.

The row itself is the whole team's: only the notes are closed, and read as null.
"""

import uuid

import pytest

from harness import PASSWORD
from recorder import Api
from story import Story
from test_batch import done, patch, post, refused
from test_criminal import after_course, hearing, supported  # noqa: F401

NOTES = "Murgi mazinās."
OF_PSYCHOLOGIST = {"specialist_kind": "psychologist", "entitlement": "course", "minutes": 60,
                   "starts_at": "2018-02-07T16:35:00Z", "joint": True}


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture(scope="module")
def case(story):
    return story.case_in("in_course")


def place(case, kind="consultations"):
    return f"/v1/cases/{case['id']}/{kind}"


def own(row):
    return f"{place({'id': row['case_id']})}/{row['id']}"


@pytest.fixture
def held(story, case):
    """A psychologist's consultation that was held, with notes."""
    row = story.psychologist.create(place(case), OF_PSYCHOLOGIST | {
        "outcome": "held", "notes": NOTES, "topic": "Miegs"})
    assert row["notes"] == NOTES
    return row


@pytest.fixture
def planned(story, case):
    return story.psychologist.create(place(case), OF_PSYCHOLOGIST | {"notes": NOTES})


def listed(caller, row, member="data", path=None, **params):
    rows = caller.read(path or place({"id": row["case_id"]}), params=params)[member]
    return next(found for found in rows if found["id"] == row["id"])


def test_the_team_sees_the_row_but_not_the_notes(story, held):
    for caller in (story.psychologist, story.worker):
        assert caller.read(own(held))["notes"] == NOTES
    seen = story.lawyer.read(own(held))
    assert seen["notes"] is None
    assert {name: seen[name] for name in seen if name != "notes"} == {
        name: held[name] for name in held if name != "notes"}
    assert "notes" not in story.manager.read(own(held))


@pytest.mark.parametrize("fields", ["notes", "notes,topic", "specialist_kind,notes"])
def test_notes_that_are_asked_for_by_name_stay_null(story, held, fields):
    """Whose they are need not be asked for to be known, and is not shown then."""
    names = {"id", "version", *fields.split(",")}
    for caller, notes in ((story.psychologist, NOTES), (story.worker, NOTES), (story.lawyer, None)):
        item = caller.read(own(held), params={"fields": fields})
        row = listed(caller, held, fields=fields, limit=200)
        assert set(item) == set(row) == names
        assert item["notes"] == row["notes"] == notes
        if "topic" in fields:
            assert row["topic"] == "Miegs"


def test_the_case_file_opens_them_to_no_other_profession(story, case, held):
    file = story.lawyer.get(place(case, "file"), expect=200)
    assert NOTES not in file.text
    row = next(row for row in file.json()["consultations"] if row["id"] == held["id"])
    assert row == listed(story.lawyer, held, limit=200)


def test_another_profession_cannot_write_notes(story, held, planned):
    for row in (held, planned):
        for notes in ("Cits", None, NOTES):
            refused = story.lawyer.change(own(row), {"notes": notes}, expect="validation_failed")
            assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
                ("/notes", "not_visible")]
        assert story.psychologist.read(own(row))["notes"] == NOTES
    # After the fact they may still grow, by whom they belong to.
    assert story.psychologist.change(own(held), {"notes": "Vairs ne."})["notes"] == "Vairs ne."
    assert story.worker.change(own(held), {"notes": NOTES})["notes"] == NOTES


def test_a_change_by_another_profession_answers_without_notes(story, planned):
    before = story.lawyer.read(own(planned))
    for minutes in (45, 45):
        # The second changes nothing, and shows the row as it is.
        answer = story.lawyer.change(own(planned), {"minutes": minutes})
        assert answer["minutes"] == 45 and answer["notes"] is None
    assert before["version"] + 1 == answer["version"]
    assert story.psychologist.read(own(planned))["notes"] == NOTES


def test_nobody_turns_another_professions_notes_into_the_own(story, case, planned):
    taken = {"specialist_kind": "lawyer"}
    refused = story.lawyer.change(own(planned), taken, expect="validation_failed")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
        ("/specialist_kind", "not_visible")]
    assert story.lawyer.read(own(planned))["notes"] is None
    # Where there are none, the appointment may go to another profession.
    bare = story.psychologist.create(place(case), OF_PSYCHOLOGIST)
    assert story.lawyer.change(own(bare), taken)["specialist_kind"] == "lawyer"
    assert story.lawyer.change(own(bare), {"notes": "Prasība"})["notes"] == "Prasība"
    assert story.psychologist.read(own(bare))["notes"] is None


def test_a_specialist_writes_notes_for_the_own_profession_only(story, case):
    body = OF_PSYCHOLOGIST | {"specialist_kind": "lawyer", "notes": "x"}
    refused = story.psychologist.create(place(case), body, expect="validation_failed")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/notes", "not_visible")]
    story.psychologist.create(place(case), body | {"notes": None})
    assert story.worker.create(place(case), body)["notes"] == "x"


def test_a_replay_tells_a_new_profession_nothing(story, case, http, contract, new_account, cluster):
    account = new_account("specialist", "marta", "psychologist")
    session = Api(http, contract).post(
        "/v1/sessions", {"email": account.email, "password": PASSWORD}, expect=201,
        headers={"Idempotency-Key": None}).json()
    caller = Api(http, contract, session["access_token"], account)
    story.worker.create(place(case, "team"), {"user_id": account.id})
    sent = {"headers": {"Idempotency-Key": str(uuid.uuid4())}}
    body = OF_PSYCHOLOGIST | {"notes": NOTES}
    first = caller.create(place(case), body, **sent)
    assert caller.create(place(case), body, **sent) == first
    with cluster.connect() as owner, owner.transaction():
        owner.execute("SELECT set_config('app.actor', 'cli', true)")
        owner.execute("UPDATE users SET profession = 'lawyer' WHERE id = %s", [account.id])
    refused = caller.post(place(case), body, expect="idempotency_key_reused", **sent)
    assert NOTES not in refused.text
    assert caller.read(own(first))["notes"] is None


def test_only_lawyers_read_notes_of_representations(story, after_course):  # noqa: F811
    case = after_course(story)
    at = hearing(story, case, supported(story, case))
    path = place(case, "representations")
    row = story.lawyer.create(path, {
        "hearing_id": at["id"], "entitlement": "criminal_support", "minutes": 90,
        "funding": "provider_own", "notes": NOTES})
    assert row["notes"] == NOTES
    item = f"{path}/{row['id']}"
    assert story.lawyer.read(item)["notes"] == story.worker.read(item)["notes"] == NOTES
    assert story.psychologist.read(item)["notes"] is None
    assert listed(story.psychologist, row, path=path, fields="notes")["notes"] is None
    assert listed(story.psychologist, row, "representations", place(case, "file"))["minutes"] == 90
    assert NOTES not in story.psychologist.get(place(case, "file")).text
    refused = story.psychologist.change(item, {"notes": "x"}, expect="validation_failed")
    assert refused["errors"][0]["code"] == "not_visible"


def test_a_role_that_reads_no_notes_does_not_change_their_profession(story, case):
    visit = {"by": story.lawyer, "joint": True, "specialist_kind": "lawyer"}
    noted = story.consultation(case, "2018-02-13T08:00:00Z", notes="Atzinās.", **visit)
    silent = story.consultation(case, "2018-02-14T08:00:00Z", **visit)
    other = {"specialist_kind": "psychologist", "specialist_id": story.psychologist.account.id}
    refused = story.manager.change(own(noted), other, expect="validation_failed")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] \
        == [("/specialist_kind", "not_visible")]
    assert story.psychologist.read(own(noted))["notes"] is None
    story.manager.change(own(silent), other)


def test_notes_stay_closed_in_a_batch(story, case):
    notes = {"entitlement": "course", "minutes": 60, "starts_at": "2018-02-12T08:00:00Z",
             "joint": True, "funding": "provider_own", "notes": NOTES}
    theirs = story.lawyer.create(place(case), notes | {"specialist_kind": "lawyer"})
    mine = post(place(case), notes | {"specialist_kind": "psychologist"})
    for change in ({"notes": "X"}, {"specialist_kind": "psychologist"}):
        refused(story.psychologist, 1, "validation_failed", mine, patch(own(theirs), change))
    made, changed = done(story.psychologist, mine, patch(own(theirs), {"place": "authority"}))
    assert made["body"]["notes"] == NOTES and changed["body"]["notes"] is None
