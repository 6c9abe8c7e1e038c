#!/bin/sh
# Runs clang-tidy, a process for each core: tidy.sh FOLDER SOURCE…
# FOLDER has compile_commands.json. Prints what is found, and fails if there is any.
set -u
folder=$1
shift
out=$folder/tidy
rm -rf "$out" && mkdir -p "$out" || exit 1

# The numbers of warnings in the headers of libraries, which are not shown, are no news.
one='clang-tidy-14 -p "$1" --quiet "$2" >"$1/tidy/$(echo "$2" | tr / _)" 2>&1'
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh -c "$one" tidy "$folder"
status=$?
cat "$out"/* | grep -vE '^[0-9]+ (warning|error)s?.* generated\.$'
exit $status
