"""The profiles ha and monitoring, started beside what runs. The last: it ends the primary."""

import json
import time

import httpx
from stack import new_client, run


def until(seconds, wanted, ask):
    deadline = time.monotonic() + seconds
    while (given := ask()) != wanted and time.monotonic() < deadline:
        time.sleep(0.3)
    assert given == wanted
    return given


def test_prometheus_sees_both_replicas(stack):
    stack.up("monitoring")
    stack.wait("prometheus", "healthy")

    def seen():
        values = json.loads(run("docker", "exec", stack.container("prometheus"), "promtool",
                                "query", "instant", "--format", "json", "http://127.0.0.1:9090",
                                'up{job="atbalsts"}'))
        return sorted((one["metric"]["instance"], one["value"][1]) for one in values)

    until(40, [("api-1:8081", "1"), ("api-2:8081", "1")], seen)
    run("docker", "exec", stack.container("prometheus"), "promtool", "check", "config",
        "/etc/prometheus/prometheus.yml")


def test_a_commit_waits_for_the_standby_and_survives_the_primary(stack, figure):
    stack.up("ha")
    stack.wait("synchronous", "exited")
    until(20, "standby|sync", lambda: stack.psql(
        "SELECT application_name, sync_state FROM pg_stat_replication"))
    with httpx.Client(base_url=stack.base_url, verify=stack.tls(), timeout=30,
                      headers=stack.sign_in("worker@marta.example")) as client:
        made = client.post("/v1/clients", json=new_client("Kalniņa"),
                           headers={"Idempotency-Key": "before"})
        assert made.status_code == 201
        run("docker", "kill", stack.container("postgres"))
        started = time.monotonic()
        stack.psql("SELECT pg_promote()", service="standby")
        until(30, 200, lambda: client.get(made.headers["location"]).status_code)
        figure(f"primary killed, standby promoted: the acknowledged write is read again after "
               f"{time.monotonic() - started:.1f} s")
        again = client.post("/v1/clients", json=new_client("Bērziņa"),
                            headers={"Idempotency-Key": "after"})
        assert again.status_code == 201
