"""A ref of a batch stands for the row of an earlier operation, and for nothing else."""

from test_batch import done, invalid, note, post, refused, state, story  # noqa: F401
from world import NOWHERE


def test_a_ref_in_a_body_names_an_earlier_operation(story, database):
    case = story.case()
    consultation = {"specialist_kind": "lawyer", "entitlement": "start_up", "minutes": 60,
                    "starts_at": "2018-01-09T10:00:00+02:00", "funding": "other"}
    before = state(database)
    for name, code in (("{later}", "unknown_ref"), ("{me}", "unknown_ref"),
                       ("{a b}", "unknown_ref"), ("{}", "bad_id")):
        body = consultation | {"specialist_id": name}
        problem = refused(
            story.worker, 0, "validation_failed",
            post(f"/v1/cases/{case['id']}/consultations", body, ref="me"), note(case, ref="later"))
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
            ("/operations/0/body/specialist_id", code)], name
    assert state(database) == before
    # Alone there are no refs.
    answer = story.worker.post(f"/v1/cases/{case['id']}/consultations",
                               consultation | {"specialist_id": "{me}"}, expect=422).json()
    assert answer["errors"][0]["code"] == "bad_id"


def test_a_ref_in_a_path_names_an_earlier_operation(story, database):
    """Neither a later one, nor itself, nor one that makes no row: and nothing is done."""
    client = story.client()
    case = {"client_id": client["id"], "opened_on": "2018-01-08"}
    before = state(database)
    notes = post("/v1/cases/{made}/notes", {"text": "Sleeps better."})
    for operations in (
            [notes, post("/v1/cases", case, ref="made")],
            [post("/v1/cases/{made}/notes", {"text": "Calm."}, ref="made")],
            [note({"id": NOWHERE}), notes]):
        (at,) = (at for at, one in enumerate(operations) if "{made}" in one["path"])
        assert invalid(story.worker, *operations) == {(f"/operations/{at}/path", "unknown_ref")}
    assert state(database) == before
    made, noted = done(story.worker, post("/v1/cases", case, ref="made"), notes)
    assert noted["body"]["case_id"] == made["body"]["id"]
