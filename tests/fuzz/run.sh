#!/bin/sh
# Fuzzes one target for so many seconds: run.sh TARGET SECONDS. Findings stay in build/fuzz/.
set -eu
target=$1
seconds=$2
out=build/fuzz
mkdir -p "$out/$target.corpus"

# Without the registry, whose rows are the resources.
sources=$(find internal/core internal/model internal/content -name '*.c' | grep -v model/registry.c)

# shellcheck disable=SC2086 # the list is words
clang -std=gnu17 -D_GNU_SOURCE -O1 -g \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-Iinternal -Itests/unit -Ibuild/gen -o "$out/$target" "tests/fuzz/$target.c" \
	$sources -ljansson -lmagic -lzip
exec "$out/$target" -max_total_time="$seconds" -max_len=8192 -artifact_prefix="$out/" \
	"$out/$target.corpus" "tests/fuzz/corpus_${target#fuzz_}"
