/* Reads a JSON body into structs by their field tables. Enter at read_object, read_rows and
 * read_value. document.c parses the body. */

#include "model/read.h"

#include "core/buf.h"
#include "model/document.h"
#include "model/value.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>

#define POINTER_MAX 200 /* bytes of a stranger's member name that an answer repeats */

/* The object being read. */
struct reader {
	struct ctx *ctx;
	const struct field *fields;
	size_t count;
	enum read_mode mode;
	void *base;
	uint64_t given;
	struct text prefix; /* of its pointers; null for a body's own members */
};

static json_t *document_root(struct document *document)
{
	return (json_t *)(void *)document;
}

/* RFC 6901, 3: ~ is ~0 and / is ~1. Cuts the name after a whole character. */
static int pointer_of(const struct reader *reader, struct text name, struct text *ret)
{
	size_t len = name.len;
	struct buf buf;

	if (len > POINTER_MAX)
		for (len = POINTER_MAX; len > 0 && ((unsigned char)name.ptr[len] & 0xc0) == 0x80;)
			len--;
	buf_init(&buf, reader->ctx->arena);
	buf_put_text(&buf, reader->prefix);
	buf_putc(&buf, '/');
	for (size_t i = 0; i < len; i++) {
		if (name.ptr[i] == '~' || name.ptr[i] == '/')
			buf_puts(&buf, name.ptr[i] == '~' ? "~0" : "~1");
		else
			buf_putc(&buf, name.ptr[i]);
	}
	buf_puts(&buf, len < name.len ? "…" : "");
	return buf_text(&buf, ret);
}

static struct text string_of(const json_t *json)
{
	return (struct text){ json_string_value(json), json_string_length(json) };
}

static int read_item(const struct spot *spot, const json_t *json, size_t i, struct texts *list)
{
	struct spot item = *spot;

	item.pointer = arena_format(spot->ctx->arena, "%.*s/%zu", (int)spot->pointer.len,
				    spot->pointer.ptr, i);
	if (item.pointer.ptr == NULL)
		return -ENOMEM;
	if (!json_is_string(json))
		return value_wrong_type(&item, true);
	return value_add_item(&item, string_of(json), list);
}

static int read_list(const struct spot *spot, const json_t *json, union value *ret)
{
	struct texts list = { .set = true };
	size_t count = json_array_size(json);
	int first = value_check_count(spot, count);
	int rc;

	if (first != 0)
		return first;
	list.items = arena_alloc(spot->ctx->arena, (count + 1) * sizeof(*list.items));
	if (list.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		rc = read_item(spot, json_array_get(json, i), i, &list);
		if (rc < 0)
			return rc;
		if (first == 0)
			first = rc;
	}
	ret->texts = list;
	return first;
}

static int read_json(const struct spot *spot, const json_t *json, union value *ret)
{
	switch (spot->field->type) {
	case FIELD_FLAG:
		if (!json_is_boolean(json))
			return value_wrong_type(spot, false);
		ret->code = json_is_true(json) ? FLAG_YES : FLAG_NO;
		return 0;
	case FIELD_INTEGER:
		if (!json_is_integer(json))
			return value_wrong_type(spot, false);
		return value_from_integer(spot, json_integer_value(json), ret);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		return json_is_array(json) ? read_list(spot, json, ret)
					   : value_wrong_type(spot, false);
	default:
		if (!json_is_string(json))
			return value_wrong_type(spot, false);
		return value_from_text(spot, string_of(json), ret);
	}
}

/* Whether the value equals the one that the struct holds already. */
static bool value_same(const struct spot *spot, const union value *value, const void *base)
{
	struct field bare = *spot->field;
	union value held;

	memset(&held, 0, sizeof(held));
	bare.offset = 0;
	field_copy(&bare, (const char *)base + spot->field->offset, &held);
	return field_same(&bare, &held, value);
}

static int read_field(struct reader *reader, const struct spot *spot, const json_t *json)
{
	const struct field *field = spot->field;
	union value value;
	int rc = 0;

	memset(&value, 0, sizeof(value));
	if (!json_is_null(json))
		rc = read_json(spot, json, &value);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (reader->mode == READ_PATCH && (field->flags & CREATE_ONLY)) {
		if (!value_same(spot, &value, reader->base))
			violate(reader->ctx, P_IMMUTABLE_MEMBER, spot->pointer);
	} else if (json_is_null(json) && (field->flags & REQUIRED)) {
		violate(reader->ctx, P_REQUIRED, spot->pointer);
	} else {
		field_copy(field, &value, reader->base);
	}
	return 0;
}

/* A client may send back the other members of an answer. */
static enum problem stranger_problem(struct text name)
{
	if (text_is(name, "expanded") || text_is(name, "unreadable"))
		return P_READ_ONLY_MEMBER;
	return field_find(record_fields, record_field_count, name) >= 0 ? P_READ_ONLY_MEMBER
									: P_UNKNOWN_MEMBER;
}

static int read_member(struct reader *reader, struct text name, const json_t *json)
{
	int index = field_find(reader->fields, reader->count, name);
	struct spot spot = { .ctx = reader->ctx };
	int rc = pointer_of(reader, name, &spot.pointer);

	if (rc != 0)
		return rc;
	if (index < 0) {
		violate(reader->ctx, stranger_problem(name), spot.pointer);
		return 0;
	}
	spot.field = &reader->fields[index];
	reader->given |= UINT64_C(1) << index;
	/* A reader without fields has no missing member.
	 * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	if (spot.field->flags & READ_ONLY) {
		violate(reader->ctx, P_READ_ONLY_MEMBER, spot.pointer);
		return 0;
	}
	return read_field(reader, &spot, json);
}

static int read_missing(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		const struct field *field = &reader->fields[i];
		struct text pointer;
		int rc;

		if ((field->flags & (REQUIRED | READ_ONLY)) != REQUIRED)
			continue;
		if (reader->given & (UINT64_C(1) << i))
			continue;
		rc = pointer_of(reader, text_of(field->name), &pointer);
		if (rc != 0)
			return rc;
		violate(reader->ctx, P_REQUIRED, pointer);
	}
	return 0;
}

int read_document(struct ctx *ctx, struct text body, struct document **ret)
{
	struct document *document = NULL;
	int rc = document_parse(ctx, body, &document);

	if (rc == 0 && !json_is_object(document_root(document))) {
		document_free(&document);
		rc = fail_at(ctx, P_NOT_AN_OBJECT, "");
	}
	*ret = document;
	return rc;
}

int read_members(struct ctx *ctx, struct document *document, const struct field *fields,
		 size_t count, enum read_mode mode, void *base, uint64_t *ret_given)
{
	struct reader reader = { ctx, fields, count, mode, base, 0, TEXT_NULL };
	json_t *root = document_root(document);
	const char *name;
	json_t *value;
	int rc = 0;

	assert(count <= FIELDS_MAX);
	json_object_foreach(root, name, value)
	{
		rc = read_member(&reader, text_of(name), value);
		if (rc != 0)
			return rc;
	}
	if (mode == READ_CREATE)
		rc = read_missing(&reader);
	if (rc == 0)
		*ret_given = reader.given;
	return rc;
}

int read_object(struct ctx *ctx, struct text body, const struct field *fields, size_t count,
		enum read_mode mode, void *base, uint64_t *ret_given)
{
	__attribute__((cleanup(document_free))) struct document *document = NULL;
	int rc = read_document(ctx, body, &document);

	return rc != 0 ? rc : read_members(ctx, document, fields, count, mode, base, ret_given);
}

static void violate_shape(struct ctx *ctx, struct text pointer, const char *en, const char *lv)
{
	violate(ctx, P_WRONG_TYPE, pointer, text_of(ctx->language == LANGUAGE_LV ? lv : en));
}

/* The member whose JSON text is kept unchanged. */
static int read_kept(struct reader *reader, const struct read_rows *plan, const json_t *json)
{
	struct text *kept = (struct text *)(void *)((char *)reader->base + plan->kept_offset);
	struct text pointer;
	size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT);
	char *text;
	int rc = pointer_of(reader, text_of(plan->kept), &pointer);

	if (rc != 0)
		return rc;
	if (!json_is_object(json)) {
		violate_shape(reader->ctx, pointer, "an object", "objekts");
		return 0;
	}
	text = arena_alloc(reader->ctx->arena, size);
	if (text == NULL)
		return -ENOMEM;
	json_dumpb(json, text, size, JSON_COMPACT);
	*kept = (struct text){ text, size };
	return 0;
}

static int read_row(struct reader *reader, const struct read_rows *plan, json_t *json)
{
	const char *name;
	json_t *value;

	if (!json_is_object(json)) {
		violate_shape(reader->ctx, reader->prefix, "an object", "objekts");
		return 0;
	}
	json_object_foreach(json, name, value)
	{
		int rc = strcmp(name, plan->kept) == 0 ? read_kept(reader, plan, value)
						       : read_member(reader, text_of(name), value);

		if (rc != 0)
			return rc;
	}
	return read_missing(reader);
}

static int read_list_rows(struct ctx *ctx, const struct read_rows *plan, const json_t *list,
			  void *rows)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		struct reader reader = { ctx,
					 plan->fields,
					 plan->count,
					 READ_CREATE,
					 (char *)rows + i * plan->size,
					 0,
					 arena_format(ctx->arena, "/%s/%zu", plan->member, i) };
		int rc = reader.prefix.ptr != NULL ? read_row(&reader, plan, item) : -ENOMEM;

		if (rc != 0)
			return rc;
	}
	return 0;
}

/* The list under its name; the body has no other member. */
static json_t *read_only_list(struct ctx *ctx, const struct read_rows *plan, json_t *root)
{
	const struct field field = {
		.name = plan->member, .type = FIELD_TEXTS, .min = 1, .max = plan->max
	};
	struct spot spot = { ctx, &field, arena_format(ctx->arena, "/%s", plan->member) };
	struct reader reader = { .ctx = ctx, .base = NULL };
	json_t *list = json_object_get(root, plan->member);
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value) if (value != list)(void)
		read_member(&reader, text_of(name), value);
	if (list == NULL)
		violate(ctx, P_REQUIRED, spot.pointer);
	else if (!json_is_array(list))
		violate_shape(ctx, spot.pointer, "a list of objects", "objektu saraksts");
	else if (value_check_count(&spot, json_array_size(list)) == 0)
		return list;
	return NULL;
}

int read_rows(struct ctx *ctx, struct text body, const struct read_rows *plan, void *rows,
	      size_t *ret_count)
{
	__attribute__((cleanup(document_free))) struct document *document = NULL;
	const json_t *list;
	int rc = read_document(ctx, body, &document);

	if (rc != 0)
		return rc;
	list = read_only_list(ctx, plan, document_root(document));
	rc = list != NULL ? read_list_rows(ctx, plan, list, rows) : 0;
	if (rc == 0)
		*ret_count = json_array_size(list);
	return rc;
}

static int read_flag(const struct spot *spot, struct text raw, union value *ret)
{
	if (!text_is(raw, "true") && !text_is(raw, "false"))
		return value_wrong_type(spot, false);
	ret->code = text_is(raw, "true") ? FLAG_YES : FLAG_NO;
	return 0;
}

static int read_integer(const struct spot *spot, struct text raw, union value *ret)
{
	int64_t number;

	if (text_to_int64(raw, &number) != 0)
		return value_wrong_type(spot, false);
	return value_from_integer(spot, number, ret);
}

static int read_single(const struct spot *spot, struct text raw, union value *ret)
{
	ret->texts = (struct texts){ .set = true };
	ret->texts.items = arena_alloc(spot->ctx->arena, sizeof(*ret->texts.items));
	return ret->texts.items != NULL ? value_add_item(spot, raw, &ret->texts) : -ENOMEM;
}

static int read_raw(const struct spot *spot, struct text raw, union value *ret)
{
	if (!text_is_utf8(raw)) {
		violate(spot->ctx, P_BAD_TEXT, spot->pointer);
		return P_BAD_TEXT;
	}
	switch (spot->field->type) {
	case FIELD_FLAG:
		return read_flag(spot, raw, ret);
	case FIELD_INTEGER:
		return read_integer(spot, raw, ret);
	case FIELD_TEXTS:
	case FIELD_ENUMS:
		return read_single(spot, raw, ret);
	default:
		return value_from_text(spot, raw, ret);
	}
}

int read_value(struct ctx *ctx, const struct field *field, struct text value, const char *pointer,
	       void *base)
{
	struct spot spot = { ctx, field, text_of(pointer) };
	union value checked;
	int rc;

	memset(&checked, 0, sizeof(checked));
	rc = read_raw(&spot, value, &checked);
	if (rc < 0)
		return rc;
	if (rc == 0)
		field_copy(field, &checked, base);
	return 0;
}
