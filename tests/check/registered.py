"""Every resource and endpoint that is defined is registered, once, under its name."""

import collections
import pathlib
import re
import sys

# folder, its register, how a definition begins
REGISTERS = {
    "resource": ("internal/resource/registry.h",
                 re.compile(r"^const struct resource resource_(\w+) =", re.M)),
    "feature": ("internal/feature/endpoints.h",
                re.compile(r"^const struct endpoint (\w+)_endpoint =", re.M)),
}
ENTRY = re.compile(r"\bX\((\w+)(?:,[^)]*)?\)\s*(?:\\|$)", re.M)


def defined(folder, definition):
    for file in sorted(pathlib.Path("internal", folder).rglob("*.c")):
        yield from definition.findall(file.read_text())


def main():
    bad = 0
    for folder, (register, definition) in REGISTERS.items():
        entries = ENTRY.findall(pathlib.Path(register).read_text())
        names = set(defined(folder, definition))
        for name in sorted(names - set(entries)):
            print(f"{register}: {name} is defined, but not registered: nobody would reach it")
            bad += 1
        twice = [name for name, count in collections.Counter(entries).items() if count > 1]
        for name in sorted(twice):
            print(f"{register}: {name} is registered twice")
            bad += 1
        if not names:
            print(f"{register}: nothing is defined below internal/{folder}: this check is blind")
            bad += 1
    return 1 if bad else 0


sys.exit(main())
