"""Which package may include what: the README's table of layers. Any other arrow fails."""

import pathlib
import re
import sys

# package, a folder with all below it: (packages whose headers it includes, library headers)
LAYERS = {
    "core": (set(), set()),
    "model": ({"core"}, set()),
    "content": ({"core"}, set()),
    "auth": ({"core", "model"}, set()),
    "store": ({"core", "model"}, {"libpq-fe.h"}),
    "rules": ({"core"}, set()),
    "engine": ({"core", "model", "auth", "store"}, set()),
    "openapi": ({"engine"}, set()),
    "feature": ({"content", "engine", "rules"}, set()),
    "resource": ({"engine", "rules"}, set()),
    "web": ({"engine"}, {"ulfius.h", "microhttpd.h", "orcania.h"}),
}
# Of the engine a resource may see this alone: neither HTTP nor SQL.
RESOURCE_SEES = {"engine/rows.h"}
# Headers that one file alone may see.
ONLY = {
    "jansson.h": {"internal/model/document.c", "internal/model/read.c", "internal/auth/token.c"},
    "jwt.h": {"internal/auth/token.c"},
    "magic.h": {"internal/content/content.c"},
    "zip.h": {"internal/content/archive.c"},
    "sanitizer/asan_interface.h": {"internal/core/arena.c"},
    "sodium.h": {"internal/auth/password.c", "internal/auth/seal.c", "internal/auth/keyfile.c"},
}
GENERATED = {"iso_codes.h": "model"}
LIBC = set("""
    arpa/inet.h assert.h ctype.h errno.h fcntl.h inttypes.h limits.h netdb.h netinet/in.h
    netinet/tcp.h poll.h pthread.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h
    stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h sys/eventfd.h sys/mman.h sys/prctl.h
    sys/random.h sys/resource.h sys/socket.h sys/stat.h sys/time.h sys/types.h sys/uio.h
    sys/un.h sys/wait.h termios.h time.h unistd.h
""".split())
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")', re.M)


def package_of(path):
    return path.partition("/")[0]


def refusal(path, package, outside, inside):
    """Why the include is refused, or None."""
    packages, libraries = LAYERS[package]
    if inside is not None:
        if inside in GENERATED:
            return None if GENERATED[inside] == package else "generated for another package"
        if package == "resource" and package_of(inside) == "engine" and inside not in RESOURCE_SEES:
            return "a resource sees engine/rows.h alone"
        if package_of(inside) in packages | {package}:
            return None
        return f"{package} may not include it"
    if outside in LIBC or outside in libraries or path in ONLY.get(outside, ()):
        return None
    return f"{package} may not include this header"


def disorder():
    """Packages that may include a later one of the table: a circle could close."""
    seen = set()
    for package, (packages, _) in LAYERS.items():
        if not packages <= seen:
            yield f"layers.py: {package} may include {packages - seen}, which come later"
        seen.add(package)


def main():
    bad = 0
    for line in disorder():
        print(line)
        bad += 1
    for file in sorted(pathlib.Path("internal").rglob("*.[ch]")):
        path = file.as_posix()
        package = package_of(path.removeprefix("internal/"))
        if package not in LAYERS:
            print(f"{path}: the package {package} is in no layer")
            bad += 1
            continue
        for outside, inside in INCLUDE.findall(file.read_text()):
            why = refusal(path, package, outside or None, inside or None)
            if why:
                print(f"{path}: {outside or inside}: {why}")
                bad += 1
    return 1 if bad else 0


sys.exit(main())
