#!/bin/sh
# Makes a root folder with a binary and what it needs at run time, and an SBOM of exactly that, from
# Debian's own records: closure.sh BINARY FOLDER VERSION. Times are SOURCE_DATE_EPOCH.
set -eu
binary=$1 folder=$2 version=$3
zone=/usr/share/zoneinfo/Europe/Riga
magic=/usr/share/misc/magic.mgc # what libmagic knows of files

# The packages of files. Of merged folders (/lib is /usr/lib) dpkg may know either name.
packages()
{
	for file in "$@"; do
		real=$(readlink -f "$file")
		dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}" 2>/dev/null ||
			{ echo "closure.sh: no package has $file" >&2; exit 1; }
	done >"$folder.owners"
	sed 's/:.*//' "$folder.owners" | sort -u
	rm "$folder.owners"
}

# "libpq.so.5 => /lib/…/libpq.so.5 (0x…)", and the loader as a bare path.
loaded()
{
	ldd "$binary" | sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' |
		sort -u
}

# Under its own path, the content of what a link leads to.
put()
{
	mkdir -p "$folder$(dirname "$1")"
	cp -L --preserve=mode "$1" "$folder$1"
}

# gcc's runtime is loaded by name when a thread is cancelled or exits.
files="$(loaded) $(ldconfig -p | sed -n 's/.*libgcc_s.so.1 .*=> //p' | head -n 1) $zone $magic"
mkdir -p "$folder/usr/lib" "$folder/usr/lib64" "$folder/etc" "$folder/usr/share/atbalsts"
ln -s usr/lib "$folder/lib"
ln -s usr/lib64 "$folder/lib64"
for file in $files "$binary"; do
	put "$file"
done
echo 'atbalsts:x:10001:10001::/nonexistent:/usr/sbin/nologin' >"$folder/etc/passwd"
echo 'atbalsts:x:10001:' >"$folder/etc/group"
# shellcheck disable=SC2086 # the lists are words
owners=$(packages $files)
for package in $owners; do
	copyright=/usr/share/doc/$package/copyright
	[ ! -f "$copyright" ] || put "$copyright"
done
# shellcheck disable=SC2086
sh "$(dirname "$0")/sbom.sh" "$version" $owners >"$folder/usr/share/atbalsts/sbom.spdx.json"
find "$folder" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
