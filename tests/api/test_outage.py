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
        server = Server(cluster, POOL_WAIT_MS=500)
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


def test_a_foreign_schema_is_not_served(away):
    cluster, server, _ = away
    with cluster.connect() as owner:
        owner.execute("ALTER TABLE clients RENAME COLUMN threats TO menaces")
    with pytest.raises(RuntimeError, match="clients.threats is missing"):
        cluster.run("config", "check")
