"""Row-level security says again what the access table says: asked as the API's own role."""

import psycopg
import pytest

SETTINGS = ("actor", "user_id", "role", "provider_id")


@pytest.fixture(scope="module")
def two_cases(api):
    """A client with a case at each provider."""
    made = {}
    for provider in ("marta", "dm"):
        worker = api("case_worker", provider)
        client = worker.create(
            "/v1/clients", {"given_name": "Sarma", "first_contact_on": "2018-01-05"}
        )
        made[provider] = worker.create("/v1/cases", {"client_id": client["id"]})
    psychologist = api("specialist", "marta", "psychologist").account.id
    api("case_worker", "marta").create(
        f"/v1/cases/{made['marta']['id']}/team", {"user_id": psychologist}
    )
    return made


def seen(cluster, table, column="provider_id", **identity):
    """What one statement as atbalsts_api shows under this identity, of all there is."""
    with cluster.connect("atbalsts_api") as connection, connection.transaction():
        for name in SETTINGS:
            connection.execute(
                "SELECT set_config(%s, %s, true)", [f"app.{name}", identity.get(name, "")]
            )
        return {str(row[0]) for row in connection.execute(f"SELECT {column} FROM {table}")}


@pytest.mark.parametrize(
    "table", ["clients", "cases", "case_transitions", "consultations", "data_keys"]
)
def test_no_row_is_visible_without_an_identity(cluster, two_cases, table):
    assert seen(cluster, table) == set()


ROLES = {
    "agency_officer": "all",
    "case_worker": "own",
    "provider_manager": "own",
    "specialist": "team",
    "auditor": "none",
    "system_admin": "none",
    "ministry_officer": "none",
    "statistician": "none",
    "integration": "none",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", ["clients", "cases"])
def test_each_role_sees_what_the_matrix_says(
    cluster, database, two_cases, providers, account, api, table, role
):
    """Row for row; what the role does not see is there, and so is what it sees."""
    inside = ROLES[role] in ("own", "team")
    who = account(role, "marta" if inside else None)
    mine = api(role, who.provider, who.profession).read("/v1/me")
    assert mine["permissions"].get(table, {}).get("scope", "none") == ROLES[role]
    name = "client_id" if table == "clients" else "case_id"
    scopes = {
        "all": "true",
        "own": "provider_id = %(provider)s",
        "team": f"id IN (SELECT {name} FROM case_team WHERE user_id = %(user)s)",
        "none": "false",
    }
    values = {"provider": providers["marta"], "user": who.id}
    expected, others = (
        {str(row[0]) for row in database.execute(
            f"SELECT id FROM {table} WHERE {sign} ({scopes[ROLES[role]]})", values)}
        for sign in ("", "NOT")
    )
    assert (expected or ROLES[role] == "none") and (others or ROLES[role] == "all")
    assert seen(
        cluster,
        table,
        "id",
        actor="user",
        user_id=who.id,
        role=role,
        provider_id=providers["marta"] if inside else "",
    ) == expected


def test_a_specialist_sees_the_cases_they_are_assigned_to(api, two_cases):
    worker, lawyer = api("case_worker", "marta"), api("specialist", "marta", "lawyer")
    path = f"/v1/cases/{two_cases['marta']['id']}"
    lawyer.get(path, expect=404)
    member = worker.create(path + "/team", {"user_id": lawyer.account.id, "duty": "Legal counsel"})
    assert lawyer.read(path)["id"] == two_cases["marta"]["id"]
    assert lawyer.read(f"/v1/clients/{two_cases['marta']['client_id']}")["given_name"] == "Sarma"
    worker.delete(f"{path}/team/{member['id']}", etag='"1"', expect=204)
    lawyer.get(path, expect=404)


def test_nested_ids_are_resolved_inside_their_parent(api, two_cases):
    worker = api("case_worker", "marta")
    mine, theirs = two_cases["marta"]["id"], two_cases["dm"]["id"]
    row = worker.create(
        f"/v1/cases/{mine}/consultations",
        {
            "specialist_kind": "social_worker",
            "entitlement": "start_up",
            "minutes": 30,
            "starts_at": "2018-01-20T09:00:00Z",
        },
    )
    other = worker.create("/v1/cases", {"client_id": two_cases["marta"]["client_id"]})
    worker.get(f"/v1/cases/{other['id']}/consultations/{row['id']}", expect=404)
    worker.get(f"/v1/cases/{theirs}/consultations/{row['id']}", expect=404)
    worker.get(f"/v1/cases/{theirs}/consultations", expect=404)
    worker.post(
        f"/v1/cases/{theirs}/consultations",
        {
            "specialist_kind": "social_worker",
            "entitlement": "start_up",
            "minutes": 30,
            "starts_at": "2018-01-21T09:00:00Z",
        },
        expect=404,
    )


def test_a_colleague_of_another_provider_cannot_be_named(api, two_cases, account):
    worker = api("case_worker", "marta")
    stranger = account("case_worker", "dm").id
    refused = worker.create(
        f"/v1/cases/{two_cases['marta']['id']}/team", {"user_id": stranger}, expect=422
    )
    assert refused["code"] == "unknown_reference"


# Of each: what the API's role may do with the table, and it may do no more.
GUARDED = {
    "audit_events": {"SELECT", "INSERT"},
    "events": set(),
    "credentials": {"SELECT", "INSERT"},
    "key_fingerprints": {"SELECT"},
    "data_keys": {"SELECT", "INSERT"},
}
ANEW = (
    "UPDATE audit_events SET action = 'read'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
    "INSERT INTO events (resource, row_id, action) VALUES ('clients', gen_random_uuid(), 'read')",
    "UPDATE events SET action = 'create'",
    "DELETE FROM events",
    "DELETE FROM credentials",
    "UPDATE credentials SET user_id = user_id",
    "UPDATE users SET approved_at = now()",
    "UPDATE sessions SET user_id = user_id",
    "UPDATE key_fingerprints SET fingerprint = fingerprint",
    "UPDATE data_keys SET wrapped = ''",
)


@pytest.mark.parametrize("statement", ANEW)
def test_the_api_role_cannot_write_the_audit_anew(cluster, statement):
    with cluster.connect("atbalsts_api") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("table", GUARDED)
def test_the_api_role_may_do_no_more_with_what_guards_the_rest(database, table):
    may = database.execute(
        "SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER',"
        " 'REFERENCES']) p WHERE has_table_privilege('atbalsts_api', %s, p)", [table]).fetchall()
    assert {name for name, in may} == GUARDED[table]


def test_without_a_caller_no_client_is_deleted(cluster, two_cases, database):
    with cluster.connect("atbalsts_api") as connection:
        assert connection.execute("DELETE FROM clients").rowcount == 0
    assert database.execute("SELECT count(*) FROM clients WHERE id = %s",
                            [two_cases["marta"]["client_id"]]).fetchone() == (1,)


