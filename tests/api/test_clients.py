"""A case worker meets a potential client: recorded, found again, changed, not seen elsewhere."""

import re
import uuid

import pytest

IVETA = {
    "given_name": "Iveta",
    "family_name": "Kalniņa",
    "personal_code": "120385-11234",
    "birth_date": "1985-03-12",
    "sex": "female",
    "citizenship": "LV",
    "languages": ["lv", "ru"],
    "phone": "+37120000001",
    "email": "iveta@example.lv",
    "current_country": "IE",
    "safe_contact_channel": "sms",
    "safe_contact_words": "Par dzīvokli",
    "first_contact_on": "2018-01-05",
    "health_needs": "Vajadzīgs psihologs",
    "threats": "Vervētājs zina adresi",
}


@pytest.fixture(scope="module")
def iveta(api):
    return api("case_worker", "marta").post("/v1/clients", IVETA, expect=201)


def test_a_client_is_recorded_with_number_location_and_etag(api, iveta):
    body = iveta.json()
    assert re.fullmatch(r"20\d\d-\d{4,}", body["number"])
    assert iveta.headers["location"] == f"/v1/clients/{body['id']}"
    assert iveta.headers["etag"] == '"1"'
    for name, value in IVETA.items():
        assert body[name] == value, name
    read = api("case_worker", "marta").get(f"/v1/clients/{body['id']}", expect=200)
    assert read.json() == body
    assert read.headers["cache-control"] == "no-store"


def test_a_name_is_listed_when_it_is_asked_for(api, iveta):
    """That no list tells it unasked: test_conventions asks each list and role."""
    named = api("case_worker", "marta").pages("/v1/clients", fields="number,family_name", limit=200)
    assert "Kalniņa" in [item["family_name"] for item in named]


@pytest.mark.parametrize(
    "query",
    [
        "personal_code=120385-11234",
        "personal_code=12038511234",
        "family_name=kalnina",
        "phone=%2B37120000001",
        "email=IVETA@example.lv",
    ],
)
def test_exact_search_finds_a_sealed_value(api, iveta, query):
    found = api("case_worker", "marta").get(f"/v1/clients?{query}", expect=200).json()["data"]
    assert [item["id"] for item in found] == [iveta.json()["id"]]


def test_another_provider_learns_nothing(api, iveta):
    other = api("case_worker", "dm")
    path = f"/v1/clients/{iveta.json()['id']}"
    assert other.get(path, expect=404).json()["code"] == "not_found"
    assert other.get(path + "/family_members", expect=404).json()["code"] == "not_found"
    assert other.get("/v1/clients?personal_code=120385-11234", expect=200).json()["data"] == []
    refused = other.patch(path, {"dependants": 1}, headers={"If-Match": '"1"'}, expect=404)
    assert refused.json()["code"] == "not_found"
    # The same person there is another client, under a number of that provider's own.
    there = other.post("/v1/clients", IVETA, expect=201).json()
    assert there["id"] != iveta.json()["id"]


def test_the_agency_sees_identity_but_no_narrative(api, iveta):
    seen = api("agency_officer").get(f"/v1/clients/{iveta.json()['id']}", expect=200).json()
    assert seen["family_name"] == "Kalniņa"
    assert "threats" not in seen and "health_needs" not in seen


@pytest.mark.parametrize("role", ["ministry_officer", "statistician", "auditor", "system_admin"])
def test_roles_without_access_are_refused(api, iveta, role):
    for path in ("/v1/clients", f"/v1/clients/{iveta.json()['id']}"):
        assert api(role).get(path, expect=403).json()["code"] == "forbidden"


def test_changes_need_the_version_that_was_read(api):
    worker = api("case_worker", "marta")
    made = worker.post(
        "/v1/clients", {"given_name": "Zane", "first_contact_on": "2018-01-05"}, expect=201
    )
    path = f"/v1/clients/{made.json()['id']}"
    assert (
        worker.patch(path, {"dependants": 2}, expect=428).json()["code"] == "precondition_required"
    )
    changed = worker.patch(
        path, {"dependants": 2, "family_name": "Anna"}, headers={"If-Match": '"1"'}, expect=200
    )
    assert changed.headers["etag"] == '"2"'
    assert (changed.json()["dependants"], changed.json()["family_name"]) == (2, "Anna")
    stale = worker.patch(path, {"dependants": 3}, headers={"If-Match": '"1"'}, expect=412)
    assert stale.headers["etag"] == '"2"'
    removed = worker.patch(path, {"family_name": None}, headers={"If-Match": '"2"'}, expect=200)
    assert removed.json()["family_name"] is None and removed.json()["dependants"] == 2
    same = worker.patch(path, {"dependants": 2}, headers={"If-Match": '"3"'}, expect=200)
    assert same.headers["etag"] == '"3"', "nothing differed, so there is no new version"
    assert worker.get(path, headers={"If-None-Match": '"3"'}, expect=304).content == b""


def test_a_repeated_post_happens_once(api, database):
    worker = api("case_worker", "marta")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = worker.post(
        "/v1/clients",
        {"given_name": "Ilze", "first_contact_on": "2018-02-01", "dependants": 7},
        headers=key,
        expect=201,
    )
    again = worker.post(
        "/v1/clients",
        {"given_name": "Ilze", "first_contact_on": "2018-02-01", "dependants": 7},
        headers=key,
        expect=201,
    )
    assert again.json() == first.json() and again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    other = worker.post(
        "/v1/clients",
        {"given_name": "Ilze", "first_contact_on": "2018-02-02"},
        headers=key,
        expect=422,
    )
    assert other.json()["code"] == "idempotency_key_reused"
    (count,) = database.execute("SELECT count(*) FROM clients WHERE dependants = 7").fetchone()
    assert count == 1


def test_every_violation_is_told_at_once(api):
    wrong = (
        api("case_worker", "marta")
        .post(
            "/v1/clients",
            {
                "first_contact_on": "2018-02-30",
                "sex": "unknown",
                "email": "nowhere",
                "phone": "123",
                "number": "2018-0001",
                "nickname": "I",
                "dependants": 1.5,
                "languages": ["lv", "xx"],
                "given_name": "A\u0007",
            },
            expect=422,
        )
        .json()
    )
    assert wrong["code"] == "validation_failed"
    assert {(e["pointer"], e["code"]) for e in wrong["errors"]} >= {
        ("/first_contact_on", "bad_date"),
        ("/sex", "not_in_list"),
        ("/email", "bad_email"),
        ("/phone", "bad_phone"),
        ("/number", "read_only_member"),
        ("/nickname", "unknown_member"),
        ("/dependants", "wrong_type"),
        ("/languages/1", "bad_language"),
        ("/given_name", "bad_text"),
    }


def test_problems_speak_latvian_when_asked(api):
    answer = api("case_worker", "marta").post(
        "/v1/clients", {}, headers={"Accept-Language": "lv"}, expect=422
    )
    assert answer.json()["title"] == "Dati nav derīgi"


def test_each_page_begins_after_the_last_row_of_the_page_before(api):
    """Of five clients of their own name: other tests make more than a page of others."""
    worker, mine = api("case_worker", "marta"), "/v1/clients?family_name=Lapu"
    made = [
        worker.create(
            "/v1/clients",
            {"given_name": "Ieva", "family_name": "Lapu", "first_contact_on": f"2017-03-0{day}"},
        )["id"]
        for day in range(1, 6)
    ]
    whole = worker.read(f"{mine}&limit=200")["data"]
    assert {row["id"] for row in whole} == set(made) and len(whole) == 5
    rows, path = [], f"{mine}&limit=2"
    while path:
        page = worker.get(path, expect=200)
        rows += page.json()["data"]
        path = page.links["next"]["url"] if page.json()["next"] else None
    assert [row["id"] for row in rows] == [row["id"] for row in whole]
    cursor = worker.get("/v1/clients?limit=2", expect=200).json()["next"]
    turned = worker.get(f"/v1/clients?limit=2&sort=created_at&cursor={cursor}", expect=400)
    assert turned.json()["code"] == "bad_cursor"
    assert worker.get("/v1/clients?limit=2&cursor=AAAA", expect=400).json()["code"] == "bad_cursor"


def test_a_cursor_belongs_to_its_filters_its_list_and_its_user(api, marta):
    """What goes on elsewhere would skip rows, or show where another's page ended."""
    worker, days = api("case_worker", "marta"), "created_at[gte]=2018-01-01T00:00:00Z"
    for number in range(3):
        worker.create(
            "/v1/clients", {"given_name": f"Ieva {number}", "first_contact_on": "2017-03-01"}
        )
    page = f"/v1/clients?limit=1&status=potential&{days}"
    cursor = worker.read(page)["next"]
    assert worker.read(f"{page}&cursor={cursor}")["data"]
    for other in (
        f"/v1/clients?limit=1&status=active&{days}",
        f"/v1/clients?limit=1&status[in]=potential&{days}",
        f"/v1/clients?limit=1&{days}",
        "/v1/clients?limit=1&status=potential",
        page.replace("2018-01-01", "2018-01-02"),
        page.replace("[gte]", "[lte]"),
        f"{page}&given_name=Ieva",
        f"{page}&sort=created_at",
        "/v1/cases?limit=1",
    ):
        worker.get(f"{other}&cursor={cursor}", expect="bad_cursor")
    for role, number in (("case_worker", 2), ("provider_manager", 1)):
        other = api(role, "marta", number=number)
        assert other.read(page)["data"]
        other.get(f"{page}&cursor={cursor}", expect="bad_cursor")
    mine, other = (f"/v1/cases/{marta.case()['id']}/team?limit=1" for _ in range(2))
    next_one = worker.read(mine)["next"]
    assert worker.read(f"{mine}&cursor={next_one}")["data"]
    worker.get(f"{other}&cursor={next_one}", expect="bad_cursor")
    # The size of the page and what it shows may change.
    wider = page.replace("limit=1", "limit=2")
    assert worker.read(f"{wider}&fields=number&cursor={cursor}")["data"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "colour=red",
        "status=lost",
        "sort=threats",
        "fields=nothing",
        "created_at[gte]=yesterday",
    ],
)
def test_a_wrong_parameter_is_named(api, query):
    wrong = api("case_worker", "marta").get(f"/v1/clients?{query}", expect=400).json()
    assert wrong["code"] == "bad_parameter"
    assert wrong["errors"][0]["pointer"].startswith("query:")


def test_reads_and_changes_are_in_the_audit(api, iveta, account):
    client = iveta.json()["id"]
    api("case_worker", "marta").get(
        f"/v1/clients/{client}", headers={"Purpose": "emergency"}, expect=200
    )
    accesses = (
        api("auditor").get(f"/v1/clients/{client}/accesses?limit=200", expect=200).json()["data"]
    )
    assert any(row["purpose"] == "emergency" for row in accesses)
    events = (
        api("auditor")
        .get(f"/v1/audit_events?client_id={client}&limit=200", expect=200)
        .json()["data"]
    )
    assert {"create", "read"} <= {event["action"] for event in events}
    assert (
        api("case_worker", "marta").get("/v1/audit_events", expect=403).json()["code"]
        == "forbidden"
    )


def test_no_name_is_in_the_database_in_clear(database, iveta):
    tables = [
        row[0]
        for row in database.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    ]
    for table in tables:
        (count,) = database.execute(
            f"SELECT count(*) FROM {table} t"
            " WHERE t::text LIKE '%Kalniņa%' OR t::text LIKE '%120385-11234%'"
        ).fetchone()
        assert count == 0, table
