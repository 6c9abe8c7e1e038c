"""The bench's table, and which targets were met."""

import os


class Results:
    def __init__(self, loaded):
        self.loaded = loaded
        self.rows, self.allocations, self.reads = {}, {}, []
        self.few = self.first_answer_s = self.peak_mib = self.clients = None


HEAD = (f"{'request':14}{'conn':>5}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'pgbench/s':>11}"
        f"{'share':>7}{'API us':>8}{'PG us':>8}{'pgb PG':>8}{'API/PG':>8}{'PG/pgb':>8}")


def line(name, connections, api, beside):
    return (f"{name:14}{connections:5}{api.rate:9.0f}{api.p50 / 1000:9.2f}{api.p99 / 1000:9.2f}"
            f"{beside.rate:11.0f}{api.rate / beside.rate:7.0%}{api.api_us:8.0f}"
            f"{api.database_us:8.0f}{beside.database_us:8.0f}{api.api_us / api.database_us:8.2f}"
            f"{api.database_us / beside.database_us:8.2f}")


def targets(results):
    """(what, figure, target, met)."""
    rows = results.rows
    for name in ("one client", "page of 50"):
        api, beside = rows[name, 32]
        yield "API's CPU / PostgreSQL's, " + name, api.api_us / api.database_us, 0.7, "<="
        yield ("PostgreSQL's CPU / under pgbench, " + name, api.database_us / beside.database_us,
               1.2, "<=")
    for name, connections in rows:
        if connections == 32:
            api, beside = rows[name, 32]
            yield f"share of pgbench's rate at 32, {name}", api.rate / beside.rate, 0.45, ">="
    yield ("deep page / page 1, median", rows["deep page", 1][0].p50 / rows["page of 50", 1][0].p50,
           1.2, "<=")
    yield (f"one client among {results.loaded} / among 1000, median",
           rows["one client", 1][0].p50 / results.few.p50, 1.2, "<=")
    yield "peak resident memory at 256 connections, MiB", results.peak_mib, 64, "<="
    yield "first answer after start, s", results.first_answer_s, 0.5, "<="
    yield from results.reads


def text(results):
    lines = [f"{results.loaded} clients ({results.clients} of the provider), "
             f"{os.cpu_count()} cores; wrk, pgbench, server and PostgreSQL share them", "", HEAD]
    lines += [line(*key, *pair) for key, pair in results.rows.items()]
    lines += ["", "allocations per request: " + ", ".join(
        f"{name} {count:.0f}" for name, count in results.allocations.items()), ""]
    for what, figure, target, sign in targets(results):
        met = figure <= target if sign == "<=" else figure >= target
        lines.append(f"{'met   ' if met else 'MISSED'} {what}: {figure:.2f}"
                     f" (target {sign} {target})")
    return "\n".join(lines)
