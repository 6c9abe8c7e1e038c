"""Small changes of C that a test of the rules must notice: one operator or number at a time."""

import collections
import re

Change = collections.namedtuple("Change", "file number was line before after check")

# What stands, and what replaces it. Arrows, shifts and includes are no comparisons.
SWAPS = [
    (r"(?<![-<>=])<(?![<=])(?! *\w+[./])", "<="), (r"<=", "<"),
    (r"(?<![->])>(?![>=])", ">="), (r">=", ">"),
    (r"==", "!="), (r"!=", "=="), (r"&&", "||"), (r"\|\|", "&&"),
    (r"(?<=[\w)\]] )\+(?= [\w(])", "-"), (r"(?<=[\w)\]] )-(?= [\w(])", "+"),
    (r"(?<![!\w])!(?=[\w(])", ""),
    (r"\breturn true\b", "return false"), (r"\breturn false\b", "return true"),
    (r"(?<![\w.\[])([1-9]\d*)\b(?![\w.\]])", lambda found: str(int(found[1]) + 1)),
]
OUTSIDE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|^[ \t]*#[^\n]*', re.S | re.M)


def changes(file, text):
    """Each change of the file. A line that stands twice is told by its surroundings."""
    masked = OUTSIDE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        hidden = masked[start:start + len(line)]
        for pattern, new in SWAPS:
            for found in re.finditer(pattern, hidden):
                put = new(found) if callable(new) else new
                after = line[:found.start()] + put + line[found.end():]
                yield change(file, text, start, number, line, after)
        start += len(line)


def change(file, text, start, number, line, after):
    """The least text around the line that stands once in the file."""
    end, first = start + len(line), start
    while text.count(text[first:end]) > 1:
        first = text.rfind("\n", 0, max(first - 1, 0)) + 1
    before = text[first:start]
    name = f"test_rules_{file.stem}"
    return Change(file, number, line.strip(), after.strip(), before + line, before + after,
                  f"unit {CHECKS.get(file.stem, name)}")


# Rules without a test program of their own are tried by those of the rules that call them.
CHECKS = {
    "steps": "test_rules_transitions test_rules_journey",
    "words": "test_rules_decision test_rules_consultation test_rules_commission",
    "limit": "test_rules_limit test_rules_consultation test_rules_criminal",
    "course": "test_rules_course test_rules_decision",
}
