"""The table of rules in internal/README.md: each has one implementation and a test, both name it.

A rule that the code names and the table lacks fails (but for texts of problems); so does a file of
the table that is not there, or that does not name its rule (C may name it in its header).
"""

import pathlib
import re
import sys

README = "internal/README.md"
ROW = re.compile(r"^\| (R\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", re.M)
PATH = re.compile(r"`([\w/.-]+\.(?:c|h|sql|def|py))`")
RULE = re.compile(r"(?<![A-Za-z0-9])[Rr](\d+)(?![0-9])")
SUFFIXES = {".c", ".h", ".sql", ".def"}


def named(path):
    """The rules that a file names: R16 in a comment, r16 in a test's name."""
    return {f"R{number}" for number in RULE.findall(re.sub("_", " ", path.read_text()))}


def implementation(path):
    files = [path, path.with_suffix(".h")] if path.suffix == ".c" else [path]
    return set().union(*(named(file) for file in files if file.is_file()))


def check_cell(root, rule, cell, folder, names):
    paths = PATH.findall(cell)
    if not paths:
        yield f"{README}: {rule} has no file in {folder}"
    for path in (root / folder / name for name in paths):
        if not path.is_file():
            yield f"{README}: {rule}: {path.relative_to(root)} is not there"
        elif rule not in names(path):
            yield f"{path.relative_to(root)} does not name {rule}, whose row of {README} names it"


def check(root):
    rows = ROW.findall((root / README).read_text())
    for rule, _, where, tests in rows:
        yield from check_cell(root, rule, where, "internal", implementation)
        yield from check_cell(root, rule, tests, "tests", named)
    listed = [rule for rule, *_ in rows]
    for rule in sorted({rule for rule in listed if listed.count(rule) > 1}):
        yield f"{README}: {rule} has two rows"
    for path in sorted((root / "internal").rglob("*")):
        if path.suffix in SUFFIXES and path.name != "problems.def":
            for rule in sorted(named(path) - set(listed)):
                yield f"{path.relative_to(root)} names {rule}, which {README} does not list"


def main():
    bad = list(check(pathlib.Path(".")))
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
