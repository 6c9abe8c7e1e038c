"""Messages whose borders two readers could see differently, through TLS and the proxy.

Three outcomes are right: the proxy refuses and ends the connection; the proxy writes the message
anew, so that the API sees nothing doubtful; or borders are not in doubt and the API refuses. Never
may bytes of one message be answered as another.
"""

import json
import uuid

import pytest
from test_framing import CHUNKS, DOUBTFUL, GET, POST, read_answer

# The proxy passes these on, and the API refuses them. Where they end is not in doubt.
REFUSED_BEHIND = {"two keys", "control character", "a body on GET", "chunks on GET",
                  "a body on DELETE", "too many headers"}
# nginx takes these and passes on what it understood, in its own words.
WRITTEN_ANEW = {"bare line feeds", "one bare line feed", "three bare line feeds",
                "a bare line feed after a tab", "a bare line feed after the version",
                "a bare line feed at the end", "a length after a bare line feed",
                "two blanks in the request line", "a header without a colon"}


def following(name):
    return (b"GET /problems/not_found HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"X-Request-Id: " + name.encode() + b"\r\n\r\n")


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


def answers(sock, data):
    """Every answer until the proxy closes."""
    sock.sendall(data)
    found = []
    with sock.makefile("rb") as stream:
        while (answer := read_answer(stream)) is not None:
            found.append(answer)
    return found


@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful_framing_does_not_pass(wire, name):
    after = f"after-{uuid.uuid4().hex}"
    found = answers(wire(), DOUBTFUL[name] + following(after))
    ids = [answer.headers["x-request-id"] for answer in found]
    first = found[0]
    if name in WRITTEN_ANEW:
        assert first.status == (422 if name.startswith("a length") else 200)
        assert ids[1:] == [after]
        return
    assert first.status == (431 if name == "a header too long" else 400)
    problem = first.json()
    assert first.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["request_id"]) == (first.status, ids[0])
    if name in REFUSED_BEHIND:
        assert ids[1:] == [after], "its end is known, so the next is a request of its own"
    else:
        assert (len(found), first.headers["connection"]) == (1, "close")


@pytest.mark.parametrize("data", [
    POST + b"X: a\x00\nContent-Length: 2\r\n\r\n{}", GET + b"X: a\r\n\x00\n",
    GET + b"X: a\x00\n\r\n",
    b"\x00hidden\r\n" + GET + b"\r\n", b"\x00\n" + GET + b"\r\n",
])
def test_what_the_api_cannot_see_is_refused_before_it(wire, data):
    """NUL and a line feed look there like CR and LF (internal/web/request.c)."""
    (answer,) = answers(wire(), data + following("after"))
    assert (answer.status, answer.json()["code"]) == (400, "bad_framing")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("head,body", [
    (POST + b"Content-Length: %d\r\n\r\n", b"%b"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n0\r\n\r\n"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n",
     b"%x;a=\"b\"\r\n%b\r\n0\r\nX-Trailer: a\r\n\r\n"),
])
def test_a_request_inside_a_body_stays_a_body(stack, wire, head, body):
    hidden, after = f"hidden-{uuid.uuid4().hex}", f"after-{uuid.uuid4().hex}"
    inner = following(hidden)
    head = head % len(inner) if b"%d" in head else head
    body = body % ((len(inner), inner) if b"%x" in body else inner)
    found = answers(wire(), head + body + following(after))
    assert [answer.status for answer in found] == [400, 200], "not JSON; and the next"
    assert found[1].headers["x-request-id"] == after
    assert hidden not in stack.log("api-1") + stack.log("api-2") + stack.log("proxy")


@pytest.mark.parametrize("tail", [
    b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS,
    b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
    b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
    b"Transfer-Encoding:\x0bchunked\r\n\r\n" + CHUNKS,
    b"Content-Length: 0x2\r\n\r\n{}", b"Content-Length: -2\r\n\r\n{}",
    b"Content-Length: 99999999999999999999\r\n\r\n{}",
    b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n",
])
def test_a_length_that_cannot_be_read_is_refused(wire, tail):
    found = answers(wire(), POST + tail + following("after"))
    assert len(found) == 1
    assert found[0].status in (400, 413)
    assert found[0].headers["connection"] == "close"
    assert found[0].json()["status"] == found[0].status


@pytest.mark.parametrize("path", [
    "/v1//clients", "//v1/clients", "/v1/./clients", "/v1/../clients", "/v1/%2e%2e/clients",
    "/v1/clients%2Fx", "/v1/clients%2fx", "/v1/clients%00", "/v1/clients%5Cx", "/v1/clients%zz",
    "/v1/clients%ff", "/../../health/ready", "/.problem/busy/../../v1/clients/",
])
def test_a_path_reaches_the_api_as_it_was_sent_or_not_at_all(wire, path):
    (answer,) = answers(wire(), get(path))
    assert (answer.status, answer.json()["code"]) == (400, "bad_framing")


@pytest.mark.parametrize("path", ["/health/ready", "/metrics", "/.problem/busy"])
def test_what_is_for_the_inside_is_not_found_outside(wire, path):
    (answer,) = answers(wire(), get(path))
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_answers_never_change_places(wire):
    """After all of the above: the connections between proxy and replicas hold no leftover."""
    for name in DOUBTFUL:
        answers(wire(), DOUBTFUL[name] + following("x"))
    sock = wire()
    wanted = [uuid.uuid4().hex for _ in range(100)]
    sock.sendall(b"".join(GET + b"X-Request-Id: " + one.encode() + b"\r\n\r\n" for one in wanted))
    with sock.makefile("rb") as stream:
        given = [read_answer(stream) for _ in wanted]
    assert [answer.headers["x-request-id"] for answer in given] == wanted
    assert all(answer.status == 200 and json.loads(answer.body) for answer in given)
