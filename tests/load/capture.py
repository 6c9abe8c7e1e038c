"""The server's own statements, taken from PostgreSQL's log, as pgbench scripts.

A capture run logs what the server executes for one request. A parameter that holds one of the
sample's values is replaced by that of the row which each pgbench transaction picks, a new id by a
new id; all others stay as they were.
"""

import json
import re
import time

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
PARAMETER = re.compile(r"\$(\d+) = (NULL|'((?:[^']|'')*)')(?:, |$)")


class Capture:
    """While open, PostgreSQL logs each statement of new sessions of atbalsts_api as JSON."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        with self.place.superuser() as database:
            database.execute("ALTER SYSTEM SET logging_collector = on")
            database.execute("ALTER SYSTEM SET log_destination = 'jsonlog'")
            database.execute("ALTER SYSTEM SET log_directory = 'bench'")
            database.execute("ALTER ROLE atbalsts_api SET log_statement = 'all'")
        self.place.restart()
        return self

    def __exit__(self, *_):
        with self.place.superuser() as database:
            database.execute("ALTER SYSTEM RESET logging_collector")
            database.execute("ALTER SYSTEM RESET log_destination")
            database.execute("ALTER ROLE atbalsts_api RESET log_statement")
        self.place.restart()

    def lines(self):
        for path in sorted((self.place.folder / "data/bench").glob("*.json")):
            for line in path.read_text().splitlines():
                yield json.loads(line)

    def statements(self, act):
        """What act() makes the server execute: (sql, parameters)."""
        before = sum(1 for _ in self.lines())
        act()
        time.sleep(0.3)
        found = []
        for line in list(self.lines())[before:]:
            head, _, sql = line.get("message", "").partition(": ")
            if head.startswith("execute "):
                found.append((sql, parameters(line.get("detail", ""))))
        if not found:
            raise RuntimeError("no statement was captured")
        return found


def parameters(detail):
    text = detail.partition(": ")[2]
    return [None if m[2] == "NULL" else m[3].replace("''", "'") for m in PARAMETER.finditer(text)]


def trips(statements):
    """As the service sends them: a write looks, changes, and stores its answer with COMMIT."""
    if statements[0][0] != "BEGIN":
        return [statements]
    found, current, looking = [], [], True
    for statement in statements:
        changes = not statement[0].startswith(("BEGIN", "SELECT"))
        if (looking and changes) or statement[0].startswith("INSERT INTO idempotency_keys"):
            found.append(current)
            current, looking = [], False
        current.append(statement)
    return found + [current]


def literal(text):
    return "'" + text.replace("'", "''") + "'"


class Script:
    """statements of one request, repeated for each of the row's groups of values.

    sample: the values that the captured request had; a row of table holds as many, times repeats,
    in its array v. known: ids that stay the same.
    """

    def __init__(self, statements, table=None, sample=(), known=(), repeats=1, rows=0):
        self.table, self.sample, self.known = table, list(sample), set(known)
        self.repeats, self.rows = repeats if table else 1, rows
        self.picks, self.constants, self.fresh = {}, {}, {}
        body = [self.pipeline(trip, at) for at in range(self.repeats) for trip in trips(statements)]
        self.text = self.pick() + "".join(body)

    def pick(self):
        if not self.picks:
            return ""
        columns = ", ".join(f"{expression} AS {name}" for expression, name in self.picks.items())
        return (f"\\set n random(1, {self.rows})\n" if self.repeats > 1 else
                "SELECT nextval('bench.turns') AS n \\gset\n") + \
            f"SELECT {columns} FROM {self.table} r WHERE r.n = :n \\gset\n"

    def pipeline(self, trip, at):
        lines = ["\\startpipeline"]
        for sql, values in trip:
            filled = re.sub(r"\$(\d+)", lambda m: self.value(values[int(m[1]) - 1], at), sql)
            lines.append(filled + ";")
        return "\n".join(lines + ["\\endpipeline", ""])

    def value(self, value, at):
        if value is None:
            return "NULL"
        expression = self.expression(value, at)
        if expression is None:
            return ":" + self.constants.setdefault(value, f"c{len(self.constants)}")
        return ":" + self.picks.setdefault(expression, f"p{len(self.picks)}")

    def expression(self, value, at):
        """SQL over the picked row r, or None for what stays the same."""
        parts = re.split("(" + "|".join(map(re.escape, self.sample)) + ")", value) \
            if self.sample else [value]
        pieces = []
        for part in filter(None, parts):
            if part in self.sample:
                index = at * len(self.sample) + self.sample.index(part) + 1
                pieces.append(f"r.v[{index}]")
            elif self.sample and UUID.match(part) and part not in self.known:
                mark = self.fresh.setdefault((part, at), len(self.fresh))
                pieces.append(f"({mark}::text || gen_random_uuid()::text)")
            else:
                pieces.append(literal(part))
        if not any("r.v[" in piece or "gen_random" in piece for piece in pieces):
            return None
        return self.whole_ids(" || ".join(pieces))

    @staticmethod
    def whole_ids(expression):
        """The mark keeps two new ids apart as columns; it is cut off again."""
        return re.sub(r"\((\d+)::text \|\| gen_random_uuid\(\)::text\)",
                      r"substr('\1-' || gen_random_uuid()::text, length('\1-') + 1)", expression)

    def arguments(self):
        return [word for value, name in self.constants.items()
                for word in ("-D", f"{name}={value}")]
