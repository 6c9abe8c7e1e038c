"""A database that goes away costs 503s, and no restart."""

import subprocess
import time

import httpx
import pytest

from harness import PASSWORD, ROOT, Cluster, Server, all_accounts, clean_environment


def database(cluster, command):
    subprocess.run(
        ["bash", str(ROOT / "deploy/cluster.sh"), command, str(cluster.folder)],
        check=True,
        env=clean_environment(),
    )


@pytest.fixture
def away():
    cluster = Cluster(name="outage")
    try:
        cluster.run("migrate")
        with cluster.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        worker = next(a for a in all_accounts() if a.role == "case_worker")
        worker.create(cluster)
        server = Server(cluster, POOL_WAIT_MS=500, STATEMENT_TIMEOUT_MS=2000)
        yield cluster, server, worker
        server.stop()
    finally:
        cluster.stop()


def test_the_database_goes_and_comes_back(away):
    cluster, server, worker = away
    session = httpx.post(
        server.base_url + "/v1/sessions", json={"email": worker.email, "password": PASSWORD}
    ).json()
    bearer = {"Authorization": f"Bearer {session['access_token']}"}

    def clients():
        return httpx.get(server.base_url + "/v1/clients", headers=bearer, timeout=20)

    assert clients().status_code == 200
    database(cluster, "stop")
    answer = clients()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert httpx.get(server.admin_url + "/health/ready", timeout=20).status_code == 503
    assert httpx.get(server.admin_url + "/health/live").status_code == 200
    database(cluster, "start")
    deadline = time.monotonic() + 15
    while clients().status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert clients().status_code == 200
    assert httpx.get(server.admin_url + "/health/ready").status_code == 200


def test_a_write_without_a_standby_is_in_doubt_also_when_it_is_repeated(away):
    """Else a repeated key would acknowledge what a lost primary takes with it."""
    cluster, server, worker = away
    session = httpx.post(
        server.base_url + "/v1/sessions", json={"email": worker.email, "password": PASSWORD}
    ).json()
    headers = {"Authorization": f"Bearer {session['access_token']}", "Idempotency-Key": "once"}

    def post():
        answer = httpx.post(server.base_url + "/v1/clients", headers=headers, timeout=30,
                            json={"given_name": "Ilze"})
        return answer.status_code, answer.json().get("code"), answer.json().get("id")

    def wait_for_standby(name):
        with cluster.connect("postgres") as superuser:
            superuser.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            superuser.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)

    wait_for_standby("nobody")
    assert post()[:2] == (503, "in_doubt")
    assert post()[:2] == (409, "idempotency_key_in_use"), "the commit waits in the database"
    with cluster.connect("postgres") as superuser:
        # As a crash of the primary would do: the commit is seen now, and no standby has it.
        superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          " WHERE wait_event = 'SyncRep'")
    assert post()[:2] == (503, "in_doubt")
    wait_for_standby("")
    status, _, made = post()
    assert (status, post()[2]) == (201, made)
    with cluster.connect() as owner:
        assert [str(row[0]) for row in owner.execute("SELECT id FROM clients")] == [made]


def test_a_server_does_not_serve_a_foreign_schema(away):
    cluster, server, _ = away
    with cluster.connect() as owner:
        owner.execute("ALTER TABLE clients RENAME COLUMN threats TO menaces")
    with pytest.raises(RuntimeError, match="clients.threats is missing"):
        cluster.run("config", "check")
