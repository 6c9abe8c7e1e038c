"""What a case worker opens: the case file with every kind of child, and the work list."""

import re
import types
import urllib.request

import load
from place import ROOT, harness

import callers  # noqa: E402, after place has told where the tests' modules are
import recorder
import world

TEN = "01890000-0000-7000-8000-00000000b010"
OTHER = "01890000-0000-7000-8000-00000000b011"  # that a client may be transferred from and to
WORKLIST = "/v1/worklist?limit=50"
# Records of the case file, and how many more of a kind fill it up.
RECORDS = 200
FILLERS = ("notes", "tasks", "flags")
# Each table of the file as its list reads it, without what belongs to a request.
SCAN = re.compile(r"FROM (\w+) t\b.*? AND t\.(id|case_id|client_id) = ")


class Reads:
    """Prepared beside the demo volume, before it is analysed."""

    def __init__(self, place, provider):
        """provider: of the case with every kind of child; another one has the 10 000 cases."""
        harness.PROVIDERS |= {"bench": provider, "ten": TEN, "other": OTHER}
        self.place, self.cases = place, {}
        with place.connect() as owner, owner.transaction():
            owner.execute("SELECT set_config('app.actor', 'cli', true)")
            owner.execute("INSERT INTO providers (id, name, register_number, active)"
                          " VALUES (%s, 'Desmit tūkstoši', '40000000010', true),"
                          " (%s, 'Cita biedrība', '40000000011', true)", [TEN, OTHER])
            owner.execute("INSERT INTO contract_parties (id, contract_id, provider_id)"
                          " SELECT gen_random_uuid(), id, %s FROM contracts", [OTHER])
        self.staff = {"manager": harness.Account("provider_manager", "ten"),
                      "worker": harness.Account("case_worker", "ten", "social_worker"),
                      "everywhere": harness.Account("specialist", "ten", "psychologist"),
                      "few": harness.Account("specialist", "ten", "lawyer")}
        for account in self.staff.values():
            account.create(place)
        named = [word for name, account in self.staff.items()
                 for word in ("--set", f"{name}={account.id}")]
        load.run(["psql", "--no-psqlrc", "--quiet", "--output", "/dev/null", "--set",
                  "ON_ERROR_STOP=1", "--set", f"provider={TEN}", *named, "--file",
                  str(ROOT / "tests/load/worklist.sql"), place.dsn("atbalsts_owner")])

    def walk(self, server, worker):
        """The case, by way of the API; its worker, whose account is there, reads the file."""
        api = callers.Callers(self.place, server.base_url, recorder.Contract.load())
        next(account for account in api.accounts if account.email == worker.email).id = worker.id
        made = world.World(api, {name: harness.PROVIDERS[name] for name in ("bench", "other")},
                           "bench")
        worker, path = made.story.worker, made.url("/v1/cases/{case_id}")
        count = sum(len(rows) for rows in worker.read(f"{path}/file").values()
                    if isinstance(rows, list))
        for at in range(RECORDS - count):
            kind = FILLERS[at % len(FILLERS)]
            worker.create(f"{path}/{kind}",
                          world.required_body("/v1/cases/{case_id}/" + kind))
        self.file, self.token = f"{path}/file", worker.token
        self.ids = {"id": made.ids["case_id"], "case_id": made.ids["case_id"],
                    "client_id": made.ids["client_id"]}

    def scans(self, statements):
        """The file's own statements, cut down to their tables' scans, as one pgbench pipeline."""
        found = [SCAN.search(sql) for sql, _ in statements]
        lines = [f"SELECT t.* FROM {m[1]} t WHERE t.{m[2] if m[1] != 'clients' else 'id'} = '"
                 f"{self.ids[m[2]] if m[1] != 'clients' else self.ids['client_id']}';"
                 for m in found if m]
        text = "\n".join(["\\startpipeline", *lines, "\\endpipeline", ""])
        return types.SimpleNamespace(text=text, repeats=1, arguments=list)

    def measure(self, bench, seconds):
        """(what, figure, target, sign) of each target."""
        server = bench.serve(self.token)
        yield "round trips of the case file", self.trips(server, self.file), 1, "<="
        file = bench_wrk(self.place, server, self.file, seconds)
        beside = load.pgbench(self.place, self.script, 1, seconds, user="atbalsts_owner")
        yield (f"case file, {RECORDS} records: PostgreSQL's CPU / its tables' own scans",
               file.database_us / beside.database_us, 3, "<=")
        for name, account in self.staff.items():
            server.sign_in(account.email)
            yield f"round trips of the work list, {name}", self.trips(server, WORKLIST), 1, "<="
            took = bench_wrk(self.place, server, WORKLIST, seconds)
            yield (f"work list of 10 000 open cases, {name}: ms of PostgreSQL",
                   took.database_us / 1000, 50, "<=")
        server.stop()

    @staticmethod
    def trips(server, path):
        """Of one request, when what can be prepared is prepared."""
        server.call("GET", path)
        before = round_trips(server)
        server.call("GET", path)
        return round_trips(server) - before


def bench_wrk(place, server, path, seconds):
    load.wrk(place, server, "get", [path], 1, 1)
    return load.wrk(place, server, "get", [path], 1, seconds)


def round_trips(server):
    with urllib.request.urlopen(f"{server.admin_url}/metrics", timeout=10) as answer:
        told = answer.read().decode()
    return int(re.search(r'atbalsts_database_total{event="round_trip"} (\d+)', told)[1])
