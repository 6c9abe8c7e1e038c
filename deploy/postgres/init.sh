#!/bin/bash
# Once, in an empty cluster: the service's roles with their passwords, and its database.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\i /etc/atbalsts-roles.sql
\set owner `cat /run/secrets/owner_password`
\set api `cat /run/secrets/api_password`
\set jobs `cat /run/secrets/jobs_password`
\set replica `cat /run/secrets/replica_password`
ALTER ROLE atbalsts_owner PASSWORD :'owner';
ALTER ROLE atbalsts_api PASSWORD :'api';
ALTER ROLE atbalsts_jobs PASSWORD :'jobs';
-- Copies the cluster, and says whether commits wait for the copy; nothing else.
CREATE ROLE atbalsts_replica LOGIN REPLICATION PASSWORD :'replica';
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO atbalsts_replica;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO atbalsts_replica;
CREATE DATABASE atbalsts OWNER atbalsts_owner TEMPLATE template0
	ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
SQL
