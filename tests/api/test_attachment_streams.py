"""A download while it runs: what it holds, what ends it, and that an end before time is seen."""

import pathlib
import threading

import httpx
import pytest

from files import FileSender, pdf
from harness import PASSWORD, SANITIZED, Server
from story import Story

MIB = 1024 * 1024
CROWD = 8
SIZE = 20 * MIB
MOST_MIB = 80 if SANITIZED else 10  # eight whole files would be 160


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="module")
def files(story):
    return FileSender(story.worker, story.case())


@pytest.fixture(scope="module")
def content():
    return pdf(SIZE)


@pytest.fixture(scope="module")
def row(files, content):
    return files.upload(content, "application/pdf")


def resident_mib(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def begin(client, url, token):
    """A download whose first bytes are here and whose others wait for the reader."""
    request = client.build_request("GET", url, headers={"Authorization": f"Bearer {token}"})
    answer = client.send(request, stream=True)
    chunks = answer.iter_raw(64 * 1024)
    assert answer.status_code == 200 and len(next(chunks)) > 0
    return answer, chunks


def test_eight_downloads_at_once_hold_little(story, files, row, content, server):
    """Not even one file's bytes are in memory, though eight of them are under way."""
    url, token = f"{server.base_url}{files.url(row, 'content')}", story.worker.token
    lengths, begun = [], threading.Barrier(CROWD + 1)
    go = threading.Event()

    def load():
        with httpx.Client(timeout=60) as client:
            _, chunks = begin(client, url, token)
            begun.wait(timeout=30)
            go.wait(timeout=30)
            lengths.append(sum(len(chunk) for chunk in chunks))

    before = resident_mib(server)
    crowd = [threading.Thread(target=load) for _ in range(CROWD)]
    for thread in crowd:
        thread.start()
    begun.wait(timeout=30)
    peak = resident_mib(server) - before
    go.set()
    while any(thread.is_alive() for thread in crowd):
        peak = max(peak, resident_mib(server) - before)
        crowd[0].join(timeout=0.01)
    assert len(lengths) == CROWD and all(SIZE - MIB < length < SIZE for length in lengths)
    assert peak < MOST_MIB, f"{peak:.1f} MiB"


def test_slow_readers_hold_no_connection_to_the_database(cluster, story, files, row):
    server = Server(cluster, POOL_SIZE=1, POOL_WAIT_MS=500)
    try:
        with httpx.Client(base_url=server.base_url, timeout=30) as client:
            session = client.post("/v1/sessions", json={
                "email": story.worker.account.email, "password": PASSWORD}).json()
            token = session["access_token"]
            readers = [begin(client, files.url(row, "content"), token) for _ in range(3)]
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(5):
                assert client.get("/v1/me", headers=headers).status_code == 200
            assert [sum(len(c) for c in chunks) > MIB for _, chunks in readers] == [True] * 3
    finally:
        server.stop()


@pytest.fixture
def reader(new_caller):
    """A case worker of this test alone."""
    return new_caller("case_worker", "marta", "social_worker")


def cut(base_url, url, token, act):
    """What is still read after act, when the answer ends too early; its reader sees that."""
    rest = 0
    with httpx.Client(base_url=base_url, timeout=30) as client:
        _, chunks = begin(client, url, token)
        act()
        with pytest.raises(httpx.RemoteProtocolError):
            for chunk in chunks:
                rest += len(chunk)
    return rest


def test_a_session_that_ends_ends_its_downloads(base_url, files, row, reader, server):
    def leave():
        reader.delete("/v1/sessions/current", expect=204)

    assert cut(base_url, files.url(row, "content"), reader.token, leave) < SIZE - MIB
    assert '"download_cut"' in server.log() and '"unauthenticated"' in server.log()
    reader.get(files.url(row, "content"), expect=401)


def test_a_reader_with_a_new_role_loses_the_rest(base_url, files, row, reader, database):
    def fall():
        with database.transaction():
            database.execute("SELECT set_config('app.actor', 'cli', true)")
            database.execute("UPDATE users SET role = 'specialist', profession = 'lawyer'"
                             " WHERE id = %s", [reader.account.id])

    assert cut(base_url, files.url(row, "content"), reader.token, fall) < SIZE - MIB


def test_a_withdrawal_ends_downloads_under_way(base_url, story, files, content, reader):
    row = files.upload(content, "application/pdf")

    def withdraw():
        story.worker.change(files.url(row), {"state": "withdrawn",
                                             "withdrawal_reason": "Of another case"})

    assert cut(base_url, files.url(row, "content"), reader.token, withdraw) < SIZE - MIB


def test_a_reader_that_leaves_costs_nothing(base_url, story, files, row, server):
    before = resident_mib(server)
    for _ in range(10):
        with httpx.Client(base_url=base_url, timeout=30) as client:
            begin(client, files.url(row, "content"), story.worker.token)
    story.worker.read("/v1/me")
    assert resident_mib(server) - before < MOST_MIB
