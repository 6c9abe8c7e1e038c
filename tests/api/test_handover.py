"""R20, what an accepted transfer does: days and usage run on, notes travel only with a consent, and
the giver keeps its own period."""

import contextlib
import json
import uuid

import pytest

from admission import pointers
from handover import IDENTITY, consult, incoming, place
from story import at, day

COURSE = ("received_on", "granted_on", "course_start", "course_end", "ruleset_id", "risk_level")
NARRATIVES = ("health_needs", "threats")


# What travels


def test_the_course_goes_on_at_the_new_provider(marta, dm):
    case = marta.case_in("in_course", personal_code="150694-11101", phone="+37120000111")
    member = marta.family_member(case["client_id"])
    marta.worker.create(f"/v1/clients/{case['client_id']}/trafficking_profiles", {
        "exploitation_forms": ["forced_labour"], "narrative": "Ten weeks in a fish plant."})
    answer = dm.answer(marta.transfer(case, dm))
    assert (answer["state"], answer["answered_on"]) == ("accepted", "2018-03-05")
    new = dm.read_case({"id": answer["case_id"]})
    assert (new["status"], new["opened_on"]) == ("in_course", "2018-03-05")
    assert [new[name] for name in COURSE] == [case[name] for name in COURSE]
    assert new["case_worker_id"] == dm.worker.account.id
    old = marta.worker.read(f"/v1/clients/{case['client_id']}")
    client = dm.worker.read(f"/v1/clients/{new['client_id']}")
    assert client["id"] != old["id"] and client["status"] == "active"
    assert [client[name] for name in IDENTITY] == [old[name] for name in IDENTITY]
    place = f"/v1/clients/{client['id']}"
    found = dm.worker.read("/v1/clients?personal_code=150694-11101")["data"]
    assert [row["id"] for row in found] == [client["id"]]
    (child,) = dm.worker.read(f"{place}/family_members")["data"]
    child = dm.worker.read(f"{place}/family_members/{child['id']}")
    assert (child["given_name"], child["birth_date"]) == ("Emīls", "2012-04-02")
    assert child["id"] != member["id"]
    (profile,) = dm.worker.read(f"{place}/trafficking_profiles")["data"]
    profile = dm.worker.read(f"{place}/trafficking_profiles/{profile['id']}")
    assert profile["exploitation_forms"] == ["forced_labour"] and profile["narrative"] is None
    for member in (dm.psychologist, dm.lawyer):
        dm.worker.create(f"/v1/cases/{new['id']}/team", {"user_id": member.account.id})
    consult(dm, new, at("2018-03-06"), outcome="held")
    consult(dm, new, at(day("2018-02-01", 179)), outcome="held")
    consult(dm, new, at(day("2018-02-01", 180)), expect=422)


def test_the_person_stays_the_same_also_without_a_code(marta, dm):
    case = marta.case_in("in_course")
    new = dm.received(marta.transfer(case, dm))
    register = marta.agency.read("/v1/persons?limit=200&sort=-first_seen_at")["data"]
    (person,) = [row for row in register if case["client_id"] in row["client_ids"]]
    assert set(person["client_ids"]) == {case["client_id"], new["client_id"]}
    assert person["running_case_id"] == new["id"]


@pytest.mark.parametrize("phase", ["granted", "aftercare"])
def test_a_granted_or_finished_course_is_handed_over_unchanged(marta, dm, phase):
    case = marta.case_in(phase)
    when = {"granted": "2018-01-30", "aftercare": "2018-08-10"}[phase]
    new = dm.received(marta.transfer(case, dm, requested_on=when), answered_on=when)
    assert new["status"] == phase
    assert [new[name] for name in COURSE] == [case[name] for name in COURSE]
    old = marta.read_case(case)
    assert (old["status"], old["close_reason"], old["closed_on"]) == ("closed", "transferred", when)
    assert old["course_end"] == case["course_end"]


def test_a_suspended_course_stays_suspended(marta, dm):
    case = marta.case_in("in_course")
    marta.step(case, "suspended", happened_on="2018-02-20", suspended_until="2018-03-20",
               reason="Hospital.")
    new = dm.received(marta.transfer(case, dm))
    assert (new["status"], new["suspended_from"], new["suspended_until"]) \
        == ("suspended", "2018-02-20", "2018-03-20")
    assert marta.read_case(case)["suspended_until"] == "2018-03-05"
    dm.step(new, "in_course", happened_on="2018-03-21")


def test_the_agency_amends_the_course_where_it_goes_on(marta, dm):
    new = dm.received(marta.transfer(marta.case_in("in_course"), dm))
    dm.agency.create(f"/v1/cases/{new['id']}/decisions", {
        "kind": "amendment", "number": f"T-{uuid.uuid4()}", "decided_on": "2018-03-08",
        "course_end": "2018-08-13", "suspended_days": 14})
    assert dm.read_case(new)["course_end"] == "2018-08-13"
    course = dm.entitlement(new, "course")
    assert course["ends_on"] == "2018-08-13"


def test_three_of_five_used_leave_two(marta, dm):
    case = marta.case_in("aftercare")
    for date in ("2018-08-01", "2018-08-02", "2018-08-03"):
        consult(marta, case, at(date), entitlement="aftercare", outcome="held")
    transfer = marta.transfer(case, dm, requested_on="2018-08-05")
    seen = dm.worker.read(incoming(transfer))
    assert (seen["aftercare_used"], seen["days_left"]) == (3, 0)
    new = dm.received(transfer, answered_on="2018-08-06")
    seen = dm.worker.read(incoming(transfer))
    assert (seen["aftercare_used"], seen["days_left"]) == (None, None), "while it waits alone"
    left = dm.entitlement(new, "aftercare")
    assert (left["used"], left["remaining"]) == (3, 2)
    for date in ("2018-08-07", "2018-08-08"):
        consult(dm, new, at(date), entitlement="aftercare", outcome="held")
    refused = consult(dm, new, at("2018-08-09"), entitlement="aftercare", expect=409)
    assert refused["code"] == "aftercare_exhausted"
    assert marta.entitlement(case, "aftercare")["used"] == 3, "the giver sees its own"


def test_the_familys_consultations_count_on(marta, dm):
    case = marta.case_in("in_course", birth_date="2003-06-15")
    member = marta.family_member(case["client_id"], in_latvia=True)
    family = {"entitlement": "family", "outcome": "held"}
    for hour in range(8, 11):
        consult(marta, case, at("2018-02-14", f"{hour:02}:00"),
                           family_member_id=member["id"], **family)
    new = dm.received(marta.transfer(case, dm))
    (member,) = dm.worker.read(f"/v1/clients/{new['client_id']}/family_members")["data"]
    for hour in range(8, 10):
        consult(dm, new, at("2018-03-14", f"{hour:02}:00"), family_member_id=member["id"],
                        **family)
    refused = consult(dm, new, at("2018-03-14", "13:00"), family_member_id=member["id"],
                              expect=409, **family)
    assert refused["code"] == "family_limit_reached"


def test_a_representative_goes_along_with_a_key_of_their_own(marta, dm, database):
    case = marta.case_in("in_course", birth_date="2003-06-15")
    guardian = {"kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
                "starts_on": "2018-01-10"}
    row = marta.worker.create(f"/v1/clients/{case['client_id']}/representatives", guardian)
    transfer = marta.transfer(case, dm, requested_by="representative",
                              representative_id=row["id"])
    place = f"/v1/clients/{dm.received(transfer)['client_id']}/representatives"
    (found,) = dm.worker.read(place)["data"]
    found = dm.worker.read(f"{place}/{found['id']}")
    assert {name: found[name] for name in guardian} == guardian
    keys = [database.execute("SELECT key_id FROM representatives WHERE id = %s", [one["id"]])
            .fetchone()[0] for one in (row, found)]
    assert keys[0] != keys[1]


def test_support_in_proceedings_runs_on(marta, dm):
    case = marta.case_in("aftercare")
    proceedings = marta.worker.create(f"/v1/cases/{case['id']}/criminal_proceedings", {
        "authority": "Valsts policija", "number": "11816000118", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_on": "2018-02-12",
        "opened_on": "2018-02-12", "remarks": "Fears the hearing."})
    marta.worker.create(f"/v1/cases/{case['id']}/support_periods", {
        "proceeding_id": proceedings["id"], "starts_on": "2018-08-01",
        "basis": "injured_party_decision"})
    support = {"entitlement": "criminal_support", "outcome": "held", "minutes": 90}
    consult(marta, case, at("2018-08-02"), **support)
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    place = f"/v1/cases/{new['id']}/criminal_proceedings"
    (found,) = dm.worker.read(place)["data"]
    found = dm.worker.read(f"{place}/{found['id']}")
    assert (found["number"], found["remarks"]) == ("11816000118", None)
    consult(dm, new, at("2018-08-07"), **support)
    refused = consult(dm, new, at("2018-08-08"), entitlement="aftercare", expect=409)
    assert refused["code"] == "criminal_support_active"


def test_a_years_minutes_are_a_persons_and_counted_once(marta, dm, database):
    case = marta.case_in("aftercare")
    proceedings = marta.worker.create(f"/v1/cases/{case['id']}/criminal_proceedings", {
        "authority": "Valsts policija", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_on": "2018-02-12",
        "opened_on": "2018-02-12"})
    marta.worker.create(f"/v1/cases/{case['id']}/support_periods", {
        "proceeding_id": proceedings["id"], "starts_on": "2018-08-01",
        "basis": "injured_party_decision"})
    support = {"entitlement": "criminal_support", "outcome": "held"}
    consult(marta, case, at("2018-08-02"), minutes=100, **support)
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    consult(dm, new, at("2018-08-07"), minutes=50, **support)
    used = database.execute(
        "SELECT u.used FROM limit_usages u JOIN limits l ON l.id = u.limit_id"
        " JOIN cases c ON c.person_id = u.holder_id WHERE c.id = %s AND l.unit = 'minutes'",
        [new["id"]]).fetchall()
    assert used == [(150,)]


def test_a_danger_is_known_at_once_but_not_its_note(marta, dm):
    case = marta.case_in("in_course")
    place = "/v1/cases/{}/flags"
    flag = {"kind": "safety", "severity": "danger", "raised_on": "2018-02-10"}
    marta.worker.create(place.format(case["id"]), flag | {"note": "The recruiter calls."})
    marta.worker.create(place.format(case["id"]), flag | {"lifted_on": "2018-02-12"})
    new = dm.received(marta.transfer(case, dm))
    (found,) = dm.worker.read(place.format(new["id"]))["data"]
    found = dm.worker.read(f"{place.format(new['id'])}/{found['id']}")
    assert {name: found[name] for name in flag} == flag and found["note"] is None


# Notes


def noted_case(story, **more):
    case = story.case_in("in_course", health_needs="Insulin.", threats="He knows the school.")
    story.worker.change(f"/v1/cases/{case['id']}", {"summary": "Wants to go home."})
    notes = f"/v1/cases/{case['id']}/notes"
    story.worker.create(notes, {"text": "Calm today.", "written_on": "2018-02-03"})
    story.psychologist.create(notes, {"text": "Nightmares.", "written_on": "2018-02-04"})
    consult(story, case, at("2018-02-05"), outcome="held", notes="Sleeps better.")
    for number in range(12):
        story.worker.create(notes, {"text": f"Page {number}", "written_on": "2018-02-10"})
    return case


def notes_of(story, case):
    place = f"/v1/cases/{case['id']}/notes"
    rows = story.worker.read(f"{place}?limit=200&fields=profession,written_on,text")["data"]
    return {(row["profession"], row["written_on"], row["text"]) for row in rows}


@pytest.mark.parametrize("by", ["worker", "manager"])
def test_notes_travel_with_the_consent(marta, dm, by):
    case = noted_case(marta)
    consent = marta.notes_consent(case["client_id"], dm)
    transfer = marta.transfer(case, dm, notes_consent_id=consent["id"])
    assert dm.worker.read(incoming(transfer))["with_notes"] is True
    new = dm.received(transfer, by=getattr(dm, by))
    assert dm.worker.read(incoming(transfer))["with_notes"] is True
    assert marta.worker.read(place(transfer))["notes_travelled"] is True
    assert notes_of(dm, new) == {
        ("social_worker", "2018-02-03", "Calm today."),
        ("psychologist", "2018-02-04", "Nightmares."),
        ("psychologist", "2018-02-05", "Sleeps better."),
        *(("social_worker", "2018-02-10", f"Page {number}") for number in range(12))}
    mine = f"/v1/cases/{new['id']}/notes?fields=text"
    texts = {row["text"] for row in dm.psychologist.read(mine)["data"]}
    assert texts == {"Nightmares.", "Sleeps better."}, "by profession, as before"
    assert dm.read_case(new)["summary"] == "Wants to go home."
    client = dm.worker.read(f"/v1/clients/{new['client_id']}")
    assert [client[name] for name in NARRATIVES] == ["Insulin.", "He knows the school."]
    dm.manager.post(f"/v1/cases/{new['id']}/notes", {"text": "Mine."}, expect=403)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_without_a_consent_in_force_notes_stay(marta, dm, withdrawn):
    case, more = noted_case(marta), {}
    if withdrawn:
        consent = marta.notes_consent(case["client_id"], dm)
        more["notes_consent_id"] = consent["id"]
    transfer = marta.transfer(case, dm, **more)
    if withdrawn:
        marta.worker.change(f"/v1/clients/{case['client_id']}/consents/{consent['id']}",
                            {"withdrawn_on": "2018-03-03"})
    assert dm.worker.read(incoming(transfer))["with_notes"] is False
    new = dm.received(transfer)
    assert notes_of(dm, new) == set() and dm.read_case(new)["summary"] is None
    client = dm.worker.read(f"/v1/clients/{new['client_id']}")
    assert [client[name] for name in NARRATIVES] == [None, None]
    assert marta.worker.read(place(transfer))["notes_travelled"] is False
    assert len(notes_of(marta, case)) == 14, "the giver keeps them"


# The giver afterwards


def test_the_giver_keeps_its_own_period_and_nothing_else(marta, dm):
    case = marta.case_in("in_course")
    held = consult(marta, case, at("2018-02-06"), outcome="held", notes="Before.")
    transfer = marta.transfer(case, dm)
    new = dm.received(transfer)
    old = marta.read_case(case)
    assert (old["status"], old["close_reason"], old["closed_on"], old["course_end"]) \
        == ("closed", "transferred", "2018-03-05", "2018-03-05")
    steps = marta.worker.read(f"/v1/cases/{case['id']}/transitions")["data"]
    assert (steps[0]["to"], steps[0]["happened_on"]) == ("closed", "2018-03-05")
    assert len([step for step in steps if step["to"] == "closed"]) == 1
    assert marta.worker.read(f"/v1/clients/{case['client_id']}")["status"] == "former"
    assert marta.psychologist.read(f"/v1/cases/{case['id']}/consultations/{held['id']}")
    for path in (f"/v1/cases/{new['id']}", f"/v1/clients/{new['client_id']}"):
        marta.worker.get(path, expect=404)
    dm.worker.get(f"/v1/cases/{case['id']}", expect=404)
    text = json.dumps(marta.worker.read(place(transfer)))
    for secret in (new["id"], new["client_id"], dm.worker.account.id):
        assert secret not in text
    dm.step(new, "suspended", happened_on="2018-03-10", reason="Hospital.")
    assert marta.worker.read(place(transfer))["state"] == "accepted"


def test_the_giver_cannot_continue_the_case(marta, dm):
    case = marta.case_in("in_course")
    marta.assessment(case)
    dm.received(marta.transfer(case, dm))
    for funding in ("state", "provider_own"):
        refused = consult(marta, case, at("2018-03-02"), funding=funding, expect=409)
        assert refused["code"] == "case_transferred"
    refused = marta.step(case, "aftercare", happened_on="2018-03-10", expect=409)
    assert refused["code"] == "case_transferred"
    assert marta.journey(case, expect=409)["code"] == "case_transferred"
    assert marta.plan(case, ends_on="2018-03-01", expect=409)["code"] == "case_transferred"
    assert marta.transfer(case, dm, requested_on="2018-03-06", expect=409)["code"] \
        == "not_transferable"


def test_the_giver_may_correct_and_the_receivers_count_follows(marta, dm):
    case = marta.case_in("aftercare")
    held = [consult(marta, case, at(f"2018-08-0{number}"), entitlement="aftercare",
                               outcome="held") for number in (1, 2)]
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    fix = {"entitlement": "aftercare", "outcome": "held"}
    consult(marta, case, at("2018-08-01", "12:00"), corrects_id=held[0]["id"], **fix)
    assert dm.entitlement(new, "aftercare")["used"] == 2
    consult(marta, case, at("2018-08-02", "12:00"), corrects_id=held[1]["id"],
                       **fix | {"funding": "provider_own"})
    assert dm.entitlement(new, "aftercare")["used"] == 1


def test_the_giver_moves_nothing_past_the_transfer(marta, dm):
    """Neither what stood before it, nor by a correction: the receiver's units would pay for it."""
    case = marta.case_in("aftercare")
    fix = {"entitlement": "aftercare", "outcome": "held"}
    planned = consult(marta, case, at("2018-08-04"), entitlement="aftercare")
    held = consult(marta, case, at("2018-08-03"), **fix)
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    path = f"/v1/cases/{case['id']}/consultations/{planned['id']}"
    for change in ({"starts_at": at("2018-08-20"), "outcome": "held"},
                   {"starts_at": at("2018-08-20")}):
        refused = marta.psychologist.change(path, change, expect=409)
        assert refused["code"] == "case_transferred"
    refused = consult(marta, case, at("2018-08-21"), corrects_id=held["id"], expect=409, **fix)
    assert refused["code"] == "case_transferred"
    marta.psychologist.change(path, {"starts_at": at("2018-08-06"), "outcome": "held"})
    assert dm.entitlement(new, "aftercare")["used"] == 2


def test_the_giver_does_not_change_what_has_no_corrections(marta, dm):
    case = marta.case_in("in_course")
    sitting = marta.sitting(case, held_on="2018-02-22")
    assessment, journey = marta.assessment(case), marta.journey(case)
    dm.received(marta.transfer(case, dm))
    for path, change in (
            (marta.sitting_place(sitting), {"held_on": "2018-03-06"}),
            (f"/v1/cases/{case['id']}/assessments/{assessment['id']}",
             {"assessed_on": "2018-03-06"}),
            (marta.place(journey), {"state": "under_way", "departed_at": at("2018-03-06")})):
        assert marta.worker.change(path, change, expect=409)["code"] == "case_transferred"
    marta.vote(sitting)
    marta.close_sitting(sitting, closed_on="2018-03-22")


def test_what_the_giver_held_after_a_day_told_late_may_be_corrected(marta, dm):
    case = marta.case_in("aftercare")
    fix = {"entitlement": "aftercare", "outcome": "held"}
    held = consult(marta, case, at("2018-08-08"), **fix)
    dm.received(marta.transfer(case, dm, requested_on="2018-08-05"), answered_on="2018-08-06")
    consult(marta, case, at("2018-08-08", "12:00"), corrects_id=held["id"], **fix)


def test_a_stay_at_the_giver_ends_with_its_last_day(marta, dm):
    """Else its nights would count, and be paid, for as long as nobody tells that it ended."""
    case = marta.case_in("in_course")
    stays = f"/v1/cases/{case['id']}/accommodations"
    body = {"place": "in_latvia", "place_code": "P-1", "country": "LV"}
    made = [marta.worker.create(stays, body | more) for more in (
        {"starts_on": "2018-02-02", "ends_on": "2018-02-20", "state": "ended"},
        {"starts_on": "2018-02-20", "state": "occupied"},
        {"starts_on": "2018-04-01", "ends_on": "2018-04-10"})]
    dm.received(marta.transfer(case, dm))
    found = [marta.worker.read(f"{stays}/{stay['id']}") for stay in made]
    assert [(stay["state"], stay["ends_on"], stay["nights"]) for stay in found] == [
        ("ended", "2018-02-20", 18), ("occupied", "2018-03-06", 14), ("cancelled", "2018-04-10", 9)]
    path = f"{stays}/{made[1]['id']}"
    for change in ({"ends_on": None}, {"ends_on": "2018-03-20", "funding": "provider_own"}):
        refused = marta.worker.change(path, change, expect=409)
        assert refused["code"] == "case_transferred"
    marta.worker.change(path, {"ends_on": "2018-03-05", "state": "ended"})


def test_what_was_planned_later_is_cancelled_and_given_back(marta, dm):
    case = marta.case_in("aftercare")
    plan = {"entitlement": "aftercare"}
    before = consult(marta, case, at("2018-08-06"), **plan)
    after = consult(marta, case, at("2018-08-07"), **plan)
    new = dm.received(marta.transfer(case, dm, requested_on="2018-08-05"),
                      answered_on="2018-08-06")
    outcome = {row["id"]: row["outcome"]
               for row in marta.worker.read(f"/v1/cases/{case['id']}/consultations")["data"]}
    assert outcome == {before["id"]: "planned", after["id"]: "cancelled"}
    assert dm.entitlement(new, "aftercare")["used"] == 1
    # The giver tells what became of what stood before.
    path = f"/v1/cases/{case['id']}/consultations/{before['id']}"
    marta.psychologist.change(path, {"outcome": "cancelled", "outcome_reason": "Ill."})
    assert dm.entitlement(new, "aftercare")["used"] == 0


def test_a_client_who_comes_back_is_the_former_client(marta, dm):
    case = marta.case_in("in_course", birth_date="2003-06-15", personal_code="150603-23301")
    member = marta.family_member(case["client_id"], in_latvia=True)
    family = {"entitlement": "family", "outcome": "held"}
    consult(marta, case, at("2018-02-14"), family_member_id=member["id"], **family)
    away = dm.received(marta.transfer(case, dm))
    (moved,) = dm.worker.read(f"/v1/clients/{away['client_id']}/family_members")["data"]
    consult(dm, away, at("2018-03-14"), family_member_id=moved["id"], **family)
    back = marta.received(dm.transfer(away, marta, requested_on="2018-04-02"),
                          answered_on="2018-04-03")
    assert back["client_id"] == case["client_id"] and back["id"] != case["id"]
    assert (back["status"], back["course_end"]) == ("in_course", case["course_end"])
    assert marta.worker.read(f"/v1/clients/{case['client_id']}")["status"] == "active"
    assert marta.entitlement(back, "family")["used"] == 2


def test_another_client_with_the_same_code_is_first_linked_by_the_agency(marta, dm):
    """Two persons for one code would split what is counted for one."""
    code = {"personal_code": "160694-14401"}
    case = marta.case_in("in_course", **code)
    own = dm.client()
    dm.worker.change(f"/v1/clients/{own['id']}", code)
    transfer = marta.transfer(case, dm)
    refused = dm.answer(transfer, expect=409)
    assert refused["code"] == "conflict" and pointers(refused) == {"/personal_code"}
    assert marta.read_case(case)["version"] == case["version"], "nothing has changed"
    (match,) = [row for row in marta.agency.pages("/v1/person_matches", state="open")
                if row["client_id"] == own["id"]]
    marta.agency.change(f"/v1/person_matches/{match['id']}", {"state": "linked"})
    new = dm.received(transfer)
    assert new["client_id"] == own["id"] and new["status"] == "in_course"


# Keys


@contextlib.contextmanager
def keys_destroyed(database, client_id):
    """As erasure does, and back again for the other tests."""
    keys = database.execute("SELECT wrapped, id FROM data_keys WHERE client_id = %s",
                            [client_id]).fetchall()
    database.execute("UPDATE data_keys SET wrapped = '', destroyed_at = now()"
                     " WHERE client_id = %s", [client_id])
    try:
        yield
    finally:
        for key in keys:
            database.execute("UPDATE data_keys SET wrapped = %s, destroyed_at = NULL"
                             " WHERE id = %s", key)


def test_the_receivers_rows_do_not_depend_on_the_givers_keys(marta, dm, database):
    canary = f"Kanārija {uuid.uuid4()}"
    case = marta.case_in("in_course", family_name=canary)
    marta.family_member(case["client_id"], given_name=canary)
    new = dm.received(marta.transfer(case, dm))
    for table, column in (("clients", "id"), ("family_members", "client_id")):
        sealed = [database.execute(
            f"SELECT t.given_name, t.key_id, k.provider_id::text FROM {table} t"
            f" JOIN data_keys k ON k.id = t.key_id WHERE t.{column} = %s",
            [one["client_id"]]).fetchone() for one in (case, new)]
        assert sealed[0][0] != sealed[1][0] and sealed[0][1] != sealed[1][1]
        assert [row[2] for row in sealed] == [marta.provider_id, dm.provider_id]
    with keys_destroyed(database, case["client_id"]):
        assert dm.worker.read(f"/v1/clients/{new['client_id']}")["family_name"] == canary
        rows = f"/v1/clients/{new['client_id']}/family_members?fields=given_name"
        assert [row["given_name"] for row in dm.worker.read(rows)["data"]] == [canary]
    assert marta.worker.read(f"/v1/clients/{case['client_id']}")["family_name"] == canary


def test_an_erased_client_is_not_matched_as_the_former_client(marta, dm, database):
    case = marta.case_in("in_course")
    away = dm.received(marta.transfer(case, dm))
    transfer = dm.transfer(away, marta, requested_on="2018-04-02")
    with keys_destroyed(database, case["client_id"]):
        back = marta.received(transfer, answered_on="2018-04-03")
    assert back["client_id"] not in (case["client_id"], away["client_id"])
    names = [story.worker.read(f"/v1/clients/{row['client_id']}")["given_name"]
             for story, row in ((marta, case), (dm, away), (marta, back))]
    assert len(set(names)) == 1
