#!/usr/bin/env bash
# The developer's own instance: instance.sh start|stop|psql|env|accounts|destroy
# One for each checkout, in /var/tmp (a home may be closed to the account that runs PostgreSQL).
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd -P)
source "$checkout/deploy/cluster.sh"

folder=/var/tmp/atbalsts-$(id -u)-$(printf %s "$checkout" | sha256sum | cut -c 1-12)
binary=${INSTANCE_BINARY:-$checkout/build/atbalsts}

random_hex()
{
	od -An -N 32 -t x1 /dev/urandom | tr -d ' \n'
}

# Keys are made once: what is sealed with a lost master key is lost.
make_keys()
{
	umask 077
	[ -f "$folder/master.keys" ] ||
		printf 'dev-1 %s\nblind %s\n' "$(random_hex)" "$(random_hex)" >"$folder/master.keys"
	[ -f "$folder/token.keys" ] || printf 'dev-1 %s\n' "$(random_hex)" >"$folder/token.keys"
	cat >"$folder/env" <<-ENV
		export ATBALSTS_DATABASE='host=$folder/s dbname=atbalsts user=atbalsts_api'
		export ATBALSTS_OWNER_DATABASE='host=$folder/s dbname=atbalsts user=atbalsts_owner'
		export ATBALSTS_MASTER_KEYS='$folder/master.keys'
		export ATBALSTS_TOKEN_KEYS='$folder/token.keys'
	ENV
}

set_environment()
{
	source "$folder/env"
	export ATBALSTS_LISTEN=${ATBALSTS_LISTEN:-127.0.0.1:8080}
	export ATBALSTS_ADMIN_LISTEN=${ATBALSTS_ADMIN_LISTEN:-127.0.0.1:8081}
	export ATBALSTS_BASE_URL=${ATBALSTS_BASE_URL:-http://$ATBALSTS_LISTEN}
	# Who reads the README meanwhile need not sign in again.
	export ATBALSTS_TOKEN_LIFETIME_S=${ATBALSTS_TOKEN_LIFETIME_S:-3600}
}

# Held by the script alone (its children close it), so it is free again however the script ended.
take_lock()
{
	exec 9>"$folder/lock"
	flock --nonblock 9 ||
		cluster_fail 'this checkout is already running: bash deploy/instance.sh stop'
	echo $$ >"$folder/instance.pid"
}

check_port()
{
	local address=$1 variable=$2
	if (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; then
		cluster_fail "port ${address##*:} is taken by another program." \
			"Stop that, or choose another: $variable=127.0.0.1:9080 make run"
	fi
}

migrate_and_load()
{
	"$binary" migrate >"$folder/migrate.log" 2>&1 9>&- ||
		{ cat "$folder/migrate.log" >&2; cluster_fail 'migrate failed'; }
	if [ "$(cluster_psql "$folder" --dbname atbalsts --tuples-only --no-align \
		--command 'SELECT count(*) FROM users')" -eq 0 ]; then
		(umask 077 && "$binary" demo >"$folder/accounts" 9>&-) || cluster_fail 'demo failed'
	fi
}

wait_ready()
{
	local try
	for ((try = 0; try < 200; try++)); do
		kill -0 "$server" 2>/dev/null || return 1
		curl --silent --fail --output /dev/null --max-time 1 \
			"http://$ATBALSTS_ADMIN_LISTEN/health/ready" && return
		sleep 0.05
	done
	return 1
}

# demo's lines: e-mail, password, role, provider; others are shown as they are.
print_welcome()
{
	local email password sign_in
	read -r email password < \
		<(awk '$3 == "case_worker" { print $1, $2; exit }' "$folder/accounts")
	sign_in="{\"email\": \"$email\", \"password\": \"$password\"}"
	cat <<-WELCOME

		Atbalsts serves at $ATBALSTS_BASE_URL
		(health: http://$ATBALSTS_ADMIN_LISTEN/health/ready, log: $folder/server.log)

		Demo accounts (e-mail, password, role, organisation):
		$(sed 's/^/  /' "$folder/accounts")

		Try:
		  TOKEN=\$(curl -s $ATBALSTS_BASE_URL/v1/sessions \\
		    -H 'Content-Type: application/json' -d '$sign_in' |
		    python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
		  curl -s $ATBALSTS_BASE_URL/v1/me -H "Authorization: Bearer \$TOKEN"
		  curl -s '$ATBALSTS_BASE_URL/v1/clients?limit=3' -H "Authorization: Bearer \$TOKEN"

		Ctrl-C stops the server and its database; the data stays.
	WELCOME
}

# Runs on every way out: the server drains first, then its database may go.
shut_down()
{
	trap '' INT TERM
	if [ -n "${server:-}" ]; then
		kill -TERM "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	cluster_stop "$folder" || true
	rm -f "$folder/instance.pid"
}

server_fail()
{
	tail -n 5 "$folder/server.log" >&2
	cluster_fail "$1"
}

start()
{
	[ -x "$binary" ] || cluster_fail 'not built: run make build'
	cluster_folder "$folder"
	take_lock
	make_keys
	set_environment
	check_port "$ATBALSTS_LISTEN" ATBALSTS_LISTEN
	check_port "$ATBALSTS_ADMIN_LISTEN" ATBALSTS_ADMIN_LISTEN
	trap shut_down EXIT
	trap 'exit 0' INT TERM
	cluster_create "$folder"
	migrate_and_load
	# Should this script be killed outright, the kernel tells the server to stop.
	setpriv --pdeathsig TERM "$binary" serve >"$folder/server.log" 2>&1 9>&- &
	server=$!
	wait_ready || server_fail 'the server does not start'
	print_welcome
	wait "$server" || server_fail 'the server ended'
}

stop()
{
	local pid
	[ -d "$folder" ] || return 0
	cluster_folder "$folder"
	pid=$(cat "$folder/instance.pid" 2>/dev/null || true)
	# The lock tells whether that id is still the instance's.
	exec 9>"$folder/lock"
	if ! flock --nonblock 9; then
		kill -TERM "$pid"
		flock --timeout 60 9 || cluster_fail "process $pid does not end"
	fi
	[ ! -d "$folder/data" ] || cluster_stop "$folder"
}

case ${1:-start} in
start) start ;;
stop) stop ;;
psql)
	cluster_folder "$folder"
	exec psql --host "$folder/s" --username atbalsts_owner --dbname atbalsts "${@:2}"
	;;
env) cat "$folder/env" ;;
accounts) cat "$folder/accounts" ;;
destroy)
	stop
	[ ! -d "$folder" ] || cluster_remove "$folder"
	;;
*) cluster_fail 'usage: instance.sh start|stop|psql|env|accounts|destroy' ;;
esac
