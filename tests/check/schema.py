"""Each replaceable object is defined once, in internal/store/schema; migrations hold tables alone.

A second definition would win or lose by the order of the files, and a reader would have to search
for the one that holds. schema_selftest.py tries each kind.
"""

import pathlib
import re
import sys

SCHEMA = pathlib.Path("internal/store/schema")
MIGRATIONS = pathlib.Path("internal/store/migrations")
OBJECT = re.compile(
    r"^\s*CREATE (?:OR REPLACE )?(?:CONSTRAINT )?"
    r"(?P<kind>FUNCTION|VIEW|MATERIALIZED VIEW|TRIGGER|POLICY|PROCEDURE)"
    r"\s+(?P<name>\w+)(?P<rest>[^;]*)", re.M | re.I)
# Anything else fails when it is applied a second time.
REPLACEABLE = re.compile(r"CREATE OR REPLACE ", re.I)
DROPPED = re.compile(r"DROP (?:TRIGGER|POLICY) IF EXISTS \w+ ON \w+;\s*$", re.I)
HIDDEN = re.compile(
    r"EXECUTE\s+(?:format\()?'\s*CREATE (?:OR REPLACE )?(?!TRIGGER record_change)\w+", re.I)


def plain(text):
    """Without comments and without the bodies of functions."""
    text = re.sub(r"--[^\n]*", "", text)
    return re.sub(r"\$(\w*)\$.*?\$\1\$", "$$", text, flags=re.S)


def objects(text):
    """(kind, name) of each object, a trigger's and a policy's with their table; and its place."""
    for match in OBJECT.finditer(text):
        kind, name = match["kind"].upper(), match["name"]
        if kind in ("TRIGGER", "POLICY"):
            name += " ON " + re.search(r"\bON (\w+)", match["rest"])[1]
        yield (kind, name), match.start()


def check_replaceable(path, text, name, start):
    if not REPLACEABLE.match(text[start:].lstrip()) and not DROPPED.search(text[:start].rstrip()):
        yield f"{path}: {' '.join(name)} is made without OR REPLACE and not dropped before"


def check_schema(folder):
    seen = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text()
        if HIDDEN.search(text):
            yield f"{path}: an object is made by EXECUTE, where no reader finds it"
        for name, start in objects(plain(text)):
            if name in seen:
                yield f"{path}: {' '.join(name)} is defined in {seen[name]} already"
            seen[name] = path
            yield from check_replaceable(path, plain(text), name, start)


def check_migrations(folder):
    for path in sorted(folder.glob("*.sql")):
        for name, _ in objects(plain(path.read_text())):
            yield f"{path}: {' '.join(name)} belongs into {SCHEMA}"


def main():
    bad = [*check_schema(SCHEMA), *check_migrations(MIGRATIONS)]
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
