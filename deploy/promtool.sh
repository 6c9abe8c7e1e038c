#!/bin/sh
# Puts Debian's promtool at the named place: a link to an installed one, or out of the package,
# which is fetched (and checked by apt) but not installed, for it would start a server.
# promtool.sh PLACE
set -eu
place=$1
[ ! -x "$place" ] || exit 0
mkdir -p "$(dirname "$place")"
if installed=$(command -v promtool); then
	exec ln -sf "$installed" "$place"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet prometheus || {
	# No package lists yet, or old ones.
	$(test "$(id -u)" -eq 0 || echo sudo) apt-get update
	apt-get download --quiet prometheus
}
dpkg --extract prometheus_*.deb out
cd - >/dev/null
mv "$folder/out/usr/bin/promtool" "$place"
