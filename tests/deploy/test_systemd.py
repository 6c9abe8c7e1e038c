"""The units: how exposed they are, and whether the server can live with what they forbid."""

import os
import re
import signal
import subprocess
import time

import httpx
import pytest

from harness import ROOT
from options import option, options

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
EXPOSURE_MAX = 1.0
SYSCALL = re.compile(r"^(?:\d+\s+)?(\w+)\(", re.M)


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True,
                          text=True)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_s_exposure_stays_low(unit):
    done = analyze("security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) <= EXPOSURE_MAX, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_has_no_line_that_systemd_does_not_know(unit):
    told = analyze("verify", unit).stderr.splitlines()
    assert [line for line in told if "is not executable" not in line] == []


def lines(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.M)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_s_options_are_the_binary_s_and_its_files_are_its_credentials(unit):
    credentials = {line.partition(":")[0] for line in lines(unit, "LoadCredential")}
    assert credentials
    used = set()
    for line in lines(unit, "Environment"):
        name, _, value = line.partition("=")
        assert option(name) in options()
        assert value.startswith("%d/")
        used.add(value.removeprefix("%d/"))
    assert used == credentials


def test_a_stop_has_longer_than_the_server_takes():
    unit = ROOT / "deploy/systemd/atbalsts.service"
    assert int(lines(unit, "TimeoutStopSec")[0]) > int(options()["DRAIN_S"]) + 5
    # What is no credential comes from the environment's file.
    assert lines(unit, "EnvironmentFile") == ["-/etc/atbalsts/atbalsts.env"]


def allowed_calls(unit):
    """As systemd reads SystemCallFilter: names and @groups; what follows ~ is taken away."""
    calls = set()
    for line in lines(unit, "SystemCallFilter"):
        named = set().union(*(expand(name) for name in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    # Always allowed: systemd.exec(5).
    return calls | expand("@default") | {"execve"}


def expand(name):
    if not name.startswith("@"):
        return {name}
    told = analyze("syscall-filter", "--no-pager", name).stdout.splitlines()
    members = [line.strip() for line in told if re.match(r"^\s+[@\w-]+$", line)]
    return set().union(*(expand(member) for member in members))


@pytest.fixture
def traced(site, tmp_path, monkeypatch):
    """A second server of the site: the optimised binary, each of its system calls written down."""
    trace = tmp_path / "trace"
    binary = tmp_path / "traced"
    binary.write_text(f"#!/bin/sh\nexec strace -D -f -qq -o {trace} {ROOT}/build/atbalsts \"$@\"\n")
    binary.chmod(0o755)
    monkeypatch.setattr("harness.BINARY", binary)
    from harness import Server
    server = Server(site.cluster, BASE_URL=site.server.base_url)
    yield server, trace
    if server.process.poll() is None:
        server.process.kill()


def test_the_server_does_nothing_that_its_unit_forbids(site, traced):
    server, trace = traced
    headers = site.sign_in()
    url = f"{server.base_url}/v1/clients"
    made = httpx.post(url, headers=headers | {"Idempotency-Key": "unit"}, timeout=30, json={
        "given_name": "Ieva", "family_name": "Lapa", "first_contact_on": "2018-01-05"})
    assert made.status_code == 201
    assert httpx.get(url, headers=headers).status_code == 200
    assert "process_open_fds" in httpx.get(f"{server.admin_url}/metrics").text
    os.kill(server.process.pid, signal.SIGHUP)
    time.sleep(0.5)
    server.stop()
    unit = ROOT / "deploy/systemd/atbalsts.service"
    calls, allowed = set(SYSCALL.findall(trace.read_text())), allowed_calls(unit)
    assert len(allowed) > 150 and {"accept4", "clone3", "sendmsg"} & calls
    assert calls - allowed == set()
    # MemoryDenyWriteExecute=
    assert not re.search(r"PROT_WRITE\|PROT_EXEC", trace.read_text())
    # NoExecPaths= and ExecPaths=: what is mapped as code.
    mapped = set(re.findall(r'openat\(AT_FDCWD, "([^"]+\.so[.\d]*)"', trace.read_text()))
    paths = tuple(" ".join(lines(unit, "ExecPaths")).split())
    assert all(path.startswith(paths) or path.startswith("/etc/ld.so") for path in mapped)
