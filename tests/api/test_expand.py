"""expand=: the rows that an answer's ids lead to, in the same answer and the same round trip."""

import re

import httpx
import pytest

from story import Story
from test_case_file import round_trips
from test_engine import reads
from world import CONTRACT, NOWHERE, operation, paths_with, query_parameters

# The resources whose members may be expanded, with the members.
EXPANDED = {path: query_parameters(path)["expand"]["schema"]["items"]["enum"]
            for path in paths_with("get") if "expand" in query_parameters(path)}
COLLECTIONS = {operation(path, "get")["operationId"].removeprefix("list_"): path
               for path in paths_with("get", item=False)}


@pytest.fixture
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="session")
def world(worlds):
    return worlds["marta"]


def read(who, path, *names, **params):
    return who.read(path, params={"expand": ",".join(names)} | params)


def listed(who, resource, id, path=None):
    """A row as its own list shows it, or None where the list does not have it."""
    rows = {row["id"]: row for row in who.pages(path or f"/v1/{resource}", limit=200)}
    return rows.get(id)


def readable(who, path, name):
    """Whether the caller's role may name the member: the refusal tells which it could."""
    answer = who.get(path, params={"expand": name})
    if answer.status_code == 200:
        return True
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400 and error["pointer"] == "query:expand"
    assert error["code"] in ("not_in_list", "unknown_parameter")
    return False


def test_an_item_brings_the_rows_that_its_members_lead_to(story):
    case = story.case()
    shown = read(story.worker, f"/v1/cases/{case['id']}", "client_id", "case_worker_id",
                 "provider_id", "created_by")
    expanded = shown.pop("expanded")
    assert shown == story.read_case(case)
    assert set(expanded) == {"clients", "users", "providers"}
    me = story.worker.account.id
    assert expanded["users"] == {me: listed(story.worker, "users", me)}
    client = case["client_id"]
    assert expanded["clients"] == {client: listed(story.worker, "clients", client)}
    assert expanded["providers"][story.provider_id]["id"] == story.provider_id
    # Names stand in the client's own answer only.
    assert "given_name" not in expanded["clients"][client]


def test_a_list_brings_each_row_once(story):
    case = story.case()
    place = f"/v1/cases/{case['id']}/notes"
    for caller in (story.worker, story.psychologist, story.worker):
        caller.create(place, {"text": "Sleeps better."})
    page = read(story.worker, place, "created_by", "case_id")
    assert page["expanded"]["cases"] == {case["id"]: listed(story.worker, "cases", case["id"])}
    assert set(page["expanded"]["users"]) == {story.worker.account.id,
                                             story.psychologist.account.id}
    assert all(row["created_by"] in page["expanded"]["users"] for row in page["data"])
    plain = story.worker.read(place)
    assert page["data"] == plain["data"] and "expanded" not in plain


def test_only_the_rows_of_the_page_are_expanded(story):
    places = []
    for _ in range(3):
        case = story.case()
        places.append(case["client_id"])
    seen, path, params = [], "/v1/cases", {"expand": "client_id", "limit": 1, "sort": "-id"}
    for _ in range(3):
        page = story.worker.read(path, params=params)
        assert list(page["expanded"]["clients"]) == [page["data"][0]["client_id"]]
        seen += page["expanded"]["clients"]
        params = params | {"cursor": page["next"]}
    assert seen == places[::-1]
    page = read(story.worker, "/v1/cases", "client_id", client_id=places[0])
    assert list(page["expanded"]["clients"]) == [places[0]]
    page = read(story.worker, "/v1/cases", "client_id", client_id=NOWHERE)
    assert page == {"data": [], "next": None, "expanded": {"clients": {}}}


def test_the_next_page_expands_too(story):
    for _ in range(2):
        story.case()
    answer = story.worker.get("/v1/cases", params={"expand": "client_id", "limit": 1}, expect=200)
    link = re.match(r"<(.+)>; rel=\"next\"\Z", answer.headers["Link"])[1]
    assert "expand=client_id" in link
    assert story.worker.read(link)["expanded"]["clients"]


def test_an_expanded_member_is_shown(story):
    case = story.case()
    shown = read(story.worker, f"/v1/cases/{case['id']}", "client_id", fields="number")
    assert set(shown) == {"id", "version", "number", "client_id", "expanded"}
    page = read(story.worker, "/v1/cases", "deputy_id", fields="number", limit=1)
    assert set(page["data"][0]) == {"id", "version", "number", "deputy_id"}


@pytest.mark.parametrize("path", sorted(EXPANDED))
@pytest.mark.parametrize("role", ("case_worker", "agency_officer", "ministry_officer"))
def test_each_documented_member_can_be_expanded_by_readers_of_its_row(world, role, path):
    """As far as GET of the row itself would tell it, and never more of it than the list."""
    if role not in CONTRACT["paths"][path]["get"]["x-roles"]:
        return
    caller, url = world.caller(role), world.url(path)
    if caller.get(url).status_code == 404:
        return
    for name in EXPANDED[path]:
        if not readable(caller, url, name):
            continue
        answer = read(caller, url, name)
        rows = answer["data"] if "data" in answer else [answer]
        (resource, found), = answer["expanded"].items()
        assert set(found) <= {row[name] for row in rows}
        for id, row in found.items():
            place = world.url(COLLECTIONS[resource])
            # What lies below another case or client than the world's is found there.
            if all(row.get(key, world.ids[key]) == world.ids[key]
                   for key in ("case_id", "client_id")) or place.count("/") == 2:
                assert row.items() <= caller.read(f"{place}/{id}").items(), (name, resource)


def test_a_row_below_another_brings_its_parent(world):
    worker = world.caller("case_worker")
    path = world.url("/v1/cases/{case_id}/plans/{plan_id}/services")
    page = read(worker, path, "plan_id", "case_id")
    assert set(page["expanded"]["plans"]) == {world.ids["plan_id"]}
    plans = worker.read(world.url("/v1/cases/{case_id}/plans"))["data"]
    assert page["expanded"]["plans"][world.ids["plan_id"]] in plans
    row = read(worker, f"{path}/{page['data'][0]['id']}", "plan_id")
    assert row["expanded"]["plans"] == page["expanded"]["plans"]


def test_a_hidden_row_looks_like_a_missing_row(api, story, worlds):
    """The chosen provider's staff see their own users; the agency's officer is none of them."""
    case = story.case_in("granted")
    place = f"/v1/cases/{case['id']}/decisions"
    page = read(story.worker, place, "created_by")
    assert page["data"][0]["created_by"] and page["expanded"] == {"users": {}}
    # A specialist reads the clients of own cases only; a worker's list tells of all.
    other = story.worker.create("/v1/cases", {"client_id": story.client()["id"]})
    mine = read(story.psychologist, "/v1/cases", "client_id", limit=200)
    assert other["client_id"] not in mine["expanded"]["clients"]
    assert case["client_id"] in mine["expanded"]["clients"]
    assert read(story.worker, f"/v1/cases/{other['id']}", "deputy_id")["expanded"] == {"users": {}}
    for path in (worlds["dm"].url("/v1/cases/{case_id}"), f"/v1/cases/{NOWHERE}"):
        story.worker.get(path, params={"expand": "client_id"}, expect=404)


def test_each_client_shown_by_an_expansion_is_logged(story, database):
    case, silent = story.case(), story.case()
    client = case["client_id"]
    before, quiet = reads(database, client), reads(database, silent["client_id"])
    read(story.worker, f"/v1/cases/{case['id']}", "client_id", "case_worker_id")
    me, marta = story.worker.account.id, story.provider_id
    assert sorted(reads(database, client)[len(before):]) == [
        ("cases", case["id"], me, marta), ("clients", "None", me, marta)]
    before = reads(database, client)
    read(story.worker, "/v1/cases", "client_id", client_id=client)
    assert sorted(reads(database, client)[len(before):]) == [
        ("cases", "None", me, marta), ("clients", "None", me, marta)]
    assert reads(database, silent["client_id"]) == quiet


def test_an_expansion_costs_no_round_trip(story, admin_url):
    case = story.case()
    for path in (f"/v1/cases/{case['id']}", "/v1/cases"):
        names = ("client_id", "case_worker_id", "provider_id")
        read(story.worker, path, *names)
        before = round_trips(admin_url)
        read(story.worker, path, *names)
        assert round_trips(admin_url) - before == 1


def test_an_unknown_member_is_refused_with_the_list_of_members(api, story):
    case = story.case()
    for path in (f"/v1/cases/{case['id']}", "/v1/cases"):
        for name in ("nothing", "number", "id", "", "client", "client_id,nothing", "clients"):
            problem = story.worker.get(path, params={"expand": name},
                                       expect="bad_parameter").json()
            (error,) = problem["errors"]
            assert (error["pointer"], error["code"]) == ("query:expand", "not_in_list")
            for known in ("client_id", "case_worker_id", "deputy_id", "ruleset_id", "created_by"):
                assert known in error["detail"]
        twice = story.worker.get(path, params={"expand": "client_id,client_id"},
                                 expect="bad_parameter").json()
        assert twice["errors"][0]["code"] == "duplicate_item"
    # The agency reads no users, so that no member that leads to one can be named.
    problem = story.agency.get("/v1/cases", params={"expand": "case_worker_id"},
                               expect="bad_parameter").json()
    assert "client_id" in problem["errors"][0]["detail"]
    assert "case_worker_id" not in problem["errors"][0]["detail"]
    story.worker.get("/v1/worklist?expand[in]=client_id", expect="bad_parameter")


def test_an_expanded_item_is_sent_even_if_its_version_is_known(story):
    """The tag is the row's own; what it leads to may have changed."""
    path = f"/v1/cases/{story.case()['id']}"
    tag = story.worker.get(path, expect=200).headers["ETag"]
    headers = {"If-None-Match": tag}
    story.worker.get(path, headers=headers, expect=304)
    answer = story.worker.get(path, params={"expand": "client_id"}, headers=headers, expect=200)
    assert answer.headers["ETag"] == tag and answer.json()["expanded"]


def test_an_expansion_that_comes_back_in_a_body_is_read_only(story):
    case = story.case()
    problem = story.worker.patch(f"/v1/cases/{case['id']}", {"expanded": {}}, etag='"1"',
                                 expect=422).json()
    assert problem["errors"][0]["code"] == "read_only_member"


# What does not fit


def test_a_page_that_would_be_too_large_is_refused_with_what_helps(story):
    case = story.case()
    place = f"/v1/cases/{case['id']}/notes"
    operations = [{"method": "POST", "path": place, "body": {"text": "x" * 12000}}] * 20
    for _ in range(10):
        story.worker.post("/v1/batch", {"operations": operations}, expect=200)
    params = {"fields": "text", "limit": 200}
    refused = story.worker.get(place, params=params, expect="answer_too_large")
    assert refused.status_code == 400 and "limit" in refused.json()["detail"]
    told = [row["text"] for row in story.worker.pages(place, **params | {"limit": 40})]
    assert told == ["x" * 12000] * 200
    # The file shows no long texts: it has them all.
    assert len(story.worker.read(f"/v1/cases/{case['id']}/file")["notes"]) == 200
