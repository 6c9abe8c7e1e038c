#!/bin/sh
# Runs unit test programs: run.sh FOLDER NAME…; test_store_* get a throw-away PostgreSQL.
set -u
folder=$1
shift
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

failed=
for name in "$@"; do
	case $name in
	test_store_*) sh tests/unit/with_postgres.sh "$folder/$name" ;;
	*) "$folder/$name" ;;
	esac || failed="$failed $name"
done

[ -z "$failed" ] || {
	echo "unit tests failed:$failed" >&2
	exit 1
}
