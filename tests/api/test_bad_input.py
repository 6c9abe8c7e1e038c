"""What bad input gets: a clear problem that says where, and no change."""


import pytest

JSON = "application/json"


def send(worker, content, kind=JSON, **headers):
    return worker.request(
        "POST", "/v1/clients", content=content, headers={"Content-Type": kind} | headers
    )


@pytest.fixture
def worker(api):
    return api("case_worker", "marta")


@pytest.fixture(autouse=True)
def nothing_changes(database, worker):
    def count():
        return database.execute("SELECT count(*) FROM clients").fetchone()

    before = count()
    yield
    assert count() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{]",
        b'{"given_name": }',
        b"nonsense",
        b'{"given_name": "a"} trailing',
        b'{"given_name": "a", "given_name": "b"}',
        b'{"given_name": "\x00"}',
        b'{"given_name": "\\u0000"}',
        b'{"given_name": "\xff\xfe"}',
        b'{"given_name": "\xc0\xaf"}',
        b'{"given_name": "\xed\xa0\x80"}',
        b'{"given_name": "\\ud800"}',
        b'{"given_name": "\\udc00\\ud800"}',
        b'{"dependants": 92233720368547758080}',
        b'{"dependants": 01}',
        b'{"dependants": NaN}',
        b"[" * 100000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_is_malformed(worker, content):
    problem = send(worker, content)
    assert (problem.status_code, problem.json()["code"]) == (400, "malformed"), problem.text


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"7"])
def test_json_that_is_no_object(worker, content):
    problem = send(worker, content)
    assert problem.status_code in (400, 422)
    assert problem.json()["code"] in ("not_an_object", "validation_failed", "malformed")


@pytest.mark.parametrize(
    "member, value, code",
    [
        ("dependants", 1.0, "wrong_type"),
        ("dependants", "2", "wrong_type"),
        ("dependants", -1, "out_of_range"),
        ("dependants", 9223372036854775807, "out_of_range"),
        ("dependants", True, "wrong_type"),
        ("birth_date", "2018-02-29", "bad_date"),
        ("birth_date", "1899-12-31", "bad_date"),
        ("birth_date", 20180101, "wrong_type"),
        ("birth_date", "2018-1-1", "bad_date"),
        ("sex", "", "not_in_list"),
        ("citizenship", "XX", "bad_country"),
        ("languages", "lv", "wrong_type"),
        ("languages", ["lv", "lv"], "duplicate_item"),
        ("languages", [1], "wrong_type"),
        ("family_name", "x" * 5000, "too_long"),
        ("family_name", {"a": 1}, "wrong_type"),
        ("personal_code", "320000", "bad_personal_code"),
        ("personal_code", "310285-11234", "bad_personal_code"),
        ("phone", "67378539", "bad_phone"),
        ("email", "a@b", "bad_email"),
        ("version", 3, "read_only_member"),
        ("person_id", "01890000-0000-7000-8000-0000000000ff", "unknown_member"),
        ("id", "x", "read_only_member"),
    ],
)
def test_a_wrong_member_is_named_with_what_would_be_right(worker, member, value, code):
    problem = worker.post(
        "/v1/clients",
        {"given_name": "Anna", "first_contact_on": "2018-01-05", member: value},
        expect=422,
    ).json()
    assert [error["code"] for error in problem["errors"]] == [code], problem
    assert problem["errors"][0]["pointer"].startswith(f"/{member}")
    assert len(problem["errors"][0]["detail"]) > 5


def test_bodies_beyond_256_kib_are_refused(worker):
    problem = send(worker, b'{"given_name": "' + b"x" * 300_000 + b'"}')
    assert (problem.status_code, problem.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/json; charset=latin1", "multipart/form-data"],
)
def test_other_media_types_are_not_taken(worker, kind):
    assert send(worker, b"{}", kind).json()["code"] == "unsupported_media_type"


def test_answers_are_json_only(worker):
    refused = worker.get("/v1/clients", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")
    assert worker.get("/v1/clients", headers={"Accept": "application/*;q=0.5"}).status_code == 200


def test_a_post_without_its_key_is_refused(worker):
    missing = worker.post(
        "/v1/clients",
        {"given_name": "A", "first_contact_on": "2018-01-05"},
        headers={"Idempotency-Key": None},
        expect=400,
    )
    assert missing.json()["code"] == "idempotency_key_required"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/clients/1",
        "/v1/clients/00000000-0000-0000-0000-00000000000g",
        "/v1/nothing",
        "/v2/clients",
        "/v1/clients/0189000000007000800000000000a001",
        "/v1/clients/01890000-0000-7000-8000-000000000001/cases",
    ],
)
def test_what_does_not_exist_is_404(worker, path):
    assert worker.get(path, expect=404, check=False).json()["code"] == "not_found"


def test_methods_that_are_not_there_are_told(worker):
    refused = worker.request("PUT", "/v1/clients", json={})
    assert refused.status_code == 405 and "POST" in refused.headers["allow"]
    options = worker.options("/v1/clients")
    assert {"GET", "HEAD", "OPTIONS", "POST"} <= set(options.headers["allow"].split(", "))
    assert worker.request("DELETE", "/v1/clients").status_code == 405


def test_head_is_get_without_a_body(worker):
    head, get = worker.head("/v1/clients"), worker.get("/v1/clients")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_an_unknown_purpose_is_refused(worker):
    assert (
        worker.get("/v1/clients", headers={"Purpose": "curiosity"}, expect=400).json()["code"]
        == "bad_purpose"
    )
