"""The bench: fills a cluster, starts the optimised server, measures it beside pgbench, reports."""

import os
import sys
import time
import uuid

import load
import report
from capture import Capture, Script
from place import ROOT, Counter, Place, Server, harness
from reads import Reads

SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))
CONNECTIONS = (1, 32, 256)
DEEP_PAGE = 10_000
PAGE = "/v1/clients?limit=50"
# Consultations that one measurement may create, and how many of them there are in all.
TURN = 12_000
ACTS = TURN * 16


def tell(*words):
    print(f"[{time.strftime('%H:%M:%S')}]", *words, file=sys.stderr, flush=True)


def fill(place, clients):
    place.run("demo", "--clients", str(clients))


class Bench:
    """One filled cluster and a case worker of the provider with the most clients."""

    def __init__(self, clients, acts, reads=False):
        self.place = Place()
        self.port = harness.free_ports(1)[0]
        try:
            self.prepare(clients, acts, reads)
        except BaseException:
            self.place.stop()
            raise

    def prepare(self, clients, acts, reads):
        place = self.place
        place.run("migrate")
        began = time.monotonic()
        fill(place, clients)
        tell(f"{clients} clients loaded in {time.monotonic() - began:.0f} s")
        with place.connect() as owner:
            self.provider, self.clients = owner.execute(
                "SELECT provider_id::text, count(*) FROM clients GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
            ).fetchone()
        harness.PROVIDERS["bench"] = self.provider
        account = harness.Account("case_worker", "bench", "social_worker")
        account.create(place)
        self.user, self.email = account.id, account.email
        self.volume(acts)
        self.reads = self.prepare_reads(account) if reads else None
        with place.superuser() as database:
            database.execute("VACUUM (ANALYZE)")
            database.execute("CHECKPOINT")
        self.turn = 0

    def volume(self, acts):
        load.run(["psql", "--no-psqlrc", "--quiet", "--output", "/dev/null", "--set",
                  "ON_ERROR_STOP=1", "--set", f"provider={self.provider}", "--set", f"acts={acts}",
                  "--file", str(ROOT / "tests/load/volume.sql"), self.place.dsn("atbalsts_owner")])
        with self.place.connect() as owner:
            self.items = [row[0] for row in owner.execute("SELECT v FROM bench.items ORDER BY n")]
            self.acts = [row[0] for row in owner.execute("SELECT v FROM bench.acts ORDER BY n")]

    def prepare_reads(self, worker):
        reads = Reads(self.place, self.provider)
        server = self.serve()
        reads.walk(server, worker)
        server.stop()
        tell("a case with every kind of child, and 10 000 open cases")
        return reads

    def serve(self, token=None, **options):
        return Server(self.place, token, port=self.port, **options)

    def turns(self):
        """Where the next acts that nobody has had begin."""
        begin = self.turn
        self.turn += TURN
        if self.turn > len(self.acts):
            raise RuntimeError("the bench has run out of cases: raise ACTS")
        return begin

    # What is measured: name, kind, lines for wrk, script for pgbench.

    def item_lines(self):
        return [f"/v1/clients/{client}" for row in self.items for client in row]

    def act_lines(self):
        begin = self.turns()
        return [f"{v[0]} {v[3]}" for v in self.acts[begin:self.turn]]

    def gets(self, server):
        pages = min(DEEP_PAGE, self.clients // 50) - 1
        cursor = server.cursor("/v1/clients", pages * 50)
        deep = f"{PAGE}&cursor={cursor}" if cursor else PAGE
        tell(f"page {pages + 1} found")
        return {"one client": self.item_lines(), "page of 50": [PAGE],
                "filtered page": ["/v1/clients?status=active&limit=50"], "deep page": [deep]}

    def consult(self, server):
        case, starts = self.act_lines()[0].split()
        server.call("POST", f"/v1/cases/{case}/consultations", {
            "specialist_kind": "psychologist", "entitlement": "aftercare",
            "starts_at": f"{starts}:00Z", "minutes": 1, "mode": "phone", "language": "lv",
            "topic": "Atgriešanās darbā"}, 201, {"Idempotency-Key": str(uuid.uuid4())})

    def open(self):
        """A token, and the paths that are asked for."""
        server = self.serve()
        token = server.sign_in(self.email)
        self.paths = self.gets(server)
        server.stop()
        return token

    def capture(self, token):
        """pgbench's scripts."""
        known = self.known(token)
        with Capture(self.place) as capture:
            server = self.serve(token)
            found = {name: capture.statements(lambda path=lines[0]: server.call("GET", path))
                     for name, lines in self.paths.items()}
            found["consultation"] = capture.statements(lambda: self.consult(server))
            if self.reads:
                server.token = self.reads.token
                self.reads.script = self.reads.scans(capture.statements(
                    lambda: server.call("GET", self.reads.file)))
            server.stop()
        self.scripts = {name: Script(found[name]) for name in self.paths}
        self.scripts["one client"] = Script(found["one client"], "bench.items", self.items[0][:1],
                                            known, 10, len(self.items))
        self.scripts["consultation"] = Script(found["consultation"], "bench.acts",
                                              self.acts[self.turn - TURN], known)

    def known(self, token):
        with self.place.connect() as owner:
            rows = owner.execute("SELECT id::text FROM limits UNION SELECT id::text FROM sessions")
            return {row[0] for row in rows} | {self.user, self.provider}

    # Measuring

    def wrk(self, server, name, connections, seconds=None):
        post = name == "consultation"
        lines = self.act_lines() if post else self.paths[name]
        return load.wrk(self.place, server, "post" if post else "get", lines, connections,
                        seconds or SECONDS, f"{self.turn}-{uuid.uuid4()}")

    def pgbench(self, name, connections):
        if name == "consultation":
            with self.place.connect() as owner:
                owner.execute("SELECT setval('bench.turns', %s)", (self.turns() + 1,))
        return load.pgbench(self.place, self.scripts[name], connections, SECONDS)

    def measure(self, server, connections):
        for name in [*self.paths, "consultation"]:
            self.wrk(server, name, connections, 1 + connections // 64)
            api = self.wrk(server, name, connections)
            beside = self.pgbench(name, connections)
            tell(report.line(name, connections, api, beside))
            yield (name, connections), (api, beside)

    def allocations(self, token):
        counter = Counter(self.place.folder)
        server = self.serve(token, preload=counter.environment)
        found = {}
        for name in [*self.paths, "consultation"]:
            self.wrk(server, name, 1, 1)
            before = counter.read()
            count = self.wrk(server, name, 1, 1).count
            found[name] = (counter.read() - before) / count
        server.stop()
        return found


def measure_few(results):
    """One client among 1 000, to compare with one among all."""
    bench = Bench(1000, 40)
    try:
        token = bench.open()
        server = bench.serve(token)
        bench.wrk(server, "one client", 1, 2)
        results.few = bench.wrk(server, "one client", 1)
        server.stop()
    finally:
        bench.place.stop()


def measure_all(results, clients):
    bench = Bench(clients, ACTS, reads=True)
    try:
        token = bench.open()
        bench.capture(token)
        server = bench.serve(token)
        results.first_answer_s, results.clients = server.first_answer_s, bench.clients
        for connections in CONNECTIONS:
            results.rows |= dict(bench.measure(server, connections))
        results.peak_mib = server.peak_mib()
        server.stop()
        results.allocations = bench.allocations(token)
        for told in bench.reads.measure(bench, SECONDS):
            tell(*told)
            results.reads.append(told)
    finally:
        bench.place.stop()


def main():
    clients = int(sys.argv[1])
    if clients < 1000:
        raise SystemExit("bench: at least 1000 clients")
    results = report.Results(clients)
    measure_few(results)
    measure_all(results, clients)
    print(report.text(results))


if __name__ == "__main__":
    main()
