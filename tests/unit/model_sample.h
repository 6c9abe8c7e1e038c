#ifndef MODEL_SAMPLE_H
#define MODEL_SAMPLE_H

#include "core/buf.h"
#include "model/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A resource with a field of every type and flag, for the tests of internal/model. */

#define COLOURS(X)                                                                                 \
	X(colour, red)                                                                             \
	X(colour, green)                                                                           \
	X(colour, dark_blue)
ENUM_DECLARE(colour, COLOURS)
ENUM_DEFINE(colour, COLOURS)

struct sample {
	struct record record;
	struct text name;
	struct text nick;
	struct text email;
	struct text owner_id;
	enum colour colour;
	enum flag urgent;
	struct number amount;
	struct date born;
	struct instant at;
	struct texts languages;
	struct texts tags;
	struct texts colours;
	struct text kind;
	struct text number;
	struct texts codes;
};

enum {
	SAMPLE_NAME,
	SAMPLE_NICK,
	SAMPLE_EMAIL,
	SAMPLE_OWNER,
	SAMPLE_COLOUR,
	SAMPLE_URGENT,
	SAMPLE_AMOUNT,
	SAMPLE_BORN,
	SAMPLE_AT,
	SAMPLE_LANGUAGES,
	SAMPLE_TAGS,
	SAMPLE_COLOURS,
	SAMPLE_KIND,
	SAMPLE_NUMBER,
	SAMPLE_CODES,
	SAMPLE_COUNT
};

static const struct field sample_fields[] = {
	TEXT_FIELD(struct sample, name, 10, .flags = REQUIRED),
	TEXT_FIELD(struct sample, nick, 5, .min = 2),
	TEXT_FIELD(struct sample, email, 100, .format = FORMAT_EMAIL),
	ID_FIELD(struct sample, owner_id),
	ENUM_FIELD(struct sample, colour, colour),
	FLAG_FIELD(struct sample, urgent),
	INTEGER_FIELD(struct sample, amount, -5, 1000),
	DATE_FIELD(struct sample, born),
	INSTANT_FIELD(struct sample, at),
	TEXTS_FIELD(struct sample, languages, 3, .format = FORMAT_LANGUAGE),
	TEXTS_FIELD(struct sample, tags, 0),
	ENUMS_FIELD(struct sample, colours, colour),
	TEXT_FIELD(struct sample, kind, 20, .flags = CREATE_ONLY),
	TEXT_FIELD(struct sample, number, 20, .flags = READ_ONLY),
	TEXTS_FIELD(struct sample, codes, 4, .min = 1),
};

static const struct resource resource_sample = {
	.name = "samples",
	.singular = "sample",
	.fields = sample_fields,
	.field_count = SAMPLE_COUNT,
	.size = sizeof(struct sample),
};

/* The programs need no resource of the API. */
const struct resource *const registry[] = { &resource_sample };
const size_t registry_count = 1;

static inline int arena_setup(void **state)
{
	struct ctx *ctx = calloc(1, sizeof(*ctx));

	if (ctx == NULL)
		return -1;
	ctx->arena = calloc(1, sizeof(*ctx->arena));
	if (ctx->arena == NULL)
		return -1;
	arena_init(ctx->arena, 4 << 20);
	*state = ctx;
	return 0;
}

static inline int arena_teardown(void **state)
{
	struct ctx *ctx = *state;

	arena_done(ctx->arena);
	free(ctx->arena);
	free(ctx);
	return 0;
}

#define model_test(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)

#define assert_text(actual, expected)                                                              \
	do {                                                                                       \
		struct text assert_text_a = (actual);                                              \
		struct text assert_text_e = text_of(expected);                                     \
		assert_int_equal(assert_text_a.len, assert_text_e.len);                            \
		assert_memory_equal(assert_text_a.ptr, assert_text_e.ptr, assert_text_e.len);      \
	} while (0)

static inline uint64_t read_body(struct ctx *ctx, enum read_mode mode, struct text body,
				 struct sample *sample)
{
	uint64_t given = 0;

	ctx_clear(ctx);
	assert_int_equal(read_object(ctx, body, sample_fields, SAMPLE_COUNT, mode, sample, &given),
			 0);
	return given;
}

static inline void expect_violation(const struct ctx *ctx, size_t i, enum problem problem,
				    const char *pointer)
{
	assert_true(i < ctx->violation_count);
	assert_int_equal(ctx->violations[i].problem, problem);
	assert_text(ctx->violations[i].pointer, pointer);
}

#endif
