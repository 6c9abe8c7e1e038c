#!/bin/sh
# Writes an SPDX 2.3 document (JSON) of Atbalsts and the Debian packages it stands on, from dpkg's
# records of this very system: sbom.sh VERSION [PACKAGE…]; without names, all that are installed.
# Equal contents make equal documents: the time is SOURCE_DATE_EPOCH's, the namespace their hash.
set -eu
version=$1
shift

# name, version, architecture, source and its version, a line each
list()
{
	format='${db:Status-Status} ${Package} ${Version} ${Architecture}'
	dpkg-query -W -f "$format"' ${source:Package} ${source:Version}\n' "$@" |
		sed -n 's/^installed //p' | sort -u
}

packages=$(list "$@")
[ -n "$packages" ] || { echo 'sbom.sh: no packages' >&2; exit 1; }
hash=$({ echo "$version"; echo "$packages"; } | sha256sum | cut -c 1-32)
created=$(date --utc --date "@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)

# Names and versions of Debian hold nothing that JSON escapes; a purl escapes '+', '~' and ':'.
echo "$packages" | awk -v version="$version" -v hash="$hash" -v created="$created" '
function escape(text) {
	gsub(/%/, "%25", text)
	gsub(/\+/, "%2B", text)
	gsub(/:/, "%3A", text)
	return text
}
function id(name) {
	gsub(/[^A-Za-z0-9.-]/, "-", name)
	return "SPDXRef-Package-" name
}
function relate(from, kind, to) {
	links = links sprintf("%s\n  {\"spdxElementId\": \"%s\", \"relationshipType\": \"%s\", " \
		"\"relatedSpdxElement\": \"%s\"}", links == "" ? "" : ",", from, kind, to)
}
function describe(name, revision, purl, more) {
	printf "%s\n  {\"SPDXID\": \"%s\", \"name\": \"%s\", \"versionInfo\": \"%s\", " \
		"\"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, " \
		"\"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": \"NOASSERTION\", " \
		"\"copyrightText\": \"NOASSERTION\"%s", comma, id(name), name, revision, more
	if (purl != "")
		printf ", \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", " \
			"\"referenceType\": \"purl\", \"referenceLocator\": \"%s\"}]", purl
	printf "}"
	comma = ","
}
BEGIN {
	printf "{\"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", " \
		"\"SPDXID\": \"SPDXRef-DOCUMENT\", \"name\": \"atbalsts-%s\",\n" \
		" \"documentNamespace\": \"urn:uuid:%s\",\n" \
		" \"creationInfo\": {\"created\": \"%s\", " \
		"\"creators\": [\"Tool: deploy/sbom.sh\"]},\n \"packages\": [", version,
		substr(hash, 1, 8) "-" substr(hash, 9, 4) "-" substr(hash, 13, 4) "-" \
		substr(hash, 17, 4) "-" substr(hash, 21, 12), created
	describe("atbalsts", version, "", ", \"primaryPackagePurpose\": \"APPLICATION\"")
	relate("SPDXRef-DOCUMENT", "DESCRIBES", id("atbalsts"))
}
{
	describe($1, $2, "pkg:deb/debian/" escape($1) "@" escape($2) "?arch=" $3,
		", \"supplier\": \"Organization: Debian\", " \
		"\"sourceInfo\": \"built from " $4 " " $5 "\"")
	relate(id("atbalsts"), "DEPENDS_ON", id($1))
}
END {
	printf "],\n \"relationships\": [%s]}\n", links
}'
