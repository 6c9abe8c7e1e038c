"""Who does not reach a case or a client reaches nothing below it: asked of every operation that the
document has below one, as the colleague of the same provider who is on another team. And what lies
below one parent is not found below another that the caller reaches."""

import copy
import re

import pytest

from story import COURSE_START
from world import CONTRACT, METHODS, NOWHERE, operation, paths_with

CASES, CLIENTS = "/v1/cases/{case_id}", "/v1/clients/{client_id}"


def team_roles(root):
    """Who sees only those of their team, as the document tells it."""
    return [role for role, scope in operation(root, "get")["x-roles"].items() if scope == "team"]


def operations_below(root):
    """(path, method) of all that a specialist may do at the root or below it."""
    return [
        (path, method)
        for path, item in CONTRACT["paths"].items()
        if path == root or path.startswith(root + "/")
        for method in METHODS
        if "specialist" in item.get(method, {}).get("x-roles", ())
    ]


@pytest.fixture(scope="module")
def world(worlds):
    return worlds["marta"]


@pytest.fixture(scope="module")
def outsider(lasting_caller):
    """On no team."""
    return lasting_caller("specialist", "marta", "psychologist")


@pytest.fixture(scope="module")
def neighbour(lasting_caller, world):
    """On the team of another case of the same client."""
    caller = lasting_caller("specialist", "marta", "psychologist")
    case = world.story.case(world.ids["client_id"], opened_on=COURSE_START.isoformat())
    world.story.worker.create(f"/v1/cases/{case['id']}/team", {"user_id": caller.account.id})
    return caller


def refuse(world, caller, path, method):
    """With all that the request needs; 404 by GET and HEAD alike."""
    url = world.url(path.replace("{number}", "1"))
    if method == "get":
        caller.get(url, expect="not_found")
        caller.head(url, expect=404)
    elif method == "post":
        caller.post(url, world.body(path), expect="not_found")
    elif method == "patch":
        caller.patch(url, {}, etag='"1"', expect="not_found")
    elif method == "delete":
        caller.delete(url, etag='"1"', expect="not_found")
    else:
        caller.put(url, b"%" if path.endswith("{number}") else None, expect="not_found")


def test_only_specialists_see_by_their_teams():
    """Another role would need its own outsider here."""
    assert team_roles(CASES) == team_roles(CLIENTS) == ["specialist"]


def test_the_world_has_a_row_below_each_parent(world):
    """A row that is not there is a 404 to everybody, and would prove nothing."""
    names = {path.rpartition("{")[2][:-1] for path in paths_with("get", item=True)}
    assert {name for name in names if world.ids[name] == NOWHERE} == set()


@pytest.mark.parametrize("path, method", operations_below(CASES) + operations_below(CLIENTS))
def test_a_colleague_outside_the_team_reaches_nothing(world, outsider, path, method):
    refuse(world, outsider, path, method)


@pytest.mark.parametrize("path, method", operations_below(CASES))
def test_the_team_of_the_clients_other_case_reaches_nothing(world, neighbour, path, method):
    refuse(world, neighbour, path, method)


# Below another parent


def below_two(*methods):
    """(path, method) of all that names two rows or more, what a part's number stands for aside."""
    return [
        (path, method)
        for path, item in CONTRACT["paths"].items()
        if len(parents(path)) > 1
        for method in methods or METHODS
        if item.get(method, {}).get("x-roles")
    ]


def parents(path):
    return [name for name in re.findall(r"{(\w+)}", path) if name != "number"]


@pytest.fixture(scope="module")
def astray(world):
    """astray(name): the world, with another row of the caller's at that place of its paths."""
    made = {}

    def find(name):
        if name not in made:
            other = copy.copy(world)
            other.ids = world.ids | (two_applications(world) if name == "application_id"
                                     else {name: another(world, name)})
            made[name] = other
        return made[name]

    return find


def another(world, name):
    """The same caller reaches it, and for a case it is the same client's."""
    story, collection = world.story, next(
        path.rpartition("/")[0] for path in paths_with("get", item=True)
        if path.endswith(f"{{{name}}}"))
    if name == "case_id":
        return story.case(world.ids["client_id"], opened_on=COURSE_START.isoformat())["id"]
    if name == "client_id":
        return story.client()["id"]
    if name == "statement_id":
        return story.manager.create("/v1/statements", {
            "contract_id": world.ids["contract_id"], "month": "1990-04"})["id"]
    rows = [row["id"] for row in world.rows(collection) if row["id"] != world.ids[name]]
    return rows[0] if rows else world.make(collection)["id"]


def two_applications(world):
    """Of a case that is not decided yet, the world's being final: the second, with the first's
    document."""
    story = world.story
    case = story.case(world.ids["client_id"], opened_on=COURSE_START.isoformat())
    first, second = story.application(case), story.application(case)
    return {"case_id": case["id"], "application_id": second["id"],
            "application_document_id": story.document(case, first)["id"]}


@pytest.mark.parametrize("path, method", below_two())
def test_no_row_is_found_below_another_grandparent(world, astray, path, method):
    """/cases/{other}/plans/{p}/tasks/{t}, asked by each role of the operation."""
    name = parents(path)[0]
    for role in operation(path, method)["x-roles"]:
        refuse(astray(name), world.caller(role), path, method)


@pytest.mark.parametrize("path, method", [
    pair for pair in below_two() if len(parents(pair[0])) > 2])
def test_no_row_is_found_below_another_parent(world, astray, path, method):
    """/cases/{c}/plans/{other}/tasks/{t}, where the other plan is the same case's."""
    name = parents(path)[1]
    for role in operation(path, method)["x-roles"]:
        refuse(astray(name), world.caller(role), path, method)


def test_the_paths_below_two_rows_are_asked(world, astray):
    """And the other parents are open to who asks: else any row would be a 404."""
    assert {"/v1/cases/{case_id}/plans/{plan_id}/tasks/{plan_task_id}",
            "/v1/cases/{case_id}/plans/{plan_id}/tasks"} <= {path for path, _ in below_two()}
    for path, _ in below_two():
        for name in parents(path)[:-1]:
            own = path[:path.index(f"{{{name}}}") + len(name) + 2]
            if own in CONTRACT["paths"] and "get" in CONTRACT["paths"][own]:
                world.who(own, "get").get(astray(name).url(own), expect=200)


def test_a_user_who_left_the_team_gets_no_stored_answer(world, lasting_caller):
    """Neither a stored answer nor a batch's shows a row once more."""
    caller = lasting_caller("specialist", "marta", "psychologist")
    case = world.story.case()
    worker, place = world.story.worker, f"/v1/cases/{case['id']}"
    member = worker.create(f"{place}/team", {"user_id": caller.account.id})
    task = {"title": "Call the embassy", "due_on": "2018-02-12"}
    again = {"headers": {"Idempotency-Key": "leaver-1"}}
    batch = {"operations": [{"method": "POST", "path": f"{place}/tasks", "body": task}]}
    made = caller.create(f"{place}/tasks", task, **again)
    assert caller.create(f"{place}/tasks", task, **again) == made
    caller.post("/v1/batch", batch, expect=200, **again)
    caller.post("/v1/batch", batch, expect=200, **again)
    caller.read(f"{place}/team/{member['id']}")
    worker.delete(f"{place}/team/{member['id']}", etag='"1"', expect=204)
    caller.post(f"{place}/tasks", task, expect="not_found", **again)
    caller.post("/v1/batch", batch, expect="not_found", **again)
    caller.get(f"{place}/tasks/{made['id']}", expect="not_found")
    colleague = worker.read(f"{place}/team")["data"][0]
    caller.get(f"{place}/team/{colleague['id']}", expect="not_found")
