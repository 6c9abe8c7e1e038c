"""Fixtures: one cluster and one server for the session; a caller for each role.

Each worker of pytest-xdist (make api) is a session with its own cluster and server.
"""

import itertools
import socket

import httpx
import pytest

from filled import fill
from harness import PASSWORD, PROVIDERS, ROOT, Account, Cluster, Server, all_accounts
from recorder import Api, Contract
from story import Story
from world import World


@pytest.fixture(scope="session")
def cluster():
    """A migrated database with both providers, their contracts and an account for each role."""
    cluster = Cluster()
    try:
        cluster.run("migrate")
        with cluster.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def filled_site(contract):
    """(cluster, world): a stopped site with a row in every table. Tests change copies of it."""
    cluster = Cluster(name="filled")
    try:
        yield cluster, fill(cluster, contract)
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def accounts(cluster):
    """By (role, provider, profession, number), each with its id."""
    made = {}
    for account in all_accounts():
        account.create(cluster)
        made[account.role, account.provider, account.profession, account.number] = account
    return made


@pytest.fixture(scope="session")
def server(cluster):
    """The server of the session. What a sanitizer finds fails the session when it stops."""
    server = Server(cluster)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def base_url(server):
    return server.base_url


@pytest.fixture(scope="session")
def admin_url(server):
    return server.admin_url


@pytest.fixture(scope="session")
def contract(request):
    contract = Contract.load()
    request.config.stash[CALLED] = contract.seen
    return contract


@pytest.fixture(scope="session")
def http(base_url):
    hooks = {"request": [lambda request: request.extensions.update(trace=send_at_once)]}
    with httpx.Client(base_url=base_url, timeout=30, event_hooks=hooks) as client:
        yield client


@pytest.fixture(scope="session")
def account(accounts):
    """account("case_worker", "marta"): the first with this role; number=2 is the second."""

    def find(role, provider=None, profession=None, number=1):
        for found in accounts.values():
            if (role, number) == (found.role, found.number) \
                    and provider in (None, found.provider) \
                    and profession in (None, found.profession):
                return found
        raise LookupError(f"no account: {role} {provider} {profession} {number}")

    return find


@pytest.fixture(scope="session")
def token(account, http, contract):
    """token("case_worker", "marta"): an access token; signs in once for each account."""
    tokens = {}

    def get(role, provider=None, profession=None, number=1):
        found = account(role, provider, profession, number)
        if found.email not in tokens:
            answer = Api(http, contract).post(
                "/v1/sessions", {"email": found.email, "password": PASSWORD}, expect=201,
                headers={"Idempotency-Key": None})
            tokens[found.email] = answer.json()["access_token"]
        return tokens[found.email]

    return get


@pytest.fixture(scope="session")
def api(account, token, http, contract):
    """api("case_worker", "marta") is that caller; api() is nobody."""

    def caller(role=None, provider=None, profession=None, number=1, headers=None):
        if role is None:
            return Api(http, contract, headers=headers)
        found = account(role, provider, profession, number)
        return Api(http, contract, token(role, provider, profession, number), found, headers)

    return caller


@pytest.fixture
def new_account(cluster):
    """new_account("case_worker", "marta"): an account of this test alone."""

    def make(role, provider=None, profession=None):
        made = Account(role, provider, profession, number=next(NEW_ACCOUNTS))
        made.create(cluster)
        return made

    return make


@pytest.fixture
def new_caller(http, contract, new_account):
    """new_caller("case_worker", "marta"): the same, signed in by a session of its own."""

    def make(role, provider=None, profession=None):
        return signed_in(http, contract, new_account(role, provider, profession))

    return make


@pytest.fixture(scope="session")
def lasting_caller(http, contract, cluster):
    """The same for what outlives a test."""

    def make(role, provider=None, profession=None):
        made = Account(role, provider, profession, number=next(NEW_ACCOUNTS))
        made.create(cluster)
        return signed_in(http, contract, made)

    return make


def signed_in(http, contract, account):
    answer = Api(http, contract).post(
        "/v1/sessions", {"email": account.email, "password": PASSWORD}, expect=201,
        headers={"Idempotency-Key": None})
    return Api(http, contract, answer.json()["access_token"], account)


@pytest.fixture(scope="session")
def providers():
    """Their ids: providers["marta"], providers["dm"]."""
    return PROVIDERS


@pytest.fixture(scope="session")
def new_provider(api, http, contract, cluster):
    """new_provider(): what Story and Billing take, of a provider with which no other test acts."""

    def make():
        name = f"own{next(NEW_ACCOUNTS)}"
        made = api("system_admin").create("/v1/providers", {
            "name": name, "register_number": name, "active": True})
        staff = {}

        def caller(role, provider=None, profession=None):
            if provider != name:
                return api(role, provider, profession)
            if (role, profession) not in staff:
                account = Account(role, name, profession or PROFESSIONS.get(role),
                                  provider_id=made["id"])
                account.create(cluster)
                staff[role, profession] = signed_in(http, contract, account)
            return staff[role, profession]

        return caller, {name: made["id"]}, name

    return make


@pytest.fixture(scope="session")
def marta(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="session")
def dm(api, providers):
    return Story(api, providers, "dm")


@pytest.fixture(scope="session")
def worlds(api, providers):
    """For each provider a case in its course, with a row of every kind."""
    return {provider: World(api, providers, provider) for provider in providers}


@pytest.fixture
def database(cluster):
    """A connection as the owner, to look at what the API does not show."""
    with cluster.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def superuser(cluster):
    """A connection that may become any role, for what is undone (stage.py)."""
    with cluster.connect("postgres") as connection:
        yield connection


def send_at_once(event, info):
    """Else a body waits for the acknowledgement of its headers, 40 ms for each POST."""
    if event == "connection.connect_tcp.complete":
        stream = info["return_value"]
        stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


NEW_ACCOUNTS = itertools.count(1000)
PROFESSIONS = {"case_worker": "social_worker"}
CALLED = pytest.StashKey[set]()


def pytest_sessionfinish(session):
    """A worker of pytest-xdist sends what it has called to the process that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["called"] = sorted(session.config.stash.get(CALLED, ()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    called = getattr(node, "workeroutput", {}).get("called", ())
    node.config.stash.setdefault(CALLED, set()).update(map(tuple, called))


def pytest_terminal_summary(terminalreporter, config):
    """Which operations of the document no test of any worker has called yet."""
    called = config.stash.get(CALLED, None)
    if called is None:
        return
    operations = Contract.load().operations()
    missing = sorted(operations - called, key=lambda pair: pair[::-1])
    terminalreporter.write_line(
        f"operations called: {len(operations) - len(missing)} of {len(operations)}")
    if missing and len(missing) <= 40:
        for method, path in missing:
            terminalreporter.write_line(f"  not called: {method.upper()} {path}")
