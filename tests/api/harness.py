"""A PostgreSQL of our own, the server under the sanitizers, and the accounts that the tests use."""

import fcntl
import os
import pathlib
import random
import secrets
import signal
import socket
import subprocess
import threading
import time

import httpx
import psycopg

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TEST_BINARY", ROOT / "build/asan/atbalsts")).resolve()
# The sanitizers keep what is freed for a while.
SANITIZED = "asan" in str(BINARY)
PLACE, FOLDER = pathlib.Path("/var/tmp"), "atbalsts-test-{uid}{name}-{pid}"
# What a sanitizer writes when it has found something.
REPORTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "ThreadSanitizer")
PASSWORD = "pareiza zirga baterija skava"
PROVIDERS = {
    "marta": "01890000-0000-7000-8000-00000000a001",
    "dm": "01890000-0000-7000-8000-00000000a002",
}


def clean_environment(**more):
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    keep["ASAN_OPTIONS"] = "detect_leaks=1:strict_string_checks=1:exitcode=99"
    keep["UBSAN_OPTIONS"] = "print_stacktrace=1:exitcode=99"
    return keep | more


def free_ports(count):
    """Ports that nobody listens on now; held together so that they differ.

    They lie below those that the kernel gives to outgoing connections: a test of another worker
    that connects a thousand times would take such a port before the server listens on it.
    """
    holders = []
    while len(holders) < count:
        try:
            holders.append(socket.create_server(("127.0.0.1", random.randrange(20000, 32768))))
        except OSError:
            continue
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def together(*calls):
    """Runs all at the same moment; their answers in order."""
    gate = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def run(index, call):
        gate.wait()
        answers[index] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class Cluster:
    """A throw-away cluster with the service's roles and database, and key files beside it."""

    def __init__(self, name=""):
        self.remove_abandoned()
        self.folder = PLACE / FOLDER.format(uid=os.getuid(), name=name, pid=os.getpid())
        self.script("create", self.folder, "throwaway")
        self.settings = {
            "ATBALSTS_DATABASE": self.dsn("atbalsts_api"),
            "ATBALSTS_OWNER_DATABASE": self.dsn("atbalsts_owner"),
            "ATBALSTS_MASTER_KEYS": self.key_file("master.keys", "test-1", "blind"),
            "ATBALSTS_TOKEN_KEYS": self.key_file("token.keys", "test-1"),
        }

    @staticmethod
    def script(command, folder, *more):
        subprocess.run(["bash", str(ROOT / "deploy/cluster.sh"), command, str(folder), *more],
                       check=True, env=clean_environment())

    @classmethod
    def remove_abandoned(cls):
        """Clusters of test runs that were killed. One worker at a time looks for them."""
        place = os.open(PLACE, os.O_RDONLY)
        try:
            fcntl.flock(place, fcntl.LOCK_EX)
            for folder in PLACE.glob(FOLDER.format(uid=os.getuid(), name="*", pid="*")):
                if not pathlib.Path("/proc", folder.name.rpartition("-")[2]).exists():
                    cls.script("remove", folder)
        finally:
            os.close(place)

    def dsn(self, user):
        return f"host={self.folder}/s dbname=atbalsts user={user}"

    def key_file(self, name, *ids):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text("".join(f"{key} {secrets.token_hex(32)}\n" for key in ids))
        return str(path)

    def connect(self, user="atbalsts_owner"):
        """An autocommit connection; as the owner, row-level security does not hide anything."""
        return psycopg.connect(self.dsn(user), autocommit=True)

    def run(self, *arguments, stdin=None, binary=BINARY):
        """One command of the binary; its standard output. A failure shows what it wrote."""
        done = subprocess.run([str(binary), *arguments], input=stdin, capture_output=True,
                              text=True, env=clean_environment(**self.settings))
        if done.returncode != 0:
            raise RuntimeError(f"atbalsts {' '.join(arguments)} ended with {done.returncode}:\n"
                               f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def stop(self):
        self.script("remove", self.folder)


class Server:
    """atbalsts serve on free ports. Options are configuration: Server(cluster, POOL_SIZE=2).

    stdout and stderr may be given as for Popen, prepare runs in the child before the binary does.
    """

    def __init__(self, cluster, stdout=None, stderr=subprocess.STDOUT, prepare=None, **options):
        port, admin_port = free_ports(2)
        self.base_url = f"http://127.0.0.1:{port}"
        self.admin_url = f"http://127.0.0.1:{admin_port}"
        settings = {
            "LISTEN": f"127.0.0.1:{port}", "ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
            "BASE_URL": self.base_url, "TOKEN_LIFETIME_S": 3600, "POOL_SIZE": 8, "DRAIN_S": 5,
        } | options
        self.log_path = cluster.folder / f"server-{port}.log"
        environment = clean_environment(
            **cluster.settings | {f"ATBALSTS_{name}": str(v) for name, v in settings.items()})
        with open(self.log_path, "w") as log:
            if stdout is not None and stderr is subprocess.STDOUT:
                stderr = log
            self.process = subprocess.Popen(
                [str(BINARY), "serve"], stdout=log if stdout is None else stdout,
                stderr=stderr, env=environment, preexec_fn=prepare)
        self.wait_ready()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_ready(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.admin_url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"the server does not become ready:\n{self.log()[-4000:]}")

    def stop(self):
        """Ends it as a supervisor would; a report, a leak or a bad exit status is an error."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise RuntimeError(f"the server does not stop:\n{self.log()[-4000:]}") from None
        log = self.log()
        if any(report in log for report in REPORTS):
            start = min(log.find(report) for report in REPORTS if report in log)
            raise RuntimeError(f"a sanitizer reports:\n{log[max(start - 200, 0):start + 8000]}")
        if status != 0:
            raise RuntimeError(f"the server ended with {status}:\n{log[-4000:]}")


class Account:
    def __init__(self, role, provider=None, profession=None, number=1, provider_id=None):
        self.role, self.provider, self.profession = role, provider, profession
        self.number, self.provider_id = number, provider_id or PROVIDERS.get(provider)
        words = [role, profession, provider, str(number) if number > 1 else None]
        self.email = ".".join(filter(None, words)) + "@example.org"
        self.id = None

    def create(self, cluster):
        arguments = ["user", "add", "--email", self.email, "--name", f"Test {self.email}",
                     "--role", self.role, "--language", "en", "--password-file", "-"]
        if self.provider:
            arguments += ["--provider", self.provider_id]
        if self.profession:
            arguments += ["--profession", self.profession]
        self.id = cluster.run(*arguments, stdin=PASSWORD + "\n").split()[-1]


def all_accounts():
    """Two agency officers, so that nobody decides on their own; two case workers each."""
    yield from (Account(role) for role in ("ministry_officer", "statistician", "agency_officer",
                                           "auditor", "system_admin", "integration"))
    yield Account("agency_officer", number=2)
    yield Account("commission_member", profession="police_officer")
    for provider in PROVIDERS:
        yield Account("provider_manager", provider)
        yield Account("case_worker", provider, "social_worker")
        yield Account("case_worker", provider, "social_worker", number=2)
        for profession in ("psychologist", "lawyer", "social_worker"):
            yield Account("specialist", provider, profession)
