#!/bin/sh
# A field row whose macro does not fit its member's type must not compile; one that fits must.
set -u
cc=${CC:-gcc} # may be two words: ccache gcc

compiles() {
	printf '%s\n' \
		'#include "model/field.h"' \
		'#define COLOURS(X) X(colour, red)' \
		'ENUM_DECLARE(colour, COLOURS)' \
		'#define SHAPES(X) X(shape, round)' \
		'ENUM_DECLARE(shape, SHAPES)' \
		'struct sample { struct text name; struct number amount; struct date born;' \
		'	enum colour colour; enum flag urgent; struct instant at;' \
		'	struct texts tags; int64_t bare; };' \
		"const struct field fields[] = { $1 };" |
		$cc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinternal -fsyntax-only \
			-x c - 2>/dev/null
}

failed=0
good() {
	compiles "$1" || { echo "does not compile but should: $1" >&2; failed=1; }
}
bad() {
	compiles "$1" && { echo "compiles but should not: $1" >&2; failed=1; }
}

good 'TEXT_FIELD(struct sample, name, 10, .flags = REQUIRED)'
good 'INTEGER_FIELD(struct sample, amount, 0, 9), ENUM_FIELD(struct sample, colour, colour)'
good 'FLAG_FIELD(struct sample, urgent), DATE_FIELD(struct sample, born)'
good 'INSTANT_FIELD(struct sample, at)'
good 'TEXTS_FIELD(struct sample, tags, 9), ID_FIELD(struct sample, name)'
good 'ENUMS_FIELD(struct sample, tags, colour)'

bad 'TEXT_FIELD(struct sample, amount, 10)'
bad 'ID_FIELD(struct sample, tags)'
bad 'INTEGER_FIELD(struct sample, bare, 0, 9)'
bad 'INTEGER_FIELD(struct sample, name, 0, 9)'
bad 'ENUM_FIELD(struct sample, colour, shape)'
bad 'ENUM_FIELD(struct sample, urgent, colour)'
bad 'FLAG_FIELD(struct sample, colour)'
bad 'DATE_FIELD(struct sample, at)'
bad 'INSTANT_FIELD(struct sample, born)'
bad 'TEXTS_FIELD(struct sample, name, 9)'
bad 'ENUMS_FIELD(struct sample, colour, colour)'
bad 'TEXT_FIELD(struct sample, missing, 10)'

exit $failed
