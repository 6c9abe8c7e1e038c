"""rules.py accepts a sound tree and refuses each fault that it names."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import rules  # noqa: E402 (after the line above)

SOUND = {
    "internal/README.md": "| R1 | a | `rules/one.c` | `unit/one.c` |\n"
                          "| R12 | b | index in `two.sql` | `api/two.py` |\n",
    "internal/rules/one.c": "int one;\n", "internal/rules/one.h": "/* R1 (law) */\n",
    "internal/two.sql": "-- R12\n", "tests/unit/one.c": "/* R1 */\n",
    "tests/api/two.py": "def test_r12_holds(): pass\n",
}
FAULTS = [
    ("tests/unit/one.c", "/* R12 */\n"), ("tests/api/two.py", "def test_r1_2(): pass\n"),
    ("internal/rules/one.h", "/* R10 R1 */\n"), ("internal/rules/one.h", "/* R10 */\n"),
    ("internal/two.sql", None), ("tests/unit/one.c", None),
    ("internal/README.md", SOUND["internal/README.md"] * 2),
    ("internal/README.md", SOUND["internal/README.md"].replace("`unit/one.c`", "none")),
    ("internal/README.md", ""),
]


def found(changes):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for file, text in (SOUND | dict(changes)).items():
            if text is not None:
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(text)
        return list(rules.check(root))


def main():
    bad = [f"a sound tree: {line}" for line in found([])]
    bad += [f"not refused: {fault}" for fault in FAULTS if not found([fault])]
    print(*bad, sep="\n", end="\n" if bad else "", file=sys.stderr)
    return 1 if bad else 0


sys.exit(main())
