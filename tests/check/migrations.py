"""Migrations as texts: numbered without gaps, no enum types, CONCURRENTLY alone, the released ones
unchanged. What a migration locks and takes away is tried on rows: tests/api/test_migrations.py.

A released migration stands in internal/store/migrations/RELEASED with its checksum (`make released`
writes both that list and the database of the release). Before the first release there is no list,
and any migration may be changed in place.

migrations_selftest.py tries each.
"""

import hashlib
import pathlib
import re
import sys

FOLDER = pathlib.Path("internal/store/migrations")
RELEASED = "RELEASED"
NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
ALONE = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS ", re.I)
ENUM = re.compile(r"CREATE TYPE\s+\w+\s+AS\s+ENUM", re.I)


def statements(text):
    """(first line, statement with its comments) at each semicolon outside quotes and $$ bodies."""
    start = at = 0
    token = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|;", re.S)
    for match in token.finditer(text):
        at = match.end()
        if match.group(0) == ";":
            body = text[start:at]
            blank = len(body) - len(body.lstrip())
            yield text[:start + blank].count("\n") + 1, body
            start = at
    if re.sub(r"--[^\n]*", "", text[start:]).strip():
        raise SystemExit(f"a statement without its semicolon: {text[start:].strip()[:60]}")


def excused(word, statement):
    """Whether it says "-- word: why"."""
    return re.search(rf"^\s*-- {word}: \S", statement, re.M)


def check_alone(path, text):
    """What no transaction can hold stands alone and may be run again; nothing else says so."""
    found = [re.sub(r"--[^\n]*", "", statement).strip() for _, statement in statements(text)]
    concurrent = [code for code in found if re.search(r"\bCONCURRENTLY\b", code, re.I)]
    if excused("alone", text):
        if len(found) != 1 or not ALONE.match(found[0]):
            yield f"{path}: alone is one CREATE INDEX CONCURRENTLY IF NOT EXISTS"
    elif concurrent:
        yield f"{path}: {concurrent[0][:60]}: needs a migration that says -- alone: why"


def check_file(path, number):
    text = path.read_text()
    match = NAME.match(path.name)
    if not match or int(match.group(1)) != number:
        yield f"{path}: expected {number:04}_name.sql, numbered without gaps"
    yield from check_alone(path, text)
    for line, statement in statements(text):
        if ENUM.search(re.sub(r"--[^\n]*", "", statement)):
            yield f"{path}:{line}: an enum type: use text with CHECK"


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def released(folder):
    """{name: checksum} of the migrations that a release holds; none before the first one."""
    path = folder / RELEASED
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: digest for digest, name in map(str.split, lines)}


def check_released(folder):
    """They are the first ones, and each is what it was: databases hold what it made."""
    files = [path.name for path in sorted(folder.glob("*.sql"))]
    frozen = released(folder)
    if files[:len(frozen)] != list(frozen):
        yield f"{folder}: the first migrations are not those of {RELEASED}, in its order"
    for name, digest in frozen.items():
        if name in files and checksum(folder / name) != digest:
            yield f"{folder / name}: is released and may not change: add a migration"


def check_folder(folder):
    bad = []
    for number, path in enumerate(sorted(set(folder.glob("*")) - {folder / RELEASED}), 1):
        bad += check_file(path, number)
    return bad + list(check_released(folder))


def main():
    bad = check_folder(FOLDER)
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
