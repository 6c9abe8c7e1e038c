#include "model/value.h"

#include "core/buf.h"
#include "core/uuid.h"
#include "model/format.h"

#include <ctype.h>
#include <errno.h>

static const char *const type_words[][2] = {
	[FIELD_ID] = { "a UUID as text", "UUID kā teksts" },
	[FIELD_TEXT] = { "a text", "teksts" },
	[FIELD_ENUM] = { "a text", "teksts" },
	[FIELD_FLAG] = { "true or false", "true vai false" },
	[FIELD_INTEGER] = { "an integer", "vesels skaitlis" },
	[FIELD_DATE] = { "a date as text", "datums kā teksts" },
	[FIELD_INSTANT] = { "a time as text", "laiks kā teksts" },
	[FIELD_TEXTS] = { "a list of texts", "tekstu saraksts" },
	[FIELD_ENUMS] = { "a list of texts", "tekstu saraksts" },
};

int value_wrong_type(const struct spot *spot, bool item)
{
	enum field_type type = item ? FIELD_TEXT : spot->field->type;

	violate(spot->ctx, P_WRONG_TYPE, spot->pointer,
		text_of(type_words[type][spot->ctx->language]));
	return P_WRONG_TYPE;
}

static struct text number_word(const struct spot *spot, int64_t number)
{
	return arena_format(spot->ctx->arena, "%lld", (long long)number);
}

static int told(const struct spot *spot, enum problem problem)
{
	violate(spot->ctx, problem, spot->pointer);
	return (int)problem;
}

static int told_bound(const struct spot *spot, enum problem problem, int64_t bound)
{
	violate(spot->ctx, problem, spot->pointer, number_word(spot, bound));
	return (int)problem;
}

static int told_list(const struct spot *spot)
{
	const struct enumeration *values = spot->field->values;
	struct buf buf;
	struct text names;
	int rc;

	buf_init(&buf, spot->ctx->arena);
	for (int i = 1; i < values->count; i++) {
		buf_puts(&buf, i == 1 ? "" : ", ");
		buf_puts(&buf, values->names[i]);
	}
	rc = buf_text(&buf, &names);
	if (rc != 0)
		return rc;
	violate(spot->ctx, P_NOT_IN_LIST, spot->pointer, names);
	return P_NOT_IN_LIST;
}

/* C0 but tab and newline, DEL, and C1 (C2 80 … C2 9F in UTF-8). */
static bool text_has_control(struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0)
			return true;
	}
	return false;
}

static bool text_is_blank(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(" \t\n", text.ptr[i]) == NULL)
			return false;
	return true;
}

/* Length in code points within low … high; spaces alone fill nothing. */
static int check_length(const struct spot *spot, struct text text, int64_t low, int64_t high)
{
	int64_t length = (int64_t)text_length(text);

	if (text_has_control(text))
		return told(spot, P_BAD_TEXT);
	if (low > 0 && (length < low || text_is_blank(text)))
		return told_bound(spot, P_TOO_SHORT, low);
	if (length > high)
		return told_bound(spot, P_TOO_LONG, high);
	return 0;
}

static int take_text(const struct spot *spot, struct text raw, int64_t low, int64_t high,
		     struct text *ret)
{
	struct text copy, canonical;
	int rc = check_length(spot, raw, low, high);

	if (rc != 0)
		return rc;
	copy = arena_copy(spot->ctx->arena, raw);
	if (copy.ptr == NULL)
		return -ENOMEM;
	if (spot->field->format == FORMAT_NONE) {
		*ret = copy;
		return 0;
	}
	rc = format_check(spot->field->format, copy, spot->ctx->arena, &canonical);
	if (rc == -EINVAL)
		return told(spot, format_problem(spot->field->format));
	if (rc == 0)
		*ret = canonical;
	return rc;
}

static int take_ref(const struct spot *spot, struct text raw, struct text *ret)
{
	const struct ref *ref = ref_find(spot->ctx, raw);

	if (ref == NULL) {
		violate(spot->ctx, P_UNKNOWN_REF, spot->pointer, raw);
		return P_UNKNOWN_REF;
	}
	*ret = ref->id;
	return 0;
}

/* In the lower case in which PostgreSQL shows it, so that equal ids are equal texts. */
static int take_id(const struct spot *spot, struct text raw, struct text *ret)
{
	char *id;

	if (spot->ctx->refs != NULL && ref_is(raw))
		return take_ref(spot, raw, ret);
	if (!uuid_is(raw))
		return told(spot, P_BAD_ID);
	id = arena_strdup(spot->ctx->arena, raw);
	if (id == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < raw.len; i++)
		id[i] = (char)tolower((unsigned char)id[i]);
	*ret = (struct text){ id, raw.len };
	return 0;
}

static int take_enum(const struct spot *spot, struct text raw, unsigned *ret)
{
	int code = enumeration_find(spot->field->values, raw);

	if (code == 0)
		return told_list(spot);
	*ret = (unsigned)code;
	return 0;
}

int value_from_text(const struct spot *spot, struct text raw, union value *ret)
{
	const struct field *field = spot->field;

	switch (field->type) {
	case FIELD_ID:
		return take_id(spot, raw, &ret->text);
	case FIELD_ENUM:
		return take_enum(spot, raw, &ret->code);
	case FIELD_DATE:
		return date_parse(raw, &ret->date) == 0 ? 0 : told(spot, P_BAD_DATE);
	case FIELD_INSTANT:
		return instant_parse(raw, &ret->instant) == 0 ? 0 : told(spot, P_BAD_INSTANT);
	default:
		return take_text(spot, raw, field_low(field), field_high(field), &ret->text);
	}
}

int value_from_integer(const struct spot *spot, int64_t number, union value *ret)
{
	int64_t low = field_low(spot->field);
	int64_t high = field_high(spot->field);

	if (number < low || number > high) {
		violate(spot->ctx, P_OUT_OF_RANGE, spot->pointer, number_word(spot, low),
			number_word(spot, high));
		return P_OUT_OF_RANGE;
	}
	ret->number = (struct number){ number, true };
	return 0;
}

int value_check_count(const struct spot *spot, size_t count)
{
	int64_t low = field_low(spot->field);
	int64_t high = field_high(spot->field);

	if ((int64_t)count < low)
		return told_bound(spot, P_TOO_FEW_ITEMS, low);
	return (int64_t)count > high ? told_bound(spot, P_TOO_MANY_ITEMS, high) : 0;
}

int value_add_item(const struct spot *spot, struct text raw, struct texts *list)
{
	struct text item = TEXT_NULL;
	unsigned code = 0;
	int rc;

	if (spot->field->type == FIELD_ENUMS) {
		rc = take_enum(spot, raw, &code);
		if (rc == 0)
			item = enumeration_name(spot->field->values, (int)code);
	} else {
		rc = take_text(spot, raw, 1, FIELD_ITEM_MAX, &item);
	}
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < list->count; i++) {
		if (!text_eq(list->items[i], item))
			continue;
		violate(spot->ctx, P_DUPLICATE_ITEM, spot->pointer, item);
		return P_DUPLICATE_ITEM;
	}
	list->items[list->count++] = item;
	return 0;
}
