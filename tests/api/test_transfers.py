"""R20, both sides' part in a change of provider: who asks, who answers, and who sees what of it."""

import datetime
import json
import uuid
import zoneinfo

import pytest

from admission import pointers
from handover import IDENTITY, consult, incoming, place
from harness import together
from story import COURSE_DAYS, at, day


def revoke(story, transfer, expect=200, **more):
    body = {"state": "revoked", "revoked_on": "2018-03-02", "revoked_by": "client"} | more
    return story.worker.change(place(transfer), body, expect=expect)


# What the client asks for


def test_a_transfer_goes_to_a_contracted_provider_that_is_not_the_own(marta, dm, api):
    case = marta.case_in("in_course")
    refused = marta.transfer(case, marta, expect=422)
    assert refused["code"] == "constraint" and pointers(refused) == {"/to_provider_id"}
    nowhere = {"to_provider_id": str(uuid.uuid4())}
    assert marta.transfer(case, dm, expect=422, **nowhere)["code"] == "unknown_reference"
    admin = api("system_admin")
    other = admin.create("/v1/providers", {"name": "Cits sniedzējs", "register_number": "R20-1",
                                         "active": True})
    refused = marta.transfer(case, dm, expect=422, to_provider_id=other["id"])
    assert refused["code"] == "provider_not_contracted"
    assert pointers(refused) == {"/to_provider_id"}


@pytest.mark.parametrize("phase", ["inquiry", "awaiting_decision", "closed"])
def test_only_a_granted_case_that_is_not_over_is_handed_over(marta, dm, phase):
    refused = marta.transfer(marta.case_in(phase), dm, expect=409, requested_on="2018-08-05")
    assert refused["code"] == "not_transferable" and phase in refused["detail"]


def test_a_request_is_the_clients_or_the_representatives(marta, dm):
    case = marta.case_in("in_course")
    refused = marta.transfer(case, dm, expect=422, requested_by="representative")
    assert pointers(refused) == {"/representative_id"}
    assert marta.transfer(case, dm, expect=422, requested_by="provider")["errors"][0]["code"] \
        == "not_in_list"
    refused = marta.transfer(case, dm, expect=422, requested_on="2999-01-01")
    assert refused["errors"][0]["code"] in ("in_the_future", "bad_date")
    for more in ({"state": "accepted"}, {"state": "revoked", "revoked_by": "client"},
                 {"revoked_by": "client"}, {"revoked_on": "2018-03-02"}):
        assert marta.transfer(case, dm, expect=422, **more)["code"] == "validation_failed"
    assert marta.worker.read(f"/v1/cases/{case['id']}/transfers")["data"] == []


def test_one_request_of_a_case_waits_at_a_time(marta, dm):
    case = marta.case_in("in_course")
    first = marta.transfer(case, dm)
    assert marta.transfer(case, dm, expect=409)["code"] == "conflict"
    revoke(marta, first)
    assert marta.transfer(case, dm)["state"] == "requested"


def test_a_consent_for_the_notes_names_notes_and_receiver_and_is_in_force(marta, dm):
    case = marta.case_in("in_course")
    client = case["client_id"]
    wrong = [
        marta.notes_consent(client, dm, scope="health_care"),
        marta.notes_consent(client, marta),
        marta.notes_consent(client, dm, given_on="2018-03-02"),
        marta.notes_consent(client, dm, valid_until="2018-02-28"),
    ]
    withdrawn = marta.notes_consent(client, dm)
    marta.worker.change(f"/v1/clients/{client}/consents/{withdrawn['id']}",
                        {"withdrawn_on": "2018-02-25"})
    for consent in [*wrong, withdrawn]:
        refused = marta.transfer(case, dm, expect=409, notes_consent_id=consent["id"])
        assert refused["code"] == "consent_missing"
        assert pointers(refused) == {"/notes_consent_id"}
    for consent in (marta.notes_consent(marta.client()["id"], dm), {"id": str(uuid.uuid4())}):
        marta.transfer(case, dm, expect="unknown_reference", notes_consent_id=consent["id"])
    good = marta.notes_consent(client, dm)
    assert marta.transfer(case, dm, notes_consent_id=good["id"])["notes_consent_id"] == good["id"]


def test_the_provider_itself_neither_answers_nor_withdraws(marta, dm):
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    for state in ("accepted", "rejected"):
        refused = marta.worker.change(place(transfer), {"state": state}, expect=409)
        assert refused["code"] == "illegal_transition"
    refused = revoke(marta, transfer, expect=422, revoked_by=None)
    assert pointers(refused) == {"/revoked_by"}
    assert revoke(marta, transfer, expect=422, revoked_by="provider")["code"] \
        == "validation_failed"
    assert pointers(revoke(marta, transfer, expect=422, revoked_on="2018-02-28")) \
        == {"/revoked_on"}
    marta.answer(transfer, expect=404)
    for member in ("to_provider_id", "requested_by", "reason"):
        marta.worker.change(place(transfer), {member: None}, expect=422)
    assert revoke(marta, transfer)["state"] == "revoked"


def test_a_revoked_request_is_final(marta, dm):
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    revoke(marta, transfer)
    for answer in ({}, {"answer": "rejected", "reason": "No room."}):
        assert dm.answer(transfer, expect=409, **answer)["code"] == "already_final"
    assert dm.worker.read(incoming(transfer))["state"] == "revoked"
    for change in ({"state": "requested"}, {"revoked_by": "representative"}):
        refused = marta.worker.change(place(transfer), change, expect=409)
        assert refused["code"] == "already_final"


# What the receiver sees, and who else


def test_the_receiver_sees_no_identity_before_it_accepts(marta, dm):
    client = marta.client(personal_code="150694-22201", phone="+37120000222")
    case = marta.case(client["id"])
    for phase in ("applied", "under_assessment", "awaiting_decision", "granted", "in_course"):
        getattr(marta, f"to_{phase}")(case, "2018-02-01")
    case = marta.worker.change(f"/v1/cases/{case['id']}", {"risk_level": "high"})
    transfer = marta.transfer(case, dm)
    for told in (dm.worker.read(incoming(transfer)),
                 next(row for row in dm.manager.read("/v1/incoming_transfers?limit=200")["data"]
                      if row["id"] == transfer["id"])):
        assert (told["state"], told["case_status"]) == ("requested", "in_course")
        assert (told["course_start"], told["course_end"]) == ("2018-02-01", "2018-07-30")
        assert (told["risk_level"], told["with_notes"]) == ("high", False)
        assert told["from_provider_id"] == marta.provider_id
        assert told["client_id"] is told["case_id"] is told["from_case_id"] is None
        text = json.dumps(told, ensure_ascii=False)
        for secret in (*(client[name] for name in IDENTITY), client["number"], client["id"],
                       case["id"], case["number"], transfer["reason"]):
            assert secret not in text
    for path in (f"/v1/clients/{client['id']}", f"/v1/cases/{case['id']}", place(transfer),
                 f"/v1/cases/{case['id']}/transfers", f"/v1/cases/{case['id']}/file"):
        dm.worker.get(path, expect=404)
    dm.psychologist.get(incoming(transfer), expect=403)
    dm.answer(transfer, by=dm.psychologist, expect=403)


def test_nobody_else_learns_of_a_request(marta, dm, cluster):
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    marta.worker.get(incoming(transfer), expect=404)
    third = {"actor": "user", "user_id": str(uuid.uuid4()), "role": "case_worker",
             "provider_id": str(uuid.uuid4())}
    receiver = third | {"provider_id": dm.provider_id}
    closed = [f"SELECT * FROM handover_{name}('{transfer['id']}')"
              for name in ("clients", "data_keys", "cases", "family_members")]
    closed.append(f"SELECT * FROM handover_notes('{transfer['id']}', '{uuid.UUID(int=0)}', 9)")
    views = [f"SELECT * FROM transfers WHERE id = '{transfer['id']}'",
             "SELECT * FROM incoming_transfers",
             f"SELECT * FROM transfer_key('{transfer['id']}')"]

    def seen(identity, statement):
        with cluster.connect("atbalsts_api") as connection, connection.transaction():
            for name, value in identity.items():
                connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
            return connection.execute(statement).rowcount

    assert [seen(third, statement) for statement in views + closed] == [0] * 8
    # The receiver's own lock too opens nothing but in the transaction that accepts.
    assert [seen(receiver, statement) for statement in closed] == [0] * 5
    assert seen(receiver | {"role": "specialist"}, views[2]) == 0
    assert seen(receiver, views[0]) == 0
    dm.answer(transfer)
    assert [seen(receiver, statement) for statement in [views[2], *closed]] == [0] * 6


def test_a_rejection_has_a_reason_that_goes_to_giver_and_agency(marta, dm):
    case = marta.case_in("in_course")
    transfer = marta.transfer(case, dm)
    refused = dm.answer(transfer, "rejected", expect=422)
    assert pointers(refused) == {"/reason"}
    told = dm.answer(transfer, "rejected", by=dm.manager, reason="No shelter before April.")
    assert (told["state"], told["case_id"], told["case_status"]) == ("rejected", None, None)
    for reader in (marta.worker, marta.manager, marta.agency):
        row = reader.read(place(transfer))
        assert row["rejection_reason"] == "No shelter before April."
        assert (row["state"], row["answered_on"]) == ("rejected", "2018-03-05")
    assert "reason" not in marta.agency.read(place(transfer))
    found = [row for row in marta.agency.pages("/v1/incoming_transfers", state="rejected")
             if row["id"] == transfer["id"]]
    assert found[0]["from_case_id"] == case["id"]
    assert marta.read_case(case)["status"] == "in_course"
    consult(marta, case, at("2018-03-20"))
    assert dm.answer(transfer, expect=409)["code"] == "already_final"
    assert marta.transfer(case, dm, requested_on="2018-04-02")["state"] == "requested"


def test_an_answer_with_superfluous_members_is_refused(marta, dm, account):
    case = marta.case_in("in_course")
    transfer = marta.transfer(case, dm)
    worker = account("case_worker", "dm", number=2).id
    for body, pointer in (
            ({"reason": "Why not."}, "/reason"),
            ({"answer": "rejected", "reason": "No.", "case_worker_id": worker}, "/case_worker_id"),
            ({"answered_on": "2199-01-01"}, "/answered_on"),
            ({"answered_on": "2018-02-28"}, "/answered_on"),
            ({"case_worker_id": account("case_worker", "marta").id}, "/case_worker_id")):
        assert pointers(dm.answer(transfer, expect=422, **body)) == {pointer}, body
    assert marta.read_case(case)["version"] == case["version"], "nothing has changed"
    new = dm.received(transfer, by=dm.manager, case_worker_id=worker)
    assert new["case_worker_id"] == worker


def test_an_answer_is_validated_as_every_body(marta, dm):
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    path = f"{incoming(transfer)}/answer"
    dm.worker.post(path, {"answer": "accepted"}, headers={"Idempotency-Key": None},
                   expect="idempotency_key_required")
    for body, pointer in (({}, "/answer"), ({"answer": "revoked"}, "/answer"),
                          ({"answer": "accepted", "client_id": None}, "/client_id")):
        assert pointers(dm.worker.post(path, body, expect=422).json()) == {pointer}
    dm.worker.post("/v1/incoming_transfers/nothing/answer", {"answer": "accepted"}, expect=404)
    dm.answer({"id": str(uuid.uuid4())}, expect=404)
    assert dm.worker.read(incoming(transfer))["state"] == "requested"


# Accesses, repetition, races


def test_the_giver_sees_that_the_receiver_has_read_its_client(marta, dm):
    case = marta.case_in("in_course")
    transfer = marta.transfer(case, dm)
    accesses = f"/v1/clients/{case['client_id']}/accesses?limit=200"

    def foreign():
        rows = marta.manager.read(accesses)["data"]
        return [row for row in rows if row["organisation_id"] == dm.provider_id]

    assert foreign() == []
    dm.worker.read(incoming(transfer))
    assert len(foreign()) == 1
    dm.worker.read("/v1/incoming_transfers?limit=200")
    assert len(foreign()) == 2
    dm.answer(transfer)
    assert len(foreign()) == 3
    assert {(row["role"], row["user_id"]) for row in foreign()} == {("case_worker", None)}


def test_an_access_by_another_provider_shows_organisation_and_role_only(marta, dm, api):
    case = marta.case_in("in_course")
    marta.agency.read(f"/v1/clients/{case['client_id']}")
    accesses = f"/v1/clients/{case['client_id']}/accesses?limit=200"
    marta.worker.read(f"/v1/clients/{case['client_id']}")

    def users(caller):
        return {(row["role"], row["user_id"]) for row in caller.read(accesses)["data"]}

    own, agency = ("case_worker", marta.worker.account.id), marta.agency.account.id
    assert {own, ("agency_officer", None)} <= users(marta.manager)
    assert {own, ("agency_officer", agency)} <= users(api("auditor"))


def test_a_repeated_answer_makes_one_case(marta, dm):
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"answer": "accepted", "answered_on": "2018-03-05"}
    first, again = (dm.worker.post(f"{incoming(transfer)}/answer", body, headers=key, expect=200)
                    for _ in range(2))
    assert first.json() == again.json()
    assert dm.answer(transfer, expect=409)["code"] == "already_final"
    cases = dm.worker.read(f"/v1/cases?client_id={first.json()['client_id']}")["data"]
    assert [case["id"] for case in cases] == [first.json()["case_id"]]


@pytest.mark.parametrize("round", range(3))
def test_of_two_acceptances_one_wins(marta, dm, database, round):
    """And the receiver has everything once: client, case, family and usage."""
    case = marta.case_in("aftercare")
    marta.family_member(case["client_id"])
    for date in ("2018-08-01", "2018-08-02"):
        consult(marta, case, at(date), entitlement="aftercare", outcome="held")
    transfer = marta.transfer(case, dm, requested_on="2018-08-05")
    body = {"answer": "accepted", "answered_on": "2018-08-06"}
    told = together(*(lambda by=by: by.post(f"{incoming(transfer)}/answer", body)
                      for by in (dm.worker, dm.manager, dm.worker)))
    assert sorted(answer.status_code for answer in told) == [200, 409, 409]
    (won,) = [answer.json() for answer in told if answer.status_code == 200]
    person = "SELECT person_id FROM cases WHERE id = %s"
    for table in ("clients", "cases"):
        received = database.execute(
            f"SELECT id::text FROM {table} WHERE provider_id = %s AND person_id = ({person})",
            [dm.provider_id, case["id"]]).fetchall()
        assert received == [(won["client_id" if table == "clients" else "case_id"],)]
    family = dm.worker.read(f"/v1/clients/{won['client_id']}/family_members")["data"]
    assert len(family) == 1
    assert dm.entitlement({"id": won["case_id"]}, "aftercare")["used"] == 2
    steps = marta.worker.read(f"/v1/cases/{case['id']}/transitions")["data"]
    assert [step["to"] for step in steps].count("closed") == 1


@pytest.mark.parametrize("round", range(3))
def test_of_a_parallel_acceptance_and_revocation_one_wins(marta, dm, round):
    case = marta.case_in("in_course")
    transfer = marta.transfer(case, dm)
    etag = marta.worker.get(place(transfer), expect=200).headers["ETag"]
    body = {"answer": "accepted", "answered_on": "2018-03-05"}
    accepted, revoked = (answer.status_code for answer in together(
        lambda: dm.worker.post(f"{incoming(transfer)}/answer", body),
        lambda: marta.worker.patch(place(transfer), {"state": "revoked", "revoked_by": "client",
                                                     "revoked_on": "2018-03-02"}, etag=etag)))
    assert (accepted, revoked) in ((200, 412), (409, 200))
    state = marta.worker.read(place(transfer))["state"]
    status = marta.read_case(case)["status"]
    assert (state, status) == (("accepted", "closed") if accepted == 200
                               else ("revoked", "in_course"))


@pytest.mark.parametrize("since, left", [
    (-2, COURSE_DAYS), (0, COURSE_DAYS), (1, COURSE_DAYS - 1), (COURSE_DAYS - 1, 1),
    (COURSE_DAYS, 0), (COURSE_DAYS + 30, 0)])
def test_r1_days_left_count_both_ends_and_no_day_before_the_course(marta, dm, since, left):
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Riga")).date()
    case = marta.case_in("granted", start=today - datetime.timedelta(days=since))
    transfer = marta.transfer(case, dm, requested_on=day(today))
    assert dm.worker.read(incoming(transfer))["days_left"] == left
