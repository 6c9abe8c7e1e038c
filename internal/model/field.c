/* Works on one member of a struct by its field row: bounds, null, copy, comparison, SQL text.
 * Enter at field_find, field_to_sql and field_from_sql. */

#include "model/field.h"

#include "model/array.h"

#include <errno.h>

int field_find(const struct field *fields, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(name, fields[i].name))
			return (int)i;
	return -1;
}

int64_t field_low(const struct field *field)
{
	if (field->type == FIELD_INTEGER && field->min == 0 && field->max == 0)
		return -FIELD_INTEGER_MAX;
	if (field->type == FIELD_TEXT && field->min == 0 && (field->flags & REQUIRED))
		return 1;
	return field->min;
}

int64_t field_high(const struct field *field)
{
	if (field->max != 0 || (field->type == FIELD_INTEGER && field->min != 0))
		return field->max;
	if (field->type == FIELD_INTEGER)
		return FIELD_INTEGER_MAX;
	if (field->type == FIELD_ENUMS)
		return field->values->count - 1;
	return field->type == FIELD_TEXTS ? FIELD_ITEMS_MAX : FIELD_TEXT_MAX;
}

static const void *member_of(const struct field *field, const void *base)
{
	return (const char *)base + field->offset;
}

bool field_is_null(const struct field *field, const void *base)
{
	const void *member = member_of(field, base);

	switch (field->type) {
	case FIELD_ID:
	case FIELD_TEXT:
		return ((const struct text *)member)->ptr == NULL;
	case FIELD_ENUM:
	case FIELD_FLAG:
		return *(const unsigned *)member == 0;
	case FIELD_INTEGER:
		return !((const struct number *)member)->set;
	case FIELD_DATE:
		return ((const struct date *)member)->day == 0;
	case FIELD_INSTANT:
		return ((const struct instant *)member)->us == 0;
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		break;
	}
	return !((const struct texts *)member)->set;
}

static size_t member_size(enum field_type type)
{
	switch (type) {
	case FIELD_ID:
	case FIELD_TEXT:
		return sizeof(struct text);
	case FIELD_ENUM:
	case FIELD_FLAG:
		return sizeof(enum flag);
	case FIELD_INTEGER:
		return sizeof(struct number);
	case FIELD_DATE:
		return sizeof(struct date);
	case FIELD_INSTANT:
		return sizeof(struct instant);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		break;
	}
	return sizeof(struct texts);
}

void field_set_null(const struct field *field, void *base)
{
	memset((char *)base + field->offset, 0, member_size(field->type));
}

void field_copy(const struct field *field, const void *from, void *base)
{
	memcpy((char *)base + field->offset, from, member_size(field->type));
}

static bool texts_same(const struct texts *a, const struct texts *b)
{
	if (a->set != b->set || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!text_eq(a->items[i], b->items[i]))
			return false;
	return true;
}

static bool number_same(const struct number *a, const struct number *b)
{
	return a->set == b->set && (!a->set || a->value == b->value);
}

bool field_same(const struct field *field, const void *a, const void *b)
{
	const void *x = member_of(field, a);
	const void *y = member_of(field, b);

	switch (field->type) {
	case FIELD_ID:
	case FIELD_TEXT:
		return text_eq(*(const struct text *)x, *(const struct text *)y);
	case FIELD_ENUM:
	case FIELD_FLAG:
		return *(const unsigned *)x == *(const unsigned *)y;
	case FIELD_INTEGER:
		return number_same(x, y);
	case FIELD_DATE:
		return ((const struct date *)x)->day == ((const struct date *)y)->day;
	case FIELD_INSTANT:
		return ((const struct instant *)x)->us == ((const struct instant *)y)->us;
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		break;
	}
	return texts_same(x, y);
}

static int sql_of_number(int64_t value, struct arena *arena, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_put_int(&buf, value);
	return buf_text(&buf, ret);
}

static int sql_of_texts(const struct texts *texts, struct arena *arena, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, arena);
	array_write(&buf, texts);
	return buf_text(&buf, ret);
}

static int sql_of_z(const char *z, struct arena *arena, struct text *ret)
{
	struct text copy = arena_copy(arena, text_of(z));

	if (copy.ptr == NULL)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int sql_of_date(struct date date, struct arena *arena, struct text *ret)
{
	char z[DATE_SIZE];

	date_print(date, z);
	return sql_of_z(z, arena, ret);
}

static int sql_of_instant(struct instant instant, struct arena *arena, struct text *ret)
{
	char z[INSTANT_SIZE];

	instant_print(instant, z);
	return sql_of_z(z, arena, ret);
}

int field_to_sql(const struct field *field, const void *base, struct arena *arena, struct text *ret)
{
	const void *member = member_of(field, base);

	if (field_is_null(field, base)) {
		*ret = TEXT_NULL;
		return 0;
	}
	switch (field->type) {
	case FIELD_ID:
	case FIELD_TEXT:
		*ret = *(const struct text *)member;
		return 0;
	case FIELD_ENUM:
		*ret = enumeration_name(field->values, (int)*(const unsigned *)member);
		return 0;
	case FIELD_FLAG:
		*ret = *(const enum flag *)member == FLAG_YES ? TEXT("t") : TEXT("f");
		return 0;
	case FIELD_INTEGER:
		return sql_of_number(((const struct number *)member)->value, arena, ret);
	case FIELD_DATE:
		return sql_of_date(*(const struct date *)member, arena, ret);
	case FIELD_INSTANT:
		return sql_of_instant(*(const struct instant *)member, arena, ret);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		break;
	}
	return sql_of_texts(member, arena, ret);
}

/* Counts a comma for each item; the last item has none, so this is never too small. */
static size_t texts_bound(struct text cell)
{
	size_t count = 1;

	for (size_t i = 0; i < cell.len; i++)
		count += cell.ptr[i] == ',';
	return count;
}

static int texts_from_sql(const struct field *field, struct text cell, struct arena *arena,
			  struct texts *ret)
{
	struct texts texts = { .set = true };
	struct array_walk walk = { .rest = cell };
	struct text item;
	int rc;

	texts.items = arena_alloc(arena, texts_bound(cell) * sizeof(*texts.items));
	if (texts.items == NULL)
		return -ENOMEM;
	while ((rc = array_next(&walk, arena, &item)) > 0) {
		if (field->type == FIELD_ENUMS && enumeration_find(field->values, item) == 0)
			return -EINVAL;
		texts.items[texts.count++] = item;
	}
	if (rc == 0)
		*ret = texts;
	return rc;
}

static int enum_from_sql(const struct field *field, struct text cell, unsigned *ret)
{
	int value = enumeration_find(field->values, cell);

	if (value == 0)
		return -EINVAL;
	*ret = (unsigned)value;
	return 0;
}

static int flag_from_sql(struct text cell, enum flag *ret)
{
	if (!text_is(cell, "t") && !text_is(cell, "f"))
		return -EINVAL;
	*ret = cell.ptr[0] == 't' ? FLAG_YES : FLAG_NO;
	return 0;
}

static int number_from_sql(struct text cell, struct number *ret)
{
	int64_t value;
	int rc = text_to_int64(cell, &value);

	if (rc == 0)
		*ret = (struct number){ value, true };
	return rc;
}

/* A sealed instant was written by field_to_sql, so it is RFC 3339. */
static int instant_from_sql(struct text cell, struct instant *ret)
{
	if (cell.len > 10 && cell.ptr[10] == 'T')
		return instant_parse(cell, ret);
	return instant_parse_sql(cell, ret);
}

int field_from_sql(const struct field *field, struct text cell, struct arena *arena, void *base)
{
	void *member = (char *)base + field->offset;

	if (cell.ptr == NULL) {
		field_set_null(field, base);
		return 0;
	}
	switch (field->type) {
	case FIELD_ID:
	case FIELD_TEXT:
		*(struct text *)member = cell;
		return 0;
	case FIELD_ENUM:
		return enum_from_sql(field, cell, member);
	case FIELD_FLAG:
		return flag_from_sql(cell, member);
	case FIELD_INTEGER:
		return number_from_sql(cell, member);
	case FIELD_DATE:
		return date_parse(cell, member);
	case FIELD_INSTANT:
		return instant_from_sql(cell, member);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		break;
	}
	return texts_from_sql(field, cell, arena, member);
}
