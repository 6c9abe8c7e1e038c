"""A function that nothing in the product calls: tests alone do not keep it alive.

Roots are what stands outside all functions (tables of handlers, initialisers, macros) and main.
Whatever a living function names lives too; the name of a function in its own body, in a dead one,
in a prototype or in a test is no use of it.
"""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("cmd", "internal")
# name: why nothing in the product's own text calls it.
EXCEPTIONS = {}
NOISE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)
WORD = re.compile(r"[A-Za-z_]\w*")


def sources():
    for folder in FOLDERS:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix in (".c", ".h", ".def") and path.is_file():
                yield path


def tags(paths):
    """(name, kind, file, first line, last line) of each function and prototype."""
    rows = subprocess.run(
        ["ctags", "-x", "--c-kinds=fp", "--languages=C", "--langmap=C:.c.h.def",
         "--_xformat=%N %K %F %{line} %{end}", *map(str, paths)],
        capture_output=True, text=True, check=True).stdout
    for row in rows.splitlines():
        name, kind, file, first, *last = row.split()
        yield name, kind, file, int(first), int(last[0]) if last else int(first)


def blank(match):
    """A string, character or comment becomes nothing, but keeps its lines."""
    return re.sub(r"[^\n]", "", match.group(0))


def words(path):
    """The identifiers of each line, lines from 1."""
    lines = NOISE.sub(blank, path.read_text()).splitlines()
    return {number: set(WORD.findall(line)) for number, line in enumerate(lines, 1)}


def uses(paths):
    """Functions with their places, and for each the functions that it names; of "" the roots."""
    places, prototypes, bodies = {}, {}, {}
    for name, kind, file, first, last in tags(paths):
        if kind == "prototype":
            prototypes.setdefault((file, first), set()).add(name)
        else:
            places.setdefault(name, []).append(f"{file}:{first}")
            bodies.update({(file, line): name for line in range(first, last + 1)})
    named = {}
    for path in paths:
        for line, found in words(path).items():
            place = (str(path), line)
            owner = bodies.get(place, "")
            named.setdefault(owner, set()).update(found - prototypes.get(place, set()))
    return places, {owner: found & places.keys() for owner, found in named.items()}


def unused(paths):
    places, named = uses(paths)
    alive, new = set(), named.get("", set()) | {"main"} | EXCEPTIONS.keys()
    while new:
        alive |= new
        new = set().union(*(named.get(name, set()) for name in new)) - alive
    for name in sorted(places.keys() - alive):
        yield f"{places[name][0]}: {name} is called by tests alone, or by nothing"
    for name in sorted(EXCEPTIONS.keys() - places.keys()):
        yield f"tests/check/unused.py: {name} is excepted but is not there"


def main():
    bad = list(unused(list(sources())))
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
