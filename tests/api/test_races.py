"""Two at once: for the last unit of a limit, the same key, the same version, the same hour."""

import datetime
import threading
import time
import uuid

import httpx
import psycopg
import pytest

from harness import together
from story import Story


@pytest.fixture
def aftercare(api, database):
    """A case whose course ended on 2018-02-28: five hours are left, until 2020-02-28."""
    worker = api("case_worker", "marta")
    client = worker.create("/v1/clients", {"given_name": "Laila", "first_contact_on": "2017-01-05"})
    case = worker.create("/v1/cases", {"client_id": client["id"], "opened_on": "2017-01-05"})
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            """UPDATE cases SET status = 'aftercare', granted_on = '2017-09-01',
            course_start = '2017-09-02', course_end = '2018-02-28', received_on = '2017-08-20',
            ruleset_id = (SELECT id FROM rulesets WHERE code = 'MK889-2013')
            WHERE id = %s""",
            [case["id"]],
        )
    return case


def consultation(date, hour=10, **more):
    return {
        "specialist_kind": "lawyer",
        "entitlement": "aftercare",
        "minutes": 60,
        "starts_at": f"{date}T{hour:02}:00:00+02:00",
    } | more


def caller(api, base_url):
    """A connection of its own for each thread."""
    known = api("case_worker", "marta")
    headers = {"Authorization": f"Bearer {known.token}"}
    return lambda method, path, **more: httpx.request(
        method, base_url + path, timeout=30, headers=headers | more.pop("headers", {}), **more
    )


def test_the_last_unit_of_a_limit_is_given_once(api, base_url, aftercare, database):
    worker = api("case_worker", "marta")
    path = f"/v1/cases/{aftercare['id']}/consultations"
    call = caller(api, base_url)
    for month in range(3, 7):
        worker.create(path, consultation(f"2018-{month:02}-01", hour=9 + month))
    answers = together(
        *[
            lambda n=n: call(
                "POST",
                path,
                json=consultation("2019-01-10", hour=6 + n),
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )
            for n in range(8)
        ]
    )
    assert sorted(a.status_code for a in answers) == [201] + [409] * 7, [a.text for a in answers]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"aftercare_exhausted"}
    used, entries = database.execute(
        """SELECT u.used, count(e.id) FROM limit_usages u
        JOIN limit_entries e ON e.usage_id = u.id AND e.given_back_at IS NULL
        WHERE u.holder_id = %s GROUP BY u.used""",
        [aftercare["id"]],
    ).fetchone()
    assert (used, entries) == (5, 5)
    shown = worker.read(f"/v1/cases/{aftercare['id']}/entitlements")["data"]
    left = [row for row in shown if row["code"] == "aftercare"][0]
    assert (left["used"], left["remaining"]) == (5, 0)


def test_a_cancelled_one_gives_its_unit_back(api, aftercare):
    worker = api("case_worker", "marta")
    path = f"/v1/cases/{aftercare['id']}/consultations"
    made = [worker.create(path, consultation(f"2018-05-{day:02}")) for day in range(1, 6)]
    assert (
        worker.create(path, consultation("2018-05-20"), expect=409)["code"] == "aftercare_exhausted"
    )
    # Help may always be recorded: only the state's money ends.
    worker.create(path, consultation("2018-05-21", funding="provider_own"))
    worker.change(f"{path}/{made[2]['id']}", {"outcome": "cancelled"})
    worker.create(path, consultation("2018-05-20"))
    # A correction gives back and takes anew in one act.
    held = worker.change(f"{path}/{made[0]['id']}", {"outcome": "held"})
    fixed = worker.create(
        path, consultation("2018-05-01", minutes=45, outcome="held", corrects_id=held["id"])
    )
    assert worker.read(f"{path}/{held['id']}")["superseded"] is True
    assert (
        worker.create(path, consultation("2018-05-25"), expect=409)["code"] == "aftercare_exhausted"
    )
    again = worker.create(
        path, consultation("2018-05-01", corrects_id=held["id"], outcome="held"), expect=409
    )
    assert again["code"] == "conflict" and fixed["corrects_id"] == held["id"]


@pytest.mark.parametrize(
    "date, status, code",
    [
        ("2018-02-28", 409, "course_not_ended"),
        ("2018-03-01", 201, None),
        ("2020-02-28", 201, None),
        ("2020-02-29", 422, "aftercare_expired"),
    ],
)
def test_aftercare_is_open_for_24_months(api, aftercare, date, status, code):
    answer = api("case_worker", "marta").post(
        f"/v1/cases/{aftercare['id']}/consultations", consultation(date, hour=16)
    )
    assert answer.status_code in (status, 422 if code else status), answer.text
    assert answer.json().get("code") == code


def test_an_hour_is_sixty_minutes(api, aftercare):
    worker = api("case_worker", "marta")
    path = f"/v1/cases/{aftercare['id']}/consultations"
    assert (
        worker.create(path, consultation("2018-07-01", minutes=61), expect=422)["code"]
        == "aftercare_too_long"
    )


def test_one_key_makes_one_act_even_in_parallel(api, base_url):
    call = caller(api, base_url)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"given_name": "Reinis", "first_contact_on": "2018-03-03"}
    answers = together(*[lambda: call("POST", "/v1/clients", json=body, headers=key)] * 6)
    made = {a.json()["id"] for a in answers if a.status_code == 201}
    assert len(made) == 1
    assert {a.status_code for a in answers} <= {201, 409}


def test_of_parallel_changes_to_one_version_one_wins(api, base_url):
    client = api("case_worker", "marta").create(
        "/v1/clients", {"given_name": "Dace", "first_contact_on": "2018-03-03"}
    )
    call = caller(api, base_url)
    answers = together(
        *[
            lambda n=n: call(
                "PATCH",
                f"/v1/clients/{client['id']}",
                json={"dependants": n},
                headers={"If-Match": '"1"'},
            )
            for n in range(1, 7)
        ]
    )
    assert sorted(a.status_code for a in answers) == [200] + [412] * 5


def test_one_specialist_has_one_appointment_at_a_time(api, base_url, aftercare):
    call = caller(api, base_url)
    path = f"/v1/cases/{aftercare['id']}/consultations"
    answers = together(
        *[
            lambda n=n: call(
                "POST",
                path,
                json=consultation("2018-09-09", funding="other"),
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )
            for n in range(4)
        ]
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"overlap"}
    start = datetime.datetime(2018, 9, 9, 9, tzinfo=datetime.timezone.utc).isoformat()
    joint = consultation("2018-09-09", funding="other", joint=True, starts_at=start)
    api("case_worker", "marta").create(path, joint)


def blocked(database, seconds=10):
    """Waits until a connection of the service waits for a lock."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if database.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
            return
        time.sleep(0.005)
    raise AssertionError("nobody waits")


def cross(worker, cluster, database, case, close):
    """The service holds the case and waits for the client; another does it the other way round.
    Who waits longest is undone: the service, unless this machine was slow. Whether it was."""
    thread = threading.Thread(target=close)
    try:
        with cluster.connect() as other, other.transaction():
            other.execute("SELECT FROM clients WHERE id = %s FOR UPDATE", [case["client_id"]])
            thread.start()
            blocked(database)
            other.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", [case["id"]])
    except psycopg.errors.DeadlockDetected:
        return False
    finally:
        thread.join()
    return True


@pytest.mark.parametrize("batch", [False, True])
def test_an_act_that_lost_a_deadlock_is_retried(api, cluster, database, server, batch):
    worker, body = api("case_worker", "marta"), {"to": "closed", "close_reason": "other"}
    for _ in range(10):
        client = worker.create("/v1/clients", {"given_name": "Ieva"})
        case = worker.create("/v1/cases", {"client_id": client["id"]})
        path, answers = f"/v1/cases/{case['id']}/transitions", []
        act = "/v1/batch", {"operations": [{"method": "POST", "path": path, "body": body}]}
        before = server.log().count("40P01")
        undone = cross(worker, cluster, database, case,
                       lambda: answers.append(worker.post(*(act if batch else (path, body)))))
        assert answers[0].status_code == (200 if batch else 201), answers[0].text
        assert worker.read(f"/v1/cases/{case['id']}")["status"] == "closed"
        assert len(worker.read(path)["data"]) == 1
        if undone:
            assert server.log().count("40P01") == before + 1
            return
    raise AssertionError("the service never was the one to be undone")


def waits_for(cluster, seconds=10):
    """What the server's write waits for in the database, as soon as it waits for a lock."""
    ends = time.monotonic() + seconds
    with cluster.connect("postgres") as watcher:
        while time.monotonic() < ends:
            row = watcher.execute(
                "SELECT wait_event FROM pg_stat_activity WHERE usename = 'atbalsts_api'"
                " AND wait_event_type = 'Lock'").fetchone()
            if row:
                return row[0]
            time.sleep(0.01)
    raise AssertionError("the write waits for nothing")


def hours(story, case, number):
    return f"/v1/cases/{case['id']}/consultations", {
        "specialist_kind": "social_worker", "entitlement": "start_up", "minutes": 60,
        "starts_at": f"2018-05-02T1{number}:30:00Z", "funding": "other"}


def stays(story, case, number):
    stay = story.worker.create(f"/v1/cases/{case['id']}/accommodations", {
        "place": "abroad", "place_code": "IE-1", "country": "IE", "starts_on": "2018-01-09",
        "ends_on": "2018-01-12", "address": "1 Quay Street"})
    return f"/v1/cases/{case['id']}/accommodations/{stay['id']}/occupants", {}


def reflections(story, case, number):
    return f"/v1/clients/{case['client_id']}/reflection_periods", {
        "starts_on": f"2018-01-1{number}", "granted_by": "police"}


@pytest.mark.parametrize("kind, table, change", [
    (hours, "consultations", "ends_at = ends_at + interval '30 minutes'"),
    (stays, "accommodation_occupants", "days = days"),
    (reflections, "reflection_periods", "ends_on = ends_on")])
def test_an_excluding_act_waits_before_it_writes_its_row(
        api, providers, cluster, base_url, kind, table, change):
    """Two rows that are there and wait for each other are a deadlock; two turns never are."""
    story = Story(api, providers)
    client = story.client(citizenship="UA")["id"]
    first, second = story.case(client), story.case(client)
    path, body = kind(story, first, 0)
    row = story.worker.create(path, body)
    path, body = kind(story, second, 1)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(caller(api, base_url)(
        "POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})))
    with cluster.connect() as owner, owner.transaction():
        owner.execute("SELECT set_config('app.actor', 'cli', true)")
        owner.execute(f"UPDATE {table} SET {change} WHERE id = %s", [row["id"]])
        thread.start()
        event = waits_for(cluster)
    thread.join()
    assert event == "advisory"
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "overlap"), answers[0].text
