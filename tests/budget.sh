#!/bin/sh
# Runs a command, prints how long it took, and fails when that is a fifth more than its budget:
#   budget.sh NAME SECONDS COMMAND [ARGUMENT…]
# The budgets stand in the Makefile and are those of a machine with 2 cores that does nothing else.
# SLOWER=3 allows three times as much, for a machine that is slower or busy.
set -u
name=$1
budget=$(($2 * ${SLOWER:-1}))
shift 2
started=$(date +%s)
"$@"
status=$?
took=$(($(date +%s) - started))
echo "$name: $took s of $budget s"
[ "$status" -eq 0 ] || exit "$status"
[ $((took * 5)) -le $((budget * 6)) ] || {
	echo "$name: more than a fifth over its budget (BUDGET_$name in the Makefile)" >&2
	exit 1
}
