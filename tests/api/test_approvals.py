"""Four eyes (R32): no administrator gets into an account alone. Two who conspire are no subject."""

import itertools
import re
import uuid

import psycopg
import pytest

from harness import PASSWORD, PROVIDERS
from recorder import Api

GIVEN, OWN = "divi zili gārņi un aka", "trīs pelēki zirgi laukā"
NUMBERS = itertools.count(1)
SEEING = ("/v1/clients", "/v1/cases", "/v1/worklist", "/v1/users")


@pytest.fixture
def admin(new_caller):
    """The administrator who attacks."""
    return new_caller("system_admin")


@pytest.fixture
def second(new_caller):
    return new_caller("system_admin")


@pytest.fixture
def manager(api):
    return api("provider_manager", "marta")


@pytest.fixture
def sign_in(http, contract):
    def sign_in(email, password, expect=201):
        answer = Api(http, contract).post(
            "/v1/sessions", {"email": email, "password": password}, expect=expect,
            headers={"Idempotency-Key": None})
        return Api(http, contract, answer.json().get("access_token"))

    return sign_in


@pytest.fixture
def provider(api):
    """A provider that has nobody yet."""
    body = {"name": "Jauns sniedzējs", "register_number": f"4099{next(NUMBERS):07}", "active": True}
    return api("ministry_officer").create("/v1/providers", body)["id"]


def account(admin, role="provider_manager", provider=PROVIDERS["marta"], **more):
    body = {"email": f"jauns.{next(NUMBERS)}@example.org", "name": "Jauns Lietotājs", "role": role}
    return admin.create("/v1/users", body | ({"provider_id": provider} if provider else {}) | more)


def give(admin, user, password=GIVEN):
    admin.request("PUT", f"/v1/users/{user['id']}/password", json={"password": password},
                  expect=204)


def take(session, given=GIVEN, own=OWN):
    """Replaces the given password by an own one."""
    session.request("PUT", "/v1/me/password", expect=204,
                    json={"current_password": given, "new_password": own})


def approve(approver, user, expect=204):
    etag = approver.get(f"/v1/users/{user['id']}", expect=200).headers["ETag"]
    return approver.request("PUT", f"/v1/users/{user['id']}/approval", headers={"If-Match": etag},
                            expect=expect)


def is_shut(session, code):
    for path in SEEING:
        session.get(path, expect=code)
    assert session.read("/v1/me")["restriction"] == code


def is_open(session):
    session.get(SEEING[0], expect=200)
    assert session.read("/v1/me")["restriction"] is None


@pytest.fixture
def enrolled(admin, sign_in):
    """enrolled("case_worker"): an account that admin made and whose holder has an own password."""

    def make(*arguments, **more):
        user = account(admin, *arguments, **more)
        give(admin, user)
        session = sign_in(user["email"], GIVEN)
        take(session)
        return user, session

    return make


@pytest.fixture
def approved(enrolled, manager):
    """A case worker of marta's whom the manager has approved."""

    def make():
        user, session = enrolled("case_worker", profession="social_worker")
        approve(manager, user)
        return user, session

    return make


def test_an_administrator_does_not_read_through_a_managers_account_that_it_made(admin, sign_in):
    user = account(admin)
    give(admin, user)
    session = sign_in(user["email"], GIVEN)
    is_shut(session, "password_change_required")
    take(session)
    is_shut(session, "not_approved")
    is_shut(sign_in(user["email"], OWN), "not_approved")
    approve(admin, user, expect="needs_second_person")
    is_shut(session, "not_approved")


def test_a_session_that_is_not_approved_reaches_only_itself(enrolled, contract):
    """Every operation of the document: a new one is shut until it says otherwise."""
    _, session = enrolled()
    own = {("get", "/v1/me"), ("put", "/v1/me/password"), ("delete", "/v1/sessions/current")}
    told = {}
    for method, template in sorted(contract.operations() - own):
        operation = contract.document["paths"][template][method]
        if operation.get("security") != []:
            answer = request(session, method, template, operation)
            told[method, template] = answer.json()["code"] if answer.status_code >= 400 else "open"
    # What is looked at before the session: the role in the token, the request itself.
    before = {"forbidden", "validation_failed", "malformed", "bad_parameter",
              "unsupported_media_type"}
    open_too = {what: code for what, code in told.items() if code != "not_approved"
                and (what[0] in ("get", "delete") or code not in before)}
    assert {code for code in open_too.values()} <= {"bad_parameter"}, open_too
    assert list(told.values()).count("not_approved") > 150
    session.delete("/v1/sessions/current", expect=204)


def test_a_refused_read_reads_nothing(enrolled, worlds, database):
    """The database does not show it either: no access row tells of a read that was not answered."""
    _, session = enrolled()
    case = worlds["marta"].ids["case_id"]
    session.get("/v1/clients?fields=given_name", expect="not_approved")
    session.get(f"/v1/cases/{case}", expect="not_approved")
    session.get(f"/v1/cases/{case}/file", expect="not_approved")
    read = "SELECT count(*) FROM audit_events WHERE action = 'read' AND user_id = %s"
    assert database.execute(read, [session.read("/v1/me")["id"]]).fetchone() == (0,)


def request(session, method, template, operation):
    path = re.sub(r"{[^}]*}", str(uuid.uuid4()), template.replace("{number}", "1"))
    headers = {"If-Match": '"1"'} if method in ("patch", "delete", "put") else {}
    media = next(iter(operation.get("requestBody", {}).get("content", {"": None})))
    body = {"content": b"{}"} if media else {}
    return session.request(method.upper(), path, **body,
                           headers=headers | ({"Content-Type": media} if media else {}))


def test_the_manager_approves_the_own_provider_s_people(enrolled, manager, database):
    user, session = enrolled("case_worker", profession="social_worker")
    waiting = manager.read("/v1/users?approved=false&active=true&limit=200")["data"]
    assert user["id"] in {row["id"] for row in waiting}
    shown = manager.read(f"/v1/users/{user['id']}")
    assert shown["enrolled_at"] and not shown["approved"] and shown["approved_at"] is None
    approve(manager, user)
    shown = manager.read(f"/v1/users/{user['id']}")
    assert shown["approved"] and shown["approved_at"]
    assert shown["approved_by"] == manager.account.id
    is_open(session)
    told = database.execute(
        "SELECT role, purpose, session_id IS NOT NULL FROM audit_events"
        " WHERE action = 'approve' AND row_id = %s AND user_id = %s",
        [user["id"], manager.account.id]).fetchall()
    assert told == [("provider_manager", "case_management", True)]


def test_nobody_approves_before_the_holder_has_an_own_password(admin, second, sign_in):
    user = account(admin, "auditor", provider=None)
    approve(second, user, expect="not_enrolled")
    give(admin, user)
    approve(second, user, expect="not_enrolled")
    session = sign_in(user["email"], GIVEN)
    take(session)
    approve(second, user)
    assert session.read("/v1/me")["restriction"] is None


@pytest.mark.parametrize("role, more", [
    ("agency_officer", {}), ("ministry_officer", {}), ("statistician", {}), ("auditor", {}),
    ("system_admin", {}), ("integration", {}),
    ("commission_member", {"profession": "police_officer"}),
])
def test_outside_the_providers_a_second_administrator_approves(
        enrolled, admin, second, manager, role, more):
    user, session = enrolled(role, provider=None, **more)
    session.get("/v1/providers", expect="not_approved")
    approve(admin, user, expect="needs_second_person")
    manager.get(f"/v1/users/{user['id']}", expect=404)
    approve(second, user)
    assert session.read("/v1/me")["restriction"] is None


def test_two_accounts_of_one_administrator_s_making_do_not_approve_each_other(enrolled, second):
    user, session = enrolled("system_admin", provider=None)
    other, _ = enrolled()
    path = f"/v1/users/{other['id']}/approval"
    session.request("PUT", path, headers={"If-Match": '"3"'}, expect="not_approved")
    approve(second, user)
    session.request("PUT", path, headers={"If-Match": '"3"'}, expect="manager_approves")


@pytest.mark.parametrize("change", [
    {"role": "provider_manager"},
    {"email": "cits@example.org"},
    {"profession": "psychologist"},
    {"role": "specialist", "profession": "lawyer"},
])
def test_a_change_that_hands_power_over_needs_a_new_approval(approved, admin, manager, change):
    user, session = approved()
    is_open(session)
    if "email" in change:
        change = {"email": f"cits.{next(NUMBERS)}@example.org"}
    assert admin.change(f"/v1/users/{user['id']}", change)["approved"] is False
    is_shut(session, "not_approved")
    approve(admin, user, expect="needs_second_person")
    approve(manager, user)
    is_open(session)


def test_a_change_that_hands_nothing_over_keeps_the_approval(approved, admin):
    user, session = approved()
    changed = admin.change(f"/v1/users/{user['id']}", {"name": "Jauns Vārds", "language": "en"})
    assert changed["approved"]
    is_open(session)


def test_an_account_that_is_opened_again_needs_approval_again(approved, admin, manager, sign_in):
    user, session = approved()
    admin.change(f"/v1/users/{user['id']}", {"active": False})
    session.get("/v1/me", expect=401)
    admin.change(f"/v1/users/{user['id']}", {"active": True})
    is_shut(sign_in(user["email"], OWN), "not_approved")
    approve(admin, user, expect="needs_second_person")
    approve(manager, user)
    is_open(sign_in(user["email"], OWN))


def test_a_reset_password_alone_lets_nobody_sign_in(approved, admin, second, manager, sign_in):
    """Not the administrator who made the account, and not another one."""
    user, before = approved()
    give(second, user)
    before.get("/v1/me", expect=401)
    session = sign_in(user["email"], GIVEN)
    is_shut(session, "password_change_required")
    take(session, own="vēl citi vārdi parolei")
    is_shut(session, "not_approved")
    approve(second, user, expect="needs_second_person")
    approve(manager, user)
    is_open(session)


def test_a_reset_does_not_take_over_a_managers_account(new_account, admin, sign_in, manager):
    """One that was made on the server, too."""
    victim = new_account("provider_manager", "marta")
    is_open(sign_in(victim.email, PASSWORD))
    give(admin, {"id": victim.id})
    session = sign_in(victim.email, GIVEN)
    take(session)
    is_shut(session, "not_approved")
    approve(admin, {"id": victim.id}, expect="needs_second_person")
    approve(manager, {"id": victim.id})
    is_open(session)


def test_the_given_password_does_not_become_the_own_one(admin, sign_in):
    user = account(admin)
    give(admin, user)
    session = sign_in(user["email"], GIVEN)
    refused = session.request("PUT", "/v1/me/password", expect="password_unchanged",
                              json={"current_password": GIVEN, "new_password": GIVEN})
    assert refused.json()["errors"][0]["pointer"] == "/new_password"
    is_shut(session, "password_change_required")


def test_an_administrator_who_changes_the_own_address_stays(admin):
    own = f"/v1/users/{admin.account.id}"
    assert admin.change(own, {"email": f"cits.{next(NUMBERS)}@example.org"})["approved"]
    admin.get("/v1/users", expect=200)


def test_changing_ones_own_password_changes_nothing_else(approved):
    user, session = approved()
    take(session, given=OWN, own="vēl citi vārdi parolei")
    is_open(session)


def test_a_person_who_changed_an_account_does_not_approve_it(
        enrolled, admin, second, sign_in, new_caller):
    """Not only who came last."""
    user, _ = enrolled("auditor", provider=None)
    second.change(f"/v1/users/{user['id']}", {"email": f"cits.{next(NUMBERS)}@example.org"})
    approve(admin, user, expect="needs_second_person")
    approve(second, user, expect="needs_second_person")
    approve(new_caller("system_admin"), user)
    give(second, user)
    session = sign_in(admin.read(f"/v1/users/{user['id']}")["email"], GIVEN)
    take(session)
    approve(second, user, expect="needs_second_person")
    approve(admin, user)
    assert session.read("/v1/me")["restriction"] is None


def test_another_provider_s_manager_approves_nobody_here(enrolled, api):
    user, session = enrolled("case_worker", profession="social_worker")
    stranger = api("provider_manager", "dm")
    stranger.request("PUT", f"/v1/users/{user['id']}/approval", headers={"If-Match": '"3"'},
                     expect=404)
    is_shut(session, "not_approved")


def test_an_administrator_does_not_approve_while_the_provider_has_a_manager(enrolled, second):
    user, session = enrolled("specialist", profession="psychologist")
    approve(second, user, expect="manager_approves")
    is_shut(session, "not_approved")


def test_a_provider_s_first_manager_is_approved_by_a_second_administrator(
        enrolled, admin, second, provider):
    first, session = enrolled(provider=provider)
    approve(admin, first, expect="needs_second_person")
    approve(second, first)
    is_open(session)
    worker, _ = enrolled("case_worker", provider, profession="social_worker")
    approve(second, worker, expect="manager_approves")
    approve(session, worker)


def test_closing_the_managers_accounts_does_not_let_an_administrator_approve(
        enrolled, admin, second, provider):
    first, _ = enrolled(provider=provider)
    approve(second, first)
    admin.change(f"/v1/users/{first['id']}", {"active": False})
    own, session = enrolled(provider=provider)
    approve(admin, own, expect="needs_second_person")
    is_shut(session, "not_approved")


@pytest.mark.parametrize("role, profession", [
    ("case_worker", "social_worker"), ("specialist", "lawyer")])
def test_a_case_worker_and_a_specialist_approve_nobody(enrolled, api, role, profession):
    user, _ = enrolled("case_worker", profession="social_worker")
    api(role, "marta", profession).request(
        "PUT", f"/v1/users/{user['id']}/approval", headers={"If-Match": '"3"'}, expect="forbidden")


def test_an_approval_holds_for_the_version_that_was_read(enrolled, admin, manager):
    """Else one would swap the role between the manager's look and the approval."""
    user, session = enrolled("case_worker", profession="social_worker")
    path = f"/v1/users/{user['id']}"
    seen = manager.get(path).headers["ETag"]
    admin.change(path, {"role": "provider_manager"})
    refused = manager.request("PUT", f"{path}/approval", headers={"If-Match": seen},
                              expect="stale_version")
    assert refused.headers["ETag"] == manager.get(path).headers["ETag"] != seen
    manager.request("PUT", f"{path}/approval", expect="precondition_required")
    manager.request("PUT", f"{path}/approval", headers={"If-Match": "*"},
                    expect="precondition_required")
    is_shut(session, "not_approved")


def test_an_own_password_is_changed_with_the_current_one_only(admin):
    """A stolen access token of an administrator would make the account the thief's."""
    admin.request("PUT", f"/v1/users/{admin.account.id}/password", json={"password": GIVEN},
                  expect="self_approval")
    admin.request("PUT", f"/v1/users/{admin.account.id.upper()}/password",
                  json={"password": GIVEN}, expect="self_approval")
    admin.get("/v1/users", expect=200)


def test_callers_cannot_write_the_members_of_an_approval(admin, approved):
    for member, value in (("approved", True), ("approved_by", admin.account.id),
                          ("approved_at", "2026-01-01T00:00:00Z"),
                          ("enrolled_at", "2026-01-01T00:00:00Z")):
        body = {"email": "x@example.org", "name": "X", "role": "auditor", member: value}
        refused = admin.create("/v1/users", body, expect=422)
        assert refused["errors"][0]["code"] == "read_only_member", member


def test_a_refresh_gives_an_unapproved_session_no_more_rights(enrolled, admin, sign_in, http):
    user = account(admin)
    give(admin, user)
    body = http.post("/v1/sessions", json={"email": user["email"], "password": GIVEN}).json()
    fresh = http.post("/v1/sessions/refresh", json={"refresh_token": body["refresh_token"]})
    bearer = {"Authorization": f"Bearer {fresh.json()['access_token']}"}
    assert http.get("/v1/clients", headers=bearer).json()["code"] == "password_change_required"


def test_a_stranger_does_not_learn_that_an_account_waits(admin, http):
    user = account(admin)
    give(admin, user)
    known = http.post("/v1/sessions", json={"email": user["email"], "password": "not this at all"})
    assert (known.status_code, known.json()["code"]) == (401, "sign_in_failed")


@pytest.fixture
def as_api(cluster, account):
    """The database as the service sees it, with an administrator's settings but no live session."""
    with cluster.connect("atbalsts_api") as connection:
        for name, value in (("actor", "user"), ("user_id", account("system_admin").id),
                            ("role", "system_admin")):
            connection.execute("SELECT set_config(%s, %s, false)", [f"app.{name}", value])
        yield connection


@pytest.mark.parametrize("sets", [
    "approved_at = now()", "approved_by = id", "enrolled_at = now()", "handled_by = '{}'",
    "created_by = NULL"])
def test_the_api_role_cannot_approve_by_an_update(as_api, enrolled, sets):
    user, _ = enrolled()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_api.execute(f"UPDATE users SET {sets} WHERE id = %s", [user["id"]])


def test_the_api_role_approves_nothing_without_an_approver_s_live_session(as_api, enrolled, admin):
    user, session = enrolled()
    version = admin.read(f"/v1/users/{user['id']}")["version"]
    call = "SELECT approve_user(%s, %s)"
    assert as_api.execute(call, [user["id"], version]).fetchone() == ("not_found",)
    is_shut(session, "not_approved")


def test_the_database_refuses_an_approval_by_who_changed_the_account(database, enrolled, admin):
    user, _ = enrolled()
    database.execute("SELECT set_config('app.actor', 'cli', false)")
    with pytest.raises(psycopg.errors.CheckViolation):
        database.execute("UPDATE users SET approved_at = now(), approved_by = %s WHERE id = %s",
                         [admin.account.id, user["id"]])
