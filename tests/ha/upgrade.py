"""Rolling restarts of two replicas behind nginx, under load, without one failed request."""

import collections
import json
import signal
import subprocess
import time

from installation import Site
from lab import ROOT, SUBNET, Checks, await_true, httpx, tell

ROUNDS = 6
CONNECTIONS = 8
RATE_MIN = 500
GATE = f"{SUBNET}.1:8090"


class Proxy:
    def __init__(self, site):
        self.folder = site.folder
        conf = (ROOT / "tests/ha/nginx.conf").read_text().format(
            folder=self.folder, address=GATE.partition(":")[0],
            **{replica.name: replica.address for replica in site.replicas})
        (self.folder / "nginx.conf").write_text(conf)
        self.process = subprocess.Popen(["nginx", "-c", self.folder / "nginx.conf"])
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
    def __init__(self, token, client):
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{CONNECTIONS}", "-d600s", "--timeout", "10s", "-s",
             str(ROOT / "tests/ha/mixed.lua"), f"http://{GATE}", "--", token, client],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out.strip().splitlines()[-1])


def restart(replica):
    """As a supervisor does it for a new binary; where the log says so the drain was not whole."""
    began = time.monotonic()
    status = replica.end(signal.SIGTERM)
    stopped = time.monotonic()
    ready = replica.start()
    time.sleep(0.5)
    return status, stopped - began, ready


def main():
    site, checks = Site(), Checks()
    token = site.tokens()[0]
    proxy = Proxy(site)
    made = httpx.post(f"http://{GATE}/v1/clients", json={"given_name": "Anna"}, headers={
        "Authorization": f"Bearer {token}", "Idempotency-Key": "first"})
    load = Load(token, made.json()["id"])
    time.sleep(1)
    restarts = []
    for turn in range(ROUNDS):
        if turn == ROUNDS // 2:
            site.run("migrate")
            tell("migrate ran in the middle")
        restarts += [restart(replica) for replica in site.replicas]
    told = load.stop()
    again, statuses = proxy.stop()
    with site.connect() as owner:
        (rows,) = owner.execute("SELECT count(*) - 1 FROM clients").fetchone()
    rate = told["requests"] / (told["us"] / 1e6)
    tell(f"stops {max(r[1] for r in restarts):.2f} s, ready after {max(r[2] for r in restarts):.2f}"
         f" s at most; p50 {told['p50'] / 1000:.1f} ms, p99 {told['p99'] / 1000:.1f} ms, slowest "
         f"{told['max'] / 1000:.0f} ms; nginx answered {dict(statuses)}, {again} at a second try")
    checks.check(told["failed"] == 0, f"{ROUNDS} rolling restarts of 2 replicas: "
                 f"{told['requests']} requests, {told['failed']} failed")
    checks.check(rate >= RATE_MIN, f"{rate:.0f} requests/s (at least {RATE_MIN})")
    checks.check(all(r[0] == 0 for r in restarts) and not any(
        "drain_incomplete" in replica.log_path.read_text() for replica in site.replicas),
        "each stop was whole")
    # wrk does not wait for the answers of what it sent last.
    checks.check(told["posts"] - CONNECTIONS <= rows <= told["posts"],
                 f"{told['posts']} clients sent, {rows} made: none lost, none doubled")
    checks.done()


if __name__ == "__main__":
    main()
