"""A cluster of its own with two servers on it, and the crowd that asks both at once."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from callers import Callers  # noqa: E402
from crowd import CLIENTS, Crowd  # noqa: E402
from harness import PROVIDERS, ROOT, Cluster, Server  # noqa: E402
from recorder import Contract  # noqa: E402

ISSUER = "http://atbalsts.test"
TALLY = pytest.StashKey[dict]()


@pytest.fixture(scope="session")
def tally(request):
    return request.config.stash.setdefault(TALLY, {"requests": 0})


@pytest.fixture(scope="session")
def cluster(tally):
    cluster = Cluster(name="race")
    try:
        cluster.run("migrate")
        with cluster.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        yield cluster
        with cluster.connect() as owner:
            (tally["deadlocks"],) = owner.execute(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = 'atbalsts'").fetchone()
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def urls(cluster):
    """Two processes on one database; a token of one is good at the other."""
    servers = [Server(cluster, BASE_URL=ISSUER, POOL_SIZE=CLIENTS // 2) for _ in range(2)]
    yield [server.base_url for server in servers]
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def crowd(urls, contract, tally):
    crowd = Crowd(urls, contract, tally)
    yield crowd
    crowd.close()


@pytest.fixture(scope="session")
def contract():
    return Contract.load()


@pytest.fixture(scope="session")
def providers():
    return PROVIDERS


@pytest.fixture(scope="session")
def api(cluster, urls, contract):
    """api("case_worker", "marta"): that caller, signed in once, at the first server."""
    callers = Callers(cluster, urls[0], contract)
    yield callers
    callers.http.close()


@pytest.fixture
def database(cluster):
    """A connection as the owner, to look at what the API does not show."""
    with cluster.connect() as connection:
        yield connection


def pytest_collection_modifyitems(items):
    """Round by round, not fight by fight."""
    items.sort(key=lambda item: item.callspec.params["turn"] if hasattr(item, "callspec") else 0)


def pytest_terminal_summary(terminalreporter, config):
    told = ", ".join(f"{name} {count}" for name, count in config.stash.get(TALLY, {}).items())
    terminalreporter.write_line(f"the crowd: {told or 'did not run'}")
