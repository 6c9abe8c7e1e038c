"""A site of a test's own, and clients that must not notice what is done to it."""

import http.client
import json
import secrets
import threading
import time
import uuid
from urllib.parse import urlsplit

import httpx

from harness import PASSWORD, ROOT, Account, Cluster, Server


class Site:
    """A cluster, a server and a case worker of one test alone."""

    def __init__(self, name):
        self.cluster = Cluster(name=name)
        self.cluster.run("migrate")
        with self.cluster.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        self.worker = Account("case_worker", "marta", "social_worker")
        self.worker.create(self.cluster)
        self.server = Server(self.cluster)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.server.stop()
        finally:
            if self.server.process.poll() is None:
                self.server.process.kill()
            self.cluster.stop()

    def sign_in(self):
        answer = httpx.post(f"{self.server.base_url}/v1/sessions",
                            json={"email": self.worker.email, "password": PASSWORD}, timeout=30)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def get(self, path, headers):
        return httpx.get(self.server.base_url + path, headers=headers, timeout=30)

    def add_client(self, headers, given_name="Sniedze"):
        answer = httpx.post(
            f"{self.server.base_url}/v1/clients", timeout=30,
            headers=headers | {"Idempotency-Key": str(uuid.uuid4())},
            json={"given_name": given_name, "family_name": "Pūce",
                  "first_contact_on": "2018-01-05"})
        assert answer.status_code == 201, answer.text
        return answer.json()


class Load:
    """Clients that ask over one connection each, without ever opening another."""

    def __init__(self, url, ask, size=4):
        self.host = urlsplit(url).netloc
        self.ask, self.answered, self.failed = ask, 0, []
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.run) for _ in range(size)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.connect()
        connection.auto_open = 0
        while not self.stop.is_set():
            method, path, body, headers, expected = self.ask()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text, status = answer.read(), answer.status
            except (OSError, http.client.HTTPException) as error:
                text, status = repr(error), None
            with self.lock:
                self.answered += 1
                if status != expected:
                    self.failed.append((method, path, status, text[:200]))
            if status is None:
                return

    def more(self, count=40):
        """Waits for that many further answers."""
        goal, deadline = self.answered + count, time.monotonic() + 30
        while self.answered < goal and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.answered >= goal


def make_and_read(site, headers):
    """Alternately makes a client and reads the first one."""
    first = site.add_client(headers)["id"]
    body = json.dumps({"given_name": "Ieva", "family_name": "Lapa",
                       "first_contact_on": "2018-01-05"})

    def ask():
        if secrets.randbelow(2):
            return "GET", f"/v1/clients/{first}", None, headers, 200
        return "POST", "/v1/clients", body, headers | {
            "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}, 201

    return ask
