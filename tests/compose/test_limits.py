"""What is too long, too slow or too much ends at the proxy, and it says so as the API would."""

import re
import socket
import subprocess
import threading
import time
import uuid

import pytest
from test_framing import GET, LIMIT, POST, read_answer

HEADER_DEADLINE, BODY_SILENCE, CROWD = 10, 5, 150


def one(sock, data):
    sock.sendall(data)
    with sock.makefile("rb") as stream:
        return read_answer(stream)


def assert_problem(answer, status, code):
    assert (answer.status, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert answer.json()["type"] == f"/problems/{code}"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["cache-control"] == "no-store"


def test_a_body_may_be_as_long_as_the_api_takes(wire):
    body = b'{"password":"' + b"x" * (LIMIT - 15) + b'"}'
    assert one(wire(), POST + b"Content-Length: %d\r\n\r\n" % LIMIT + body).status == 422


def test_a_longer_body_is_refused_before_it_is_sent(wire):
    answer = one(wire(), POST + b"Content-Length: %d\r\n\r\n" % (LIMIT + 1))
    assert_problem(answer, 413, "too_large")


def test_a_body_in_chunks_has_the_same_limit(wire):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert one(wire(), head + 4 * chunk + b"0\r\n\r\n").status == 400, "four times blanks: no JSON"
    assert_problem(one(wire(), head + 5 * chunk + b"0\r\n\r\n"), 413, "too_large")


@pytest.mark.parametrize("length,status", [(4096, 404), (4097, 414), (8000, 414), (9000, 414)])
def test_a_target_has_the_apis_limit(wire, length, status):
    path = b"/v1/" + b"x" * (length - 4)
    answer = one(wire(), b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    code = "not_found" if status == 404 else "uri_too_long"
    assert_problem(answer, status, code)


@pytest.mark.parametrize("count,seen", [(31, True), (32, False), (600, False), (1000, False)])
def test_parameters_are_as_many_as_the_api_takes(stack, wire, count, seen):
    """A replica that is asked in vain leaves its query to the other one."""
    mine = f"params-{uuid.uuid4().hex}"
    query = b"&".join(b"p%d" % i for i in range(count + 1))
    answer = one(wire(), b"GET /problems?" + query + b" HTTP/1.1\r\nHost: a\r\nX-Request-Id: " +
                 mine.encode() + b"\r\n\r\n")
    assert_problem(answer, 400, "bad_parameter" if seen else "bad_request")
    assert (mine in stack.log("api-1") + stack.log("api-2")) is seen


def test_cookies_do_not_reach_the_api(wire):
    """Its HTTP library would parse them, and has no room for so many."""
    cookies = b"Cookie: " + b"a;" * 3000 + b"\r\n"
    assert one(wire(), GET + cookies + b"\r\n").status == 200


def test_headers_that_pass_the_proxy_fit_into_the_api(wire):
    headers = b"".join(b"X-%d: %b\r\n" % (i, b"x" * 4000) for i in range(5))
    assert one(wire(), GET + headers + b"\r\n").status == 200
    headers = b"".join(b"X-%d: %b\r\n" % (i, b"x" * 8000) for i in range(2))
    assert one(wire(), GET + headers + b"\r\n").status == 200


@pytest.mark.parametrize("count,size", [(1, 9000), (4, 8000), (8, 4000)])
def test_longer_headers_are_refused(wire, count, size):
    headers = b"".join(b"X-%d: %b\r\n" % (i, b"x" * size) for i in range(count))
    assert_problem(one(wire(), GET + headers + b"\r\n"), 431, "headers_too_large")


def test_the_proxy_speaks_latvian_too(wire):
    english, latvian = "The body is too large", "Ķermenis ir par lielu"
    for wish, title in ((b"lv", latvian), (b"lv-LV, en;q=0.5", latvian), (b"en", english),
                        (b"lv;q=0, en", english)):
        answer = one(wire(), POST + b"Accept-Language: " + wish + b"\r\nX-Request-Id: mine\r\n"
                     b"Content-Length: %d\r\n\r\n" % (LIMIT + 1))
        assert answer.json()["title"] == title
        assert answer.headers["content-language"] == ("lv" if title is latvian else "en")
        assert answer.headers["x-request-id"] == "mine"


def test_the_proxys_words_are_the_apis(http):
    """A client that looks a problem up finds the title that the proxy has shown."""
    texts = open("deploy/proxy/problems.conf", encoding="utf-8").read()
    errors = open("deploy/proxy/errors.conf", encoding="utf-8").read()
    codes = set(re.findall(r'"code":"([a-z_]+)"', errors)) | {"in_doubt", "unavailable"}
    assert len(codes) >= 9
    for code in codes:
        told = http.get(f"/problems/{code}").json()
        for title in told["title"].values():
            assert f'"title":"{title}"' in texts.replace("\\'", "'")


def test_a_method_that_the_proxy_does_not_know_is_not_allowed(wire):
    for method in (b"TRACE", b"CONNECT"):
        answer = one(wire(), method + b" /v1/clients HTTP/1.1\r\nHost: a\r\n\r\n")
        assert_problem(answer, 405, "method_not_allowed")
        assert {"GET", "PUT"} <= set(answer.headers["allow"].split(", "))


def test_plain_http_is_told_to_use_tls(stack):
    with socket.create_connection((stack.host, stack.port), timeout=10) as sock:
        assert_problem(one(sock, GET + b"\r\n"), 400, "bad_request")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_tls_is_refused(stack, version):
    done = subprocess.run(["openssl", "s_client", "-connect", f"{stack.host}:{stack.port}",
                           f"-tls{version.replace('.', '_').removesuffix('_0')}",
                           "-cipher", "ALL:@SECLEVEL=0"], input=b"", capture_output=True)
    assert done.returncode != 0


def drip(sock, data, pause, seconds):
    """A byte at a time; how long the proxy bore it, and the first bytes of what it said."""
    started = time.monotonic()
    try:
        sock.settimeout(pause)
        for byte in data:
            sock.sendall(bytes([byte]))
            try:
                return time.monotonic() - started, sock.recv(16)
            except TimeoutError:
                pass
            if time.monotonic() - started > seconds:
                break
    except OSError:
        return time.monotonic() - started, b""
    return None, None


def test_slow_headers_end_at_the_deadline_and_disturb_nobody(wire, http, figure):
    """A crowd of clients that never finish their headers; meanwhile others are answered at once."""
    borne = []
    crowd = [wire() for _ in range(CROWD)]
    threads = [threading.Thread(target=lambda s=sock: borne.append(
        drip(s, GET + b"X: " + b"x" * 100, 1, HEADER_DEADLINE + 8)[0])) for sock in crowd]
    for thread in threads:
        thread.start()
    took = []
    for _ in range(40):
        started = time.monotonic()
        assert http.get("/problems/not_found").status_code == 200
        took.append(time.monotonic() - started)
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert None not in borne and max(borne) < HEADER_DEADLINE + 4
    assert max(took) < 1
    figure(f"{CROWD} slow headers: cut after {min(borne):.1f} to {max(borne):.1f} s; the slowest "
           f"of 40 other requests took {max(took) * 1000:.0f} ms")


def test_a_silent_body_is_cut_and_no_replica_hears_of_it(stack, wire):
    sock = wire()
    started = time.monotonic()
    sock.sendall(POST + b"X-Request-Id: silent-body\r\nContent-Length: 100\r\n\r\n{")
    with sock.makefile("rb") as stream:
        answer = read_answer(stream)
    assert BODY_SILENCE - 1 < time.monotonic() - started < BODY_SILENCE + 3
    if answer is not None:
        assert_problem(answer, 408, "request_timeout")
    assert "silent-body" not in stack.log("api-1") + stack.log("api-2")


def test_a_dripping_body_holds_no_replica(stack, wire, http):
    """nginx has a deadline for silence in a body, none for the whole: it waits alone."""
    crowd = [wire() for _ in range(30)]
    for sock in crowd:
        sock.sendall(POST + b"X-Request-Id: dripping\r\nContent-Length: 100\r\n\r\n")
    threads = [threading.Thread(target=drip, args=(sock, b"{" * 100, 1, 4)) for sock in crowd]
    for thread in threads:
        thread.start()
    for _ in range(20):
        assert http.get("/problems/not_found").elapsed.total_seconds() < 1
    for thread in threads:
        thread.join()
    assert "dripping" not in stack.log("api-1") + stack.log("api-2")


def test_one_address_has_so_many_connections(wire):
    crowd = [wire() for _ in range(205)]
    for sock in crowd[:-1]:
        sock.sendall(POST + b"Content-Length: 2\r\n\r\n{")
    time.sleep(0.5)
    answer = one(crowd[-1], GET + b"\r\n")
    assert_problem(answer, 503, "busy")
    assert int(answer.headers["retry-after"]) >= 1


def test_nobody_names_a_client_in_the_logs(stack, http):
    http.get("/v1/clients?family_name=Slepenpils")
    http.get("/v1/Slepenpils")
    assert http.get(f"/v1/clients?family_name=Slepenpils{'x' * 9000}").status_code == 414
    for service in ("proxy", "api-1", "api-2", "postgres"):
        assert "Slepenpils" not in stack.log(service)
