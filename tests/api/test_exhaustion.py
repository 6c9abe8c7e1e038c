"""Requests that use up what the HTTP library keeps for a connection leave nothing behind.

In libmicrohttpd 0.9.75 each parameter, header and cookie takes 64 bytes of a connection's memory;
when that is used up at the wrong moment it drops the request without telling us.
"""

import time

import httpx
import pytest
from harness import Server, together
from test_framing import GET, POST, connector, exchange, read_answer

END = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
BAD_LENGTH = b"Content-Length: x\r\n\r\n"


@pytest.fixture
def wire(base_url):
    with connector(base_url) as connect:
        yield connect


def in_flight(admin_url):
    lines = httpx.get(f"{admin_url}/metrics").text.splitlines()
    (line,) = [line for line in lines if line.startswith("atbalsts_http_requests_in_flight ")]
    return int(line.split()[1])


def assert_nothing_is_left(admin_url):
    deadline = time.monotonic() + 5
    while (left := in_flight(admin_url)) != 0:
        assert time.monotonic() < deadline, f"{left} requests are in flight for ever"
        time.sleep(0.02)


def hammer(wire, data, times):
    """What the requests, each on a connection of its own, were answered."""
    return {answer and answer.status for answer, _ in
            (exchange(wire(), data) for _ in range(times))}


@pytest.mark.parametrize("query", [
    b"&" * 600, b"&" * 4000, b"&" * 4090, b"a=1&" * 700, b"a&" * 1000, b"%26&" * 600, b"=&" * 1500,
], ids=lambda query: f"{query[:4]}{len(query)}")
def test_too_many_parameters_are_refused_with_a_problem(wire, admin_url, query):
    target = b"/problems?" + query
    answer, _ = exchange(wire(), b"GET " + target + END)
    code = "bad_request" if len(target) <= 4096 else "uri_too_long"
    assert answer.json()["code"] == code
    if code == "bad_request" and query.startswith(b"a="):
        assert "32" in answer.json()["detail"]
    assert_nothing_is_left(admin_url)


def test_a_connection_goes_on_after_too_many_parameters(wire):
    sock = wire()
    with sock.makefile("rb") as stream:
        for _ in range(20):
            sock.sendall(b"GET /problems?" + b"&" * 1000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read_answer(stream).status == 400
        sock.sendall(GET + b"\r\n")
        assert read_answer(stream).status == 200


def test_3000_requests_with_600_parameters_each_leave_none_in_flight(wire, admin_url):
    data = b"GET /x?" + b"&" * 600 + END
    crowd = together(*[lambda: hammer(wire, data, 500)] * 6)
    assert crowd == [{404}] * 6
    assert_nothing_is_left(admin_url)


def test_a_request_that_the_library_drops_is_released_with_its_connection(wire, admin_url):
    """A cookie that does not fit and a bad length: two refusals of one request, and the second one
    closes the connection without a word to us."""
    hammer(wire, POST + b"Cookie: " + b"a" * 20000 + b"\r\n" + BAD_LENGTH, 200)
    assert_nothing_is_left(admin_url)


SHAPES = {
    "parameters": lambda n: b"GET /problems?" + b"a&" * n + END,
    "a long target": lambda n: b"GET /" + b"x" * (16 * n) + END,
    "escapes": lambda n: b"GET /" + b"%41" * n + END,
    "a long query": lambda n: b"GET /problems?a=" + b"%20" * n + END,
    "headers": lambda n: GET + b"X:\r\n" * n + b"Connection: close\r\n\r\n",
    "a long header": lambda n: GET + b"X:" + b"x" * (16 * n) + b"\r\nConnection: close\r\n\r\n",
    "cookies": lambda n: GET + b"Cookie: " + b"a;" * n + b"\r\nConnection: close\r\n\r\n",
    "a long cookie": lambda n: GET + b"Cookie: a=" + b"a" * (8 * n) + b"\r\n" + END[10:],
    "folds": lambda n: GET + b"X: a\r\n" + b" a\r\n" * n + b"Connection: close\r\n\r\n",
    "parameters and headers": lambda n: b"GET /?" + b"&" * n + END[:-2] + b"X:\r\n" * n + b"\r\n",
    "cookies and a length": lambda n: POST + b"Cookie: " + b"a," * n + b"\r\n" + BAD_LENGTH,
    "a cookie and a length": lambda n: POST + b"Cookie: " + b"a" * 5 * n + b"\r\n" + BAD_LENGTH,
    "trailers": lambda n: POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" +
    b"X:\r\n" * n + b"\r\n",
    "a form": lambda n: POST.replace(b"json", b"x-www-form-urlencoded") +
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % (2 * n) + b"a&" * n,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_size_of_any_part_leaves_a_request_behind(wire, admin_url, shape):
    statuses = set()
    for n in [*range(400, 600, 7), 1000, 2000, 4000, 8000, 20000]:
        statuses |= hammer(wire, SHAPES[shape](n), 1)
    assert statuses <= {None, 200, 400, 404, 413, 414, 415, 422, 431}
    assert_nothing_is_left(admin_url)


def test_a_stop_does_not_wait_for_requests_that_the_library_dropped(cluster):
    server = Server(cluster, DRAIN_S=20)
    with connector(server.base_url) as wire:
        for shape in SHAPES.values():
            for n in (300, 480, 600, 3000):
                hammer(wire, shape(n), 2)
    with connector(server.admin_url) as wire:
        assert hammer(wire, b"GET /health/live?" + b"&" * 1000 + END, 5) == {200}
        hammer(wire, SHAPES["a cookie and a length"](4000), 5)
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 5
