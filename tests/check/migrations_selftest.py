"""migrations.py refuses each kind that it names, in a migration like those of the house; and only
these."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import migrations  # noqa: E402 (after the line above)

FIRST, SECOND = "0001_shelves.sql", "0002_try.sql"
BEFORE = "CREATE TABLE shelves (id uuid PRIMARY KEY, name text);\n"
REFUSED = [
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS shelves_by_name ON shelves (name)",
    "-- alone: large\nCREATE INDEX CONCURRENTLY shelves_by_name ON shelves (name)",
    "-- alone: large\nCREATE TABLE books (id int)",
    "-- alone: large\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a ON shelves (name);\n"
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS b ON shelves (id)",
    "CREATE TYPE colour AS ENUM ('red')",
]
HARMLESS = [
    "CREATE TABLE books (id uuid PRIMARY KEY)",
    "-- alone: large\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON shelves (name)",
    "-- CREATE TYPE colour AS ENUM in words only\nSELECT 1",
]


def refusals(files, frozen=None):
    """What the folder with these files is refused for; frozen: the text of its RELEASED."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, text in files.items():
            (folder / file).write_text(text)
        if frozen is not None:
            (folder / migrations.RELEASED).write_text(frozen)
        return migrations.check_folder(folder)


def frozen_list(files):
    """RELEASED as `make released` writes it."""
    with tempfile.TemporaryDirectory() as name:
        for file, text in files.items():
            pathlib.Path(name, file).write_text(text)
        return "".join(f"{migrations.checksum(path)}  {path.name}\n"
                       for path in sorted(pathlib.Path(name).glob("*.sql")))


def statement_failures():
    for wanted, cases in ((True, REFUSED), (False, HARMLESS)):
        for sql in cases:
            found = refusals({FIRST: BEFORE, SECOND: sql + ";\n"})
            if bool(found) != wanted:
                yield f"{'not refused' if wanted else 'refused, but harmless'}: {sql}: {found}"


def release_failures():
    """Before a release a migration may be cut anew; afterwards another one may only follow."""
    now, recut = {FIRST: BEFORE}, {FIRST: BEFORE + "-- anew\n"}
    later = now | {SECOND: "SELECT 1;\n"}
    frozen = frozen_list(now)
    for wanted, what, files, text in (
        (False, "cut anew before the release", recut, None),
        (False, "cut anew before the release, with an empty list", recut, ""),
        (False, "as released", now, frozen),
        (False, "one more", later, frozen),
        (True, "cut anew after the release", recut, frozen),
        (True, "renamed after the release", {"0001_racks.sql": BEFORE}, frozen),
        (True, "removed after the release", {"0001_try.sql": "SELECT 1;\n"}, frozen),
        (True, "only the first of two", now, frozen_list(later)),
        (True, "one put between", {FIRST: BEFORE, "0002_more.sql": "SELECT 1;\n",
                                   "0003_try.sql": "SELECT 1;\n"}, frozen_list(later)),
    ):
        found = refusals(files, text)
        if bool(found) != wanted:
            yield f"{what}: {found or 'not refused'}"


def main():
    failed = [*statement_failures(), *release_failures()]
    print(*failed, sep="\n", end="\n" if failed else "")
    return 1 if failed else 0


sys.exit(main())
