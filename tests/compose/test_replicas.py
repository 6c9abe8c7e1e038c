"""Two replicas behind the proxy: one dies, one stops, one waits for its database; work goes on."""

import os
import signal
import threading
import time
import uuid

import httpx
import pytest
from stack import new_client, run

WORKERS = 8


@pytest.fixture(scope="module")
def worker(stack):
    return stack.sign_in("worker@marta.example")


class Load:
    """Clients that read and write until told to stop. A write that is in doubt, or whose answer was
    lost, is sent again under its key, as the API asks; any other failure is one."""

    def __init__(self, stack, headers):
        self.stack, self.headers = stack, headers
        self.reads, self.acknowledged, self.repeated, self.failures = 0, [], 0, []
        self.name = "Slodze" + uuid.uuid4().hex[:12]
        self.slowest = 0
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def work(self):
        with httpx.Client(base_url=self.stack.base_url, verify=self.stack.tls(), timeout=30,
                          headers=self.headers) as client:
            while not self.stopped.is_set():
                self.read(client)
                self.write(client)

    def ask(self, client, method, path, **more):
        started = time.monotonic()
        answer = client.request(method, path, **more)
        with self.lock:
            self.slowest = max(self.slowest, time.monotonic() - started)
        return answer

    def read(self, client):
        answer = self.ask(client, "GET", "/v1/me")
        with self.lock:
            self.reads += 1
            if answer.status_code != 200:
                self.failures.append((answer.status_code, answer.text))

    def write(self, client):
        key = {"Idempotency-Key": uuid.uuid4().hex}
        for _ in range(20):
            answer = self.ask(client, "POST", "/v1/clients", json=new_client(self.name),
                              headers=key)
            again = answer.status_code == 503 and answer.json()["code"] == "in_doubt" or \
                answer.status_code == 409 and answer.json()["code"] == "idempotency_key_in_use"
            with self.lock:
                if answer.status_code == 201:
                    self.acknowledged.append(answer.json()["id"])
                    return
                self.repeated += 1
                if not again:
                    self.failures.append((answer.status_code, answer.text))
                    return
            time.sleep(0.2)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def found(self):
        """The ids that are there, by the API's own search."""
        ids, path = [], f"/v1/clients?family_name={self.name}&limit=200&fields=id"
        with httpx.Client(base_url=self.stack.base_url, verify=self.stack.tls(), timeout=30,
                          headers=self.headers) as client:
            while path:
                page = client.get(path)
                page.raise_for_status()
                ids += [row["id"] for row in page.json()["data"]]
                path = page.links.get("next", {}).get("url")
        return ids

    def told(self, seconds):
        return (f"{self.reads} reads, {len(self.acknowledged)} writes acknowledged in "
                f"{seconds:.0f} s, {self.repeated} repeated, {len(self.failures)} failed, "
                f"slowest {self.slowest:.2f} s")


def run_under_load(stack, worker, act):
    """A load of 2 s before and 3 s after what happens; everything acknowledged is there once."""
    started, load = time.monotonic(), Load(stack, worker)
    try:
        time.sleep(2)
        act()
        time.sleep(3)
    finally:
        load.stop()
    assert sorted(load.found()) == sorted(load.acknowledged)
    assert len(load.acknowledged) > 20
    return load, load.told(time.monotonic() - started)


def test_a_replica_that_is_killed_loses_nothing(stack, worker, figure):
    pid = stack.containers()["api-1"]["State"]["Pid"]
    load, told = run_under_load(stack, worker, lambda: os.kill(pid, signal.SIGKILL))
    figure(f"kill -9 of one replica of two: {told}")
    assert load.failures == []
    stack.wait("api-1", "healthy")
    assert stack.containers()["api-1"]["State"]["Pid"] != pid, "the engine has started it again"


def test_a_replica_that_is_stopped_fails_nobody(stack, worker, figure):
    container = stack.container("api-2")
    stop = ("docker", "stop", "--time", "25", container)
    load, told = run_under_load(stack, worker, lambda: run(*stop))
    figure(f"graceful stop of one replica of two: {told}")
    assert load.failures == [] and load.repeated == 0
    assert '"event":"stopped"' in stack.log("api-2")
    assert stack.containers()["api-2"]["State"]["ExitCode"] == 0
    run("docker", "start", container)
    stack.wait("api-2", "healthy")


def test_replicas_made_anew_one_after_the_other_fail_nobody(stack, worker, figure):
    """The runbook's steps to a new version."""
    def upgrade():
        stack.compose("run", "--rm", "migrate")
        for service in ("api-1", "api-2"):
            stack.compose("up", "-d", "--no-deps", "--force-recreate", service)
            stack.wait(service, "healthy")

    before = {name: stack.container(name) for name in ("api-1", "api-2")}
    load, told = run_under_load(stack, worker, upgrade)
    figure(f"both replicas made anew, one after the other: {told}")
    assert load.failures == [] and load.repeated == 0
    assert all(stack.container(name) != before[name] for name in before)


def test_without_any_replica_the_proxy_says_so(stack, http):
    containers = [stack.container(name) for name in ("api-1", "api-2")]
    run("docker", "stop", "--time", "25", *containers)
    try:
        read = http.get("/problems/not_found", headers={"Accept-Language": "lv"})
        write = http.post("/v1/sessions", json={})
    finally:
        run("docker", "start", *containers)
    assert (read.status_code, read.json()["code"]) == (503, "unavailable")
    assert read.json()["title"] == "Pakalpojums pašlaik nevar atbildēt"
    assert (write.status_code, write.json()["code"]) == (503, "in_doubt")
    assert read.headers["retry-after"] == write.headers["retry-after"] == "1"
    for name in ("api-1", "api-2"):
        stack.wait(name, "healthy")
    assert http.get("/problems/not_found").status_code == 200
