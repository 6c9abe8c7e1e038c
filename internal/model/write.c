/* Writes cells and struct members as JSON. Enter at write_cell for rows of a reply, and at
 * write_object for structs. */

#include "model/write.h"

#include "model/array.h"

#include <errno.h>

/* Every cell of every listed row passes through here, so keep it cheap: one switch, one append, no
 * numbers parsed. */

#define CELL_MAX 64 /* bytes of a date, an instant or an integer as PostgreSQL prints them */

static bool is_digits(const char *ptr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (ptr[i] < '0' || ptr[i] > '9')
			return false;
	return true;
}

/* "2018-02-28"; neither infinity nor years BC. */
static bool is_date(const char *ptr)
{
	return ptr[4] == '-' && ptr[7] == '-' && is_digits(ptr, 4) && is_digits(ptr + 5, 2) &&
	       is_digits(ptr + 8, 2);
}

static int write_date(struct buf *buf, struct text cell)
{
	char out[12];

	if (cell.len != 10 || !is_date(cell.ptr))
		return -EINVAL;
	out[0] = out[11] = '"';
	memcpy(out + 1, cell.ptr, 10);
	buf_put(buf, out, sizeof(out));
	return 0;
}

/* "hh:mm:ss" with up to 6 digits of a fraction. */
static bool is_time(const char *ptr, size_t len)
{
	if (len < 8 || ptr[2] != ':' || ptr[5] != ':' || len == 9 || len > 15)
		return false;
	if (!is_digits(ptr, 2) || !is_digits(ptr + 3, 2) || !is_digits(ptr + 6, 2))
		return false;
	return len == 8 || (ptr[8] == '.' && is_digits(ptr + 9, len - 9));
}

/* "2018-02-28 23:40:00.5+00", or already RFC 3339 where it was sealed. */
static int write_instant(struct buf *buf, struct text cell)
{
	char out[CELL_MAX];
	size_t len = cell.len;

	if (len < 20 || len >= CELL_MAX - 2 || !is_date(cell.ptr))
		return -EINVAL;
	if (cell.ptr[10] == ' ' && memcmp(cell.ptr + len - 3, "+00", 3) == 0)
		len -= 3;
	else if (cell.ptr[10] == 'T' && cell.ptr[len - 1] == 'Z')
		len -= 1;
	else
		return -EINVAL;
	if (!is_time(cell.ptr + 11, len - 11))
		return -EINVAL;
	out[0] = '"';
	memcpy(out + 1, cell.ptr, len);
	out[11] = 'T';
	out[len + 1] = 'Z';
	out[len + 2] = '"';
	buf_put(buf, out, len + 3);
	return 0;
}

static int write_integer(struct buf *buf, struct text cell)
{
	size_t sign = cell.len > 1 && cell.ptr[0] == '-';

	if (cell.len == 0 || !is_digits(cell.ptr + sign, cell.len - sign))
		return -EINVAL;
	buf_put(buf, cell.ptr, cell.len);
	return 0;
}

static int write_flag(struct buf *buf, struct text cell)
{
	if (text_is(cell, "t"))
		buf_put(buf, "true", 4);
	else if (text_is(cell, "f"))
		buf_put(buf, "false", 5);
	else
		return -EINVAL;
	return 0;
}

/* Hexadecimal digits and dashes need no escape in JSON. */
static int write_id(struct buf *buf, struct text cell)
{
	char out[CELL_MAX];

	if (cell.len > CELL_MAX - 2)
		return -EINVAL;
	out[0] = '"';
	for (size_t i = 0; i < cell.len; i++) {
		char c = cell.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && c != '-')
			return -EINVAL;
		out[i + 1] = c;
	}
	out[cell.len + 1] = '"';
	buf_put(buf, out, cell.len + 2);
	return 0;
}

static int write_array(struct buf *buf, struct text cell)
{
	struct array_walk walk = { .rest = cell };
	struct text item;
	bool first = true;
	int rc;

	buf_putc(buf, '[');
	while ((rc = array_next(&walk, buf->arena, &item)) > 0) {
		if (!first)
			buf_putc(buf, ',');
		first = false;
		buf_put_json(buf, item);
	}
	buf_putc(buf, ']');
	return rc;
}

int write_cell(struct buf *buf, const struct field *field, struct text cell)
{
	if (cell.ptr == NULL) {
		buf_put(buf, "null", 4);
		return 0;
	}
	switch (field->type) {
	case FIELD_ID:
		return write_id(buf, cell);
	case FIELD_FLAG:
		return write_flag(buf, cell);
	case FIELD_INTEGER:
		return write_integer(buf, cell);
	case FIELD_DATE:
		return write_date(buf, cell);
	case FIELD_INSTANT:
		return write_instant(buf, cell);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		return write_array(buf, cell);
	case FIELD_TEXT:
	case FIELD_ENUM:
		break;
	}
	buf_put_json(buf, cell);
	return 0;
}

static void write_texts(struct buf *buf, const struct texts *texts)
{
	buf_putc(buf, '[');
	for (size_t i = 0; i < texts->count; i++) {
		if (i > 0)
			buf_putc(buf, ',');
		buf_put_json(buf, texts->items[i]);
	}
	buf_putc(buf, ']');
}

static void write_z(struct buf *buf, const char *z)
{
	buf_putc(buf, '"');
	buf_puts(buf, z);
	buf_putc(buf, '"');
}

static void write_member_date(struct buf *buf, struct date date)
{
	char z[DATE_SIZE];

	date_print(date, z);
	write_z(buf, z);
}

static void write_member_instant(struct buf *buf, struct instant instant)
{
	char z[INSTANT_SIZE];

	instant_print(instant, z);
	write_z(buf, z);
}

int write_member(struct buf *buf, const struct field *field, const void *base)
{
	const void *member = (const char *)base + field->offset;

	if (field_is_null(field, base)) {
		buf_put(buf, "null", 4);
		return 0;
	}
	switch (field->type) {
	case FIELD_ID:
	case FIELD_TEXT:
		buf_put_json(buf, *(const struct text *)member);
		break;
	case FIELD_ENUM:
		buf_put_json(buf, enumeration_name(field->values, (int)*(const unsigned *)member));
		break;
	case FIELD_FLAG:
		buf_puts(buf, *(const enum flag *)member == FLAG_YES ? "true" : "false");
		break;
	case FIELD_INTEGER:
		buf_put_int(buf, ((const struct number *)member)->value);
		break;
	case FIELD_DATE:
		write_member_date(buf, *(const struct date *)member);
		break;
	case FIELD_INSTANT:
		write_member_instant(buf, *(const struct instant *)member);
		break;
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		write_texts(buf, member);
		break;
	}
	return 0;
}

int write_object(struct buf *buf, const struct field *fields, size_t count, const void *base)
{
	buf_putc(buf, '{');
	for (size_t i = 0; i < count; i++) {
		int rc;

		buf_puts(buf, i == 0 ? "\"" : ",\"");
		buf_puts(buf, fields[i].name);
		buf_puts(buf, "\":");
		rc = write_member(buf, &fields[i], base);
		if (rc != 0)
			return rc;
	}
	buf_putc(buf, '}');
	return 0;
}
