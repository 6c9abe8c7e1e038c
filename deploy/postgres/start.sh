#!/bin/bash
# What the containers of PostgreSQL do at each start, as root, before the image's own entrypoint:
# lays certificate and passwords where only the server reads them (a tmpfs: they come into no volume
# and no backup, and a fresh one works after a restart), and fills an empty standby from STANDBY_OF.
set -euo pipefail

run=/run/atbalsts
# Else libpq looks for certificates in root's, which postgres may not enter.
export HOME=/var/lib/postgresql
install -d -o postgres -g postgres -m 0700 "$run"
install -o postgres -g postgres -m 0400 /run/secrets/postgres_key "$run/server.key"
install -o postgres -g postgres -m 0400 /run/secrets/postgres_crt "$run/server.crt"

# The mark is made last: a copy that was cut short begins again.
base_backup()
{
	local mark=$PGDATA/base_backup.done
	[ ! -e "$mark" ] || return 0
	install -d -o postgres -g postgres -m 0700 "$PGDATA"
	find "$PGDATA" -mindepth 1 -delete
	local primary="host=$STANDBY_OF user=atbalsts_replica passfile=$run/pgpass"
	local tls='sslmode=verify-full sslrootcert=/run/secrets/ca application_name=standby'
	setpriv --reuid=postgres --regid=postgres --init-groups pg_basebackup --no-password \
		--dbname "$primary $tls" --pgdata "$PGDATA" --wal-method stream --checkpoint fast \
		--write-recovery-conf
	install -o postgres -g postgres -m 0600 /dev/null "$mark"
}

if [ -n "${STANDBY_OF:-}" ]; then
	printf '*:*:*:atbalsts_replica:%s\n' "$(cat /run/secrets/replica_password)" |
		install -o postgres -g postgres -m 0600 /dev/stdin "$run/pgpass"
	base_backup
fi
exec docker-entrypoint.sh "$@"
