"""Hosts of our own: each a network namespace on one bridge, with PostgreSQL or the server on it.

run.sh starts us in namespaces of our own (network, mounts, processes), so that whatever happens
ends with us. Where that is not possible the hosts are loopback addresses, and what needs a network
or a disk of its own is left out and said to be.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))

import httpx  # noqa: E402
import psycopg  # noqa: E402

import harness  # noqa: E402

NAMESPACES = os.environ.get("HA_NAMESPACES") == "1"
FOLDER = pathlib.Path(f"/var/tmp/atbalsts-ha-{os.getuid()}-{os.environ.get('HA_PID', os.getpid())}")
SUBNET = "10.77.0" if NAMESPACES else "127.0.77"
NUMBERS = {"db1": 11, "db2": 12, "api1": 21, "api2": 22, "witness": 31}
BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
DISK_MIB = 1536


def tell(*words):
    print(f"[{time.strftime('%H:%M:%S')}]", *words, flush=True)


class Checks:
    """Each is told when it is made; done() ends the program with the count."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, holds, words):
        self.passed += bool(holds)
        self.failed += not holds
        print("ok     " if holds else "FAILED ", words, flush=True)

    def done(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)


class Failed(RuntimeError):
    """A command that did not end well."""


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          cwd="/", **more)
    if done.returncode != 0:
        raise Failed(f"{command} ended with {done.returncode}:\n{done.stdout[-1500:]}"
                     f"{done.stderr[-3000:]}")
    return done.stdout


def await_true(words, condition, seconds=30, pause=0.05):
    """Its value, as soon as there is one; the time that it took is the caller's to measure."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except (psycopg.Error, httpx.TransportError, OSError, Failed):
            value = None
        if value:
            return value
        if time.monotonic() > deadline:
            raise RuntimeError(f"in {seconds} s never: {words}")
        time.sleep(pause)


def own_folder(path):
    """A folder that PostgreSQL may write."""
    path.mkdir(mode=0o700)
    if os.getuid() == 0:
        shutil.chown(path, "postgres", "postgres")


class Host:
    def __init__(self, name):
        self.name, self.address = name, f"{SUBNET}.{NUMBERS[name]}"
        self.folder = FOLDER / name
        self.folder.mkdir(mode=0o700)
        if NAMESPACES:
            self.connect()

    @staticmethod
    def switch():
        """The bridge between the hosts; we ourselves sit on it."""
        FOLDER.mkdir(mode=0o711, exist_ok=True)
        if NAMESPACES:
            run("ip", "link", "set", "lo", "up")
            run("ip", "link", "add", "br0", "type", "bridge")
            run("ip", "addr", "add", f"{SUBNET}.1/24", "dev", "br0")
            run("ip", "link", "set", "br0", "up")

    def connect(self):
        name, port = self.name, f"to-{self.name}"
        run("ip", "netns", "add", name)
        run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", port, "master", "br0", "up")
        run("ip", "-n", name, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        run("ip", "-n", name, "link", "set", "lo", "up")

    def command(self, *words):
        prefix = ("ip", "netns", "exec", self.name) if NAMESPACES else ()
        return [str(word) for word in prefix + words]

    def cut(self):
        """Packets vanish; nobody is told."""
        run("ip", "link", "set", f"to-{self.name}", "down")

    def heal(self):
        run("ip", "link", "set", f"to-{self.name}", "up")

    def own_disk(self):
        if NAMESPACES:
            run("mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0700", "tmpfs", self.folder)

    def fill_disk(self):
        """To the last byte."""
        with open(self.folder / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(1 << 16))
            except OSError:
                pass

    def free_disk(self):
        (self.folder / "ballast").unlink()


SETTINGS = """
listen_addresses = '{address}'
unix_socket_directories = '{folder}/s'
cluster_name = '{name}'
shared_buffers = '64MB'
wal_level = replica
wal_keep_size = '256MB'
max_wal_size = '256MB'
hot_standby = on
# A host that has gone is noticed within seconds, on each side.
wal_sender_timeout = '5s'
wal_receiver_timeout = '5s'
# After a crash of the primary its standby is back at once; each commit waits for it.
wal_retrieve_retry_interval = '500ms'
tcp_user_timeout = '5s'
"""


class Node(Host):
    """PostgreSQL on a host. Which of two is the primary is for who uses them to know."""

    settings = SETTINGS

    def __init__(self, name):
        super().__init__(name)
        self.own_disk()
        self.data = self.folder / "data"
        if os.getuid() == 0:
            shutil.chown(self.folder, "root", "postgres")
            self.folder.chmod(0o710)

    def create(self):
        """The first primary: roles and an empty database."""
        self.script("create", self.folder)
        self.script("stop", self.folder)
        with open(self.data / "pg_hba.conf", "a") as rules:
            rules.write(f"host all all {SUBNET}.0/24 trust\n"
                        f"host replication all {SUBNET}.0/24 trust\n")
        self.settle_in()
        self.start()
        self.sql("CREATE ROLE replicator LOGIN REPLICATION")

    def settle_in(self):
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write(self.settings.format(**vars(self)))

    def script(self, *words):
        run(*self.command("bash", ROOT / "deploy/cluster.sh", *words),
            env=harness.clean_environment())

    def as_postgres(self, *words):
        account = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
        return run(*self.command(*account, *words))

    def start(self):
        self.script("start", self.folder)

    def stop(self):
        self.script("stop", self.folder)

    def clone(self, primary):
        """Becomes a standby of the primary, from nothing."""
        run("rm", "-rf", self.data)
        own_folder(self.data)
        self.as_postgres(
            BIN / "pg_basebackup", "--pgdata", self.data, "--checkpoint", "fast",
            "--write-recovery-conf", "--dbname",
            f"host={primary.address} user=replicator application_name={self.name}")
        self.settle_in()
        self.start()

    def connect_as(self, user, database="atbalsts"):
        return psycopg.connect(f"host={self.address} dbname={database} user={user}"
                               " connect_timeout=3", autocommit=True)

    def sql(self, statement, *params):
        """As superuser; the first column's values."""
        with self.connect_as("postgres") as connection:
            cursor = connection.execute(statement, params or None)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

    def is_primary(self):
        return self.sql("SELECT NOT pg_is_in_recovery()")[0]

    def set(self, name, value):
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def processes(self):
        """By their working folder, as deploy/cluster.sh does."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(folder / "cwd") == str(self.data):
                    found.append(int(folder.name))
            except OSError:
                pass
        return found

    def signal(self, number, pids=None):
        for pid in pids or self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """All at once, as a machine that loses its power; none is left when it returns."""
        await_true("all killed", lambda: self.signal(signal.SIGKILL) or not self.processes())


class Replica(Host):
    """atbalsts serve on a host; who starts it again is the test, in a supervisor's place."""

    options = {"BASE_URL": "http://atbalsts.test", "TOKEN_LIFETIME_S": "3600"}

    def __init__(self, name, settings):
        super().__init__(name)
        self.base_url = f"http://{self.address}:8080"
        self.admin_url = f"http://{self.address}:8081"
        self.environment = harness.clean_environment(
            **settings, ATBALSTS_LISTEN=f"{self.address}:8080",
            ATBALSTS_ADMIN_LISTEN=f"{self.address}:8081",
            **{f"ATBALSTS_{name}": value for name, value in self.options.items()})
        self.log_path = self.folder / "log"
        self.binary, self.process = harness.BINARY, None

    def start(self):
        """Seconds until it was ready."""
        began = time.monotonic()
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                self.command(self.binary, "serve"), stdout=log, stderr=subprocess.STDOUT,
                env=self.environment, cwd=self.folder)
        await_true(f"{self.name} ready", self.is_ready, pause=0.005)
        return time.monotonic() - began

    def is_ready(self):
        assert self.process.poll() is None, f"{self.name} has ended, see {self.log_path}"
        return httpx.get(f"{self.admin_url}/health/ready", timeout=5).status_code == 200

    def memory_mib(self):
        """Resident now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cpu_s(self):
        """Processor time since its start."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def end(self, number):
        """Its exit status; ip-netns replaces itself by the server, so that the id is its."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)
