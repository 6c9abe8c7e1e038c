"""The log goes to standard output, and no request and no stop ever waits for who reads it."""

import http.client
import json
import os
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from harness import Server
from test_metrics import scrape, value

REQUESTS = 2000
DROPPED = "atbalsts_log_lines_dropped_total"


def ask(server, count, first=0):
    """Requests over one connection; the log tells each by a long id that ends with its number."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=5)
    for number in range(first, first + count):
        connection.request("GET", "/problems", headers={"X-Request-Id": request_id(number)})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


def request_id(number):
    return f"{'x' * 56}{number:08}"


def numbers_of(lines):
    return [int(line["request_id"][-8:]) for line in lines if line["event"] == "request"]


def dropped(server):
    return value(scrape(server.admin_url), DROPPED)


def assert_stops_soon(server):
    """Whoever reads or does not read: within the second that a stop waits for its last lines."""
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 6


class Reader:
    """Reads a descriptor to its end, in a thread of its own."""

    def __init__(self, descriptor):
        self.descriptor, self.bytes = descriptor, b""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while piece := os.read(self.descriptor, 65536):
            self.bytes += piece

    def lines(self):
        """All of them, after the end. A torn line is no JSON."""
        self.thread.join(timeout=20)
        assert not self.thread.is_alive(), "the output is still open"
        os.close(self.descriptor)
        return [json.loads(line) for line in self.bytes.splitlines()]

    def await_event(self, event):
        deadline = time.monotonic() + 10
        while f'"event":"{event}"'.encode() not in self.bytes and time.monotonic() < deadline:
            time.sleep(0.01)
        assert f'"event":"{event}"'.encode() in self.bytes


@pytest.fixture
def serve(cluster):
    """serve(stdout=descriptor): a server that a failed test does not leave behind."""
    servers = []

    def start(**where):
        servers.append(Server(cluster, **where))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()


@pytest.fixture
def piped(serve):
    """A server whose log goes into a pipe, as Docker and systemd give one, and the end to read."""
    end, output = os.pipe()
    server = serve(stdout=output)
    os.close(output)
    return server, end


def test_all_requests_are_answered_and_a_stop_ends_though_nobody_reads_the_log(piped):
    server, end = piped
    asked = 0
    while asked < REQUESTS or dropped(server) == 0:
        ask(server, REQUESTS, asked)
        asked += REQUESTS
        assert asked <= 5 * REQUESTS, "no line is dropped: is the log kept without a bound?"
    assert httpx.get(f"{server.admin_url}/health/ready").status_code == 200
    assert_stops_soon(server)
    os.close(end)


def test_a_late_reader_finds_whole_lines_in_order_and_the_number_of_missing_ones(piped):
    server, end = piped
    asked = 0
    while dropped(server) == 0:
        ask(server, REQUESTS, asked)
        asked += REQUESTS
    lost = dropped(server)
    reader = Reader(end)
    reader.await_event("log_lines_dropped")
    ask(server, 100, asked)
    assert dropped(server) == lost, "nothing more is dropped while somebody reads"
    assert_stops_soon(server)
    lines = reader.lines()
    numbers = numbers_of(lines)
    gap = [line["event"] for line in lines].index("log_lines_dropped")
    before = len(numbers_of(lines[:gap]))
    assert numbers[:before] == list(range(before))
    assert numbers[before:] == list(range(before + int(lost), asked + 100))
    assert lines[gap]["count"] == lost and lines[gap]["level"] == "warning"
    assert lines[-1]["event"] == "stopped"


def test_a_reader_that_leaves_stops_nothing_and_the_next_one_reads_the_count(serve, tmp_path):
    """A named pipe, as a log collector opens one: until the next reader, writing is an error."""
    path = tmp_path / "log"
    os.mkfifo(path)
    first = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    output = os.open(path, os.O_WRONLY)
    server = serve(stdout=output)
    os.close(output)
    os.close(first)
    ask(server, 50)
    assert dropped(server) >= 50
    second = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(second, True)
    lost = dropped(server)
    ask(server, 10, 50)
    reader = Reader(second)
    reader.await_event("log_lines_dropped")
    assert_stops_soon(server)
    lines = reader.lines()
    assert [line["event"] for line in lines[:2]] == ["started", "log_lines_dropped"]
    assert lines[1]["count"] == lost
    assert numbers_of(lines) == list(range(50, 60))


def test_a_full_disk_is_not_fatal(serve):
    with open("/dev/full", "w") as full:
        server = serve(stdout=full)
    ask(server, 50)
    assert dropped(server) >= 50
    assert_stops_soon(server)


def test_a_closed_output_writes_no_line_into_another_descriptor(serve):
    """Else the first socket would become standard output, and a client would read the log."""
    server = serve(prepare=lambda: os.close(1))
    ask(server, 50)
    assert os.readlink(f"/proc/{server.process.pid}/fd/1") == "/dev/null"
    assert dropped(server) >= 50
    assert_stops_soon(server)


def test_a_notice_to_a_new_connection_does_not_wait_for_standard_error(cluster, serve):
    """libpq writes a notice to standard error where nobody takes it, with each new connection."""
    end, full = os.pipe()
    os.set_blocking(full, False)
    try:
        while True:
            os.write(full, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(full, True)
    with cluster.connect("postgres") as superuser:
        superuser.execute("UPDATE pg_database SET datcollversion = '0.1'"
                          " WHERE datname = current_database()")
    try:
        server = serve(stderr=full)
        ask(server, 10)
        assert '"event":"database_notice"' in server.log()
        assert_stops_soon(server)
    finally:
        with cluster.connect("postgres") as superuser:
            superuser.execute("UPDATE pg_database SET datcollversion = NULL"
                              " WHERE datname = current_database()")
        os.close(end)
        os.close(full)
