#!/bin/bash
# make test-ha: the installation on several hosts, its faults, upgrades and restores.
#   bash tests/ha/run.sh [failover] [upgrade] [patroni] [restore]     all of them by default
# Runs in namespaces of its own: what it does to networks, disks and processes ends with it. The
# packages stay; where there is a systemd, Debian starts nginx and etcd when it installs them.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -x build/atbalsts ] || { echo 'test-ha: build/atbalsts is missing: run make build' >&2; exit 1; }
[ $# -gt 0 ] || set -- failover upgrade patroni restore
sh deploy/deps.sh iproute2 util-linux wrk nginx-light patroni etcd-server python3-etcd pgbackrest

export TEST_BINARY=$PWD/build/atbalsts PYTHONDONTWRITEBYTECODE=1 HA_PID=$$
folder=/var/tmp/atbalsts-ha-$(id -u)-$$
# Without namespaces what a part has left running is found by its working folder.
sweep()
{
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		case $(readlink "$cwd") in
		"$folder"/*) kill -KILL "$(basename "${cwd%/cwd}")" ;;
		esac
	done
	rm -rf "$folder" "$folder.out"
}
trap sweep EXIT
# The shell stays as the first process, and so collects the dead as an init does.
own=(unshare --net --mount --pid --fork --kill-child --mount-proc sh -c
	'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && "$@"; exit $?' own)
export HA_NAMESPACES=1
"${own[@]}" ip netns add try 2>/dev/null || {
	echo 'test-ha: no namespaces can be made here (root with CAP_SYS_ADMIN can): loopback' \
		'addresses stand for the hosts; cut networks, full disks and Patroni are left out'
	own=()
	HA_NAMESPACES=0
}

part_max_s=600
passed=0 failed=0
for part in "$@"; do
	echo "== $part"
	timeout "$part_max_s" "${own[@]}" nice -n 10 /usr/bin/python3 "tests/ha/$part.py" |
		tee "$folder.out" || true
	read -r p _ f _ < <(tail -n 1 "$folder.out" | sed 's/ passed, / passed /') || true
	sweep
	case "$p$f" in
	*[!0-9]* | '') failed=$((failed + 1)) && echo "FAILED  $part did not come to its end" ;;
	*) passed=$((passed + p)) failed=$((failed + f)) ;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
