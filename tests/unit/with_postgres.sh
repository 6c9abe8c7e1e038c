#!/bin/sh
# Runs a command beside a throw-away PostgreSQL: with_postgres.sh COMMAND [ARGUMENT…]
# The command is its superuser (PGHOST, PGUSER, PGDATABASE); the roles of deploy/roles.sql exist.
set -eu
[ $# -gt 0 ] || {
	echo 'usage: with_postgres.sh COMMAND [ARGUMENT…]' >&2
	exit 2
}
cluster=$(dirname "$0")/../../deploy/cluster.sh
folder=/var/tmp/atbalsts-unit-$(id -u)-$$

remove()
{
	trap - EXIT INT TERM
	bash "$cluster" remove "$folder"
}
trap remove EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bash "$cluster" create "$folder" throwaway
unset PGPORT PGPASSWORD PGSERVICE PGOPTIONS PGAPPNAME PGSSLMODE
export PGHOST="$folder/s" PGUSER=postgres PGDATABASE=postgres
"$@"
