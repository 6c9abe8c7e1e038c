"""unused.py finds what only a test, only itself or only the dead call, and nothing else."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import unused  # noqa: E402 (after the line above)

SOURCE = """
#include "one.h"
/* in_words() stands here alone. */
static const struct handler handlers[] = { { "x", in_table } };
#define CALL(x) in_macro(x)
int in_table(void) { return called("in_string"); }
int called(const char *name)
{
	return *name + CALL(1);
}
int in_macro(int x) { return x; }
int in_words(void) { return 1; }
int in_string(void) { return 1; }
int itself(int n) { return n > 0 ? itself(n - 1) : 0; }
int dead(void) { return of_the_dead(); }
int of_the_dead(void) { return 1; }
int main(void) { return 0; }
"""
HEADER = """
int itself(int n);
int dead(void);
static inline int in_header(void) { return from_header(); }
int from_header(void);
"""
OTHER = "int from_header(void) { return 1; }\nint (*hook)(void) = in_header;\n"
DEAD = {"in_words", "in_string", "itself", "dead", "of_the_dead"}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        paths = []
        for file, text in (("one.c", SOURCE), ("one.h", HEADER), ("two.c", OTHER)):
            (folder / file).write_text(text)
            paths.append(folder / file)
        found = {line.split(": ")[1].split()[0] for line in unused.unused(paths)}
    if found != DEAD:
        print(f"unused.py finds {sorted(found)}, should find {sorted(DEAD)}", file=sys.stderr)
    return found != DEAD


sys.exit(main())
