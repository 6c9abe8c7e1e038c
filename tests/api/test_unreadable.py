"""A sealed cell that is damaged costs its own value: the answer names it, and no write takes it for
null."""

import contextlib
import json
import uuid

import pytest
from psycopg import sql

from files import FileSender, pdf
from test_handover import keys_destroyed
from test_metrics import Change

CELLS = "atbalsts_unreadable_cells_total"
FIELDS = "fields=given_name,family_name"


@contextlib.contextmanager
def damaged(database, table, row_id, *columns):
    """One bit of each of these cells is another, as a bad disk does; and back again."""
    names = [sql.Identifier(name) for name in columns]
    was = database.execute(sql.SQL("SELECT {} FROM {} WHERE id = %s").format(
        sql.SQL(", ").join(names), sql.Identifier(table)), [row_id]).fetchone()
    store = sql.SQL("UPDATE {} SET {} WHERE id = %s").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.SQL("{} = %s").format(n) for n in names))

    def put(values):
        with database.transaction():
            database.execute("SELECT set_config('app.actor', 'cli', true)")
            database.execute(store, [*values, row_id])

    put([cell[:-1] + bytes([cell[-1] ^ 1]) for cell in was])
    try:
        yield
    finally:
        put(was)


@pytest.fixture(scope="module")
def family(marta):
    """A case with a client, a child and a consultation."""
    case = marta.case_in("in_course", given_name="Ilze", birth_date="1985-03-12",
                         threats="He knows the address", health_needs="Sleeps badly")
    member = marta.family_member(case["client_id"], given_name="Emīls")
    return case, member


def client_path(case):
    return f"/v1/clients/{case['client_id']}"


def write(caller, method, path, body, etag=None):
    """As it is answered, a 500 too."""
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": str(uuid.uuid4())}
    if etag is not None:
        headers = {"Authorization": headers["Authorization"], "If-Match": etag,
                   "Content-Type": "application/merge-patch+json"}
    return caller.http.request(method, path, headers=headers, json=body)


def test_the_item_answers_null_for_the_cell_and_names_it(marta, family, database):
    case, _ = family
    whole = marta.worker.read(client_path(case))
    assert "unreadable" not in whole
    with damaged(database, "clients", case["client_id"], "given_name"):
        seen = marta.worker.read(client_path(case))
    assert seen == whole | {"given_name": None, "unreadable": ["given_name"]}
    assert marta.worker.read(client_path(case)) == whole


def test_the_list_serves_the_rest_of_the_page(marta, family, database):
    case, _ = family
    whole = list(marta.worker.pages(f"/v1/clients?{FIELDS}&limit=200"))
    with damaged(database, "clients", case["client_id"], "given_name", "family_name"):
        seen = list(marta.worker.pages(f"/v1/clients?{FIELDS}&limit=200"))
        unnamed = list(marta.worker.pages("/v1/clients?limit=200"))
    (row,) = [row for row in seen if row["id"] == case["client_id"]]
    assert row["given_name"] is None and row["family_name"] is None
    assert sorted(row["unreadable"]) == ["family_name", "given_name"]
    others = [row for row in whole if row["id"] != case["client_id"]]
    assert [row for row in seen if row["id"] != case["client_id"]] == others
    assert all("unreadable" not in row for row in unnamed), "what is not shown is not named"


def test_an_item_with_something_expanded_names_it_too(marta, family, database):
    case, _ = family
    with damaged(database, "clients", case["client_id"], "given_name"):
        seen = marta.worker.read(f"{client_path(case)}?expand=provider_id")
        assert seen["unreadable"] == ["given_name"]
        assert marta.provider_id in seen["expanded"]["providers"]
        # An expanded row shows no sealed member, and so no damage.
        found = marta.worker.read(f"/v1/cases/{case['id']}?expand=client_id")
    assert "unreadable" not in found["expanded"]["clients"][case["client_id"]]


def test_the_case_file_is_served(marta, family, database):
    case, member = family
    whole = marta.worker.read(f"/v1/cases/{case['id']}/file")
    with damaged(database, "clients", case["client_id"], "threats"):
        seen = marta.worker.read(f"/v1/cases/{case['id']}/file")
    assert seen["client"] == whole["client"] | {"threats": None, "unreadable": ["threats"]}
    assert {name: part for name, part in seen.items() if name != "client"} == \
        {name: part for name, part in whole.items() if name != "client"}


def test_a_damaged_cell_that_the_caller_does_not_see_is_not_named(marta, family, database):
    case, _ = family
    with damaged(database, "clients", case["client_id"], "threats"):
        assert marta.worker.read(client_path(case))["unreadable"] == ["threats"]
        assert "unreadable" not in marta.agency.read(client_path(case))


def test_notes_of_another_profession_are_null_without_being_unreadable(marta, family, database):
    case, _ = family
    made = marta.consultation(case, "2018-02-06T09:00:00Z", notes="Speaks of home.")
    path = f"/v1/cases/{case['id']}/consultations/{made['id']}"
    with damaged(database, "consultations", made["id"], "notes"):
        assert marta.psychologist.read(path)["unreadable"] == ["notes"]
        seen = marta.lawyer.read(path)
        assert seen["notes"] is None and "unreadable" not in seen


def test_a_file_whose_name_is_damaged_is_still_handed_out(marta, family, database, server):
    case, _ = family
    content, files = pdf(2000), FileSender(marta.worker, case)
    attachment = files.upload(content, "application/pdf")
    path = files.url(attachment)
    change = Change(server.admin_url)
    with damaged(database, "attachments", attachment["id"], "name"):
        assert marta.worker.read(path)["unreadable"] == ["name"]
        answer = marta.worker.get(f"{path}/content", expect=200)
        assert answer.content == content
        assert answer.headers["Content-Disposition"] == "attachment"
    assert change.of(CELLS) == 2


def test_a_damaged_cell_is_counted_and_logged_without_the_client(marta, family, database, server):
    case, _ = family
    change, logged = Change(server.admin_url), len(server.log())
    with damaged(database, "clients", case["client_id"], "given_name", "threats"):
        marta.worker.read(client_path(case))
        marta.worker.read(f"/v1/cases/{case['id']}/file")
    assert change.of(CELLS) == 4
    lines = [json.loads(line) for line in server.log()[logged:].splitlines()]
    told = [line for line in lines if line["event"] == "cells_unreadable"]
    assert [(line["table"], line["members"], line["level"]) for line in told] == \
        [("clients", "given_name,threats", "error")] * 2
    assert case["client_id"] not in json.dumps(told)
    (key,) = database.execute("SELECT key_id::text FROM clients WHERE id = %s",
                              [case["client_id"]]).fetchone()
    assert {line["key"] for line in told} == {key}, "by which an operator finds the row"


# The key of a whole row


@contextlib.contextmanager
def key_damaged(database, client_id):
    key, wrapped = database.execute(
        "SELECT k.id, k.wrapped FROM data_keys k JOIN clients c ON c.key_id = k.id"
        " WHERE c.id = %s", [client_id]).fetchone()
    store = "UPDATE data_keys SET wrapped = %s WHERE id = %s"
    database.execute(store, [wrapped[:-1] + bytes([wrapped[-1] ^ 1]), key])
    try:
        yield
    finally:
        database.execute(store, [wrapped, key])


def test_a_damaged_data_key_makes_all_that_it_sealed_unreadable(marta, family, database):
    case, _ = family
    whole = marta.worker.read(client_path(case))
    with key_damaged(database, case["client_id"]):
        seen = marta.worker.read(client_path(case))
        assert marta.worker.read(f"/v1/clients?{FIELDS}")["data"]
        refused = write(marta.worker, "PATCH", client_path(case), {"dependants": 1},
                        f'"{whole["version"]}"')
        assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")
    lost = seen.pop("unreadable")
    assert {"given_name", "birth_date", "threats", "health_needs"} <= set(lost)
    assert all(whole[name] is not None for name in lost)
    assert seen == whole | dict.fromkeys(lost)


def test_an_erased_persons_cells_are_null_and_not_unreadable(marta, database):
    case = marta.case_in("in_course", threats="He knows the address")
    change_path, whole = client_path(case), marta.worker.read(client_path(case))
    with keys_destroyed(database, case["client_id"]):
        seen = marta.worker.read(change_path)
        assert marta.worker.read(f"/v1/clients?{FIELDS}")["data"]
    assert seen["given_name"] is None and seen["threats"] is None
    assert seen["number"] == whole["number"] and "unreadable" not in seen


# Writes


def row_of(database, table, row_id):
    return database.execute(sql.SQL("SELECT t FROM {} t WHERE id = %s").format(
        sql.Identifier(table)), [row_id]).fetchone()


@pytest.mark.parametrize("body", [{"dependants": 3}, {"family_name": "Liepa"},
                                  {"given_name": "Inese"}, {"given_name": None}])
def test_a_damaged_row_is_not_changed(marta, family, database, body):
    """Neither its search indexes, made of all names, nor what may yet come out of a backup."""
    case, _ = family
    etag = marta.worker.get(client_path(case)).headers["ETag"]
    with damaged(database, "clients", case["client_id"], "given_name"):
        before = row_of(database, "clients", case["client_id"])
        answer = write(marta.worker, "PATCH", client_path(case), body, etag)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert row_of(database, "clients", case["client_id"]) == before


def test_a_damaged_row_is_not_deleted(marta, family, database):
    case, _ = family
    marta.assessment(case)
    plan = marta.plan(case)
    task = marta.plan_part(plan, "tasks", {"title": "Finds a doctor", "due_on": "2018-03-01"})
    path = f"{marta.plan_place(plan)}/tasks/{task['id']}"
    with damaged(database, "plan_tasks", task["id"], "title"):
        answer = write(marta.worker, "DELETE", path, None, '"1"')
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert marta.worker.read(path)["title"] == "Finds a doctor"
    marta.worker.remove(path)


def test_a_rule_does_not_take_a_damaged_birth_date_for_an_unknown_one(marta, family, database):
    case, _ = family
    body = {"specialist_kind": "psychologist", "entitlement": "course",
            "starts_at": "2018-02-07T09:00:00Z", "minutes": 60, "funding": "state"}
    count = "SELECT count(*) FROM consultations WHERE case_id = %s"
    before = database.execute(count, [case["id"]]).fetchone()
    with damaged(database, "clients", case["client_id"], "birth_date"):
        answer = write(marta.psychologist, "POST", f"/v1/cases/{case['id']}/consultations", body)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert database.execute(count, [case["id"]]).fetchone() == before


@pytest.mark.parametrize("table, column",
                         [("clients", "family_name"), ("family_members", "birth_date")])
def test_a_handover_never_hands_over_a_damaged_cell_as_null(marta, dm, database, table, column):
    """Of members that may be null, so that nothing else would stop it."""
    case = marta.case_in("in_course", family_name="Liepa")
    member = marta.family_member(case["client_id"], given_name="Emīls")
    transfer = marta.transfer(case, dm)
    row = {"clients": case["client_id"], "family_members": member["id"]}[table]
    answer = {"answer": "accepted", "answered_on": "2018-03-05"}
    path = f"/v1/incoming_transfers/{transfer['id']}"
    with damaged(database, table, row, column):
        refused = write(dm.worker, "POST", path + "/answer", answer)
        assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")
        assert dm.worker.read(path)["state"] == "requested"
    assert dm.answer(transfer)["state"] == "accepted"
