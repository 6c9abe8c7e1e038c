/* Writes the JSON body of a problem (RFC 9457) from struct ctx. Enter at problem_write. */

#include "core/problem.h"

static int write_violation(const struct ctx *ctx, const struct violation *violation,
			   struct buf *buf)
{
	const struct problem_text *text = &problem_texts[violation->problem];
	struct text detail;
	int rc = problem_detail(buf->arena, text->detail[ctx->language], violation->words, &detail);

	if (rc != 0)
		return rc;
	buf_puts(buf, "{\"pointer\":");
	buf_put_json(buf, violation->pointer);
	buf_puts(buf, ",\"code\":");
	buf_put_json(buf, text_of(text->code));
	buf_puts(buf, ",\"detail\":");
	buf_put_json(buf, detail);
	buf_putc(buf, '}');
	return 0;
}

static int write_violations(const struct ctx *ctx, struct buf *buf)
{
	size_t count =
		ctx->violation_count < VIOLATIONS_MAX ? ctx->violation_count : VIOLATIONS_MAX;
	int rc = 0;

	if (count == 0)
		return 0;
	buf_puts(buf, ",\"errors\":[");
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (i > 0)
			buf_putc(buf, ',');
		rc = write_violation(ctx, &ctx->violations[i], buf);
	}
	buf_putc(buf, ']');
	return rc;
}

int problem_write(const struct ctx *ctx, struct arena *arena, enum problem problem,
		  struct text *ret)
{
	const struct problem_text *text = &problem_texts[problem];
	struct text detail;
	struct buf buf;
	int rc = problem_detail(arena, text->detail[ctx->language], ctx->words, &detail);

	if (rc != 0)
		return rc;
	buf_init(&buf, arena);
	buf_printf(&buf, "{\"type\":\"/problems/%s\",\"title\":", text->code);
	buf_put_json(&buf, text_of(text->title[ctx->language]));
	buf_printf(&buf, ",\"status\":%d,\"detail\":", text->status);
	buf_put_json(&buf, detail);
	buf_printf(&buf, ",\"code\":\"%s\",\"request_id\":", text->code);
	buf_put_json(&buf, ctx->request_id);
	rc = write_violations(ctx, &buf);
	if (rc != 0)
		return rc;
	if (ctx->more.ptr != NULL)
		buf_putc(&buf, ',');
	buf_put_text(&buf, ctx->more);
	buf_putc(&buf, '}');
	return buf_text(&buf, ret);
}
