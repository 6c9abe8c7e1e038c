"""Where the bench happens: a cluster, the optimised server, and the CPU time of both."""

import http.client
import json
import mmap
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))

import harness  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
# Connections for pgbench's 256; the memory of a small server.
SETTINGS = {"max_connections": "320", "shared_buffers": "'1GB'", "max_wal_size": "'4GB'",
            # The bench vacuums itself, before it measures.
            "autovacuum": "off", "checkpoint_timeout": "'30min'", "fsync": "on",
            "full_page_writes": "on"}


class Place(harness.Cluster):
    """A throw-away cluster with a server's settings; writes reach the disk."""

    def __init__(self):
        super().__init__()
        self.servers = []
        with self.superuser() as database:
            for name, value in SETTINGS.items():
                database.execute(f"ALTER SYSTEM SET {name} = {value}")
        self.restart()

    def stop(self):
        """Also what a failed measurement left running."""
        for process in self.servers:
            if process.poll() is None:
                process.kill()
        super().stop()

    def restart(self):
        # The throw-away settings stand in the file's end; ALTER SYSTEM's win over them.
        self.script("stop", self.folder)
        self.script("start", self.folder)

    def superuser(self):
        return self.connect("postgres")

    def postmaster(self):
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def cpu(self):
        """Seconds of all of the cluster's processes, ended ones too."""
        master = self.postmaster()
        total = cpu_of(master, ended=True)
        for child in pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split():
            try:
                total += cpu_of(int(child))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return total


def cpu_of(pid, ended=False):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15 if ended else 13]) / TICK


class Server:
    """atbalsts serve with its defaults, on free ports; first_answer_s is measured on the way."""

    def __init__(self, place, token=None, port=None, preload=None, **options):
        self.port = port or harness.free_ports(1)[0]
        admin = harness.free_ports(1)[0]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.admin_url = f"http://127.0.0.1:{admin}"
        settings = {"LISTEN": f"127.0.0.1:{self.port}", "ADMIN_LISTEN": f"127.0.0.1:{admin}",
                    "BASE_URL": self.base_url, "TOKEN_LIFETIME_S": 3600} | options
        environment = harness.clean_environment(
            **place.settings, **{f"ATBALSTS_{name}": str(v) for name, v in settings.items()},
            **(preload or {}))
        self.log_path = place.folder / f"bench-{self.port}.log"
        self.token = token
        began = time.monotonic()
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen([str(harness.BINARY), "serve"], stdout=log,
                                            stderr=subprocess.STDOUT, env=environment)
        place.servers.append(self.process)
        self.first_answer_s = self.await_answer(began)

    def await_answer(self, began):
        while time.monotonic() < began + 20 and self.process.poll() is None:
            try:
                self.call("GET", "/v1/clients?limit=1" if self.token else "/v1/openapi.json")
                return time.monotonic() - began
            except (ConnectionError, http.client.HTTPException):
                time.sleep(0.002)
        self.process.kill()
        raise RuntimeError(f"the server does not answer:\n{self.log_path.read_text()[-4000:]}")

    def call(self, method, path, body=None, expect=200, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           sent | (headers or {}))
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status != expect:
            raise RuntimeError(f"{method} {path} → {response.status}: {text[:2000]!r}")
        return json.loads(text)

    def sign_in(self, email):
        self.token = self.call("POST", "/v1/sessions", {
            "email": email, "password": harness.PASSWORD}, 201)["access_token"]
        return self.token

    def cursor(self, path, rows):
        """The cursor that stands behind so many rows, or behind the last full page."""
        cursor = None
        for _ in range(rows // 200):
            query = "?limit=200" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
            answer = self.call("GET", path + query)
            if answer["next"] is None:
                break
            cursor = answer["next"]
        return cursor

    def cpu(self):
        return cpu_of(self.process.pid)

    def peak_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def stop(self):
        self.process.terminate()
        status = self.process.wait(timeout=30)
        if status != 0:
            log = self.log_path.read_text()[-4000:]
            raise RuntimeError(f"the server ended with {status}:\n{log}")


class Counter:
    """How often a preloaded process has allocated."""

    def __init__(self, folder):
        path = folder / "allocations"
        path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(ROOT / "build/load/count.so"),
                            "COUNT_FILE": str(path)}
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)

    def read(self):
        return int.from_bytes(self.map[:8], "little")
