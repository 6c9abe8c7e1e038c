"""Every group of declared functions in a header says something: why, who owns, what may fail."""

import pathlib
import re
import sys

PROTOTYPE = re.compile(
    r"^(?!static|typedef|struct \w+ \{|#|\s)[\w ]+[ *]\w+\([^;{]*\)[^;{]*;", re.M)


def groups(text):
    """Paragraphs of the header: what stands between blank lines."""
    line = 1
    for paragraph in re.split(r"(\n\s*\n)", text):
        yield line, paragraph
        line += paragraph.count("\n")


def main():
    bad = 0
    for path in sorted(pathlib.Path("internal").rglob("*.h")):
        told = False
        for line, paragraph in groups(path.read_text()):
            if "/*" in paragraph:
                told = True
            elif PROTOTYPE.search(paragraph):
                # What follows a described struct or function directly may go without, once.
                if not told:
                    print(f"{path}:{line}: functions without a word: {paragraph.strip()[:60]}")
                    bad += 1
                told = False
    return 1 if bad else 0


sys.exit(main())
