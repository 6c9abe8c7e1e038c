"""One measurement: wrk against the server, or pgbench with the same statements."""

import json
import os
import subprocess

from place import ROOT

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n"
                           f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    return done.stdout


class Measured:
    def __init__(self, count, seconds, api_cpu, database_cpu, **more):
        self.count, self.rate = count, count / seconds
        self.api_us = api_cpu * 1e6 / max(count, 1)
        self.database_us = database_cpu * 1e6 / max(count, 1)
        self.p50 = self.p99 = None
        self.__dict__.update(more)


def wrk(place, server, kind, lines, connections, seconds, mark="0"):
    path = place.folder / "lines"
    path.write_text("\n".join(lines) + "\n")
    api, database = server.cpu(), place.cpu()
    out = run(["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{seconds}s",
               "--timeout", "10s", "-s", str(ROOT / "tests/load/request.lua"), server.base_url,
               "--", kind, str(path), server.token, mark])
    told = json.loads(out.strip().splitlines()[-1])
    if told["errors"] > 0 or told["requests"] == 0:
        raise RuntimeError(f"wrk met errors: {told}\n{server.log_path.read_text()[-1500:]}")
    return Measured(told["requests"], told["us"] / 1e6, server.cpu() - api, place.cpu() - database,
                    p50=told["p50"], p99=told["p99"])


def pgbench(place, script, connections, seconds, user="atbalsts_api"):
    """Counts from when all connections have their plans: preparing is not what is compared."""
    path = place.folder / "script.sql"
    path.write_text(script.text)
    warm = 2 + connections // 64
    command = [PGBENCH, "-n", "-M", "prepared", "-c", str(connections), "-j",
               str(min(connections, os.cpu_count() or 1)), "-T", str(warm + seconds + 1), "-P", "1",
               "-f", str(path), "-h", str(place.folder / "s"), "-U", user,
               *script.arguments(), "atbalsts"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told, marks = [], []
    for line in process.stderr:
        told.append(line)
        if line.startswith("progress:"):
            marks.append((float(line.split()[1]), float(line.split()[3]), place.cpu()))
    process.stdout.close()
    if process.wait() != 0 or len(marks) < warm + seconds:
        raise RuntimeError("pgbench failed:\n" + "".join(told)[-3000:])
    return Measured(*between(marks[warm - 1:warm + seconds], script.repeats))


def between(marks, repeats):
    """Requests, seconds, API's and PostgreSQL's CPU from the first mark to the last."""
    count, before = 0, marks[0][0]
    for at, rate, _ in marks[1:]:
        count += rate * (at - before) * repeats
        before = at
    return count, before - marks[0][0], 0, marks[-1][2] - marks[0][2]
