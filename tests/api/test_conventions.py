"""What every operation does alike, asked of each one that the document tells of."""

import pytest

from world import (
    CONTRACT,
    METHODS,
    NOWHERE,
    ROLES,
    body_schema,
    methods_of,
    operation,
    paths_with,
    query_parameters,
    required_body,
    resource_operations,
    row_schema,
)


def has_version(path):
    """What is computed has none."""
    return "ETag" in operation(path, "get")["responses"]["200"]["headers"]


COLLECTIONS = paths_with("get", item=False)
ITEMS = paths_with("get", item=True)
POSTS = paths_with("post")
CHANGES = [(path, method) for method in ("patch", "delete") for path in paths_with(method)]
OPERATIONS = [(path, method) for path, method, _ in resource_operations()]
SIGHTS = CONTRACT["x-sights"]
# What is read one by one, never in a list.
ITEM_ONLY = {"/v1/cases/{case_id}/accommodations": {"address"}}
PLAIN = ("limit", "cursor", "count", "sort", "fields", "expand")

collections = pytest.mark.parametrize("path", COLLECTIONS)
items = pytest.mark.parametrize("path", ITEMS)
posts = pytest.mark.parametrize("path", POSTS)
changes = pytest.mark.parametrize("path, method", CHANGES)
operations = pytest.mark.parametrize("path, method", OPERATIONS)


@pytest.fixture(scope="session")
def world(worlds):
    return worlds["marta"]


def send(caller, method, url, **more):
    """A body that is no more than a body: what is asked for comes before it is looked at."""
    headers = more.pop("headers", None) or {}
    if method == "patch":
        headers = {"Content-Type": "application/merge-patch+json"} | headers
    elif method == "post":
        headers = {"Content-Type": "application/json"} | headers
    content = "{}" if method in ("patch", "post") else None
    return caller.request(method.upper(), url, content=content, headers=headers, **more)


def violations(problem):
    return {(error["pointer"], error["code"]) for error in problem["errors"]}


def allowed(answer):
    return set(answer.headers["Allow"].replace(" ", "").split(","))


def example(path, name):
    """A value that the document gives for the filter, as a query spells it."""
    schema = query_parameters(path)[name]["schema"]
    schema = schema.get("items", schema)
    field = row_schema(path)["properties"].get(name.partition("[")[0], {})
    given = [*field.get("examples", ()), *field.get("items", {}).get("examples", ())]
    if schema.get("enum"):
        return schema["enum"][0]
    if given:
        value = given[0][0] if isinstance(given[0], list) else given[0]
        return str(value).lower() if isinstance(value, bool) else str(value)
    return {"uuid": NOWHERE, "date-time": "2018-01-01T00:00:00Z", "date": "2018-01-01"}[
        schema["format"]
    ]


# Lists


@collections
def test_an_unknown_parameter_is_named(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    for name in ("nothing", "nothing[in]", "id[like]"):
        problem = caller.get(url, params={name: "1"}, expect="bad_parameter").json()
        assert violations(problem) == {(f"query:{name}", "unknown_parameter")}


@collections
def test_a_parameter_stands_once(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    for name, value in (("limit", "2"), ("sort", "id"), ("count", "exact"), ("fields", "id")):
        problem = caller.get(f"{url}?{name}={value}&{name}={value}", expect="bad_parameter").json()
        assert violations(problem) == {(f"query:{name}", "repeated_parameter")}


@collections
def test_a_page_has_from_1_to_200_elements(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    for limit in ("0", "201", "many", ""):
        problem = caller.get(url, params={"limit": limit}, expect="bad_parameter").json()
        assert violations(problem) == {("query:limit", "out_of_range")}, limit
    assert len(caller.read(url, params={"limit": "1"})["data"]) <= 1


@collections
def test_a_list_follows_each_documented_order_and_no_other(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    keys = query_parameters(path)["sort"]["schema"]["enum"]
    page, ids = {"limit": "200", "fields": "id"}, {}
    for key in keys:
        ids[key] = [row["id"] for row in caller.read(url, params=page | {"sort": key})["data"]]
    for key in keys:
        # A list of accesses grows by being read.
        back = [row for row in reversed(ids[f"-{key}".replace("--", "")]) if row in ids[key]]
        if len(ids[key]) < 200:
            assert back and [row for row in ids[key] if row in back] == back, key
    for name in {"updated_by", "nothing", ""} - set(keys):
        problem = caller.get(url, params={"sort": name}, expect="bad_parameter").json()
        assert violations(problem) == {("query:sort", "unknown_parameter")}, name


@collections
def test_each_documented_filter_is_accepted(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    for name in query_parameters(path):
        if name not in PLAIN:
            caller.get(url, params={name: example(path, name), "limit": "1"}, expect=200)


@collections
def test_an_undocumented_filter_is_refused(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    documented = query_parameters(path)
    for field in row_schema(path)["properties"]:
        for name in (field, f"{field}[in]", f"{field}[gte]", f"{field}[lte]", f"{field}[ne]"):
            if name not in documented:
                problem = caller.get(url, params={name: "1"}, expect="bad_parameter").json()
                assert violations(problem) == {(f"query:{name}", "unknown_parameter")}


def sealed_members(path):
    return {name for name, field in row_schema(path)["properties"].items() if field.get("x-sealed")}


@pytest.mark.parametrize("path, role", [
    (path, role) for path in COLLECTIONS for role in operation(path, "get")["x-roles"]])
def test_lists_hold_nothing_sealed_unless_asked(world, path, role):
    """Neither names nor anything else, whoever asks; what is asked for is told, to who sees it."""
    caller, url = world.caller(role), world.url(path)
    rows = caller.read(url)["data"]
    if caller.account == world.who(path, "get").account:
        assert rows or path.endswith("person_matches"), "the world has a row of every kind"
    sealed, offered = sealed_members(path), query_parameters(path).get("fields")
    assert not {name for row in rows for name in row} & sealed
    sights = row_schema(path)["properties"]
    visible = {name for name in sealed if role in SIGHTS[sights[name].get("x-sight", "plain")]}
    asked = visible - ITEM_ONLY.get(path, set())
    if asked and offered:
        rows = caller.read(url, params={"fields": ",".join(sorted(asked))})["data"]
        assert all(asked <= row.keys() for row in rows)
    for name in sealed - asked if offered else ():
        caller.get(url, params={"fields": name}, expect=400)


def test_sealed_members_are_in_lists_that_the_test_asks():
    """Else it would prove nothing."""
    sealed = {path for path in COLLECTIONS if sealed_members(path)}
    assert len(sealed) > 20 and "/v1/clients" in sealed


# Every operation


@pytest.mark.parametrize("path", COLLECTIONS + ITEMS)
def test_head_is_get_without_its_body(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    get, head = caller.get(url), caller.head(url)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers.keys() == get.headers.keys()
    for name in ("Content-Type", "ETag", "Cache-Control"):
        assert head.headers.get(name) == get.headers.get(name), name


@pytest.mark.parametrize("path", COLLECTIONS + ITEMS)
def test_answers_are_not_stored_and_carry_the_requests_id(world, path):
    caller = world.who(path, "get")
    for url, status in ((world.url(path), 200), (world.url(path) + "?nothing=1", 400)):
        answer = caller.get(url, headers={"X-Request-Id": "convention-1"}, expect=status)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"] == "convention-1"


@pytest.mark.parametrize("path", sorted({path for path, _ in OPERATIONS}))
def test_a_path_tells_its_methods(world, path):
    caller = world.who(path, next(m for m in METHODS if (path, m) in OPERATIONS))
    url, methods = world.url(path), methods_of(path)
    options = caller.options(url)
    assert options.status_code in (200, 204) and allowed(options) == methods
    for method in {"POST", "PUT", "PATCH", "DELETE"} - methods:
        refused = caller.request(method, url, check=False)
        assert (refused.status_code, allowed(refused)) == (405, methods), method
        assert refused.json()["code"] == "method_not_allowed"


@operations
def test_a_request_without_token_is_told_to_sign_in(world, api, path, method):
    for token in (None, "Bearer nonsense"):
        refused = send(api(), method, world.url(path), headers={"Authorization": token})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@operations
def test_a_role_that_may_not_is_refused(world, path, method):
    roles = operation(path, method)["x-roles"]
    for role in ROLES:
        if role not in roles:
            headers = {"If-Match": '"1"'} if method in ("patch", "delete") else None
            refused = send(world.caller(role), method, world.url(path), headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), role


@pytest.mark.parametrize("role", ROLES)
def test_the_permissions_are_those_of_the_document(world, role):
    documented = {}
    for path, _, found in resource_operations():
        verb = found["operationId"].partition("_")[0]
        # The plural names the resource; an item's operations are found by their collection.
        collection = path.rpartition("/")[0] if path.endswith("}") else path
        name = operation(collection, "get")["operationId"].partition("_")[2]
        if role in found["x-roles"]:
            scope, verbs = documented.setdefault(name, (found["x-roles"][role], set()))
            assert scope == found["x-roles"][role]
            verbs.add(verb)
    told = world.caller(role).read("/v1/me")["permissions"]
    assert {name: (may["scope"], set(may["actions"])) for name, may in told.items()} == documented


# One row


@pytest.mark.parametrize("path, method", [(p, m) for p, m in OPERATIONS if p.endswith("}")])
def test_a_missing_row_answers_404(world, path, method):
    caller = world.who(path, method)
    headers = {"If-Match": '"1"'} if method in ("patch", "delete") else None
    for last in (NOWHERE, "1", "nothing"):
        refused = send(caller, method, world.url(path, last), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), last


@items
def test_an_item_takes_no_parameter_of_lists(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    for name, value in (("limit", "1"), ("sort", "id"), ("nothing", "1"), ("count", "exact")):
        problem = caller.get(url, params={name: value}, expect="bad_parameter").json()
        assert violations(problem) == {(f"query:{name}", "unknown_parameter")}


@pytest.mark.parametrize("path", [path for path in ITEMS if has_version(path)])
def test_an_item_that_is_known_is_not_sent_again(world, path):
    caller, url = world.who(path, "get"), world.url(path)
    tag = caller.get(url, expect=200).headers["ETag"]
    again = caller.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)


@changes
def test_a_change_names_the_version_that_it_changes(world, path, method):
    caller, url = world.who(path, method), world.url(path)
    missing = send(caller, method, url)
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    current = world.who(path, "get").get(url, expect=200).headers["ETag"]
    stale = send(caller, method, url, headers={"If-Match": '"999999"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.headers["ETag"] == current


@pytest.mark.parametrize("path", paths_with("patch"))
def test_a_patch_is_a_merge_patch_of_known_members(world, path):
    caller, url = world.who(path, "patch"), world.url(path)
    tag = world.who(path, "get").get(url, expect=200).headers["ETag"]
    for kind in ("text/plain", "application/xml"):
        headers = {"Content-Type": kind, "If-Match": tag}
        caller.request("PATCH", url, content="{}", headers=headers, expect=415)
    problem = caller.patch(url, {"nothing": 1}, etag=tag, expect=422).json()
    assert violations(problem) == {("/nothing", "unknown_member")}
    for name in body_schema(path, "patch")["properties"]:
        problem = caller.patch(url, {name: {"a": 1}}, etag=tag, expect=422).json()
        assert violations(problem) == {(f"/{name}", "wrong_type")}, name


# A new row


@posts
def test_a_new_row_needs_an_idempotency_key(world, path):
    caller, url = world.who(path, "post"), world.url(path)
    for key in (None, "", "a b", "x" * 256):
        refused = caller.post(url, {}, headers={"Idempotency-Key": key}, expect=400).json()
        assert refused["code"] == "idempotency_key_required", key


@pytest.mark.parametrize("path", [path for path in POSTS if body_schema(path).get("required")])
def test_all_missing_members_are_told_at_once(world, path):
    problem = world.who(path, "post").post(world.url(path), {}, expect=422).json()
    required = body_schema(path)["required"]
    assert violations(problem) == {(f"/{name}", "required") for name in required}
    for name in required:
        body = required_body(path) | {name: None}
        problem = world.who(path, "post").post(world.url(path), body, expect=422).json()
        assert violations(problem) == {(f"/{name}", "required")}


@posts
def test_only_json_makes_a_row(world, path):
    caller, url = world.who(path, "post"), world.url(path)
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        headers = {"Content-Type": kind}
        refused = caller.request("POST", url, content="{}", headers=headers, expect=415).json()
        assert refused["code"] == "unsupported_media_type", kind


@posts
def test_each_member_of_a_wrong_type_is_named(world, path):
    caller, url, body = world.who(path, "post"), world.url(path), required_body(path)
    for name in body_schema(path)["properties"]:
        problem = caller.post(url, body | {name: {"a": 1}}, expect=422).json()
        assert violations(problem) == {(f"/{name}", "wrong_type")}, name


@posts
def test_members_that_callers_may_not_write_are_refused(world, path):
    caller, url, body = world.who(path, "post"), world.url(path), required_body(path)
    problem = caller.post(url, body | {"nothing/at~all": 1}, expect=422).json()
    assert violations(problem) == {("/nothing~1at~0all", "unknown_member")}
    own = row_schema(path)["properties"].keys() - body_schema(path)["properties"].keys()
    problem = caller.post(url, body | dict.fromkeys(own), expect=422).json()
    assert violations(problem) == {(f"/{name}", "read_only_member") for name in own}
