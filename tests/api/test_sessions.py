"""Signing in, staying in, being thrown out."""

import base64
import datetime
import json

import httpx
import jwt
import psycopg
import pytest

from harness import PASSWORD, together


def sign_in(http, email, password=PASSWORD):
    return http.post("/v1/sessions", json={"email": email, "password": password})


def me(http, token):
    return http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_a_session_lasts_as_long_as_it_is_refreshed(http, new_account):
    who = new_account("case_worker", "marta", "social_worker")
    session = sign_in(http, who.email)
    assert session.status_code == 201
    body = session.json()
    assert body["token_type"] == "Bearer" and body["expires_in"] > 0
    assert me(http, body["access_token"]).json()["email"] == who.email
    fresh = http.post("/v1/sessions/refresh", json={"refresh_token": body["refresh_token"]})
    assert fresh.status_code in (200, 201)
    assert fresh.json()["refresh_token"] != body["refresh_token"]
    assert me(http, fresh.json()["access_token"]).status_code == 200


def refresh(http, token):
    return http.post("/v1/sessions/refresh", json={"refresh_token": token})


def pass_seconds(database, session, seconds):
    """Moves the session's last refresh into the past."""
    database.execute("UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => %s)"
                     " WHERE id = %s", (seconds, session["session_id"]))


def test_a_refresh_token_used_after_half_a_minute_ends_the_session(http, new_account, database):
    who = new_account("case_worker", "marta", "social_worker")
    body = sign_in(http, who.email).json()
    fresh = refresh(http, body["refresh_token"]).json()
    pass_seconds(database, body, 31)
    again = refresh(http, body["refresh_token"])
    assert (again.status_code, again.json()["code"]) == (401, "refresh_failed")
    assert (
        me(http, fresh["access_token"]).status_code == 401
    ), "the thief's and the owner's both end"
    assert refresh(http, fresh["refresh_token"]).status_code == 401
    rows = database.execute("SELECT action FROM audit_events WHERE row_id = %s"
                            " AND action LIKE 'refresh%%'", (body["session_id"],)).fetchall()
    assert rows == [("refresh_reused",)], "theft is audited once"


def test_a_repeated_refresh_gives_the_same_token_again(http, new_account, database):
    who = new_account("auditor")
    body = sign_in(http, who.email).json()
    first = refresh(http, body["refresh_token"]).json()
    pass_seconds(database, body, 25)
    again = refresh(http, body["refresh_token"])
    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    assert again.json()["session_id"] == body["session_id"]
    for answer in (first, again.json()):
        assert me(http, answer["access_token"]).status_code == 200
    third = refresh(http, first["refresh_token"])
    assert third.status_code == 200, "the successor is good"
    stolen = refresh(http, body["refresh_token"])
    assert stolen.status_code == 401, "an older one than the direct predecessor is not"
    assert refresh(http, third.json()["refresh_token"]).status_code == 401


def test_two_tabs_that_refresh_at_once_both_stay_signed_in(http, base_url, new_account):
    who = new_account("auditor")
    token = sign_in(http, who.email).json()["refresh_token"]
    for _ in range(5):
        with httpx.Client(base_url=base_url) as one, httpx.Client(base_url=base_url) as two:
            answers = together(lambda: refresh(one, token), lambda: refresh(two, token))
        assert [answer.status_code for answer in answers] == [200, 200]
        tokens = {answer.json()["refresh_token"] for answer in answers}
        assert len(tokens) == 1, "both tabs hold the same token"
        for answer in answers:
            assert me(http, answer.json()["access_token"]).status_code == 200
        token = tokens.pop()


def has_password_of(database, user_id, other):
    database.execute("INSERT INTO credentials (user_id, hash)"
                     " SELECT %s, hash FROM credentials WHERE user_id = %s", (user_id, other))


def test_the_case_of_an_address_does_not_make_another_account(
        api, http, account, database):
    admin = api("system_admin")
    body = {"email": "Zane.Liepa@Example.ORG", "name": "Zane Liepa", "role": "statistician"}
    made = admin.create("/v1/users", body)
    assert made["email"] == "zane.liepa@example.org"
    has_password_of(database, made["id"], account("auditor").id)
    for email in (body["email"], "zane.liepa@example.org", "ZANE.LIEPA@EXAMPLE.ORG"):
        answer = sign_in(http, email)
        assert answer.status_code == 201, email
        found = admin.get("/v1/users", params={"email": email}).json()["data"]
        assert [row["id"] for row in found] == [made["id"]], email
    for email in ("ZANE.liepa@example.org", "zane.liepa@example.org"):
        again = admin.post("/v1/users", body | {"email": email})
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        assert again.json()["errors"][0]["pointer"] == "/email"

    other = admin.create("/v1/users", body | {"email": "Zane.Ozola@example.org"})
    path = f"/v1/users/{other['id']}"
    taken = admin.patch(path, {"email": "Zane.LIEPA@example.org"},
                        etag=admin.get(path).headers["etag"])
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    changed = admin.change(path, {"email": "Zane.Kalns@Example.org"})
    assert changed["email"] == "zane.kalns@example.org"
    has_password_of(database, other["id"], account("auditor").id)
    assert sign_in(http, "Zane.Kalns@example.org").status_code == 201


def test_failed_sign_ins_are_counted_whatever_the_case(http, new_account, database):
    who = new_account("auditor")
    for n in range(5):
        email = who.email.upper() if n % 2 else who.email
        assert sign_in(http, email, "wrong password, though long").status_code == 401
    assert sign_in(http, who.email.title()).status_code == 429
    database.execute("DELETE FROM sign_in_attempts")


def user_add(cluster, email):
    return cluster.run("user", "add", "--email", email, "--name", "Ieva", "--role", "auditor",
                       "--password-file", "-", stdin=PASSWORD + "\n").split()[-1]


def test_the_command_takes_an_address_as_sign_in_does(cluster, http, database):
    made = user_add(cluster, " Ieva.Auzina@Example.ORG ")
    assert database.execute("SELECT email FROM users WHERE id = %s", (made,)).fetchone() == (
        "ieva.auzina@example.org",)
    assert sign_in(http, "Ieva.Auzina@Example.ORG").status_code == 201
    with pytest.raises(RuntimeError, match="conflict"):
        user_add(cluster, "IEVA.AUZINA@example.org")
    for bad in ("ieva", "ieva auzina@example.org", "ieva@", ""):
        with pytest.raises(RuntimeError, match="e-mail address"):
            user_add(cluster, bad)


def test_the_database_holds_no_address_that_cannot_sign_in(database):
    with pytest.raises(psycopg.errors.CheckViolation), database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("INSERT INTO users (id, email, name, role) VALUES"
                         " (gen_random_uuid(), 'A@example.org', 'A', 'auditor')")


def test_signing_out_ends_the_access_token_at_once(http, new_account):
    who = new_account("auditor")
    token = sign_in(http, who.email).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert http.delete("/v1/sessions/current", headers=bearer).status_code == 204
    refused = me(http, token)
    assert refused.status_code == 401 and "Bearer" in refused.headers["www-authenticate"]


def test_nobody_learns_whether_an_account_exists(http, new_account):
    who = new_account("auditor")
    known = sign_in(http, who.email, "wrong password, though long")
    unknown = sign_in(http, "nobody.at.all@example.org", "wrong password, though long")
    for answer in (known, unknown):
        assert answer.status_code == 401
    drop = ("request_id",)
    assert {k: v for k, v in known.json().items() if k not in drop} == {
        k: v for k, v in unknown.json().items() if k not in drop
    }


def test_guessing_is_slowed_in_the_database(http, new_account, database):
    """Five tries of an account are free: the fifth failure is the first that costs a wait."""
    who = new_account("auditor")
    database.execute("DELETE FROM sign_in_attempts")
    answers = [sign_in(http, who.email, f"wrong password {n}") for n in range(7)]
    right = sign_in(http, who.email)
    database.execute("UPDATE sign_in_attempts SET blocked_until = now() WHERE kind = 'account'")
    later = sign_in(http, who.email, "wrong password again")
    waits = database.execute("SELECT failures, blocked_until - last_failed_at FROM sign_in_attempts"
                             " WHERE kind = 'account'").fetchall()
    database.execute("DELETE FROM sign_in_attempts")
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert right.status_code == 429 and 1 <= int(right.headers["Retry-After"]) <= 5
    assert later.status_code == 401 and waits == [(6, datetime.timedelta(seconds=10))]


def test_a_changed_role_works_at_once(http, new_account, api):
    who = new_account("case_worker", "marta", "social_worker")
    token = sign_in(http, who.email).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert http.get("/v1/clients", headers=bearer).status_code == 200
    admin = api("system_admin")
    admin.change(f"/v1/users/{who.id}", {"active": False})
    assert http.get("/v1/clients", headers=bearer).status_code == 401
    admin.change(f"/v1/users/{who.id}", {"active": True, "role": "provider_manager"})
    assert me(http, token).json()["role"] == "provider_manager"
    assert http.get("/v1/clients", headers=bearer).json()["code"] == "not_approved"


def test_an_administrator_makes_accounts_but_not_for_itself(api, http):
    admin = api("system_admin")
    made = admin.create(
        "/v1/users", {"email": "jauns@example.org", "name": "Jauns Lietotājs", "role": "auditor"}
    )
    assert sign_in(http, "jauns@example.org").status_code == 401, "no password yet"
    secret = "ļoti gara jauna parole"
    assert (
        admin.request(
            "PUT", f"/v1/users/{made['id']}/password", json={"password": secret}
        ).status_code
        == 204
    )
    assert sign_in(http, "jauns@example.org", secret).status_code == 201
    own = f"/v1/users/{admin.account.id}"
    etag = admin.get(own).headers["etag"]
    refused = admin.patch(own, {"role": "agency_officer"}, etag=etag)
    assert (refused.status_code, refused.json()["code"]) == (403, "self_approval")


def test_weak_passwords_are_refused(api):
    admin = api("system_admin")
    user = admin.create("/v1/users", {"email": "vajs@example.org", "name": "V", "role": "auditor"})
    for weak in ("short", "password1234", "x" * 300):
        answer = admin.request("PUT", f"/v1/users/{user['id']}/password", json={"password": weak})
        assert answer.status_code == 422, weak


def forged(token, header=None, claims=None, key="guess" * 8):
    own = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(own | (claims or {}), key, algorithm="HS256", headers=header)


def unsigned(token, algorithm):
    head, body, _ = token.split(".")
    head = base64.urlsafe_b64encode(
        json.dumps({"alg": algorithm, "typ": "JWT", "kid": "test-1"}).encode()
    )
    return b".".join([head.rstrip(b"="), body.encode(), b""]).decode()


def test_a_forged_token_is_refused(http, token):
    good = token("auditor")
    head, body, signature = good.split(".")
    forgeries = [
        forged(good, {"kid": "test-1"}),
        forged(good, {"kid": "other"}),
        forged(good),
        unsigned(good, "none"),
        unsigned(good, "HS256"),
        unsigned(good, "RS256"),
        f"{head}.{body}.",
        f"{head}..{signature}",
        f".{body}.{signature}",
        "..",
        "a.b.c",
        good + ".x",
        f"{head}.{body}.{signature[:-2]}AA",
        good[:-1],
        "x" * 5000,
    ]
    for bad in forgeries:
        assert me(http, bad).status_code in (400, 401, 431), bad[:80]
    assert me(http, good).status_code == 200


def test_the_basic_scheme_is_refused(http):
    assert http.get("/v1/me", headers={"Authorization": "Basic YTpi"}).status_code == 401
    assert http.get("/v1/me").json()["code"] == "unauthenticated"
