"""HTTP/2 as clients speak it, and what could become a smuggled request once it is 1.1."""

import struct
import uuid

import pytest

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + payload


def field(name, value):
    """A header as a literal that no table remembers (RFC 7541, 6.2.2), lengths below 127."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request(sock, headers, body=None):
    """The frames that answer one request, as (kind, payload), until its stream ends."""
    block = b"".join(field(name, value) for name, value in headers)
    flags = END_HEADERS | (END_STREAM if body is None else 0)
    sent = PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, flags, 1, block)
    sock.sendall(sent if body is None else sent + frame(DATA, END_STREAM, 1, body))
    frames = []
    with sock.makefile("rb") as stream:
        while len(head := stream.read(9)) == 9:
            payload = stream.read(int.from_bytes(head[:3], "big"))
            frames.append((head[3], payload))
            ended = head[3] in (DATA, HEADERS) and head[4] & END_STREAM
            if ended or head[3] in (RST_STREAM, GOAWAY):
                break
    return frames


def told(frames):
    return b"".join(payload for kind, payload in frames if kind == DATA)


def head(method=b"POST", path=b"/v1/sessions", more=()):
    return [(b":method", method), (b":scheme", b"https"), (b":authority", b"localhost"),
            (b":path", path), *more]


JSON = (b"content-type", b"application/json")


def test_a_request_of_http_2_is_answered(wire):
    answer = told(request(wire("h2"), head(b"GET", b"/problems/not_found")))
    assert b'"code":"not_found"' in answer
    answer = told(request(wire("h2"), head(more=[JSON]), b"{}"))
    assert b'"code":"validation_failed"' in answer


HIDDEN = b"GET /problems/busy HTTP/1.1\r\nHost: a\r\nX-Request-Id: %b\r\n\r\n"

DOWNGRADES = {
    "chunked": (head(more=[JSON, (b"transfer-encoding", b"chunked")]), b"0\r\n\r\n"),
    "shorter than its length": (head(more=[JSON, (b"content-length", b"100")]), b"{}"),
    "longer than its length": (head(more=[JSON, (b"content-length", b"2")]), b"{}"),
    "no length at all, longer than none": (head(more=[JSON, (b"content-length", b"0")]), b""),
    "a line end in a value": (head(more=[JSON, (b"x", b"a\r\nTransfer-Encoding: chunked")]), b""),
    "a line end in a name": (head(more=[JSON, (b"x\r\ny", b"a")]), b""),
    "a line end in the path": (head(path=b"/v1/sessions HTTP/1.1\r\nHost: b\r\n\r\n",
                                    more=[JSON]), b""),
    "a line end in the method": (head(b"POST /problems HTTP/1.1\r\nA", more=[JSON]), b""),
    "a blank in the path": (head(path=b"/problems /x"), b""),
    "NUL in a value": (head(more=[JSON, (b"x", b"a\x00b")]), b""),
    "an upper-case name": (head(more=[JSON, (b"X-A", b"a")]), b""),
    "two hosts": (head(more=[JSON, (b"host", b"b"), (b"host", b"c")]), b""),
    "two paths": (head(more=[(b":path", b"/problems"), JSON]), b""),
    "a pseudo-header at the end": (head(more=[JSON, (b":authority", b"b")]), b""),
}


@pytest.mark.parametrize("name", DOWNGRADES)
def test_a_message_that_1_1_would_read_differently_is_refused(stack, wire, name):
    headers, body = DOWNGRADES[name]
    hidden = f"hidden-{uuid.uuid4().hex}"
    frames = request(wire("h2"), headers, body + HIDDEN % hidden.encode())
    refused = any(kind in (RST_STREAM, GOAWAY) for kind, _ in frames)
    assert refused or b'"status":400' in told(frames), frames
    assert hidden not in stack.log("api-1") + stack.log("api-2") + stack.log("proxy")


def test_a_body_of_http_2_has_the_same_limit(wire):
    length = (b"content-length", b"262145")
    answer = told(request(wire("h2"), head(more=[JSON, length]), b"{"))
    assert b'"code":"too_large"' in answer
