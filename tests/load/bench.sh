#!/bin/bash
# make bench: measures the optimised server on a throw-away cluster, beside pgbench.
#   bash tests/load/bench.sh [CLIENTS]      BENCH_SECONDS= how long each measurement lasts
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -x build/atbalsts ] || { echo 'bench: build/atbalsts is missing: run make build' >&2; exit 1; }
command -v wrk >/dev/null || { echo 'bench: wrk is missing: run make deps' >&2; exit 1; }
mkdir -p build/load
"${CC:-gcc}" -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -shared -fPIC \
	-o build/load/count.so tests/load/count.c
export TEST_BINARY=$PWD/build/atbalsts PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 tests/load/bench.py "${1:-1000000}"
