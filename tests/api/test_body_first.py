"""A body is read before a connection to the database is taken for the write."""

import contextlib
import threading
import time
import uuid

import httpx
import pytest

from harness import PASSWORD, Server
from recorder import Api
from story import Story

BODIES = {
    # An endpoint that is no resource reads its body by itself.
    "create": ("/v1/clients", {"given_name": 1}),
    "answer": (f"/v1/incoming_transfers/{uuid.uuid4()}/answer", {"answer": "perhaps"}),
    "batch": ("/v1/batch", {"operations": []}),
}


@pytest.fixture(scope="module")
def narrow(cluster, api, providers, contract):
    """A server with one connection, a caller of it, and a case that can be locked."""
    story = Story(api, providers, "marta")
    case = story.case()
    server = Server(cluster, POOL_SIZE=1, POOL_WAIT_MS=200, LOCK_TIMEOUT_MS=10000,
                    STATEMENT_TIMEOUT_MS=20000)
    try:
        with httpx.Client(base_url=server.base_url, timeout=30) as http:
            answer = Api(http, contract).post(
                "/v1/sessions", {"email": story.worker.account.email, "password": PASSWORD},
                expect=201, headers={"Idempotency-Key": None})
            yield Api(http, contract, answer.json()["access_token"], story.worker.account), case
    finally:
        server.stop()


@contextlib.contextmanager
def pool_in_use(cluster, caller, case):
    """The server's one connection waits for a lock that the test holds."""
    etag = caller.get(f"/v1/cases/{case['id']}", expect=200).headers["ETag"]
    with cluster.connect() as owner, owner.transaction():
        owner.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", [case["id"]])
        waiting = threading.Thread(
            target=caller.patch, args=(f"/v1/cases/{case['id']}", {}),
            kwargs={"etag": etag, "expect": 200})
        waiting.start()
        deadline = time.monotonic() + 10
        while not owner.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
            assert time.monotonic() < deadline, "nobody waits for the lock"
            time.sleep(0.02)
        yield
    waiting.join(timeout=20)


@pytest.mark.parametrize("kind", BODIES)
def test_a_bad_body_is_told_while_no_connection_is_free(cluster, narrow, kind):
    caller, case = narrow
    path, body = BODIES[kind]
    with pool_in_use(cluster, caller, case):
        caller.post("/v1/clients", {"given_name": "Sniedze", "family_name": "Pūce",
                                    "first_contact_on": "2018-01-05"}, expect="unavailable")
        caller.post(path, body, expect="validation_failed")
        caller.request("POST", path, content=b"{", headers={"Content-Type": "application/json"},
                       expect="malformed")


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_of_a_row_that_is_not_there_its_body_tells_nothing(narrow, body):
    """The body is parsed first and told of last: 404 and 412 stand before it."""
    caller, case = narrow
    json = {"Content-Type": "application/json"}
    for path, etag, code in ((f"/v1/cases/{uuid.uuid4()}", '"1"', "not_found"),
                             (f"/v1/cases/{case['id']}", '"999"', "stale_version")):
        told = caller.request("PATCH", path, content=body, headers=json | {"If-Match": etag},
                              expect=code).json()
        assert not told.get("errors")
    etag = caller.get(f"/v1/cases/{case['id']}", expect=200).headers["ETag"]
    caller.request("PATCH", f"/v1/cases/{case['id']}", content=body,
                   headers=json | {"If-Match": etag},
                   expect="malformed" if body == b"{" else "not_an_object")
