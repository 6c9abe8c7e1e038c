"""Each C file of the product opens with one to three lines: purpose, entry points, locks."""

import pathlib
import re
import sys

FOLDERS = ("cmd", "internal")
LINES_MAX = 3
OPENING = re.compile(r"/\*.*?\*/\n(?=\n|\Z)", re.S)


def fault_of(text):
    """What is wrong with the file's opening comment; None when it is as it must be."""
    opening = OPENING.match(text)
    if not opening:
        return "does not open with a comment and an empty line: purpose, entry points, locks"
    comment = opening.group(0)
    words = re.findall(r"\w{2,}", comment)
    if len(words) < 3:
        return "its opening comment says nothing"
    if comment.count("\n") > LINES_MAX:
        return f"its opening comment has {comment.count(chr(10))} lines, at most {LINES_MAX}"
    return None


def main():
    paths = sorted(path for folder in FOLDERS for path in pathlib.Path(folder).rglob("*.c"))
    bad = [f"{path}: {fault}" for path in paths if (fault := fault_of(path.read_text()))]
    if not paths:
        bad = ["no C files found"]
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


sys.exit(main())
