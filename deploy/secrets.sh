#!/usr/bin/env bash
# Makes what an installation must not share with any other: keys, passwords and certificates, for
# docker-compose.yml: secrets.sh [HOST [FOLDER]] (localhost, deploy/secrets). What is there already
# is never made again: what is sealed with a lost master key is lost. For fresh certificates remove
# FOLDER/*.crt first. Beside docker-compose.yml it makes .env of .env.example, unless there is one.
set -euo pipefail
umask 077

top=$(cd "$(dirname "$0")/.." && pwd)
host=${1:-localhost}
folder=${2:-$top/deploy/secrets}
[[ $host =~ ^[A-Za-z0-9.-]+$ ]] || { echo "secrets.sh: $host is no host name" >&2; exit 2; }
command -v openssl >/dev/null || { echo 'secrets.sh: openssl is missing' >&2; exit 1; }
mkdir -p "$folder/keys"
chmod 0700 "$folder"
chmod 0755 "$folder/keys"
cd "$folder"

# keep NAME COMMAND…: what the command prints, written whole, then renamed. The containers run as
# numbers that own nothing here, so files can be read; the folder shuts everybody out.
keep()
{
	if [ -s "$1" ]; then
		return
	fi
	"${@:2}" >"$1.new"
	chmod 0444 "$1.new"
	mv "$1.new" "$1"
}

random()
{
	openssl rand -hex 32
}

conninfo()
{
	echo "host=postgres,standby dbname=atbalsts user=$1 password=$(cat "$2")" \
		'sslmode=verify-full sslrootcert=/run/secrets/ca target_session_attrs=read-write'
}

# leaf NAME SUBJECT-ALT-NAMES
leaf()
{
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$1.key.new" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA ca.crt.new -CAkey ca.key -CAcreateserial -days 825 \
		-extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$2") \
		-out "$1.crt.new" 2>/dev/null
	rm "$1.csr"
}

# An authority that signs these two certificates and is forgotten. A proxy that is seen from outside
# gets a certificate of a public one instead: put it into proxy.crt and proxy.key.
certificates()
{
	local name names="DNS:$host,DNS:proxy"
	[ "$host" != localhost ] || names+=,IP:127.0.0.1,IP:::1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
		-subj '/CN=Atbalsts installation' -keyout ca.key -out ca.crt.new 2>/dev/null
	leaf proxy "$names"
	leaf postgres 'DNS:postgres,DNS:standby'
	rm -f ca.key ca.crt.srl ca.srl
	for name in proxy.key postgres.key proxy.crt postgres.crt ca.crt; do
		chmod 0444 "$name.new"
		mv "$name.new" "$name"
	done
}

keep keys/master.keys printf 'k1 %s\nblind %s\n' "$(random)" "$(random)"
keep keys/token.keys printf 't1 %s\n' "$(random)"
for role in postgres owner api jobs replica; do
	keep "$role.password" random
done
keep database conninfo atbalsts_api api.password
keep owner_database conninfo atbalsts_owner owner.password
if [ ! -s ca.crt ] || [ ! -s proxy.crt ] || [ ! -s postgres.crt ]; then
	certificates
fi

if [ ! -e "$top/.env" ] && [ "$folder" = "$top/deploy/secrets" ]; then
	sed "s/^ATBALSTS_HOST=.*/ATBALSTS_HOST=$host/" "$top/.env.example" >"$top/.env"
fi
echo "secrets for $host are in $folder"
echo "keep a copy of keys/master.keys, apart from the database's backups"
