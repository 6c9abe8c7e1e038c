#!/bin/sh
# Patroni calls it once, when it has made the first cluster: post_init.sh CONNECTION
# /etc/patroni/post_init.sh with roles.sql beside it.
set -eu
: "${OWNER_PASSWORD:?stands in /etc/patroni_env.conf}"
: "${API_PASSWORD:?stands in /etc/patroni_env.conf}"
here=$(dirname "$0")
psql --no-psqlrc --quiet --dbname "$1" --file "$here/roles.sql"
psql --no-psqlrc --quiet --dbname "$1" --set ON_ERROR_STOP=1 --set owner="$OWNER_PASSWORD" \
	--set api="$API_PASSWORD" <<'SQL'
ALTER ROLE atbalsts_owner PASSWORD :'owner';
ALTER ROLE atbalsts_api PASSWORD :'api';
CREATE DATABASE atbalsts OWNER atbalsts_owner;
SQL
