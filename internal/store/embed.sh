#!/bin/sh
# Embeds the SQL: embed.sh OUT.c [FOLDER] writes struct migration migrations[] from
# FOLDER/migrations, and schema_base and schema_objects from FOLDER/schema; see
# store/migrate/migrations.h.
set -eu
out=$1
folder=${2:-$(dirname "$0")}

fail()
{
	echo "embed.sh: $*" >&2
	exit 1
}

# One literal a line, so that a compiler's message names the line.
literal()
{
	sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/\t\t"&\\n"/' "$@"
}

migration()
{
	file=$1
	name=$(basename "$file" .sql)
	number=$(expr "$name" : '\([0-9]\{4\}\)_[a-z0-9_]*$') || fail "$file: not NNNN_name.sql"
	[ "$number" != "$last" ] || fail "$file: the number $number stands twice"
	last=$number
	sum=$(sha256sum "$file")
	printf '\t{ %d, "%s",\n' "$(expr "$number" + 0)" "$name"
	literal "$file"
	traits=0
	! grep -q '^-- contracts: ' "$file" || traits="$traits | MIGRATION_CONTRACTS"
	! grep -q '^-- alone: ' "$file" || traits="$traits | MIGRATION_ALONE"
	printf '\t\t, %d, "%s", %s },\n' "$(sed '$a\' "$file" | wc -c)" "${sum%% *}" "$traits"
}

last=
{
	echo '/* Made by store/embed.sh. */'
	echo '#include "store/migrate/migrations.h"'
	echo
	echo 'const struct migration migrations[] = {'
	for file in "$folder"/migrations/*.sql; do
		[ -e "$file" ] || continue
		[ -s "$file" ] || fail "$file is empty"
		migration "$file"
	done
	printf '\t{ 0, NULL, NULL, 0, NULL, 0 },\n};\n'
	printf '\nconst char schema_base[] =\n'
	literal "$folder"/schema/00_base.sql
	printf '\t;\n\nconst char schema_objects[] =\n'
	for file in "$folder"/schema/*.sql; do
		[ "${file##*/}" = 00_base.sql ] || literal "$file"
	done
	printf '\t;\n'
} >"$out.new"
mv "$out.new" "$out"
