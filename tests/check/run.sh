#!/bin/sh
# Runs all checks of the sources and fails when any of them does.
cd "$(dirname "$0")/../.." || exit 1
failed=
for check in tests/check/*.py tests/check/*.sh; do
	case $check in
	*/run.sh) ;;
	*.py) /usr/bin/python3 "$check" ;;
	*.sh) sh "$check" ;;
	esac || failed="$failed ${check##*/}"
done
[ -z "$failed" ] || {
	echo "checks failed:$failed" >&2
	exit 1
}
echo 'checks: all hold'
