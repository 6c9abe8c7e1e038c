#include "model_sample.h"

#include "model/write.h"

#include <errno.h>

/*
 * libFuzzer target: any bytes as a body. Whatever is accepted is written again, and reads back as
 * equal. The bodies of tests/fuzz/corpus_read are its seeds.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void read_back(struct ctx *ctx, const struct sample *sample)
{
	struct sample again = { 0 };
	uint64_t given;
	struct buf buf;
	struct text body;

	buf_init(&buf, ctx->arena);
	buf_puts(&buf, "{");
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		if (sample_fields[i].flags & READ_ONLY)
			continue;
		buf_printf(&buf, "%s\"%s\":", i == 0 ? "" : ",", sample_fields[i].name);
		check(write_member(&buf, &sample_fields[i], sample) == 0);
	}
	buf_puts(&buf, "}");
	check(buf_text(&buf, &body) == 0);
	check(read_object(ctx, body, sample_fields, SAMPLE_COUNT, READ_CREATE, &again, &given) ==
	      0);
	check(ctx->violation_count == 0);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		check(field_same(&sample_fields[i], sample, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct ctx ctx = { .arena = &arena };
	struct sample sample = { .name = TEXT("Anna"), .kind = TEXT("k") };
	struct text body = { (const char *)data, size };
	uint64_t given;
	int rc;

	arena_init(&arena, 16 << 20);
	ctx.language = size % 2 ? LANGUAGE_LV : LANGUAGE_EN;
	rc = read_object(&ctx, body, sample_fields, SAMPLE_COUNT, READ_PATCH, &sample, &given);
	check(rc == 0 || rc == P_MALFORMED || rc == P_NOT_AN_OBJECT || rc == P_TOO_LARGE);
	ctx_clear(&ctx);
	sample = (struct sample){ 0 };
	rc = read_object(&ctx, body, sample_fields, SAMPLE_COUNT, READ_CREATE, &sample, &given);
	if (rc == 0 && ctx.violation_count == 0)
		read_back(&ctx, &sample);
	arena_done(&arena);
	return 0;
}
