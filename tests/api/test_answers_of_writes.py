"""What a write answers is what its writer may read: asked of every write that the document has, by
every role that may do it. The recorder checks the sight of each answer of each test beside."""

import uuid

import pytest

from world import CONTRACT, SCHEMAS, body_schema, operation, paths_with

SIGHTS = CONTRACT["x-sights"]


def row_of(path, method):
    """The schema of the row that a write answers."""
    status = "201" if method == "post" else "200"
    content = operation(path, method)["responses"][status]["content"]["application/json"]
    return SCHEMAS[content["schema"]["$ref"].rpartition("/")[2]]


def hidden(path, method, role):
    """Members of the row that the role does not see."""
    members = row_of(path, method)["properties"]
    return {name for name, field in members.items() if role not in SIGHTS[
        field.get("x-sight", "plain")]}


def writes(method):
    return [(path, role) for path in paths_with(method)
            for role in operation(path, method)["x-roles"]]


PATCHES = writes("patch")
HIDDEN = [(path, method, role) for method in ("post", "patch") for path, role in writes(method)
          if hidden(path, method, role)]
half_blind = pytest.mark.parametrize("path, role", [
    (path, role) for path, method, role in HIDDEN if method == "patch"])


@pytest.fixture(scope="module")
def world(worlds):
    return worlds["marta"]


def example(schema, name):
    field = schema["properties"][name]
    return (field.get("enum") or field.get("examples") or [None])[0]


@pytest.fixture
def written(world):
    """written(path): a new row of which a case worker has filled every member that some writer
    does not see, and what they wrote."""

    def make(path):
        collection = path.rpartition("/")[0]
        schema = body_schema(collection)
        secret = {name: f"{name} {uuid.uuid4()}" for _, _, role in HIDDEN
                  for name in hidden(path, "patch", role) & schema["properties"].keys()}
        assert secret
        body = world.body(collection) | secret
        if "joint" in schema["properties"]:
            body["joint"] = True
        return world.caller("case_worker").create(world.url(collection), body), secret

    return make


def check_told(told, secret, by_role):
    """Neither the members nor their content."""
    body = told.json()
    rows = [result["body"] for result in body["results"]] if "results" in body else [body]
    for row in rows:
        assert "id" in row and not secret.keys() & row.keys(), (by_role, row.keys())
    assert not [text for text in secret.values() if text in told.text]


def test_some_writers_do_not_see_all_members():
    assert {path.rpartition("/")[2] for path, method, _ in HIDDEN if method == "post"} >= {
        "consultations", "representations"}


def own_row(world, caller, path):
    """A row that the role may change: the world's, the caller's seat, or a new one of its own."""
    collection, url = world.url(path.rpartition("/")[0]), world.url(path)
    if path.endswith("/members/{identification_member_id}"):
        rows = caller.pages(collection, user_id=caller.account.id)
        return next((f"{collection}/{row['id']}" for row in rows), url)
    if caller.get(url).status_code == 200:
        return url
    made = caller.create(collection, world.body(path.rpartition("/")[0]))
    return f"{collection}/{made['id']}"


@pytest.mark.parametrize("path, role", PATCHES)
def test_a_change_answers_what_its_writer_reads(world, path, role):
    """A change of nothing shows the row as it is."""
    caller = world.caller(role)
    url = own_row(world, caller, path)
    before = caller.get(url, expect=200)
    answer = caller.patch(url, {}, etag=before.headers["ETag"], expect=200).json()
    assert answer == before.json()
    assert not hidden(path, "patch", role) & answer.keys()


@pytest.mark.parametrize("path, method, role", HIDDEN)
def test_nobody_writes_what_they_do_not_see(world, path, method, role):
    caller, url = world.caller(role), world.url(path)
    schema = body_schema(path, method)
    for name in hidden(path, method, role) & schema["properties"].keys():
        for value in (example(schema, name), None):
            if method == "post":
                told = caller.post(url, world.body(path) | {name: value}, expect=422)
            else:
                told = caller.patch(url, {name: value}, etag=caller.get(url).headers["ETag"],
                                    expect=422)
            assert [(e["pointer"], e["code"]) for e in told.json()["errors"]] == [
                (f"/{name}", "not_visible")], (name, value)


@half_blind
def test_a_change_and_its_part_in_a_batch_tell_nothing_hidden(world, written, path, role):
    """Of a row that has the hidden members: unchanged, changed, and changed by a batch."""
    row, secret = written(path)
    caller, schema = world.caller(role), body_schema(path, "patch")
    url = world.url(path.rpartition("/")[0]) + "/" + row["id"]
    check_told(caller.patch(url, {}, etag='"1"', expect=200), secret, role)
    version, changed = 1, []
    for name in schema["properties"].keys() - secret.keys():
        told = caller.patch(url, {name: example(schema, name)}, etag=f'"{version}"')
        if told.status_code == 200 and told.json()["version"] == version + 1:
            version, changed = version + 1, [*changed, (name, row[name])]
            check_told(told, secret, role)
    assert changed, "none of the examples changes anything"
    operations = [{"method": "PATCH", "path": url, "body": {name: value},
                   "if_match": f'"{version + at}"'} for at, (name, value) in enumerate(changed[:1])]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    for _ in range(2):
        # The second is told from what is stored.
        told = caller.post("/v1/batch", {"operations": operations}, headers=key, expect=200)
        check_told(told, secret, role)
    assert told.headers["Idempotent-Replayed"] == "true"
    kept = world.caller("case_worker").read(url)
    assert {name: kept[name] for name in secret} == secret, "and it is kept"


@pytest.mark.parametrize("path, role", [
    (path, role) for path, method, role in HIDDEN if method == "post"])
def test_a_new_row_and_its_replay_tell_nothing_hidden(world, path, role):
    caller, key = world.caller(role), {"Idempotency-Key": str(uuid.uuid4())}
    body = world.body(path)
    if "joint" in body_schema(path)["properties"]:
        body["joint"] = True
    secret = dict.fromkeys(hidden(path, "post", role), "Nobody wrote this.")
    for _ in range(2):
        told = caller.post(world.url(path), body, headers=key, expect=201)
        check_told(told, secret, role)
    assert told.headers["Idempotent-Replayed"] == "true"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    operations = [{"method": "POST", "path": world.url(path), "body": body}]
    for _ in range(2):
        check_told(caller.post("/v1/batch", {"operations": operations}, headers=key, expect=200),
                   secret, role)
