"""GET /v1/cases/{id}/file: what the caller's lists below a case and its client tell, at once."""

import re

import httpx
import pytest

from story import Story
from world import CONTRACT, NOWHERE, PROVIDER_ROLES, required_body

READERS = ("agency_officer",) + PROVIDER_ROLES
ELSE = ("ministry_officer", "statistician", "commission_member", "auditor", "system_admin",
        "integration")
LIMIT = 200


def lists():
    """(path, member of the file, operation) of each list below a case or a client."""
    for path, item in CONTRACT["paths"].items():
        below = re.match(r"/v1/(cases/{case_id}|clients/{client_id})/(.+)\Z", path)
        name = item.get("get", {}).get("operationId", "")
        if below and name.startswith("list_") and not path.endswith("/accesses"):
            segment = below[2]
            member = name.removeprefix("list_") if "/" in segment else segment
            yield path, member, item["get"]


def file_of(world, role, **more):
    return world.caller(role).get(world.url("/v1/cases/{case_id}/file"), **more)


def round_trips(admin_url):
    metrics = httpx.get(f"{admin_url}/metrics").text
    return int(re.search(r'atbalsts_database_total{event="round_trip"} (\d+)', metrics)[1])


def accesses(database, client_id):
    return database.execute(
        "SELECT id, resource, row_id::text, role FROM audit_events"
        " WHERE action = 'read' AND client_id = %s ORDER BY id", [client_id]).fetchall()


@pytest.mark.parametrize("role", READERS)
def test_each_role_finds_what_its_lists_tell(worlds, role):
    world = worlds["marta"]
    caller = world.caller(role)
    file = file_of(world, role, expect=200).json()
    expected = {"case", "client", "truncated"}
    for path, member, operation in lists():
        if role not in operation["x-roles"]:
            continue
        expected.add(member)
        rows, parent = file[member], re.findall(r"{(\w+)}", path)[-1]
        if parent not in ("case_id", "client_id"):
            rows = [row for row in rows if row[parent] == world.ids[parent]]
        assert rows == caller.read(world.url(path), params={"limit": LIMIT})["data"], member
    assert set(file) == expected
    assert file["case"] == caller.read(world.url("/v1/cases/{case_id}"))
    assert file["client"] == caller.read(world.url("/v1/clients/{client_id}"))
    assert file["truncated"] == []


def test_nothing_is_missing_from_a_case_with_everything(worlds):
    file = file_of(worlds["marta"], "case_worker", expect=200).json()
    assert {member for member, rows in file.items() if not rows} == {"truncated"}
    assert len(file) > 30


def test_the_agency_gets_no_narrative(worlds):
    file = file_of(worlds["marta"], "agency_officer", expect=200).json()
    assert {"applications", "application_documents", "transitions", "decisions"} <= set(file)
    assert not {"notes", "consultations", "family_members", "plans", "plan_tasks"} & set(file)


def test_a_file_holds_nothing_of_another_case(api, providers, worlds):
    story = Story(api, providers, "marta")
    case = story.case()
    file = story.worker.read(f"/v1/cases/{case['id']}/file")
    assert file["client"]["id"] == case["client_id"]
    assert len(file["team"]) == 2
    assert file["plans"] == file["plan_services"] == file["consultations"] == []
    assert file["family_members"] == file["consents"] == []


def test_the_file_is_one_access(worlds, database):
    world = worlds["marta"]
    before = accesses(database, world.ids["client_id"])
    file_of(world, "case_worker", expect=200)
    new = accesses(database, world.ids["client_id"])[len(before):]
    assert [row[1:] for row in new] == [("case_file", world.ids["case_id"], "case_worker")]


def test_the_file_is_one_round_trip(worlds, admin_url):
    file_of(worlds["marta"], "case_worker", expect=200)
    before = round_trips(admin_url)
    for _ in range(3):
        file_of(worlds["marta"], "case_worker", expect=200)
    assert round_trips(admin_url) - before == 3


@pytest.mark.parametrize("role", PROVIDER_ROLES)
def test_another_providers_case_is_not_there(worlds, database, role):
    world = worlds["marta"]
    before = accesses(database, world.ids["client_id"])
    answer = worlds["dm"].caller(role).get(world.url("/v1/cases/{case_id}/file"), expect=404)
    assert answer.json()["code"] == "not_found"
    assert accesses(database, world.ids["client_id"]) == before


def test_a_specialist_outside_the_team_gets_no_file(api, providers):
    story = Story(api, providers, "marta")
    case = story.worker.create("/v1/cases", {"client_id": story.client()["id"],
                                             "opened_on": "2018-01-08"})
    story.psychologist.get(f"/v1/cases/{case['id']}/file", expect=404)
    story.worker.get(f"/v1/cases/{case['id']}/file", expect=200)


@pytest.mark.parametrize("role", ELSE)
def test_who_reads_no_case_gets_no_file(worlds, role):
    assert file_of(worlds["marta"], role, expect=403).json()["code"] == "forbidden"


def test_unknown_cases_and_parameters_are_refused(api, worlds):
    worker = api("case_worker", "marta")
    worker.get(f"/v1/cases/{NOWHERE}/file", expect=404)
    path = worlds["marta"].url("/v1/cases/{case_id}/file")
    worker.get(path, params={"fields": "id"}, expect=400)
    worker.post(path, {}, expect=405)
    assert worker.head(path, expect=200).content == b""
    api().get(path, expect=401)


def test_the_file_names_the_kinds_that_it_leaves_out(api, providers):
    story = Story(api, providers, "marta")
    tasks = f"/v1/cases/{story.case()['id']}/tasks"
    body = required_body("/v1/cases/{case_id}/tasks")
    for count in (LIMIT, 1):
        for _ in range(count):
            story.worker.create(tasks, body)
        file = story.worker.read(tasks.removesuffix("tasks") + "file")
        listed = story.worker.read(tasks, params={"limit": LIMIT})
        assert file["tasks"] == listed["data"] and len(file["tasks"]) == LIMIT
        assert file["truncated"] == ([] if listed["next"] is None else ["tasks"])
    assert file["truncated"] == ["tasks"]


def test_the_current_role_decides_and_not_the_tokens_role(new_caller, worlds, cluster):
    path = worlds["marta"].url("/v1/cases/{case_id}/file")
    caller = new_caller("case_worker", "marta")
    assert caller.read(path)["notes"]
    for role, profession, status in (("specialist", "lawyer", 404),
                                     ("provider_manager", None, 200)):
        with cluster.connect() as owner, owner.transaction():
            owner.execute("SELECT set_config('app.actor', 'cli', true)")
            owner.execute("UPDATE users SET role = %s, profession = %s WHERE id = %s",
                          [role, profession, caller.account.id])
        caller.get(path, expect=status)
