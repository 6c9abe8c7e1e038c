"""make mutants: plants one mistake at a time into a copy of the sources and expects a failure of
the check that each names. Also a random sample of small changes of internal/rules; its seed is
printed.

A mutant names the cheapest check that must notice it: compile, check (make check), start (the
server's `config check` on a fresh database), unit NAME, api WORDS (pytest -k), declared WORDS (the
same, after the API's document was made anew). A check that also fails without any mutant proves
nothing: each is run once on the clean copy first.
"""

import argparse
import collections
import os
import pathlib
import random
import re
import subprocess
import sys
import tomllib

sys.dont_write_bytecode = True
import rules  # noqa: E402 (after the line above)

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COPY = ROOT / "build/mutants/tree"
LOG = ROOT / "build/mutants/last.log"
LEAST = {"rules": 97}  # percent of a file's mutants that must be caught; of the others
OTHERS = 90
SECONDS = 1200

Mutant = collections.namedtuple("Mutant", "name file old new check")


def environment():
    path = f"/usr/lib/ccache:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(COPY),
                         "PYTHONDONTWRITEBYTECODE": "1",
                         # A check that is late has noticed nothing.
                         "SLOWER": "100"}


def run(*command):
    """0 or what the command ended with, in the copy; a hang counts as a failure."""
    with LOG.open("a", encoding="utf-8") as log:
        print("$", *command, file=log, flush=True)
        try:
            return subprocess.run(command, cwd=COPY, env=environment(), stdout=log, stderr=log,
                                  stdin=subprocess.DEVNULL, timeout=SECONDS).returncode
        except subprocess.TimeoutExpired:
            return -1


def copy_sources():
    """What git knows or would add, and nothing that was built; the copy's own build stays."""
    COPY.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT,
                            check=True, capture_output=True).stdout.split(b"\0")
    names = {name.decode() for name in listed if name and (ROOT / name.decode()).is_file()}
    for path in [path for path in COPY.rglob("*") if path.is_file()]:
        place = path.relative_to(COPY)
        if place.parts[0] not in ("build", ".git") and str(place) not in names:
            path.unlink()
    for name in names:
        here, there = ROOT / name, COPY / name
        if not there.exists() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(here.read_bytes())
            there.chmod(here.stat().st_mode)
    if not (COPY / ".git").exists():
        subprocess.run(["git", "init", "-q"], cwd=COPY, check=True)


def build(check):
    """What a check needs built; compile is the whole program and its unit tests' helpers."""
    kind, _, words = check.partition(" ")
    # A mistake may leave a function unused: that alone is no failure of the named check.
    flags = [] if kind == "compile" else ["WARNINGS=-w"]
    if kind == "check":
        return 0
    if kind == "unit":
        return run("make", *flags, *(f"build/asan/tests/{name}" for name in words.split()))
    return run("make", *flags, "asan")


def judge(check):
    kind, _, words = check.partition(" ")
    if kind == "check":
        return run("make", "check")
    if kind == "unit":
        return run("make", "unit", f"TESTS={words}")
    if kind == "start":
        return run("/usr/bin/python3", "tests/mutants/start.py")
    if kind == "declared":
        return declared(words)
    if kind == "api":
        return run("/usr/bin/python3", "-m", "pytest", "tests/api", "-q", "-x", "-k", words)
    raise SystemExit(f"unknown check: {check}")


def declared(words):
    """The API tests with the document that the copy's registry makes, as after `make openapi`."""
    document = COPY / "api/openapi.json"
    text = document.read_text()
    document.write_bytes(subprocess.run([COPY / "build/asan/atbalsts", "openapi"], check=True,
                                        capture_output=True).stdout)
    try:
        return judge(f"api {words}")
    finally:
        document.write_text(text)


def verdict(mutant):
    """caught, survived, or why it says nothing."""
    path = COPY / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        return f"stale: its text stands {text.count(mutant.old)} times in {mutant.file}"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        built = build(mutant.check)
        if mutant.check == "compile":
            return "caught" if built != 0 else "survived"
        if built != 0:
            return "stale: it does not compile"
        return "caught" if judge(mutant.check) != 0 else "survived"
    finally:
        path.write_text(text)


def clean_passes(checks):
    for check in sorted(checks):
        if build(check) != 0 or (check != "compile" and judge(check) != 0):
            print(f"without any mutant, this fails: {check}; see {LOG.relative_to(ROOT)}")
            return False
    return True


def by_hand(pattern):
    for path in sorted(HERE.glob("*.toml")):
        for row in tomllib.loads(path.read_text()).get("mutant", []):
            mutant = Mutant(row["name"], row["file"], row["old"], row["new"], row["check"])
            if re.search(pattern, f"{path.stem}: {mutant.name}"):
                yield path.stem, mutant


def sample(seed, size):
    """Random changes of rules; those that change nothing, and why, stand in equivalents.toml."""
    same = tomllib.loads((HERE / "equivalents.toml").read_text()).get("equivalent", [])
    known = {(row["file"], row["old"].strip(), row["new"].strip()) for row in same}
    found = [change for path in sorted((ROOT / "internal/rules").rglob("*.c"))
             for change in rules.changes(path.relative_to(ROOT), path.read_text())
             if (str(change.file), change.was, change.line) not in known]
    for change in random.Random(seed).sample(found, min(size, len(found))):
        name = f"{change.file}:{change.number}: {change.was}  →  {change.line}"
        yield "rules", Mutant(name, str(change.file), change.before, change.after, change.check)


def told(group, mutant, result):
    print(f"{result.partition(':')[0]:9} {group}: {mutant.name} ({mutant.check})"
          + (f": {result}" if result.startswith("stale") else ""), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--only", default="", help="pattern of a mutant's file and name")
    options = parser.parse_args()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    copy_sources()
    print(f"seed of the sample: {options.seed}", flush=True)
    mutants = [*by_hand(options.only), *sample(options.seed, options.sample)]
    if not mutants or not clean_passes({mutant.check for _, mutant in mutants}):
        return 1
    results = collections.defaultdict(collections.Counter)
    for group, mutant in mutants:
        result = verdict(mutant)
        told(group, mutant, result)
        results[group][result.partition(":")[0]] += 1
    return judged(results)


def judged(results):
    bad = 0
    for group, counts in sorted(results.items()):
        score = 100 * counts["caught"] / sum(counts.values())
        # Each mistake of defaults.toml must be caught.
        least = 100 if group == "defaults" else LEAST.get(group, OTHERS)
        bad += score < least or counts["stale"] > 0
        print(f"{group}: {dict(counts)}, {score:.0f} % caught, at least {least} %")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
