"""A stop loses nothing: readiness falls, requests under way are answered, then all is closed."""

import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
from harness import Server

REQUEST = b"GET /problems HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def own_server(cluster):
    """A server that a test may stop."""
    return Server(cluster)


def address(url):
    parts = urlsplit(url)
    return parts.hostname, parts.port


class Crowd:
    """Clients that ask once and count what became of it, until nobody takes them any more."""

    def __init__(self, url, size):
        self.address = address(url)
        self.answered, self.lost = 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.ask) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        while True:
            try:
                sock = socket.create_connection(self.address, timeout=10)
            except OSError:
                return
            with sock:
                self.count(sock)

    def count(self, sock):
        try:
            sock.sendall(REQUEST)
            answer = sock.recv(65536)
        except OSError as error:
            answer = repr(error).encode()
        with self.lock:
            if answer.startswith(b"HTTP/1.1 200"):
                self.answered += 1
            else:
                self.lost.append(answer[:100])

    def join(self):
        for thread in self.threads:
            thread.join()


def test_an_accepted_connection_is_answered(own_server):
    crowd = Crowd(own_server.base_url, 16)
    time.sleep(0.5)
    own_server.stop()
    crowd.join()
    assert crowd.answered > 0
    assert crowd.lost == []


def test_a_drain_is_reported_and_waits_for_requests_under_way(own_server):
    half = socket.create_connection(address(own_server.base_url), timeout=10)
    half.sendall(REQUEST[:-2])
    time.sleep(0.2)
    stopping = threading.Thread(target=own_server.stop)
    stopping.start()
    time.sleep(0.3)
    assert httpx.get(f"{own_server.admin_url}/health/ready").status_code == 503
    assert httpx.get(f"{own_server.admin_url}/health/live").status_code == 200
    with pytest.raises(OSError):
        socket.create_connection(address(own_server.base_url), timeout=2)
    half.sendall(REQUEST[-2:])
    answer = half.recv(65536)
    half.close()
    stopping.join()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()


def test_a_stop_may_serve_on_until_balancers_have_turned_away(cluster):
    server = Server(cluster, STOP_DELAY_S=2)
    stopping = threading.Thread(target=server.stop)
    started = time.monotonic()
    stopping.start()
    while httpx.get(f"{server.admin_url}/health/ready").status_code == 200:
        assert time.monotonic() - started < 1.5
    answer = httpx.get(f"{server.base_url}/problems")
    assert (answer.status_code, answer.headers["connection"].lower()) == (200, "close")
    stopping.join()
    assert 2 <= time.monotonic() - started < 6
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.base_url}/problems")


def test_an_idle_connection_does_not_hold_the_stop(own_server):
    idle = socket.create_connection(address(own_server.base_url), timeout=10)
    idle.sendall(REQUEST)
    assert idle.recv(65536).startswith(b"HTTP/1.1 200")
    started = time.monotonic()
    own_server.stop()
    assert time.monotonic() - started < 4, "less than DRAIN_S"
    idle.close()


def test_a_request_that_never_ends_is_cut_at_the_deadline(cluster):
    server = Server(cluster, DRAIN_S=1)
    half = socket.create_connection(address(server.base_url), timeout=10)
    half.sendall(REQUEST[:-2])
    time.sleep(0.2)
    started = time.monotonic()
    server.stop()
    assert 0.9 < time.monotonic() - started < 5
    assert "drain_incomplete" in server.log()
    half.close()
