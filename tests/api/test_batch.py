"""POST /v1/batch: what a frontend that was offline has to tell, all of it or nothing."""

import itertools
import json
import uuid

import pytest

from story import Story
# Fixtures of other tests: two providers' stories, a case after its course.
from test_criminal import (after_course, at_once, hour as criminal_hour, stories,  # noqa: F401
                           supported, used)
from test_engine import reads
from test_races import caller, together
from world import NOWHERE

LONGEST = 256 * 1024


@pytest.fixture
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture
def aftercare(story):
    return story.case_in("aftercare")


def post(path, body, **more):
    return {"method": "POST", "path": path, "body": body} | more


def patch(path, body, version=1, **more):
    return {"method": "PATCH", "path": path, "body": body, "if_match": f'"{version}"'} | more


def delete(path, version=1, **more):
    return {"method": "DELETE", "path": path, "if_match": f'"{version}"'} | more


def send(who, *operations, **more):
    return who.post("/v1/batch", {"operations": list(operations)}, **more)


def done(who, *operations, **more):
    return send(who, *operations, expect=200, **more).json()["results"]


def refused(who, index, code, *operations):
    """The problem of the whole; operation index was refused with this code, all others 424."""
    problem = send(who, *operations, expect="batch_failed").json()
    assert problem["status"] == 422
    results = problem["results"]
    assert len(results) == len(operations)
    for at, result in enumerate(results):
        assert result["body"]["status"] == result["status"]
        assert result["body"]["code"] == (code if at == index else "failed_dependency"), result
        assert at == index or result["status"] == 424
    assert problem["errors"]
    assert all(error["pointer"].startswith(f"/operations/{index}") for error in problem["errors"])
    return problem


def invalid(who, *operations):
    """What is wrong with the body's form: (pointer, code)."""
    problem = send(who, *operations, expect="validation_failed").json()
    assert "results" not in problem
    return {(error["pointer"], error["code"]) for error in problem["errors"]}


def note(case, **more):
    return post(f"/v1/cases/{case['id']}/notes", {"text": "Sleeps better."}, **more)


def hour(case, starts_at, **more):
    body = {"specialist_kind": "psychologist", "entitlement": "aftercare", "minutes": 60,
            "starts_at": starts_at, "joint": True}
    return post(f"/v1/cases/{case['id']}/consultations", body | more)


def state(database):
    """Everything that a write leaves: rows, counters, ledger, audit, outbox, keys."""
    tables = ("clients", "cases", "case_notes", "consultations", "limit_usages", "limit_entries",
              "events", "idempotency_keys", "data_keys")
    counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
    changes = database.execute("SELECT count(*) FROM audit_events WHERE action <> 'read'")
    used = database.execute("SELECT id, used FROM limit_usages ORDER BY id")
    return counts, changes.fetchall(), used.fetchall()


# All of it


def test_a_day_offline_comes_in_at_once(story, database):
    results = done(
        story.worker,
        post("/v1/clients", {"given_name": "Anda", "first_contact_on": "2018-01-08"}, ref="her"),
        post("/v1/clients/{her}/family_members", {"relation": "child", "given_name": "Emīls"},
             ref="child"),
        post("/v1/cases", {"client_id": "{her}", "opened_on": "2018-01-08"}, ref="case"),
        post("/v1/cases/{case}/team", {"user_id": story.psychologist.account.id}, ref="member"),
        post("/v1/cases/{case}/consultations", {
            "specialist_kind": "social_worker", "entitlement": "start_up", "minutes": 60,
            "starts_at": "2018-01-09T10:00:00+02:00", "outcome": "held", "funding": "other"},
            ref="visit"),
        post("/v1/cases/{case}/notes", {"text": "{visit}"}),
        patch("/v1/cases/{case}/consultations/{visit}", {"notes": "She slept."}),
        patch("/v1/clients/{her}/family_members/{child}", {"with_client": True}),
        delete("/v1/cases/{case}/team/{member}"),
    )
    assert [result["status"] for result in results] == [201] * 6 + [200] * 2 + [204]
    client, child, case, member, visit, text = [result["body"] for result in results[:6]]
    assert case["client_id"] == client["id"] == child["client_id"]
    assert visit["case_id"] == text["case_id"] == member["case_id"] == case["id"]
    # A ref stands for an id, and nowhere for a word.
    assert text["text"] == "{visit}"
    assert results[4]["location"] == f"/v1/cases/{case['id']}/consultations/{visit['id']}"
    assert (results[4]["etag"], results[6]["etag"]) == ('"1"', '"2"')
    assert results[6]["body"]["id"] == visit["id"]
    assert results[6]["body"]["notes"] == "She slept." and "body" not in results[8]
    # As if each had come alone: it is there, audited, in the outbox.
    for result in results[:3] + results[4:6]:
        assert story.worker.read(result["location"])["id"] == result["body"]["id"]
    assert story.worker.read(f"/v1/cases/{case['id']}/team")["data"] == []
    acts = database.execute(
        "SELECT action, resource FROM audit_events WHERE client_id = %s AND action <> 'read'"
        " ORDER BY id", [client["id"]]).fetchall()
    assert acts == [("create", "clients"), ("create", "family_members"), ("create", "cases"),
                    ("create", "case_team"), ("create", "consultations"), ("create", "case_notes"),
                    ("update", "consultations"), ("update", "family_members"),
                    ("delete", "case_team")]


def test_rules_see_what_the_operations_before_have_done(story, database):
    """Steps of a case, each allowed by the last; the timeline tells them in their order."""
    case = story.case()
    place = f"/v1/cases/{case['id']}"
    results = done(
        story.worker,
        post(f"{place}/applications", {"received_on": "2018-01-15", "channel": "in_person",
                                       "chosen_provider_id": story.provider_id}, ref="paper"),
        post(f"{place}/applications/{{paper}}/documents", {
            "kind": "victim_decision", "issuer": "Valsts policija", "issued_on": "2018-01-12"}),
        *[post(f"{place}/transitions", {"to": to, "happened_on": "2018-01-16"})
          for to in ("applied", "under_assessment", "awaiting_decision")])
    assert [result["status"] for result in results] == [201] * 5
    assert story.read_case(case)["status"] == "awaiting_decision"
    steps = story.worker.read(f"{place}/transitions", params={"sort": "id"})["data"]
    assert [step["to"] for step in steps] == ["applied", "under_assessment", "awaiting_decision"]
    grant = {"kind": "grant", "number": f"SIVA-{uuid.uuid4()}", "decided_on": "2018-01-29",
             "course_start": "2018-02-01"}
    done(story.agency, post(f"{place}/decisions", grant))
    # What is done at a transaction's end alone is done at each operation's end here.
    steps = story.worker.read(f"{place}/transitions", params={"sort": "id"})["data"]
    assert [step["to"] for step in steps][-1] in ("granted", "awaiting_decision")
    assert len(steps) == 4
    assert database.execute("SELECT status FROM clients WHERE id = %s",
                            [case["client_id"]]).fetchone() == ("active",)


def test_fifty_operations_are_done_and_fifty_one_refused(story):
    case = story.case()
    results = done(story.worker, *[note(case)] * 50)
    assert {result["status"] for result in results} == {201}
    assert len({result["body"]["id"] for result in results}) == 50
    assert invalid(story.worker, *[note(case)] * 51) == {("/operations", "too_many_items")}
    assert invalid(story.worker) == {("/operations", "too_few_items")}
    count = story.worker.read(f"/v1/cases/{case['id']}/notes", params={"count": "exact"})["count"]
    assert count == 50


def test_the_longest_possible_batch_is_accepted(story, aftercare):
    """As much text as a body holds, in fifty consultations; with their answers it comes back."""
    room = LONGEST // 50 - 400
    operations = [hour(aftercare, "2018-09-01T10:00:00+03:00", funding="other",
                       notes="ā" * (room // 2)) for _ in range(50)]
    body = json.dumps({"operations": operations}, ensure_ascii=False).encode()
    assert LONGEST * 0.9 < len(body) <= LONGEST
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    first, again = [story.psychologist.request("POST", "/v1/batch", content=body, headers=headers,
                                               expect=200) for _ in range(2)]
    assert len(first.json()["results"]) == 50 and again.json() == first.json()


def test_an_answer_that_is_too_large_is_refused_and_changes_nothing(story, aftercare):
    place = f"/v1/cases/{aftercare['id']}/consultations"
    rows = done(story.psychologist, *[hour(aftercare, "2018-09-02T10:00:00+03:00",
                                           funding="other") for _ in range(50)])
    ids = [row["body"]["id"] for row in rows]
    for row in ids:
        story.psychologist.patch(f"{place}/{row}", {"notes": "🙂" * 20000}, etag='"1"', expect=200)
    operations = [patch(f"{place}/{row}", {"topic": "Work"}, version=2) for row in ids]
    send(story.psychologist, *operations, expect="answer_too_large")
    assert story.psychologist.read(f"{place}/{ids[0]}")["version"] == 2
    assert len(done(story.psychologist, *operations[:5])) == 5


# Or nothing


def test_a_refusal_in_the_middle_changes_nothing(story, aftercare, database):
    before = state(database)
    problem = refused(
        story.worker, 2, "aftercare_too_long",
        post("/v1/clients", {"given_name": "Anda"}, ref="her"),
        hour(aftercare, "2018-09-01T10:00:00+03:00"),
        hour(aftercare, "2018-09-02T10:00:00+03:00", minutes=61),
        note(aftercare))
    assert problem["errors"][0]["pointer"] == "/operations/2/body/minutes"
    assert problem["results"][2]["body"]["errors"][0]["pointer"] == "/minutes"
    assert problem["results"][2]["status"] == 422
    assert state(database) == before
    assert story.entitlement(aftercare, "aftercare")["used"] == 0


def test_the_last_unit_is_not_given_twice_in_one_batch(story, aftercare, database):
    for month in range(1, 5):
        story.consultation(aftercare, f"2019-0{month}-01T10:00:00+02:00", entitlement="aftercare",
                           joint=True)
    before = state(database)
    problem = refused(story.psychologist, 1, "aftercare_exhausted",
                      hour(aftercare, "2019-05-01T10:00:00+03:00"),
                      hour(aftercare, "2019-05-02T10:00:00+03:00"))
    assert problem["results"][1]["status"] == 409
    assert state(database) == before
    assert story.entitlement(aftercare, "aftercare")["remaining"] == 1
    done(story.psychologist, hour(aftercare, "2019-05-01T10:00:00+03:00"))
    assert story.entitlement(aftercare, "aftercare")["remaining"] == 0


def test_the_next_operation_may_take_a_unit_that_was_given_back(story, aftercare):
    place = f"/v1/cases/{aftercare['id']}/consultations"
    made = [story.consultation(aftercare, f"2019-0{month}-01T10:00:00+02:00",
                               entitlement="aftercare", joint=True) for month in range(1, 6)]
    results = done(story.psychologist, patch(f"{place}/{made[0]['id']}", {"outcome": "cancelled"}),
                   hour(aftercare, "2019-06-01T10:00:00+03:00"))
    assert [result["status"] for result in results] == [200, 201]
    assert story.entitlement(aftercare, "aftercare")["used"] == 5


def test_a_stale_version_in_one_operation_undoes_the_batch(story):
    case = story.case()
    place = f"/v1/cases/{case['id']}"
    problem = refused(story.worker, 1, "stale_version", note(case),
                      patch(place, {"risk_level": "high"}, version=7), note(case))
    assert (problem["results"][1]["status"], problem["results"][1]["etag"]) == (412, '"1"')
    assert problem["errors"] == [{"pointer": "/operations/1", "code": "stale_version",
                                  "detail": problem["errors"][0]["detail"]}]
    assert story.worker.read(f"{place}/notes")["data"] == []
    missing = patch(place, {"risk_level": "high"})
    del missing["if_match"]
    problem = refused(story.worker, 0, "precondition_required", missing)
    assert problem["errors"][0]["pointer"] == "/operations/0/if_match"
    # Each operation has the version that the one before has left.
    results = done(story.worker, patch(place, {"risk_level": "high"}),
                   patch(place, {"risk_level": "low"}, version=2))
    assert [result["etag"] for result in results] == ['"2"', '"3"']


def test_a_batch_refuses_what_a_single_request_refuses(story):
    case = story.case()
    decision = post(f"/v1/cases/{case['id']}/decisions", {
        "kind": "grant", "number": "X", "decided_on": "2018-01-29", "course_start": "2018-02-01"})
    problem = refused(story.worker, 1, "forbidden", note(case), decision)
    assert problem["results"][1]["status"] == 403
    assert story.worker.read(f"/v1/cases/{case['id']}/notes")["data"] == []


def test_another_providers_row_is_not_there(story, worlds):
    theirs = worlds["dm"]
    case = story.case()
    for operation in (post(theirs.url("/v1/cases/{case_id}/notes"), {"text": "x"}),
                      patch(theirs.url("/v1/clients/{client_id}"), {"dependants": 1}),
                      patch(f"/v1/cases/{NOWHERE}", {"risk_level": "low"}),
                      post(f"/v1/cases/{case['id']}/nothing", {}),
                      post("v1/clients", {}), post("/v1/clients?x=1", {})):
        problem = refused(story.worker, 1, "not_found", note(case), operation)
        assert problem["results"][1]["status"] == 404
        assert [error["pointer"] for error in problem["errors"]] == ["/operations/1"]


def test_a_specialist_reaches_no_case_outside_the_team(story):
    mine = story.case()
    other = story.worker.create("/v1/cases", {"client_id": story.client()["id"]})
    refused(story.psychologist, 1, "not_found", note(mine), note(other))
    assert story.psychologist.read(f"/v1/cases/{mine['id']}/notes")["data"] == []


def test_only_resources_are_changed_in_a_batch(story):
    for path in ("/v1/batch", "/v1/sessions", f"/v1/incoming_transfers/{NOWHERE}/answer"):
        refused(story.worker, 0, "not_in_batch", post(path, {}))
    case = story.case()
    file = f"/v1/cases/{case['id']}/attachments/{NOWHERE}"
    for rest in ("parts/1", "completion", "content"):
        refused(story.worker, 0, "method_not_allowed", post(f"{file}/{rest}", {}))
    refused(story.worker, 0, "method_not_allowed", post(f"/v1/cases/{case['id']}", {}))
    refused(story.worker, 0, "method_not_allowed", post(f"/v1/cases/{case['id']}/file", {}))
    get = {"method": "GET", "path": "/v1/clients"}
    assert invalid(story.worker, get) == {("/operations/0/method", "not_in_list")}


# Its form


def test_all_errors_in_the_form_of_a_batch_are_answered_at_once(story):
    case = story.case()
    assert invalid(
        story.worker,
        note(case, ref="a b"),
        note(case, ref="same"),
        note(case, ref="same", if_match='"1"'),
        {"method": "POST", "path": "/v1/clients"},
        {"method": "DELETE", "path": "/v1/clients", "body": {}, "ref": "gone"},
        {"method": "PATCH", "path": "/v1/clients", "body": [], "more": 1},
        {"path": 1, "body": {}},
        "nothing",
        post("/v1/cases/{later}/notes", {}),
        post("/v1/clients", {}, ref="later"),
    ) == {
        ("/operations/0/ref", "bad_ref"),
        ("/operations/2/ref", "duplicate_item"),
        ("/operations/2/if_match", "unknown_member"),
        ("/operations/3/body", "required"),
        ("/operations/4/body", "unknown_member"),
        ("/operations/4/ref", "unknown_member"),
        ("/operations/5/body", "wrong_type"),
        ("/operations/5/body", "required"),
        ("/operations/5/more", "unknown_member"),
        ("/operations/6/method", "required"),
        ("/operations/6/path", "wrong_type"),
        ("/operations/7", "wrong_type"),
        ("/operations/8/path", "unknown_ref"),
    }
    for body, errors in (({}, {("/operations", "required")}),
                         ({"operations": {}, "x": 1}, {("/operations", "wrong_type"),
                                                       ("/x", "unknown_member")})):
        problem = story.worker.post("/v1/batch", body, expect="validation_failed").json()
        assert {(error["pointer"], error["code"]) for error in problem["errors"]} == errors
    story.worker.request("POST", "/v1/batch", content="[", expect="malformed",
                         headers={"Content-Type": "application/json"})
    story.worker.post("/v1/batch", [], expect="not_an_object")
    story.worker.post("/v1/batch?x=1", {}, expect="bad_parameter")
    story.worker.get("/v1/batch", expect=405)


def test_the_problems_are_told_in_latvian_too(story):
    answer = send(story.worker, post("/v1/nothing", {}), post("/v1/clients", {}),
                  headers={"Accept-Language": "lv"}, expect="batch_failed").json()
    assert answer["title"] == "Kāda no kopas darbībām ir noraidīta"
    assert answer["results"][1]["body"]["title"] == "Noraidīta cita kopas darbība"


def test_a_batch_needs_a_token_and_a_key(api, story):
    send(api(), note(story.case()), expect=401)
    send(story.worker, note(story.case()), headers={"Idempotency-Key": None}, expect=400)


# Once


def test_the_same_key_is_one_batch_and_its_answer_is_a_read(story, database):
    client = story.client()
    case = story.case(client["id"])
    key = {"Idempotency-Key": str(uuid.uuid4())}
    operations = [
        note(case, ref="note"),
        patch(f"/v1/cases/{case['id']}/notes/{{note}}", {"text": "Sleeps well."}),
        patch(f"/v1/clients/{client['id']}", {"dependants": 2}),
        post("/v1/clients", {"given_name": "Anda"}, ref="her"),
        post("/v1/cases", {"client_id": "{her}"}),
        note(case, ref="gone"),
    ]
    first = send(story.worker, *operations, headers=key, expect=200)
    assert "Idempotent-Replayed" not in first.headers
    before, saw = state(database), reads(database, client["id"])
    again = send(story.worker, *operations, headers=key, expect=200)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    assert state(database) == before
    rows = [result["body"]["id"] for result in first.json()["results"]]
    new = reads(database, client["id"])[len(saw):]
    me, marta = story.worker.account.id, story.provider_id
    assert sorted(new) == sorted([
        ("case_notes", rows[0], me, marta), ("case_notes", rows[1], me, marta),
        ("clients", client["id"], me, marta), ("case_notes", rows[5], me, marta)])
    assert reads(database, rows[3])[-2:] == [("clients", rows[3], me, marta),
                                             ("cases", rows[4], me, marta)]
    send(story.worker, *operations[:-1], headers=key, expect="idempotency_key_reused")


def test_a_refused_batch_leaves_its_key_free(story):
    case, key = story.case(), {"Idempotency-Key": str(uuid.uuid4())}
    wrong = patch(f"/v1/cases/{case['id']}", {"risk_level": "high"}, version=2)
    send(story.worker, note(case), wrong, headers=key, expect="batch_failed")
    story.worker.change(f"/v1/cases/{case['id']}", {"risk_level": "low"})
    send(story.worker, note(case), wrong, headers=key, expect=200)
    assert len(story.worker.read(f"/v1/cases/{case['id']}/notes")["data"]) == 1


def test_a_stored_batch_is_not_shown_to_a_user_who_left_the_team(story):
    case, key = story.case(), {"Idempotency-Key": str(uuid.uuid4())}
    operations = [note(case, ref="n"),
                  patch(f"/v1/cases/{case['id']}/notes/{{n}}", {"text": "Well."})]
    for _ in range(2):
        send(story.psychologist, *operations, headers=key, expect=200)
    team = f"/v1/cases/{case['id']}/team"
    for row in story.worker.read(team)["data"]:
        if row["user_id"] == story.psychologist.account.id:
            story.worker.remove(f"{team}/{row['id']}")
    send(story.psychologist, *operations, headers=key, expect=404)


def test_one_key_makes_one_batch_even_in_parallel(api, base_url, story):
    case, call = story.case(), caller(api, base_url)
    body = {"operations": [note(case), note(case)]}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = together(*[lambda: call("POST", "/v1/batch", json=body, headers=key)] * 6)
    told = {a.json().get("code") for a in answers if a.status_code != 200}
    assert told <= {"idempotency_key_in_use"} and any(a.status_code == 200 for a in answers)
    assert len(story.worker.read(f"/v1/cases/{case['id']}/notes")["data"]) == 2


# Crosswise


def test_batches_that_lock_the_same_cases_wait_and_never_deadlock(story, base_url):
    """Three cases in each order there is: of the five hours left of each all are given, to five."""
    cases = [story.case_in("aftercare") for _ in range(3)]
    orders = list(itertools.permutations(cases)) + [cases, cases[::-1]]
    answers = at_once(base_url, [
        (story.worker, "/v1/batch", {"operations": [
            hour(case, f"2019-03-{day + 1:02}T10:00:00+02:00") for case in order]})
        for day, order in enumerate(orders)])
    codes = [a.status_code for a in answers]
    assert sorted(codes) == [200] * 5 + [422] * 3, [a.text for a in answers]
    for answer in answers:
        if answer.status_code == 422:
            told = {result["body"]["code"] for result in answer.json()["results"]}
            assert told == {"aftercare_exhausted", "failed_dependency"}
    assert [story.entitlement(case, "aftercare")["used"] for case in cases] == [5] * 3


def test_batches_that_change_the_same_rows_in_opposite_orders(api, base_url, story):
    call = caller(api, base_url)
    clients = [f"/v1/clients/{story.client()['id']}" for _ in range(2)]
    for turn in range(4):
        changes = [patch(place, {"dependants": turn + 1}, version=turn + 1) for place in clients]
        answers = together(*[
            lambda body=body: call("POST", "/v1/batch", json={"operations": body},
                                   headers={"Idempotency-Key": str(uuid.uuid4())})
            for body in (changes, changes[::-1])])
        assert sorted(a.status_code for a in answers) == [200, 422], [a.text for a in answers]
    assert story.worker.read(clients[0])["version"] == 5


def test_batches_that_take_the_same_counters_crosswise_never_deadlock(
        stories, after_course, database, base_url):
    """What no order of cases prevents PostgreSQL undoes, and the service begins it anew."""
    codes = [f"01018{n}-{uuid.uuid4().int % 10000 + 20000}" for n in range(2)]
    cases = {name: [after_course(story, personal_code=code) for code in codes]
             for name, story in stories.items()}
    for name, story in stories.items():
        for case in cases[name]:
            supported(story, case)
    for turn in range(4):
        calls = []
        for name, order in (("marta", 1), ("dm", -1)):
            operations = [post(f"/v1/cases/{case['id']}/consultations",
                               criminal_hour(f"2018-03-2{turn}T06:00:00Z", minutes=20))
                          for case in cases[name][::order] for _ in range(5)]
            calls.append((stories[name].worker, "/v1/batch", {"operations": operations}))
        answers = at_once(base_url, calls)
        assert [a.status_code for a in answers] == [200, 200], [a.text for a in answers]
    for case in cases["marta"]:
        assert used(database, case) == {"2018": 4 * 2 * 5 * 20}
