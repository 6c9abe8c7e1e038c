#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include "core/fail.h"
#include "model/field.h"

/* The checks of single values, whether they came as JSON or in a query. */

/* The place of a value; its violations are reported there. */
struct spot {
	struct ctx *ctx;
	const struct field *field;
	struct text pointer;
};

/* A checked value of any field type, for field_copy. */
union value {
	struct text text;
	unsigned code; /* of an enum or a flag */
	struct number number;
	struct date date;
	struct instant instant;
	struct texts texts;
};

/* All return 0 with the value, the problem after telling the violation, or -ENOMEM. */

/* FIELD_ID, FIELD_TEXT, FIELD_ENUM, FIELD_DATE and FIELD_INSTANT; raw is well-formed UTF-8, copied.
 */
int value_from_text(const struct spot *spot, struct text raw, union value *ret);
int value_from_integer(const struct spot *spot, int64_t number, union value *ret);
/* Adds an item to the list, which has room for it; the spot is the item's. */
int value_add_item(const struct spot *spot, struct text raw, struct texts *list);
/* Whether a list may have so many items. */
int value_check_count(const struct spot *spot, size_t count);
/* Adds the violation that names the expected type: the field's, or for item that of a list's
 * items. */
int value_wrong_type(const struct spot *spot, bool item);

#endif
