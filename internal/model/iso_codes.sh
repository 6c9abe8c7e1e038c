#!/bin/sh
# Writes the sorted lists of ISO 3166-1, 639-1 and 4217 codes as a C header: iso_codes.sh HEADER.
# They come from Debian's iso-codes: a new country is a package upgrade, not a change here.
set -eu

[ $# -eq 1 ] || { echo "usage: iso_codes.sh HEADER" >&2; exit 2; }
header=$1
trap 'rm -f "$header.new"' EXIT

/usr/bin/python3 - >"$header.new" <<'END'
import json

FOLDER = "/usr/share/iso-codes/json/"
LISTS = (
    ("iso_countries", "3166-1", "alpha_2", 2),
    ("iso_languages", "639-2", "alpha_2", 2),
    ("iso_currencies", "4217", "alpha_3", 3),
)

print("/* Made by internal/model/iso_codes.sh. */")
for array, standard, member, size in LISTS:
    with open(FOLDER + "iso_" + standard + ".json", encoding="utf-8") as file:
        rows = json.load(file)[standard]
    codes = sorted({row[member] for row in rows if member in row})
    if len(codes) < 100 or any(len(code) != size or not code.isascii() for code in codes):
        raise SystemExit("iso_codes.sh: iso_" + standard + ".json is not what it was")
    print(f"\nstatic const char {array}[][{size + 1}] = {{")
    for at in range(0, len(codes), 12):
        print("\t" + " ".join(f'"{code}",' for code in codes[at:at + 12]))
    print("};")
END
mv "$header.new" "$header"
