#!/bin/bash
# synchronous.sh NAME: from now on a commit is acknowledged when the standby NAME has it.
set -euo pipefail
export PGPASSWORD
PGPASSWORD=$(cat /run/secrets/replica_password)
primary='host=postgres dbname=postgres user=atbalsts_replica'
tls='sslmode=verify-full sslrootcert=/run/secrets/ca'
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set "names=$1" "$primary $tls" <<'SQL'
ALTER SYSTEM SET synchronous_standby_names = :'names';
SELECT pg_reload_conf() AS reloaded;
SQL
