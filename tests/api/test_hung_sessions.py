"""Database sessions that hang cost those whose request they hold, and nobody else."""

import contextlib
import os
import signal
import threading
import time
import uuid

import httpx
import pytest

from harness import together
from site_load import Site
from test_metrics import scrape, value

POOL = 8


@pytest.fixture(scope="module")
def site():
    with Site("hung") as site:
        yield site


def sessions(site):
    """The process ids of the server's sessions, those that have waited longest first."""
    with site.cluster.connect("postgres") as superuser:
        return [row[0] for row in superuser.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'atbalsts_api'"
            " ORDER BY state_change")]


def read_together(site, headers, count=POOL):
    """So many requests that each need a connection at the same moment; their statuses."""
    answers = []
    with site.cluster.connect() as owner, owner.transaction():
        owner.execute("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE")
        requests = threading.Thread(target=lambda: answers.extend(together(
            *[lambda: site.get("/v1/clients", headers).status_code] * count)))
        requests.start()
        time.sleep(0.5)
    requests.join()
    return answers


class Hang:
    """Sessions that the machine does not run any more, until the end of the block."""

    def __init__(self, pids):
        self.pids = pids

    def __enter__(self):
        self.send(signal.SIGSTOP)
        self.since = time.monotonic()
        return self

    def __exit__(self, *_):
        self.send(signal.SIGCONT)

    def send(self, number):
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def seconds(self):
        return time.monotonic() - self.since


def test_only_the_request_that_meets_the_hang_first_waits_for_it(site):
    headers = site.sign_in()
    assert read_together(site, headers) == [200] * POOL
    with Hang(sessions(site)) as hang:
        assert site.get("/v1/clients", headers).status_code == 503
        assert hang.seconds() < 10
        for _ in range(3):
            started = time.monotonic()
            assert site.get("/v1/clients", headers).status_code == 200
            assert time.monotonic() - started < 4, "less than another deadline"
        assert httpx.get(f"{site.server.admin_url}/health/ready").status_code == 200


def test_a_request_that_comes_while_others_wait_is_answered_within_five_seconds(site):
    """One request after the other, without waiting for those before: an answer comes soon."""
    headers = site.sign_in()
    assert read_together(site, headers) == [200] * POOL
    answered = []

    def ask(hang):
        if site.get("/v1/clients", headers).status_code == 200:
            answered.append(hang.seconds())

    with Hang(sessions(site)) as hang:
        crowd = [threading.Thread(target=ask, args=[hang]) for _ in range(20)]
        for thread in crowd:
            thread.start()
            time.sleep(0.25)
        for thread in crowd:
            thread.join()
    assert min(answered) < 5
    assert len(answered) >= 12, "those of the first second or so met a hung session"


def test_a_write_that_met_the_hang_is_done_once_when_it_is_repeated(site):
    headers = site.sign_in()
    assert read_together(site, headers) == [200] * POOL
    key = headers | {"Idempotency-Key": str(uuid.uuid4())}

    def post():
        return httpx.post(f"{site.server.base_url}/v1/clients", headers=key, timeout=30,
                          json={"given_name": "Zaiga", "family_name": "Lode",
                                "first_contact_on": "2018-01-05"})

    with Hang(sessions(site)):
        assert post().status_code == 503
        started = time.monotonic()
        made = post()
        assert (made.status_code, time.monotonic() - started < 4) == (201, True), made.text
    time.sleep(1)
    assert post().json()["id"] == made.json()["id"]
    with site.cluster.connect() as owner:
        assert [str(row[0]) for row in owner.execute("SELECT id FROM clients")] \
            == [made.json()["id"]]


def test_if_some_sessions_hang_the_others_continue(site):
    headers = site.sign_in()
    assert read_together(site, headers) == [200] * POOL
    before = sessions(site)
    hung = before[:2] + before[-2:]
    with Hang(hung) as hang:
        # The connection used last is used first: the two that have waited longest are not met.
        first = read_together(site, headers, count=4)
        assert 503 in first and hang.seconds() < 10
        started = time.monotonic()
        assert read_together(site, headers) == [200] * POOL
        assert time.monotonic() - started < 4
        assert set(before) - set(hung) < set(sessions(site)), "those that answered are kept"
    assert value(scrape(site.server.admin_url), "atbalsts_pool_renewals_total") == 0
