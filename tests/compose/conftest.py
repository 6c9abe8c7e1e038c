"""The whole installation, built and started once, and everything removed at the end."""

import signal
import socket
import time

import httpx
import pytest
from stack import Stack

# Who ends a run ends what it has started.
signal.signal(signal.SIGTERM, signal.default_int_handler)
FIGURES = pytest.StashKey[list]()


@pytest.fixture(scope="session")
def figure(request):
    """figure("text"): a measured number for the summary."""
    return request.config.stash.setdefault(FIGURES, []).append


@pytest.fixture(scope="session")
def stack(figure):
    stack = Stack()
    try:
        started = time.monotonic()
        stack.install()
        ask(stack, time.monotonic() + 60)
        figure(f"from no image to the first answer through TLS {time.monotonic() - started:.0f} s")
        stack.wait("demo", "exited")
        yield stack
    finally:
        stack.down()


def ask(stack, deadline):
    while True:
        try:
            return httpx.get(f"{stack.base_url}/problems/not_found", verify=stack.tls())
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="session")
def http(stack):
    with httpx.Client(base_url=stack.base_url, verify=stack.tls(), timeout=30) as client:
        yield client


@pytest.fixture
def wire(stack):
    """A function that opens a TLS connection to the proxy; all are closed at the end."""
    opened = []

    def connect(protocol="http/1.1"):
        context = stack.tls()
        context.set_alpn_protocols([protocol])
        plain = socket.create_connection((stack.host, stack.port), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock = context.wrap_socket(plain, server_hostname=stack.host)
        assert sock.selected_alpn_protocol() == protocol
        opened.append(sock)
        return sock

    yield connect
    for sock in opened:
        sock.close()


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)
