#!/bin/sh
# Calls and habits that the house does without. Prints each place and fails when there is one.
bad=0

refuse()
{
	why=$1
	pattern=$2
	shift 2
	found=$(grep -rnIE "$pattern" "$@" --exclude-dir=check --exclude-dir=__pycache__)
	[ -z "$found" ] && return
	printf '%s\n    %s\n' "$found" "$why" >&2
	bad=1
}

word='(^|[^A-Za-z0-9_>.])'
refuse 'unbounded or locale-bound call: see the README, Style' \
	"$word(strcpy|strcat|v?sprintf|gets|strtok|ato(i|l|ll)|setlocale|alloca)[ ]*\\(" \
	cmd internal tests --include=*.[ch]
refuse 'json_pack counts its arguments at run time' 'json_v?pack' \
	cmd internal --include=*.[ch]
refuse 'structs keep their keyword' 'typedef (struct|union|enum)' \
	cmd internal tests --include=*.[ch]
refuse 'unfinished work belongs into an issue' '\b(TODO|FIXME|XXX)\b' \
	cmd internal tests deploy api Makefile README.md .ci
refuse 'a path of one machine only' '(^|[^A-Za-z0-9_./-])/(wor[k]|roo[t]|home/[a-z]+)/' \
	cmd internal tests deploy api Makefile README.md .ci
refuse 'a macro that returns hides the way out' '#define.*\breturn\b.*;' \
	cmd internal --include=*.[ch]
exit $bad
