"""What the engine does for every resource: tells who has looked, keeps act and effect together."""

import uuid

import httpx
import pytest

from harness import PASSWORD, together
from recorder import Api
from story import Story

CLIENT = {"given_name": "Sniedze", "family_name": "Pūce", "first_contact_on": "2018-01-05"}


@pytest.fixture
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture
def signed_in(new_account, http, contract):
    """A case worker of this test alone: what they may do is changed here."""
    account = new_account("case_worker", "marta", "social_worker")
    answer = Api(http, contract).post(
        "/v1/sessions", {"email": account.email, "password": PASSWORD}, expect=201,
        headers={"Idempotency-Key": None})
    return Api(http, contract, answer.json()["access_token"], account)


def become(database, caller, **columns):
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        sets = ", ".join(f"{name} = %s" for name in columns)
        database.execute(f"UPDATE users SET {sets} WHERE id = %s",
                         [*columns.values(), caller.account.id])


def reads(database, client_id):
    """Access rows of a client: (resource, row, user, provider)."""
    return [tuple(str(cell) for cell in row) for row in database.execute(
        "SELECT resource, row_id, user_id, client_provider_id FROM audit_events"
        " WHERE action = 'read' AND client_id = %s ORDER BY id", [client_id])]


# Who has looked


def test_a_patch_that_changes_nothing_is_logged_as_a_read(signed_in, story, database, providers):
    client = story.client()
    case = story.case(client["id"])
    before = reads(database, client["id"])
    for path, row in ((f"/v1/clients/{client['id']}", client), (f"/v1/cases/{case['id']}", case)):
        # The tag comes with the refusal of another one: nothing was read to know it.
        tag = signed_in.patch(path, {}, etag='"999"', expect=412).headers["ETag"]
        shown = signed_in.patch(path, {}, etag=tag, expect=200)
        assert shown.json()["id"] == row["id"] and shown.headers["ETag"] == tag
    me, marta = signed_in.account.id, providers["marta"]
    assert sorted(set(reads(database, client["id"])) - set(before)) == [
        ("cases", case["id"], me, marta), ("clients", client["id"], me, marta)]


def test_a_repeated_stored_answer_is_logged_as_a_read(story, database, providers):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    client = story.worker.create("/v1/clients", CLIENT, headers=key)
    case = story.case(client["id"])
    notes, body = f"/v1/cases/{case['id']}/notes", {"text": "Sleeps better."}
    note = story.worker.create(notes, body, headers=key)
    before = reads(database, client["id"])
    assert story.worker.create("/v1/clients", CLIENT, headers=key) == client
    assert story.worker.create(notes, body, headers=key) == note
    me, marta = story.worker.account.id, providers["marta"]
    assert reads(database, client["id"])[len(before):] == [
        ("clients", client["id"], me, marta), ("case_notes", note["id"], me, marta)]


# A stored answer is told to whom the act was allowed, and as long as it is


def test_a_stored_answer_does_not_follow_a_user_to_another_provider(
        signed_in, database, providers):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = signed_in.create("/v1/clients", CLIENT, headers=key)
    again = signed_in.post("/v1/clients", CLIENT, headers=key, expect=201)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == made
    become(database, signed_in, provider_id=providers["dm"])
    signed_in.get(f"/v1/clients/{made['id']}", expect=404)
    refused = signed_in.post("/v1/clients", CLIENT, headers=key, expect="idempotency_key_reused")
    assert made["id"] not in refused.text and made["number"] not in refused.text


@pytest.mark.parametrize("send", ["alone", "batch"])
def test_a_stored_answer_does_not_follow_a_user_to_another_role(signed_in, database, send):
    """The former role may have seen more; back in it, the answer is there again."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path, body = ("/v1/clients", CLIENT) if send == "alone" else ("/v1/batch", {
        "operations": [{"method": "POST", "path": "/v1/clients", "body": CLIENT}]})
    made = signed_in.post(path, body, headers=key).text
    become(database, signed_in, role="provider_manager", profession=None)
    refused = signed_in.post(path, body, headers=key, expect="idempotency_key_reused")
    assert made not in refused.text
    become(database, signed_in, role="case_worker", profession="social_worker")
    again = signed_in.post(path, body, headers=key)
    assert again.text == made and again.headers["Idempotent-Replayed"] == "true"


def test_a_stored_answer_is_not_shown_to_a_user_who_left_the_team(story):
    case = story.case()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    notes, body = f"/v1/cases/{case['id']}/notes", {"text": "Sleeps better."}
    story.psychologist.create(notes, body, headers=key)
    story.psychologist.create(notes, body, headers=key)
    team = f"/v1/cases/{case['id']}/team"
    for row in story.worker.read(team)["data"]:
        if row["user_id"] == story.psychologist.account.id:
            story.worker.remove(f"{team}/{row['id']}")
    story.psychologist.get(notes, expect=404)
    story.psychologist.create(notes, body, headers=key, expect=404)


# A stored answer is kept for 24 hours, and no longer


def stored_again(database, caller, number, age):
    """Copies of an answer that the caller has got, as old as told."""
    made = str(uuid.uuid4())
    caller.create("/v1/clients", CLIENT, headers={"Idempotency-Key": made})
    database.execute(
        "INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, response,"
        " client_id, created_at) SELECT user_id, route, key || n, fingerprint, status, response,"
        " client_id, now() - %s::interval FROM idempotency_keys, generate_series(1, %s) n"
        " WHERE key = %s", [age, number, made])


def stored(database, caller):
    return database.execute(
        "SELECT count(*) FILTER (WHERE created_at < now() - interval '24 hours'),"
        " count(*) FROM idempotency_keys WHERE user_id = %s", [caller.account.id]).fetchone()


def test_each_stored_answer_removes_ten_that_are_older_than_a_day(signed_in, database):
    stored_again(database, signed_in, 25, "24 hours 2 minutes")
    stored_again(database, signed_in, 5, "23 hours 59 minutes")
    left = [stored(database, signed_in)[0]]
    for _ in range(3):
        signed_in.create("/v1/clients", CLIENT)
        left.append(stored(database, signed_in)[0])
    # The second of the first two calls has removed ten already.
    assert left == [15, 5, 0, 0]
    assert stored(database, signed_in) == (0, 2 + 5 + 3)


def test_a_whole_batch_removes_ten_and_so_does_a_transfers_answer(marta, dm, database):
    case = marta.case()
    transfer = marta.transfer(marta.case_in("in_course"), dm)
    note = {"method": "POST", "path": f"/v1/cases/{case['id']}/notes",
            "body": {"text": "Sleeps better."}}
    stored_again(database, marta.worker, 25, "2 days")
    marta.worker.post("/v1/batch", {"operations": [note] * 3}, expect=200)
    assert stored(database, marta.worker)[0] == 15
    dm.answer(transfer)
    assert stored(database, marta.worker)[0] == 5


def test_a_key_of_yesterday_makes_a_new_act(signed_in, database):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = signed_in.create("/v1/clients", CLIENT, headers=key)
    age = "UPDATE idempotency_keys SET created_at = now() - %s::interval WHERE key = %s"
    database.execute(age, ["23 hours 59 minutes", key["Idempotency-Key"]])
    assert signed_in.create("/v1/clients", CLIENT, headers=key) == made
    # Not swept yet, and yet over: neither told again nor compared.
    database.execute(age, ["24 hours", key["Idempotency-Key"]])
    other = dict(CLIENT, family_name="Cita")
    again = signed_in.post("/v1/clients", other, headers=key, expect=201)
    assert again.json()["id"] != made["id"] and "Idempotent-Replayed" not in again.headers
    assert signed_in.create("/v1/clients", other, headers=key) == again.json()


def test_parallel_acts_remove_old_answers_and_none_waits_or_fails(signed_in, database, base_url):
    stored_again(database, signed_in, 90, "2 days")
    headers = {"Authorization": f"Bearer {signed_in.token}"}

    def act():
        return httpx.post(f"{base_url}/v1/clients", json=CLIENT, timeout=30, headers=headers | {
            "Idempotency-Key": str(uuid.uuid4())}).status_code

    with database.transaction():
        database.execute("SELECT FROM idempotency_keys WHERE user_id = %s AND created_at <"
                         " now() - interval '1 day' ORDER BY created_at LIMIT 20 FOR UPDATE",
                         [signed_in.account.id])
        assert together(*[act] * 8) == [201] * 8
    assert 20 <= stored(database, signed_in)[0] <= 40
    assert together(*[act] * 8) == [201] * 8
    assert stored(database, signed_in)[0] == 0


# Act and effect


def test_a_change_whose_effect_meets_no_row_is_not_committed(story, database):
    case = story.case()
    made = story.application(case)
    path = f"/v1/cases/{case['id']}/applications/{made['id']}"
    database.execute("CREATE FUNCTION engine_hides() RETURNS trigger LANGUAGE plpgsql AS"
                     " 'BEGIN RETURN NULL; END'")
    database.execute("CREATE TRIGGER engine_hides BEFORE UPDATE ON cases FOR EACH ROW"
                     f" WHEN (OLD.id = '{case['id']}') EXECUTE FUNCTION engine_hides()")
    try:
        answer = story.worker.http.patch(path, json={"received_on": "2018-01-16"}, headers={
            "Authorization": f"Bearer {story.worker.token}", "If-Match": '"1"'})
    finally:
        database.execute("DROP TRIGGER engine_hides ON cases")
        database.execute("DROP FUNCTION engine_hides")
    assert answer.status_code == 500
    assert story.worker.read(path)["received_on"] == "2018-01-15"
    assert story.worker.change(path, {"received_on": "2018-01-16"})["version"] == 2
    assert story.read_case(case)["received_on"] == "2018-01-16"


# Cursors


def test_a_list_goes_on_behind_the_longest_name(api):
    ministry = api("ministry_officer")
    for _ in range(2):
        number = str(uuid.uuid4())
        ministry.create("/v1/providers", {
            "name": "🙂" * 160 + number, "register_number": number[-12:], "active": False})
    rows = list(ministry.pages("/v1/providers", sort="-name", limit=1))
    assert len(rows) == len({row["id"] for row in rows}) >= 4


# The session's row says what one may do, not the token


def test_a_new_role_holds_before_the_token_is_renewed(
        signed_in, database):
    contract, client = {"number": "x"}, {"client_id": str(uuid.uuid4())}
    signed_in.post("/v1/contracts", contract, expect="forbidden")
    become(database, signed_in, role="ministry_officer", provider_id=None, profession=None)
    signed_in.post("/v1/contracts", contract, expect="validation_failed")
    signed_in.post("/v1/cases", client, expect="forbidden")
    # What the token's role may and the row's may not: the roles are asked again.
    signed_in.request("PUT", f"/v1/cases/{uuid.uuid4()}/attachments/{uuid.uuid4()}/completion",
                      expect="forbidden")
    become(database, signed_in, role="system_admin")
    # An endpoint's roles are looked at by the engine, a resource's by each of its actions.
    signed_in.request("PUT", f"/v1/users/{uuid.uuid4()}/password", expect="not_found",
                      json={"password": "three blue herons 42"})


def test_an_ended_session_answers_401_before_the_role_is_judged(signed_in):
    signed_in.post("/v1/contracts", {"number": "x"}, expect="forbidden")
    signed_in.delete("/v1/sessions/current", expect=204)
    signed_in.post("/v1/contracts", {"number": "x"}, expect="unauthenticated")
