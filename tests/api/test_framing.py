"""What comes over the wire before it is a request: raw sockets, no HTTP library in between."""

import contextlib
import json
import socket
import struct
import time
from urllib.parse import urlsplit

import pytest

LIMIT = 256 * 1024
ALIVE = b"GET /problems/not_found HTTP/1.1\r\nHost: a\r\n"


@contextlib.contextmanager
def connector(url):
    """A function that opens a connection; all are closed at the end."""
    parts = urlsplit(url)
    opened = []

    def connect():
        sock = socket.create_connection((parts.hostname, parts.port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.append(sock)
        return sock

    yield connect
    for sock in opened:
        sock.close()


@pytest.fixture
def wire(base_url):
    """A function that opens a connection to the API."""
    with connector(base_url) as connect:
        yield connect


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


def read_answer(stream, head=False):
    """One answer from a buffered stream; None at its end."""
    line = stream.readline()
    if not line:
        return None
    status = int(line.split()[1])
    headers = {}
    while True:
        line = stream.readline().rstrip(b"\r\n")
        if not line:
            break
        name, _, value = line.partition(b":")
        headers[name.decode().lower()] = value.strip().decode()
    if status == 100:
        return read_answer(stream, head)
    length = 0 if head or status in (204, 304) else int(headers.get("content-length", 0))
    return Answer(status, headers, stream.read(length))


def exchange(sock, data):
    """Sends all; the first answer, or None, and whatever follows until the server closes."""
    answer, rest = None, b""
    try:
        sock.sendall(data)
        with sock.makefile("rb") as stream:
            answer = read_answer(stream)
            rest = stream.read()
    except (BrokenPipeError, ConnectionResetError):
        pass
    return answer, rest


def one(wire, data):
    sock = wire()
    sock.sendall(data)
    with sock.makefile("rb") as stream:
        return read_answer(stream, head=data.startswith(b"HEAD"))


def assert_alive(wire):
    assert one(wire, ALIVE + b"Connection: close\r\n\r\n").status == 200


def reset(sock):
    """Closes with RST, as a client that dies does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@pytest.mark.parametrize("target", [
    b"/%25s%25s%25s%25n", b"/%s%s%s%s%n%n", b"/v1/clients?a=%25s%n%s",
])
def test_a_url_is_never_a_format(wire, target):
    """ulfius' own logger crashed here: the message about a lost client has the URL in it."""
    for _ in range(5):
        sock = wire()
        sock.sendall(b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                     b"Content-Length: 9\r\n\r\n")
        reset(sock)
        sock = wire()
        sock.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        reset(sock)
    assert_alive(wire)


SMUGGLED = b"GET /problems/smuggled HTTP/1.1\r\nHost: a\r\nX-Request-Id: smuggled\r\n\r\n"
POST = b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
GET = b"GET /problems HTTP/1.1\r\nHost: a\r\n"
CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"
# No blank after the colon: who sums up bytes has nine to spare after these.
SPARE = b"Host:a\r\n" + b"".join(b"X-%d:1\r\n" % i for i in range(8))
SPARE_GET = b"GET /problems HTTP/1.1\r\n" + SPARE
SPARE_POST = b"POST /v1/sessions HTTP/1.1\r\nContent-Type:application/json\r\n" + SPARE

DOUBTFUL = {
    "two equal lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n" + CHUNKS,
    "chunks twice": POST + 2 * b"Transfer-Encoding: chunked\r\n" + b"\r\n" + CHUNKS,
    "chunks in 1.0": POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "blank before the colon": POST + b"Content-Length : 2\r\n\r\n",
    "tab before the colon": POST + b"Transfer-Encoding\t: chunked\r\n\r\n",
    "length in words": POST + b"Content-Length: two\r\n\r\n{}",
    "signed length": POST + b"Content-Length: +2\r\n\r\n{}",
    "length as a list": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "bad chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nxx\r\n{}\r\n0\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "no host": b"GET /problems HTTP/1.1\r\n\r\n",
    "two tokens": GET + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "two keys": POST + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2\r\n\r\n{}",
    "folded line": GET + b"Accept: */*,\r\n application/json\r\n\r\n",
    "NUL in a header": GET + b"Accept: */*\x00hidden\r\n\r\n",
    "NUL in the target": b"GET /problems\x00/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL and a second version": b"GET /problems\x00HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in a length, paid for by blanks": SPARE_POST + b"Content-Length: 2\x00345\r\n\r\n{}",
    "NUL in an unknown header, paid for": SPARE_GET + b"X: a\x00b\r\n\r\n",
    "NUL before a value, paid for": SPARE_GET + b"X: \x00a\r\n\r\n",
    "a line that begins with NUL": SPARE_GET + b"\x00hidden\r\n\r\n",
    "a fold, paid for by blanks": SPARE_GET + b"Accept: */*,\r\n application/json\r\n\r\n",
    "a folded length, paid for": SPARE_POST + b"Content-Length: 2\r\n 3\r\n\r\n{}",
    "a fold in an unknown header": SPARE_GET + b"X: a\r\n b\r\nY: c\r\n\r\n",
    "a fold by a tab": SPARE_GET + b"X: a\r\n\tb\r\n\r\n",
    "an empty fold": SPARE_GET + b"X: a\r\n \r\n\r\n",
    "many folds": SPARE_GET + b"X:\r\n" + 9 * b" a\r\n" + b"\r\n",
    "control character": GET + b"Accept: */*\x0b\r\n\r\n",
    "bare line feeds": b"GET /problems HTTP/1.1\nHost: a\n\n",
    "one bare line feed": GET + b"X: a\nY: b\r\n\r\n",
    "three bare line feeds": GET + b"X: a\nY: b\nZ: c\n\r\n",
    "a bare line feed after a tab": GET + b"X:\t a\nY: b\r\n\r\n",
    "a bare line feed after the version": b"GET /problems HTTP/1.1\nHost: a\r\n\r\n",
    "a bare line feed at the end": GET + b"\n",
    "a length after a bare line feed": POST + b"X: a\nContent-Length: 2\r\n\r\n{}",
    "a blank in the target": b"GET /problems /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "two blanks in the request line": b"GET  /problems HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header without a name": GET + b": x\r\n\r\n",
    "a header without a colon": GET + b"nothing\r\n\r\n",
    "a body on GET": GET + b"Content-Length: 2\r\n\r\n{}",
    "chunks on GET": GET + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "a body on DELETE": GET.replace(b"GET", b"DELETE") + b"Content-Length: 2\r\n\r\n{}",
    "too many headers": GET + b"".join(b"X-%d: x\r\n" % i for i in range(70)) + b"\r\n",
    "a header too long": GET + b"X: " + b"x" * 40000 + b"\r\n\r\n",
    "an old version": b"GET /problems HTTP/0.9\r\nHost: a\r\n\r\n",
    "a future version": b"GET /problems HTTP/2.0\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful_framing_is_refused_and_ends_the_connection(wire, name):
    answer, rest = exchange(wire(), DOUBTFUL[name] + SMUGGLED)
    assert b"smuggled" not in rest, "what followed must not be taken for a request"
    if answer is not None:
        assert answer.status in (400, 431, 505)
        assert answer.headers.get("x-request-id") != "smuggled"
        assert answer.headers["connection"].lower() == "close"
    assert_alive(wire)


@pytest.mark.parametrize("name", [
    "two hosts", "no host", "length and chunks", "two lengths", "NUL in a header",
    "NUL and a second version", "folded line", "bare line feeds", "a body on GET",
    "NUL in a length, paid for by blanks", "a fold, paid for by blanks", "one bare line feed",
    "a bare line feed at the end", "a fold in an unknown header",
])
def test_the_refusal_says_why(wire, name):
    answer = one(wire, DOUBTFUL[name])
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "bad_framing"
    assert problem["type"] == "/problems/bad_framing"
    assert problem["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("head", [
    SPARE, b"Host:\ta\r\n", b"Host: \t  a\r\n", b"Host:a \t\r\n", b"Host: a\r\nX:\r\nY: \r\n",
    b"Host:a\r\nX:" + b"x" * 20000 + b"\r\n", b"".join(b"X-%d:1\r\n" % i for i in range(63)) +
    b"Host:a\r\n",
])
def test_blanks_around_a_value_are_free(wire, head):
    """RFC 9112, 5: field-line = field-name ":" OWS field-value OWS."""
    assert one(wire, b"GET /problems HTTP/1.1\r\n" + head + b"\r\n").status == 200
    chunked = head + b"Content-Type:application/json\r\nTransfer-Encoding:chunked\r\n"
    if head.count(b"\r\n") < 60:
        answer = one(wire, b"POST /v1/sessions HTTP/1.1\r\n" + chunked +
                     b"\r\n2\r\n{}\r\n0\r\nX-Trailer:a\r\n\r\n")
        assert answer.json()["code"] == "validation_failed"


@pytest.mark.parametrize("path", [
    "/v1//clients", "//v1/clients", "/v1/./clients", "/v1/../clients", "/v1/%2e%2e/clients",
    "/v1/.%2E/clients", "/v1/clients/", "/v1/clients%2Fx", "/v1/clients%2fx", "/v1/clients%00",
    "/v1/clients%5Cx", "/v1/clients%zz", "/v1/clients%ff", "/v1/clients%",
])
def test_a_path_that_two_readers_could_read_differently_is_refused(wire, path):
    answer = one(wire, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (400, "bad_framing")
    assert answer.headers["connection"].lower() == "close"


@pytest.mark.parametrize("target,code", [
    ("v1/clients", "bad_request"), ("*", "bad_request"), ("?a=1", "bad_request"),
    ("/v1/clients?a=<b>", "bad_framing"), ('/v1/"x"', "bad_framing"), ("/v1/\xff", "bad_framing"),
    ("/v1/a#b", "bad_framing"),
])
def test_a_target_that_is_no_path_is_refused(wire, target, code):
    answer = one(wire, f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode("latin-1"))
    assert (answer.status, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", [
    "/", "/v1", "/v2/clients", "/v1/client", "/V1/clients", "/v1/%63lients", "/v1/clients/1",
    "/v1/clients/0190aaaa-0000-7000-8000-00000000000g", "/problems/none_such",
    "/v1/clients/0190aaaa-0000-7000-8000-0000000000001", "/v1/clients/client_id",
])
def test_an_unknown_path_is_not_found(wire, path):
    answer = one(wire, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert "connection" not in answer.headers


@pytest.mark.parametrize("query", [
    "a=%zz", "a=%", "a=%0", "a=%00", "a=%ff", "%c3%28=1", "=1", "&", "a=1&&b=2", "a[gte=1",
    "a]=1", "a[]=1", "a[b][c]=1", "[gte]=1", "&".join(f"p{i}=1" for i in range(33)),
])
def test_a_query_that_cannot_be_read_is_refused(wire, query):
    answer = one(wire, f"GET /problems?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("query,pointer,code", [
    ("surprise=1", "query:surprise", "unknown_parameter"),
    ("a=1&a=2", "query:a", "repeated_parameter"), ("a=1&%61=2", "query:a", "repeated_parameter"),
])
def test_a_parameter_that_is_wrong_is_named(wire, query, pointer, code):
    answer = one(wire, f"GET /problems?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (400, "bad_parameter")
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]


def test_the_target_may_be_4096_bytes_long(wire):
    path = "/v1/" + "x" * 4092
    assert one(wire, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()).status == 404
    answer = one(wire, f"GET {path}x HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (414, "uri_too_long")


def test_a_proxys_absolute_target_is_understood(wire):
    assert one(wire, b"GET http://a/problems/not_found HTTP/1.1\r\nHost: a\r\n\r\n").status == 200


def test_a_body_may_be_256_kib(wire):
    body = b'{"password":"' + b"x" * (LIMIT - 15) + b'"}'
    assert len(body) == LIMIT
    answer = one(wire, POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.status != 413
    answer = one(wire, POST + b"Content-Length: %d\r\n\r\n" % (len(body) + 1) + body + b" ")
    assert (answer.status, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["connection"].lower() == "close"


def test_a_body_in_chunks_has_the_same_limit(wire):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert one(wire, head + 4 * chunk + b"0\r\n\r\n").status != 413
    assert one(wire, head + 5 * chunk + b"0\r\n\r\n").status == 413


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"])
def test_a_wrong_method_is_answered_with_the_allowed_methods(wire, method):
    answer = one(wire, f"{method} /problems HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_names_the_methods(wire):
    answer = one(wire, b"OPTIONS /v1/sessions HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.status == 204
    assert "POST" in answer.headers["allow"].split(", ")


def test_head_is_get_without_its_body(wire):
    get = one(wire, b"GET /problems HTTP/1.1\r\nHost: a\r\n\r\n")
    sock = wire()
    sock.sendall(GET.replace(b"GET", b"HEAD") + b"\r\n" + ALIVE + b"Connection: close\r\n\r\n")
    with sock.makefile("rb") as stream:
        head = read_answer(stream, head=True)
        after = read_answer(stream)
    assert head.status == get.status == 200
    assert head.headers["content-length"] == get.headers["content-length"]
    assert after.status == 200, "a body of HEAD would stand in between"


def test_an_accept_header_without_json_is_not_acceptable(wire):
    head = b"GET /problems HTTP/1.1\r\nHost: a\r\n"
    for accept in (b"text/html", b"application/json;q=0, */*", b"application/xml, text/*;q=0.5"):
        answer = one(wire, head + b"Accept: " + accept + b"\r\n\r\n")
        assert (answer.status, answer.json()["code"]) == (406, "not_acceptable")
    for accept in (b"*/*", b"application/*;q=0.1", b"text/html, application/json;q=0.9"):
        assert one(wire, head + b"Accept: " + accept + b"\r\n\r\n").status == 200


@pytest.mark.parametrize("extra", [
    b"Content-Type: text/plain\r\n", b"Content-Type: application/json; charset=utf-16\r\n",
    b"Content-Type: application/json\r\nContent-Encoding: gzip\r\n", b"",
])
def test_another_media_type_is_not_supported(wire, extra):
    head = b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
    answer = one(wire, head + extra + b"\r\n{}")
    assert (answer.status, answer.json()["code"]) == (415, "unsupported_media_type")


def test_the_language_follows_the_clients_wish(wire):
    def title(wish):
        return one(wire, b"GET /none HTTP/1.1\r\nHost: a\r\nAccept-Language: " + wish + b"\r\n\r\n")

    for wish in (b"lv", b"lv-LV,lv;q=0.9,en;q=0.8", b"de, en;q=0.3, lv;q=0.7"):
        assert title(wish).json()["title"] == "Nav atrasts"
        assert title(wish).headers["content-language"] == "lv"
    for wish in (b"en", b"de", b"*", b"lv;q=0", b"en-GB, lv", b"lv;q=x, en;q=0.1"):
        assert title(wish).json()["title"] == "Not found"


def test_a_request_id_goes_through_and_a_bad_one_is_replaced(wire):
    def sent(value):
        return one(wire, ALIVE + b"X-Request-Id: " + value + b"\r\n\r\n").headers["x-request-id"]

    assert sent(b"abc-1._Z") == "abc-1._Z"
    assert sent(b"x" * 64) == "x" * 64
    for bad in (b"", b"x" * 65, b"a b", b"a\"b", b"%41", b"\xc4\x81"):
        assert len(sent(bad)) == 36


def test_a_trace_goes_through(wire):
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    head = ALIVE + b"traceparent: "
    assert one(wire, head + trace + b"\r\n\r\n").headers["traceparent"] == trace.decode()
    assert "traceparent" not in one(wire, head + trace.upper() + b"\r\n\r\n").headers


def test_pipelined_requests_are_answered_in_order(wire):
    sock = wire()
    sock.sendall(b"".join(ALIVE + b"X-Request-Id: n%d\r\n\r\n" % i for i in range(20)))
    with sock.makefile("rb") as stream:
        ids = [read_answer(stream).headers["x-request-id"] for _ in range(20)]
    assert ids == [f"n{i}" for i in range(20)]


def test_a_connection_serves_many_requests(wire):
    sock = wire()
    with sock.makefile("rb") as stream:
        for _ in range(50):
            sock.sendall(ALIVE + b"\r\n")
            assert read_answer(stream).status == 200


def test_a_slow_request_is_answered(wire):
    sock = wire()
    for byte in ALIVE + b"Connection: close\r\n\r\n":
        sock.sendall(bytes([byte]))
        time.sleep(0.002)
    with sock.makefile("rb") as stream:
        assert read_answer(stream).status == 200


def test_a_client_is_told_to_go_on(wire):
    sock = wire()
    sock.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    with sock.makefile("rb") as stream:
        assert stream.readline().startswith(b"HTTP/1.1 100")
        assert stream.readline() == b"\r\n"
        sock.sendall(b"{}")
        assert read_answer(stream).status < 500


@pytest.mark.parametrize("part", [
    b"", b"G", b"GET /pro", b"GET /problems HTTP/1.1\r\n", GET, GET + b"X: y", GET + b"\r\n",
    POST + b"Content-Length: 100\r\n\r\n", POST + b"Content-Length: 100\r\n\r\n{",
    POST + b"Transfer-Encoding: chunked\r\n\r\nff", b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
])
def test_clients_that_disconnect_do_not_harm_others(wire, part):
    for _ in range(10):
        sock = wire()
        sock.sendall(part)
        reset(sock)
        sock = wire()
        sock.sendall(part)
        sock.close()
    assert_alive(wire)
