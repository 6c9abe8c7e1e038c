"""One person is no commission (R10, R12): who gives a vote, and that a cast vote stays."""

import psycopg
import pytest

from admission import CRITERIA, commission, place, pointers, professions, seat, sit, vote
from harness import together

CLOSING = {"conclusion": "meets", "closed_on": "2018-01-22"}
OFFICER = {"name": "Andris Bērziņš", "profession": "police_officer", "organisation": "VP"}


@pytest.fixture
def story(marta):
    return marta


@pytest.fixture
def sitting(story):
    """Nobody sits in it yet."""
    return sit(story, story.case(), **CRITERIA)


@pytest.fixture
def members(story, sitting):
    return f"{story.sitting_place(sitting)}/members"


def seated(story, sitting, *names):
    """These professions' accounts, none of which has voted."""
    case = {"id": sitting["case_id"]}
    return {name: seat(story, case, sitting, professions(story)[name], name) for name in names}


def cast(story, sitting, member, caller, expect=200, conclusion="meets"):
    return vote({"id": sitting["case_id"]}, sitting, member, caller, conclusion, expect)


def close(story, sitting, expect=200, **more):
    return story.worker.change(story.sitting_place(sitting), CLOSING | more, expect=expect)


def test_a_case_worker_alone_is_no_commission(story, sitting, members):
    names = {"social_worker": "Anna", "psychologist": "Baiba", "lawyer": "Cilda"}
    story.worker.create(members, OFFICER | {"vote": "meets"})
    for profession, name in names.items():
        body = {"name": name, "profession": profession}
        for more in ({}, {"vote": "meets"}):
            refused = story.worker.create(members, body | more, expect="one_without_account")
            assert pointers(refused) == {"/user_id"}
    close(story, sitting, expect="commission_incomplete")


def test_a_case_worker_alone_is_no_commission_in_a_batch_either(story, sitting, members):
    operations = [
        {"method": "POST", "path": members,
         "body": {"name": name, "profession": name, "vote": "meets"}}
        for name in professions(story)
    ]
    refused = story.worker.post("/v1/batch", {"operations": operations}, expect=422).json()
    assert refused["results"][1]["body"]["code"] == "one_without_account"
    assert story.worker.read(members)["data"] == []


def test_nobody_removes_a_member_with_the_vote(story):
    case = story.case()
    sitting = commission(story, case, votes=("meets", "meets", "meets", "does_not_meet"))
    for member in story.worker.read(f"{place(case, sitting)}/members")["data"]:
        path = f"{place(case, sitting)}/members/{member['id']}"
        for caller in (story.worker, story.manager):
            caller.delete(path, etag=f'"{member["version"]}"', expect="vote_cast")
        assert story.worker.read(path) == story.worker.read(path) | member
    close(story, sitting)


def test_a_vote_is_not_taken_back_but_replaced(story, sitting, database):
    member = seated(story, sitting, "psychologist")["psychologist"]
    first = cast(story, sitting, member, story.psychologist)
    assert first["voted_by"] == story.psychologist.account.id
    cast(story, sitting, member, story.psychologist, "vote_cast", conclusion=None)
    second = cast(story, sitting, member, story.psychologist, conclusion="does_not_meet")
    assert (second["vote"], second["voted_by"]) == ("does_not_meet", first["voted_by"])
    assert second["voted_at"] > first["voted_at"]
    told = database.execute(
        "SELECT user_id::text FROM audit_events WHERE row_id = %s AND 'vote' = ANY(fields)",
        [member["id"]],
    ).fetchall()
    assert told == [(story.psychologist.account.id,)] * 2


def test_nobody_changes_whose_vote_it_was(story, sitting, members):
    member = seated(story, sitting, "police_officer")["police_officer"]
    cast(story, sitting, member, story.police)
    path = f"{members}/{member['id']}"
    for body in ({"organisation": "Marta"}, {"name": "Anna"}, {"profession": "other"}):
        for caller in (story.worker, story.manager):
            caller.change(path, body, expect="vote_cast")
    for caller in (story.worker, story.manager):
        cast(story, sitting, member, caller, "forbidden", conclusion="does_not_meet")
        cast(story, sitting, member, caller, "forbidden", conclusion=None)
        refused = caller.change(path, {"user_id": caller.account.id}, expect=422)
        assert pointers(refused) == {"/user_id"}


def test_who_votes_does_not_enter_anothers_vote(story, sitting, members):
    """As herself first, then by name."""
    member = seated(story, sitting, "social_worker")["social_worker"]
    cast(story, sitting, member, story.worker)
    refused = story.worker.create(members, OFFICER | {"vote": "meets"},
                                  expect="needs_second_person")
    assert pointers(refused) == {"/vote"}
    officer = story.worker.create(members, OFFICER)
    cast(story, sitting, officer, story.worker, "needs_second_person")
    for caller in (story.psychologist, story.lawyer):
        cast(story, sitting, officer, caller, "forbidden")
    entered = cast(story, sitting, officer, story.manager)
    assert entered["voted_by"] == story.manager.account.id and entered["user_id"] is None


def test_who_entered_anothers_vote_does_not_vote(story, sitting, members):
    """The other way round."""
    story.worker.create(members, OFFICER | {"vote": "meets"})
    refused = story.worker.create(
        members,
        {"user_id": story.worker.account.id, "profession": "social_worker", "vote": "meets"},
        expect="needs_second_person",
    )
    assert pointers(refused) == {"/vote"}
    member = seated(story, sitting, "social_worker")["social_worker"]
    cast(story, sitting, member, story.worker, "needs_second_person")


def test_a_vote_that_was_entered_stays(story, sitting, members):
    officer = story.manager.create(members, OFFICER | {"vote": "meets"})
    path = f"{members}/{officer['id']}"
    for caller in (story.manager, story.worker):
        for change in ({"vote": "does_not_meet"}, {"vote": None}, {"name": "Anna"}):
            caller.change(path, change, expect="vote_cast")
        caller.delete(path, etag='"1"', expect="vote_cast")


def test_after_a_first_vote_nobody_joins_or_leaves_to_tip_it(story, sitting, members, new_account):
    sits = seated(story, sitting, "social_worker", "psychologist", "lawyer")
    fifth = story.worker.create(members, {"name": "Dace", "profession": "other"})
    story.worker.change(f"{members}/{fifth['id']}", {"profession": "psychologist"})
    story.worker.delete(f"{members}/{fifth['id']}", etag='"2"', expect=204)
    officer = story.worker.create(members, OFFICER | {"profession": "other"})
    cast(story, sitting, sits["lawyer"], story.lawyer)
    for profession in ("psychologist", "lawyer"):
        more = {"user_id": new_account("specialist", "marta", profession).id}
        refused = story.worker.create(members, more | {"profession": profession},
                                      expect="members_fixed")
        assert pointers(refused) == {"/profession"}
    for member in (sits["psychologist"], officer):
        story.worker.delete(f"{members}/{member['id']}", etag='"1"', expect="members_fixed")
    story.worker.change(f"{members}/{officer['id']}", {"profession": "police_officer"},
                        expect="members_fixed")
    story.worker.change(f"{members}/{officer['id']}", {"name": "Andris Bērzs"})
    # Of the four professions one is still missing.
    seated(story, sitting, "police_officer")


def test_an_account_sits_for_a_profession_that_it_has(story, sitting, members):
    """A manager has none."""
    assert story.manager.account.profession is None
    for profession in ("psychologist", "police_officer"):
        refused = story.worker.create(
            members, {"user_id": story.manager.account.id, "profession": profession},
            expect="constraint")
        assert pointers(refused) == {"/profession"}


@pytest.mark.parametrize("vote_of", [{}, {"vote": "meets"}])
def test_of_two_parallel_members_without_account_one_sits(story, api, sitting, members, vote_of):
    callers = (story.manager, api("case_worker", "marta", number=2))
    bodies = (OFFICER | vote_of, {"name": "Baiba", "profession": "psychologist"} | vote_of)
    answers = together(*[
        lambda caller=caller, body=body: caller.post(members, body)
        for caller, body in zip(callers, bodies)
    ])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(story.worker.read(members)["data"]) == 1


def test_of_two_parallel_votes_of_one_account_one_counts(story, sitting, members):
    own = seated(story, sitting, "social_worker")["social_worker"]
    officer = story.worker.create(members, OFFICER)
    answers = together(*[
        lambda member=member: story.worker.patch(
            f"{members}/{member['id']}", {"vote": "meets"}, etag='"1"')
        for member in (own, officer)
    ])
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def past_the_service(database, story, statement, *values):
    with pytest.raises(psycopg.IntegrityError) as refused, database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true),"
                         " set_config('app.user_id', %s, true)", [story.worker.account.id])
        database.execute(statement, values)
    return refused.value.diag.constraint_name


def test_the_database_itself_enforces_the_rules_of_a_sitting(story, sitting, members, database):
    sits = seated(story, sitting, "psychologist", "social_worker", "lawyer")
    voted = cast(story, sitting, sits["psychologist"], story.psychologist)["id"]
    cast(story, sitting, sits["social_worker"], story.worker)
    officer = story.worker.create(members, OFFICER)["id"]
    change = "UPDATE identification_members SET {} WHERE id = %s"
    tries = [
        ("DELETE FROM identification_members WHERE id = %s", voted, "cast"),
        (change.format("vote = 'does_not_meet'"), voted, "cast"),
        (change.format("vote = NULL, voted_at = NULL, voted_by = NULL"), voted, "cast"),
        (change.format("profession = 'other'"), voted, "cast"),
        (change.format("vote = 'meets', voted_at = now(), voted_by = user_id"),
         sits["lawyer"]["id"], "own_vote"),
        (change.format("vote = 'meets', voted_at = now(), voted_by = app_user()"),
         sits["lawyer"]["id"], "own_vote"),
        (change.format("vote = 'meets', voted_at = now(), voted_by = app_user()"),
         officer, "one_vote"),
        (change.format("user_id = NULL, name = 'x'"), sits["lawyer"]["id"],
         "one_without_account"),
    ]
    for statement, row, name in tries:
        refused = past_the_service(database, story, statement, row)
        assert refused == f"identification_members_{name}", statement
