#!/bin/sh
# Installs those of the named Debian packages that are missing.
# Never removes a package: --no-remove makes apt-get refuse instead.
set -eu

command -v apt-get >/dev/null || {
	echo "deps: no apt-get here. Install these yourself: $*" >&2
	exit 1
}

missing=
for package in "$@"; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "deps: run as root, or install sudo. Missing:$missing" >&2
		exit 1
	}
	as_root=sudo
fi

install()
{
	# shellcheck disable=SC2086 # the list is words
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove \
		--no-install-recommends $missing
}

echo "deps: installing$missing"
if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
	$as_root apt-get update
	install
else
	# A failed first try is mostly an old package list.
	install || { $as_root apt-get update && install; }
fi
