#!/usr/bin/env bash
# make test-compose: starts docker-compose.yml and tests what runs. Where no engine answers and none
# can be started it says so and succeeds: nothing was tested then.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Beside a checkout on a machine without registry: starts an engine and makes the base images.
helper=${BASE_IMAGES:-../shared/docker/base-images}
started=

left_out()
{
	echo "test-compose: LEFT OUT, nothing was tested: $*"
	exit 0
}

# Images stay: they are the next run's cache. An engine of ours stops, unless others use it by now.
finish()
{
	if [ -n "$started" ] && [ -z "$(docker ps --quiet)" ]; then
		kill "$(cat /var/run/docker.pid)"
	fi
}

# Layers that share what they have in common, where the file system can do that; vfs copies all.
storage()
{
	local probe driver=vfs
	probe=$(mktemp -d /var/lib/overlay.XXXXXX)
	mkdir "$probe/lower" "$probe/upper" "$probe/work" "$probe/merged"
	if mount -t overlay overlay "$probe/merged" 2>/dev/null \
		-o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work"; then
		umount "$probe/merged"
		driver=overlay2
	fi
	rm -rf "$probe"
	echo "$driver"
}

has_image()
{
	docker image inspect "$1" >/dev/null 2>&1
}

if ! docker info >/dev/null 2>&1; then
	[ -x "$helper" ] || left_out 'no Docker engine answers'
	[ "$(id -u)" -eq 0 ] || left_out 'no Docker engine answers, and only root may start one'
	started=yes
fi
if [ -n "$started" ] || ! has_image debian:bookworm-slim || ! has_image postgres:15-bookworm; then
	if [ -x "$helper" ] && [ "$(id -u)" -eq 0 ]; then
		export DOCKER_STORAGE=${DOCKER_STORAGE:-$(storage)}
		"$helper" >build/base-images.log 2>&1 || {
			tail -n 5 build/base-images.log
			left_out "no Docker engine can be started, see build/base-images.log"
		}
	fi
fi
trap finish EXIT
if docker compose version >/dev/null 2>&1; then
	export COMPOSE='docker compose'
else
	export COMPOSE=docker-compose
	command -v docker-compose >/dev/null || sh deploy/deps.sh docker-compose
fi
sh deploy/deps.sh openssl
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest tests/compose "$@"
