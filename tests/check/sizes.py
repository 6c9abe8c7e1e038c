"""Sizes of files and functions, columns and nesting: the house style in numbers."""

import ast
import pathlib
import re
import statistics
import subprocess
import sys

FILE_MAX = 500
FUNCTION_MAX, FUNCTION_P95, FUNCTION_MEDIAN = 80, 60, 18
COLUMNS_MAX, NESTING_MAX = 100, 3
FOLDERS = ("cmd", "internal", "tests", "deploy", "api")
KINDS = {".c", ".h", ".py", ".sh", ".sql"}
# SQL is read in tables and long policies; it may be as wide as a review window.
COLUMNS = {".sql": 120}
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)
# A brace that opens a block, not an initialiser: "if (…) {", "else {", "do {", "case 1: {".
BLOCK = re.compile(r"(?:\)\s+|\belse\s+|\bdo\s+|:\s+)$")


def sources():
    for folder in FOLDERS:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix in KINDS and path.is_file():
                yield path


def check_lines(path, text):
    lines = text.splitlines()
    if len(lines) > FILE_MAX:
        yield f"{path}: {len(lines)} lines, at most {FILE_MAX}"
    widest = COLUMNS.get(path.suffix, COLUMNS_MAX)
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > widest:
            yield f"{path}:{number}: {len(line.expandtabs(8))} columns, at most {widest}"


def blank(match):
    """Strings and comments become nothing, but keep their lines."""
    return re.sub(r"[^\n]", "", match.group(0))


def check_nesting(path, text):
    depth, braces = 0, []
    for number, line in enumerate(STRING.sub(blank, text).splitlines(), 1):
        if line == "{":
            depth, braces = 0, [False]
            continue
        for index, char in enumerate(line):
            if char == "{":
                block = bool(BLOCK.search(line[:index]))
                braces.append(block)
                depth += block
                if block and depth > NESTING_MAX:
                    yield f"{path}:{number}: nested {depth} deep, at most {NESTING_MAX}"
            elif char == "}" and braces:
                depth -= braces.pop()


def c_functions(paths):
    """(place, lines) of each function."""
    answer = subprocess.run(
        ["ctags", "-x", "--c-kinds=f", "--languages=C", "--_xformat=%{line} %{end} %F %N",
         *map(str, paths)], capture_output=True, text=True, check=True).stdout
    for row in answer.splitlines():
        start, end, file, name = row.split()
        yield f"{file}:{start}: {name}", int(end) - int(start) + 1


def python_functions(path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{path}:{node.lineno}: {node.name}", node.end_lineno - node.lineno + 1


def check_functions(files):
    product = [path for path in files if path.suffix == ".c" and path.parts[0] != "tests"]
    lengths = []
    for paths, counted in ((product, True), ([p for p in files if p.suffix == ".c"
                                              and p not in product], False)):
        for place, length in c_functions(paths) if paths else ():
            if counted:
                lengths.append(length)
            if length > FUNCTION_MAX:
                yield f"{place}: {length} lines, at most {FUNCTION_MAX}"
    for path in (path for path in files if path.suffix == ".py"):
        for place, length in python_functions(path, path.read_text()):
            if length > FUNCTION_MAX:
                yield f"{place}: {length} lines, at most {FUNCTION_MAX}"
    if len(lengths) > 1:
        median, p95 = statistics.median(lengths), statistics.quantiles(lengths, n=20)[-1]
        print(f"functions: {len(lengths)}, median {median:.0f} lines, p95 {p95:.0f}")
        if median > FUNCTION_MEDIAN or p95 > FUNCTION_P95:
            yield f"functions grow: median at most {FUNCTION_MEDIAN}, p95 at most {FUNCTION_P95}"


def main():
    files = list(sources())
    bad = []
    for path in files:
        text = path.read_text()
        bad += check_lines(path, text)
        if path.suffix == ".c":
            bad += check_nesting(path, text)
    bad += check_functions(files)
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


sys.exit(main())
