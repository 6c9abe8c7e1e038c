"""Rolling restarts of two replicas behind nginx, under load, without one failed request.

In the middle version N + 1 migrates (later.py): N goes on and starts on its objects, and then the
replicas become N + 1 one after the other.
"""

import collections
import json
import re
import signal
import subprocess
import time

import later
from installation import Site
from lab import ROOT, SUBNET, Checks, await_true, httpx, tell

# Of each replica: as version N, then N on the objects of N + 1, then N + 1.
BEFORE, BETWEEN, AFTER = 3, 1, 2
ROUNDS = BEFORE + BETWEEN + AFTER
CONNECTIONS = 8
RATE_MIN = 500
MEMORY_MAX_MIB, READY_MAX_S = 25, 1
GATE = f"{SUBNET}.1:8090"


class Proxy:
    def __init__(self, site):
        self.folder = site.folder
        shipped = (ROOT / "deploy/proxy/nginx.conf").read_text()
        (failures,) = set(re.findall(r"max_fails=\d+(?: fail_timeout=\d+s)?", shipped))
        retries = "\n".join(re.findall(r"proxy_(?:next_upstream|connect_timeout).*;", shipped))
        conf = (ROOT / "tests/ha/nginx.conf").read_text().format(
            folder=self.folder, address=GATE.partition(":")[0], failures=failures, retries=retries,
            **{replica.name: replica.address for replica in site.replicas})
        (self.folder / "nginx.conf").write_text(conf)
        with open(self.folder / "nginx.log", "w") as log:
            self.process = subprocess.Popen(["nginx", "-c", self.folder / "nginx.conf"],
                                            stdout=log, stderr=subprocess.STDOUT,
                                            cwd=site.replicas[0].folder)
        await_true("nginx answers", lambda: httpx.get(f"http://{GATE}/problems").status_code)

    def stop(self):
        """How often it asked a second replica, and the statuses that it answered."""
        self.process.terminate()
        self.process.wait()
        lines = (self.folder / "nginx-access.log").read_text().splitlines()
        again = sum("," in line for line in lines)
        told = (self.folder / "nginx-error.log").read_text()
        tell("nginx met", {what: told.count(what) for what in (
            "refused", "prematurely closed", "reset by peer", "timed out")})
        return again, collections.Counter(line.split()[0] for line in lines)


class Load:
    def __init__(self, token, client, mark):
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{CONNECTIONS}", "-d600s", "--timeout", "10s", "-s",
             str(ROOT / "tests/ha/mixed.lua"), f"http://{GATE}", "--", token, client, mark],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out.strip().splitlines()[-1])


def restart(replica, binary=None):
    """As a supervisor does it for a new binary; where the log says so the drain was not whole."""
    replica.binary = binary or replica.binary
    began = time.monotonic()
    status = replica.end(signal.SIGTERM)
    stopped = time.monotonic()
    ready = replica.start()
    return status, stopped - began, ready


def measure(site, token, client):
    """What a replica takes while nothing is restarted; tells the load's own summary, too."""
    idle = max(replica.memory_mib() for replica in site.replicas)
    began = sum(replica.cpu_s() for replica in site.replicas)
    load = Load(token, client, "calm")
    time.sleep(5)
    busy = max(replica.memory_mib() for replica in site.replicas)
    told = load.stop()
    spent = sum(replica.cpu_s() for replica in site.replicas) - began
    tell(f"a replica takes {idle:.1f} MiB idle, {busy:.1f} MiB under load; "
         f"{spent / told['requests'] * 1e6:.0f} µs of processor for a request")
    return idle, told


def main():
    site, checks = Site(), Checks()
    binary = later.build(site.folder)
    token = site.tokens()[0]
    proxy = Proxy(site)
    made = httpx.post(f"http://{GATE}/v1/clients", json={"given_name": "Anna"}, headers={
        "Authorization": f"Bearer {token}", "Idempotency-Key": "first"})
    client = made.json()["id"]
    idle, calm = measure(site, token, client)
    load = Load(token, client, "rolling")
    time.sleep(1)
    restarts = []
    for turn in range(ROUNDS):
        if turn == BEFORE:
            site.run("migrate", binary=binary)
            tell("version N + 1 has migrated")
        restarts += [restart(replica, binary if turn >= BEFORE + BETWEEN else None)
                     for replica in site.replicas]
    told = load.stop()
    again, statuses = proxy.stop()
    with site.connect() as owner:
        (rows,) = owner.execute("SELECT count(*) - 1 FROM clients").fetchone()
        arrived = owner.execute(later.ARRIVED).fetchone()
    rate = told["requests"] / (told["us"] / 1e6)
    tell(f"stops {max(r[1] for r in restarts):.2f} s, ready after {max(r[2] for r in restarts):.2f}"
         f" s at most; p50 {told['p50'] / 1000:.1f} ms, p99 {told['p99'] / 1000:.1f} ms, slowest "
         f"{told['max'] / 1000:.0f} ms; nginx answered {dict(statuses)}, {again} at a second try")
    checks.check(told["failed"] == 0, f"{ROUNDS} rolling restarts of 2 replicas: "
                 f"{told['requests']} requests, {told['failed']} failed")
    checks.check(arrived == (True,) * 3, "view, function and policy are those of version N + 1")
    checks.check(all(replica.log_path.read_text().count("schema_objects_are_later") == BETWEEN
                     for replica in site.replicas),
                 "each replica of version N has started on the objects of version N + 1")
    checks.check(rate >= RATE_MIN, f"{rate:.0f} requests/s (at least {RATE_MIN})")
    checks.check(all(r[0] == 0 for r in restarts) and not any(
        "drain_incomplete" in replica.log_path.read_text() for replica in site.replicas),
        "each stop was whole")
    checks.check(idle <= MEMORY_MAX_MIB and max(r[2] for r in restarts) <= READY_MAX_S,
                 f"an idle replica takes {idle:.1f} MiB (at most {MEMORY_MAX_MIB}) and is ready "
                 f"within {READY_MAX_S} s")
    # wrk does not wait for the answers of what it sent last.
    sent = calm["posts"] + told["posts"]
    checks.check(sent - 2 * CONNECTIONS <= rows <= sent,
                 f"{sent} clients sent, {rows} made: none lost, none doubled")
    checks.done()


if __name__ == "__main__":
    main()
