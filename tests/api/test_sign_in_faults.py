"""An error is never a verdict: neither a wrong password, nor a bad token, nor a theft."""

import resource

import httpx
import pytest

from harness import PASSWORD, Account, Server
from relay import Relay

MIB = 1024 * 1024
NEW = "cita pareiza zirga baterija"


@pytest.fixture(scope="module")
def relay(cluster):
    relay = Relay(cluster)
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def faulty(cluster, relay):
    """A server of one connection through the relay, which waits for no lock longer than 200 ms."""
    server = Server(cluster, DATABASE=relay.dsn(), POOL_SIZE=1, LOCK_TIMEOUT_MS=200,
                    STATEMENT_TIMEOUT_MS=2000)
    yield server
    server.stop()


@pytest.fixture
def client(faulty):
    with httpx.Client(base_url=faulty.base_url, timeout=30) as client:
        yield client


@pytest.fixture
def email(new_account, database):
    yield new_account("auditor").email
    database.execute("DELETE FROM sign_in_attempts")


def sign_in(client, email, password=PASSWORD):
    return client.post("/v1/sessions", json={"email": email, "password": password})


def refresh(client, token):
    return client.post("/v1/sessions/refresh", json={"refresh_token": token})


def change(client, session, old=PASSWORD):
    return client.put("/v1/me/password", json={"current_password": old, "new_password": NEW},
                      headers={"Authorization": f"Bearer {session['access_token']}"})


def charged(database):
    """Failures of accounts; attempts without a verdict lapse by themselves."""
    return database.execute("SELECT coalesce(sum(failures), 0)::int FROM sign_in_attempts"
                            " WHERE kind = 'account'").fetchone()[0]


def test_a_refresh_whose_commit_got_no_answer_is_in_doubt_and_repeated(
        client, relay, email, database):
    session = sign_in(client, email).json()
    relay.lose_answer("COMMIT")
    lost = refresh(client, session["refresh_token"])
    assert (lost.status_code, lost.json()["code"]) == (503, "in_doubt")
    assert int(lost.headers["retry-after"]) >= 1 and relay.heal()
    again = refresh(client, session["refresh_token"])
    assert again.status_code == 200, again.text
    row = database.execute("SELECT generation, ended_at FROM sessions WHERE id = %s",
                           (session["session_id"],)).fetchone()
    assert row == (2, None), "rotated once"
    assert refresh(client, again.json()["refresh_token"]).status_code == 200


@pytest.mark.parametrize("way", ["asked", "answered"])
def test_a_refresh_cut_at_any_byte_gets_a_true_answer_and_may_be_repeated(
        client, relay, email, database, way):
    after, was_cut, codes = 0, True, set()
    session = sign_in(client, email).json()
    token = session["refresh_token"]

    def generation():
        return database.execute("SELECT generation FROM sessions WHERE id = %s"
                                " AND ended_at IS NULL", (session["session_id"],)).fetchone()[0]

    while was_cut:
        before = generation()
        relay.cut(way, after)
        answer = refresh(client, token)
        was_cut = relay.heal()
        if answer.status_code != 200:
            codes.add(answer.json()["code"])
            assert answer.status_code == 503, (after, answer.text)
            if answer.json()["code"] == "unavailable":
                assert generation() == before, f"nothing was changed, cut after {after}"
            answer = refresh(client, token)
        assert answer.status_code == 200, (after, answer.text)
        assert generation() == before + 1, after
        token = answer.json()["refresh_token"]
        after += 29
    assert codes == {"unavailable", "in_doubt"} and after > 100


def test_a_sign_in_cut_at_any_byte_counts_nothing(client, relay, email, database):
    after, was_cut = 0, True
    while was_cut:
        relay.cut("answered", after)
        answer = sign_in(client, email)
        was_cut = relay.heal()
        assert answer.status_code in (201, 503), (after, answer.text)
        assert charged(database) == 0, after
        again = sign_in(client, email)
        assert again.status_code == 201, (after, again.text)
        after += 61
    assert after > 100


def test_a_lost_connection_lapses_without_counting(client, relay, email, database):
    """The attempts are noted, and nobody could take them back."""
    for n in range(6):
        relay.lose_answer("INSERT 0 1")
        answer = sign_in(client, email)
        relay.heal()
        assert answer.status_code == (503 if n < 5 else 429), "no more at once than may fail"
    assert charged(database) == 0
    left = database.execute("SELECT pending, pending_until - now() <= interval '10 seconds'"
                            " FROM sign_in_attempts WHERE pending > 0").fetchall()
    assert left == [(5, True)]
    database.execute("UPDATE sign_in_attempts SET pending_until = now()")
    assert sign_in(client, email).status_code == 201


@pytest.mark.parametrize("table", ["users", "credentials", "sessions", "audit_events",
                                   "sign_in_attempts"])
def test_a_locked_table_is_no_wrong_password(client, email, cluster, database, table):
    session = sign_in(client, email).json()
    with cluster.connect() as other, other.transaction():
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        for _ in range(6):
            for answer in (sign_in(client, email), change(client, session)):
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["retry-after"]) >= 1
    assert charged(database) == 0
    assert sign_in(client, email).status_code == 201, "at once"
    assert change(client, session).status_code == 204
    assert sign_in(client, email, NEW).status_code == 201


def test_a_locked_table_is_no_bad_refresh_token(client, email, cluster):
    token = sign_in(client, email).json()["refresh_token"]
    with cluster.connect() as other, other.transaction():
        other.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        assert refresh(client, token).status_code == 503
    with cluster.connect() as other, other.transaction():
        other.execute("LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE")
        assert refresh(client, token).status_code == 503
    assert refresh(client, token).status_code == 200


def test_refreshes_of_one_session_come_one_after_the_other(client, email, cluster):
    """Else one is told its successor while the other makes it an old token."""
    session = sign_in(client, email).json()
    first = refresh(client, session["refresh_token"])
    with cluster.connect() as other, other.transaction():
        other.execute("SELECT FROM sessions WHERE id = %s FOR NO KEY UPDATE",
                      (session["session_id"],))
        assert refresh(client, session["refresh_token"]).status_code == 503
    again = refresh(client, session["refresh_token"])
    assert again.json()["refresh_token"] == first.json()["refresh_token"]


def test_a_wrong_password_still_counts_while_others_fail_for_us(
        client, email, cluster, database):
    assert sign_in(client, email, "wrong password, though long").status_code == 401
    with cluster.connect() as other, other.transaction():
        other.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        assert sign_in(client, email).status_code == 503
    assert charged(database) == 1, "what was charged is not forgiven with the fault"
    for _ in range(4):
        assert sign_in(client, email, "wrong password, though long").status_code == 401
    assert sign_in(client, email).status_code == 429


def address_space(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmSize:"):
            return int(line.split()[1]) * 1024
    raise LookupError(pid)


def test_a_lack_of_memory_is_no_wrong_password(client, faulty, email, database):
    """Less than the 19 MiB of argon2 are left, and more than all else needs."""
    session = sign_in(client, email).json()
    pid = faulty.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (address_space(pid) + 10 * MIB, before[1]))
    try:
        answers = [call() for _ in range(6) for call in (
            lambda: sign_in(client, email), lambda: change(client, session),
            lambda: sign_in(client, "nobody.at.all@example.org"))]
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, before)
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "busy"), answer.text
        assert answer.headers["retry-after"] == "1"
    assert charged(database) == 0
    assert sign_in(client, email).status_code == 201
    assert change(client, session, "wrong password, though long").status_code == 422
    assert change(client, session).status_code == 204


def test_a_damaged_hash_is_no_wrong_password(client, cluster, database):
    who = Account("auditor", number=900)
    who.create(cluster)
    database.execute("UPDATE credentials SET hash = left(hash, 60) WHERE user_id = %s", (who.id,))
    for _ in range(6):
        assert sign_in(client, who.email).status_code == 500
    assert charged(database) == 0
