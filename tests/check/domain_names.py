"""The engine knows no resource by its name: traits (model/resource.h) say what it must know."""

import pathlib
import re
import sys

REGISTRY = pathlib.Path("internal/resource/registry.h")
FOLDERS = ("engine", "model", "openapi", "store", "web")
ENTRY = re.compile(r"\bX\((\w+)(?:,[^)]*)?\)\s*(?:\\|$)", re.M)
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def blank(comment):
    return re.sub(r"[^\n]", " ", comment.group(0))


def main():
    names = set(ENTRY.findall(REGISTRY.read_text()))
    bad = 0
    if len(names) < 10:
        print(f"{REGISTRY}: only {len(names)} resources found: this check is blind")
        bad += 1
    for folder in FOLDERS:
        for file in sorted(pathlib.Path("internal", folder).rglob("*.[ch]")):
            text = COMMENT.sub(blank, file.read_text())
            for number, line in enumerate(text.splitlines(), 1):
                for name in names.intersection(LITERAL.findall(line)):
                    print(f'{file}:{number}: the resource "{name}" by its name: use a trait')
                    bad += 1
    return 1 if bad else 0


sys.exit(main())
