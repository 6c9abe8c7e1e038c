"""What systemd is told (sd_notify(3)), and what the configuration refuses, through the binary."""

import os
import signal
import socket
import subprocess
import time

import httpx
import pytest

from harness import BINARY, ROOT, Cluster, Server, clean_environment


class NotifySocket:
    """A socket as systemd's, and the messages that have come."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(20)

    def next(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def is_empty(self):
        self.socket.settimeout(0.5)
        try:
            self.socket.recv(4096)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(20)
        return False


@pytest.fixture
def notify(tmp_path, monkeypatch):
    notify = NotifySocket(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", notify.path)
    monkeypatch.setattr("harness.clean_environment", lambda **more: clean_environment(
        **more, NOTIFY_SOCKET=notify.path))
    yield notify
    notify.socket.close()


def test_systemd_is_told_of_start_reload_and_stop(cluster, notify):
    server = Server(cluster)
    assert notify.next() == {"READY": "1", "STATUS": "serving"}
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    server.process.send_signal(signal.SIGHUP)
    reloading = notify.next()
    assert reloading["RELOADING"] == "1"
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert before <= int(reloading["MONOTONIC_USEC"]) <= after
    assert notify.next()["READY"] == "1"
    assert httpx.get(f"{server.admin_url}/health/ready").status_code == 200
    server.stop()
    assert notify.next()["STOPPING"] == "1"
    assert notify.is_empty()


def test_a_server_without_database_reports_ready_to_systemd_when_it_comes(notify):
    def database(command):
        subprocess.run(["bash", str(ROOT / "deploy/cluster.sh"), command, str(cluster.folder)],
                       check=True, env=clean_environment())

    cluster = Cluster(name="notify")
    try:
        cluster.run("migrate")
        database("stop")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Server, "wait_ready", lambda self: None)
            server = Server(cluster, POOL_WAIT_MS=500)
        assert notify.is_empty()
        database("start")
        assert notify.next()["READY"] == "1"
        server.stop()
        assert notify.next()["STOPPING"] == "1"
    finally:
        cluster.stop()


# The configuration


def config(cluster, *arguments, **settings):
    done = subprocess.run([str(BINARY), "config", *arguments], capture_output=True, text=True,
                          env=clean_environment(**cluster.settings) | settings)
    return done.returncode, done.stdout, done.stderr


def test_a_name_that_is_set_twice_or_unknown_ends_the_command(cluster, tmp_path):
    (tmp_path / "value").write_text("5\n")
    both = {"ATBALSTS_POOL_SIZE": "5", "ATBALSTS_POOL_SIZE_FILE": str(tmp_path / "value")}
    status, _, errors = config(cluster, "check", **both)
    assert status == 78 and "ATBALSTS_POOL_SIZE: set together with its _FILE" in errors
    status, _, errors = config(cluster, "check", ATBALSTS_POOL_SIZ="5", ATBALSTS_LISTEN_FIL="x")
    assert status == 78
    assert "ATBALSTS_POOL_SIZ: no such option" in errors
    assert "ATBALSTS_LISTEN_FIL: no such option" in errors


def test_secrets_come_from_files_and_are_not_dumped(cluster, tmp_path):
    (tmp_path / "dsn").write_text(cluster.settings["ATBALSTS_DATABASE"] + " password=slepena\n")
    settings = {"ATBALSTS_DATABASE_FILE": str(tmp_path / "dsn"), "ATBALSTS_DATABASE": None}
    environment = clean_environment(**cluster.settings) | settings
    environment = {name: value for name, value in environment.items() if value is not None}
    for act, expected in (("check", "agree"), ("dump", "ATBALSTS_DATABASE=(set)")):
        done = subprocess.run([str(BINARY), "config", act], capture_output=True, text=True,
                              env=environment)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout and "slepena" not in done.stdout + done.stderr


def test_missing_options_are_named(cluster):
    environment = clean_environment(**cluster.settings)
    del environment["ATBALSTS_MASTER_KEYS"]
    done = subprocess.run([str(BINARY), "serve"], capture_output=True, text=True,
                          env=environment)
    assert done.returncode != 0
    assert "ATBALSTS_MASTER_KEYS (or ATBALSTS_MASTER_KEYS_FILE) must be set" in done.stderr


# Idle


def test_an_idle_server_stops_at_once_when_it_is_asked_to(cluster):
    server = Server(cluster)
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 4
    assert not os.path.exists(f"/proc/{server.process.pid}")
