"""One resource, one file: each of RESOURCES(X) is defined in the file of its name, in a chapter."""

import pathlib
import re
import sys

ROOT = pathlib.Path("internal/resource")
FOLDER_MAX = 22
DEFINED = re.compile(r"^(?:static )?const struct resource resource_(\w+) = \{", re.M)


def registered():
    text = (ROOT / "registry.h").read_text()
    body = re.search(r"#define RESOURCES\(X\)(.*?[^\\])\n", text, re.S)
    return re.findall(r"\bX\((\w+),", body.group(1)) if body else []


def definitions():
    """The resources that each C file defines."""
    return {path: DEFINED.findall(path.read_text()) for path in sorted(ROOT.rglob("*.c"))}


def faults():
    names, files = registered(), definitions()
    if not names:
        yield f"{ROOT}/registry.h: RESOURCES(X) names no resource"
    for name in names:
        places = [path for path in files if path.stem == name and path.parent != ROOT]
        if len(places) != 1:
            yield f"{name}: {len(places)} files of that name in the chapters, must be one"
    for path, defined in files.items():
        if path.parent == ROOT and defined:
            yield f"{path}: {', '.join(defined)}: a resource stands in the folder of its chapter"
        elif defined and defined != [path.stem]:
            yield f"{path}: defines {', '.join(defined)}; must define {path.stem} alone, or nothing"
        elif path.stem in names and not defined:
            yield f"{path}: has a resource's name and does not define it"
        for name in set(defined) - set(names):
            yield f"{path}: {name} is not in RESOURCES(X)"
    for folder in sorted({path.parent for path in files}):
        count = len([*folder.glob("*.[ch]")])
        if count > FOLDER_MAX:
            yield f"{folder}: {count} files, at most {FOLDER_MAX}: split the chapter"


def main():
    bad = list(faults())
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


sys.exit(main())
