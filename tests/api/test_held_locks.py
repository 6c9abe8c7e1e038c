"""What must wait for another's act: the other act stands open in a second connection, so that a
write which does not wait is caught each time."""

import contextlib
import threading
import time
import uuid

import pytest

from billing import Billing
from files import FileSender, text
from story import at

WAITS = """SELECT wait_event FROM pg_stat_activity WHERE usename = 'atbalsts_api'
AND wait_event_type = 'Lock' AND %s = ANY (pg_blocking_pids(pid))"""


@contextlib.contextmanager
def held(cluster, call):
    """The owner's transaction, for what is to stand open. At its end the call is made; the
    transaction is committed when the call waits for it, and answers holds the call's answer."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    with cluster.connect() as owner:
        with owner.transaction():
            owner.execute("SELECT set_config('app.actor', 'cli', true)")
            yield owner, answers
            thread.start()
            answers.append(wait_event(cluster, owner.info.backend_pid, thread))
        thread.join()


def wait_event(cluster, holder, thread, seconds=10):
    ends = time.monotonic() + seconds
    with cluster.connect("postgres") as watcher:
        while time.monotonic() < ends and thread.is_alive():
            row = watcher.execute(WAITS, [holder]).fetchone()
            if row:
                return row[0]
            time.sleep(0.005)
    thread.join()
    raise AssertionError("the write does not wait")


def refused(answers, event, code):
    """It waited by that kind of lock, and was then judged by what the other has done."""
    assert answers[0] == event and answers[1].status_code == 409, answers[1].text
    assert answers[1].json()["code"] == code


# The account of a provider under a contract


ACCOUNT_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s::text || %s::text, 0))"
DRAFT = ("INSERT INTO statements (id, provider_id, contract_id, month) VALUES"
         " (gen_random_uuid(), %s, %s, %s) RETURNING id")


@pytest.fixture
def billing(api, providers):
    return Billing(api, providers, months=0)


def test_a_statement_waits_for_a_month_that_is_being_opened_before_it(billing, cluster):
    contract, provider = billing.contract["id"], billing.story.provider_id
    place = f"/v1/statements/{billing.draft(1)['id']}"
    with held(cluster, lambda: billing.manager.patch(place, {"state": "submitted"}, etag='"1"')) \
            as (owner, answers):
        owner.execute(ACCOUNT_LOCK, [contract, provider])
        owner.execute(DRAFT, [provider, contract, billing.months[0]])
    refused(answers, "advisory", "statement_order")


def test_a_month_is_not_opened_behind_one_that_is_being_submitted(billing, cluster):
    contract, provider = billing.contract["id"], billing.story.provider_id
    body = {"contract_id": contract, "month": billing.months[0]}
    with held(cluster, lambda: billing.manager.post("/v1/statements", body)) as (owner, answers):
        owner.execute(ACCOUNT_LOCK, [contract, provider])
        (later,) = owner.execute(DRAFT, [provider, contract, billing.months[1]]).fetchone()
        # An empty one: what it bills is no matter here.
        owner.execute("UPDATE statements SET state = 'submitted', cents = 0 WHERE id = %s", [later])
    refused(answers, "advisory", "statement_order")


def test_another_providers_account_is_not_waited_for(billing, cluster, providers):
    with cluster.connect() as owner, owner.transaction():
        owner.execute(ACCOUNT_LOCK, [billing.contract["id"], providers["dm"]])
        assert billing.submit(0)["state"] == "submitted"


# A sitting of the commission


CLOSE = "UPDATE identifications SET conclusion = 'meets', closed_on = '2018-01-22' WHERE id = %s"


@pytest.fixture
def sitting(marta):
    return marta.sitting(marta.case())


def seat_of(story, sitting, profession):
    rows = story.worker.read(f"{story.sitting_place(sitting)}/members")["data"]
    return f"{story.sitting_place(sitting)}/members/" + next(
        row["id"] for row in rows if row["profession"] == profession)


@pytest.mark.parametrize("profession", ["psychologist", "police_officer"])
def test_no_vote_comes_between_the_count_and_the_end_of_a_sitting(marta, sitting, cluster,
                                                                  profession):
    caller, place = marta.sitters[profession], seat_of(marta, sitting, profession)
    with held(cluster, lambda: caller.patch(place, {"vote": "meets"}, etag='"1"')) \
            as (owner, answers):
        owner.execute(CLOSE, [sitting["id"]])
    assert answers[0] == "transactionid", answers
    assert answers[1].status_code in (404, 409, 412), answers[1].text
    row = marta.worker.read(place)
    assert row["vote"] is None and row["open"] is False


@pytest.mark.parametrize("joins", [False, True])
def test_a_vote_waits_for_the_sitting_itself(marta, sitting, cluster, joins):
    """The members' rows that the end changes are not enough: a new member has none yet."""
    if joins:
        sitting = marta.sitting(marta.case(), professions=("psychologist", "lawyer"))
        members = f"{marta.sitting_place(sitting)}/members"
        body = {"user_id": marta.worker.account.id, "profession": "social_worker"}
        call = lambda: marta.worker.post(members, body)
    else:
        place = seat_of(marta, sitting, "psychologist")
        call = lambda: marta.psychologist.patch(place, {"vote": "meets"}, etag='"1"')
    with held(cluster, call) as (owner, answers):
        owner.execute("SELECT FROM identifications WHERE id = %s FOR NO KEY UPDATE",
                      [sitting["id"]])
    assert answers[0] == "transactionid" and answers[1].status_code in (200, 201)


def test_a_sitting_does_not_end_while_a_vote_is_being_given(marta, sitting, cluster):
    close = {"conclusion": "more_information", "closed_on": "2018-01-22"}
    place = marta.sitting_place(sitting)
    with held(cluster, lambda: marta.worker.patch(place, close, etag='"1"')) as (owner, answers):
        owner.execute("SELECT FROM identifications WHERE id = %s FOR SHARE", [sitting["id"]])
    assert answers[0] == "transactionid"


# Eight open uploads


UPLOAD = """INSERT INTO attachments (id, provider_id, client_id, case_id, key_id, kind, name,
    media_type, size, sha256, created_by)
SELECT gen_random_uuid(), provider_id, client_id, id, key_id, 'other', '\\x00', 'text/plain', 1,
    '\\x00', %s FROM cases WHERE id = %s"""


def test_of_two_parallel_eighth_uploads_one_is_open(marta, new_caller, cluster, database):
    sender = new_caller("case_worker", "marta", "social_worker")
    mine = FileSender(sender, marta.case())
    body = mine.body(text(), "text/plain")
    for _ in range(7):
        sender.create(mine.place, body)
    case = mine.place.split("/")[3]
    with held(cluster, lambda: sender.post(mine.place, body)) as (owner, answers):
        owner.execute(UPLOAD, [sender.account.id, case])
    refused(answers, "advisory", "too_many_uploads")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        gone = database.execute("DELETE FROM attachments WHERE created_by = %s AND state ="
                                " 'uploading'", [sender.account.id]).rowcount
    assert gone == 8


# The case: every ruled write waits for whoever holds it, and is judged by what is then true


def consult(story, case):
    return story.psychologist.post(f"/v1/cases/{case['id']}/consultations", {
        "specialist_kind": "psychologist", "entitlement": "course", "starts_at": at("2018-04-02"),
        "minutes": 60, "joint": True})


def suspend(story, case):
    return story.worker.post(f"/v1/cases/{case['id']}/transitions", {
        "to": "suspended", "happened_on": "2018-03-01", "reason": "Hospital."})


def amend(story, case):
    return story.agency.post(f"/v1/cases/{case['id']}/decisions", {
        "kind": "termination", "number": str(uuid.uuid4()), "decided_on": "2018-03-01",
        "reasons": "Left.", "course_end": "2018-03-01"})


def hand_over(story, case):
    other = story.worker.read("/v1/providers?limit=200")["data"]
    other = next(row["id"] for row in other if "Drošā māja" in row["name"])
    return story.worker.post(f"/v1/cases/{case['id']}/transfers", {
        "to_provider_id": other, "requested_on": "2018-03-01", "requested_by": "client",
        "reason": "Closer."})


SHORTEN = ("UPDATE cases SET course_end = '2018-03-31' WHERE id = %s",)
END = ("UPDATE cases SET status = 'closed', closed_on = '2018-03-01', close_reason = 'other'"
       " WHERE id = %s",)


@pytest.mark.parametrize("act, meanwhile, status, code", [
    (consult, SHORTEN, 422, "outside_course"), (suspend, END, 409, "illegal_transition"),
    (amend, END, 409, "illegal_transition"), (hand_over, END, 409, "not_transferable")])
def test_a_write_is_judged_by_the_facts_after_it_has_locked_the_case(marta, cluster, act, meanwhile,
                                                                status, code):
    case = marta.case_in("in_course")
    with held(cluster, lambda: act(marta, case)) as (owner, answers):
        owner.execute(meanwhile[0], [case["id"]])
    assert answers[0] == "transactionid", answers
    assert (answers[1].status_code, answers[1].json()["code"]) == (status, code), answers[1].text


def test_a_change_waits_for_the_case_too(marta, cluster):
    case = marta.case_in("in_course")
    made = marta.consultation(case, at("2018-03-05"), joint=True)
    place = f"/v1/cases/{case['id']}/consultations/{made['id']}"
    with held(cluster, lambda: marta.psychologist.patch(
            place, {"starts_at": at("2018-04-02")}, etag='"1"')) as (owner, answers):
        owner.execute(SHORTEN[0], [case["id"]])
    assert answers[0] == "transactionid"
    assert (answers[1].status_code, answers[1].json()["code"]) == (422, "outside_course")
