# Private PostgreSQL 15 clusters for developers and tests: sourced by instance.sh, or run as
#   bash deploy/cluster.sh create FOLDER [throwaway]   make, start, lay the roles and the database
#   bash deploy/cluster.sh start|stop|remove FOLDER
# A cluster listens on a unix socket only (FOLDER/s) and never runs as root: there it belongs to
# the account `postgres`, which apt-get makes with postgresql-15.

CLUSTER_BIN=/usr/lib/postgresql/15/bin
CLUSTER_ROLES=$(dirname "${BASH_SOURCE[0]}")/roles.sql

cluster_fail()
{
	echo "atbalsts: $*" >&2
	exit 1
}

# Runs a command as the cluster's account, outside folders which that account may not read.
cluster_as()
{
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec runuser -u postgres -- "$@")
	else
		(cd / && exec "$@")
	fi
}

# Makes the folder or checks that it is ours alone: in /var/tmp anybody may take a name.
cluster_folder()
{
	local folder=$1
	if [ ! -e "$folder" ] && [ ! -L "$folder" ]; then
		mkdir -m 0700 "$folder" || cluster_fail "cannot make $folder"
	fi
	[ -d "$folder" ] && [ ! -L "$folder" ] || cluster_fail "$folder is not a folder"
	[ "$(stat -c %u "$folder")" -eq "$(id -u)" ] ||
		cluster_fail "$folder belongs to somebody else"
	[ -z "$(find "$folder" -maxdepth 0 -perm /027)" ] ||
		cluster_fail "$folder can be read or written by others: chmod 0700 it, or remove it"
	if [ "$(id -u)" -eq 0 ]; then
		# The account passes through to its own folders, and sees no more than these.
		chown root:postgres "$folder" && chmod 0710 "$folder"
	fi
}

cluster_owned()
{
	[ -d "$1" ] && return
	mkdir -m 0700 "$1"
	[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$1"
}

# Written whole, then renamed: a run that was killed on the way leaves nothing that looks complete.
cluster_init()
{
	local folder=$1 kind=$2
	rm -rf "$folder/data.new"
	cluster_owned "$folder/data.new"
	cluster_as "$CLUSTER_BIN/initdb" --pgdata "$folder/data.new" --username postgres \
		--auth trust --data-checksums --encoding UTF8 --lc-collate C --lc-ctype C.UTF-8 \
		--lc-messages C --no-sync --no-instructions >"$folder/initdb.log" ||
		cluster_fail "initdb failed, see $folder/initdb.log"
	cluster_settings "$folder" "$kind" |
		cluster_as tee -a "$folder/data.new/postgresql.conf" >/dev/null
	[ "$kind" = throwaway ] || sync --file-system "$folder/data.new"
	mv "$folder/data.new" "$folder/data"
}

cluster_settings()
{
	cat <<-SETTINGS
		listen_addresses = ''
		unix_socket_directories = '$1/s'
		unix_socket_permissions = 0700
		max_connections = 120
		shared_buffers = 256MB
		timezone = 'UTC'
		log_timezone = 'UTC'
		# A failed statement may hold personal data: its text stays out of the log.
		log_min_error_statement = panic
		log_parameter_max_length_on_error = 0
	SETTINGS
	if [ "$2" = throwaway ]; then
		echo 'fsync = off'
		echo 'full_page_writes = off'
		echo 'shared_buffers = 64MB'
	else
		echo 'fsync = on'
	fi
}

# By the process itself: a pid file outlives a killed postmaster, and so does its number where
# nobody collects the dead (a container's first process often does not).
cluster_running()
{
	local pid
	pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 1
	[ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]
}

# Whether any process works in the data folder: a killed postmaster's children end after it.
cluster_busy()
{
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		[ "$(readlink "$cwd")" != "$1/data" ] || return 0
	done
	return 1
}

cluster_start()
{
	local folder=$1 try
	cluster_owned "$folder/s"
	cluster_owned "$folder/log"
	cluster_running "$folder" && return
	for ((try = 0; try < 50; try++)); do
		cluster_busy "$folder" || break
		sleep 0.2
	done
	cluster_busy "$folder" && cluster_fail "a process still works in $folder/data"
	rm -f "$folder/data/postmaster.pid" "$folder/s/.s.PGSQL.5432.lock"
	cluster_as "$CLUSTER_BIN/pg_ctl" start --wait --timeout 60 --pgdata "$folder/data" \
		--log "$folder/log/postgresql.log" >/dev/null 2>&1 9>&- && return
	tail -n 5 "$folder/log/postgresql.log" >&2
	cluster_fail "PostgreSQL does not start, see $folder/log/postgresql.log"
}

cluster_stop()
{
	cluster_running "$1" || return 0
	cluster_as "$CLUSTER_BIN/pg_ctl" stop --silent --wait --mode fast --pgdata "$1/data"
}

# psql as superuser; the SQL comes by standard input or arguments.
cluster_psql()
{
	local folder=$1
	shift
	PGOPTIONS=--client-min-messages=warning psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
		--host "$folder/s" --username postgres "$@"
}

# roles.sql runs where the database is missing, so also after a first start that was cut short.
cluster_database()
{
	local folder=$1 found
	found=$(cluster_psql "$folder" --dbname postgres --tuples-only --no-align \
		--command "SELECT 1 FROM pg_database WHERE datname = 'atbalsts'")
	[ -n "$found" ] && return
	cluster_psql "$folder" --dbname postgres <"$CLUSTER_ROLES"
	cluster_psql "$folder" --dbname postgres --tuples-only --no-align --command "SELECT
		'CREATE DATABASE atbalsts OWNER atbalsts_owner' WHERE NOT EXISTS
		(SELECT FROM pg_database WHERE datname = 'atbalsts')" |
		cluster_psql "$folder" --dbname postgres
}

cluster_create()
{
	[ -x "$CLUSTER_BIN/initdb" ] || cluster_fail 'PostgreSQL 15 is missing: run make deps'
	cluster_folder "$1"
	[ -d "$1/data" ] || cluster_init "$1" "${2:-kept}"
	cluster_start "$1"
	cluster_database "$1"
}

cluster_remove()
{
	cluster_folder "$1"
	[ ! -d "$1/data" ] || cluster_stop "$1"
	rm -rf "$1"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	[ $# -ge 2 ] || cluster_fail 'usage: cluster.sh create|start|stop|remove FOLDER [throwaway]'
	case $1 in
	create | start | stop | remove) "cluster_$1" "${@:2}" ;;
	*) cluster_fail "cluster.sh: no command $1" ;;
	esac
fi
