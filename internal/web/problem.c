/* Makes the response of a problem, and the pages that describe problems. Enter at
 * response_of_problem and problems_write. */

#include "web/problem.h"

#include "engine/engine.h"

#include <errno.h>
#include <inttypes.h>

static void put_waiting(const struct ctx *ctx, struct arena *arena, int status,
			struct response *ret)
{
	int seconds = ctx->retry_after > 0 ? ctx->retry_after : 1;

	response_put(ret, "Retry-After", arena_format(arena, "%d", seconds));
	if (status == 429)
		response_put(ret, "RateLimit",
			     arena_format(arena, "\"attempts\";r=0;t=%d", seconds));
}

static void put_headers(const struct ctx *ctx, struct arena *arena, enum problem problem,
			bool signed_in, struct response *ret)
{
	if (ret->status == 401)
		response_put(ret, "WWW-Authenticate",
			     problem == P_UNAUTHENTICATED && signed_in
				     ? TEXT("Bearer realm=\"atbalsts\", error=\"invalid_token\"")
				     : TEXT("Bearer realm=\"atbalsts\""));
	if (ret->status == 405)
		response_put(ret, "Allow", ctx->allow);
	if (ret->status == 412)
		response_put(ret, "ETag", ctx->etag);
	if (ret->status == 416)
		response_put(ret, "Content-Range",
			     arena_format(arena, "bytes */%" PRId64, ctx->size));
	if (ret->status == 429 || ret->status == 503)
		put_waiting(ctx, arena, ret->status, ret);
}

void response_of_problem(const struct ctx *ctx, struct arena *arena, enum problem problem,
			 bool signed_in, struct response *ret)
{
	struct text body =
		TEXT("{\"type\":\"/problems/internal_error\",\"title\":\"Something failed on our "
		     "side\",\"status\":500,\"code\":\"internal_error\"}");

	*ret = (struct response){ .status = 500 };
	if (problem_write(ctx, arena, problem, &body) == 0)
		ret->status = problem_texts[problem].status;
	ret->body = body;
	response_put(ret, "Content-Type", TEXT("application/problem+json"));
	response_put(ret, "Content-Language",
		     ctx->language == LANGUAGE_LV ? TEXT("lv") : TEXT("en"));
	response_put(ret, "Cache-Control", TEXT("no-store"));
	put_headers(ctx, arena, problem, signed_in, ret);
}

static void write_both(struct buf *buf, const char *name, const char *const texts[2])
{
	buf_printf(buf, ",\"%s\":{\"en\":", name);
	buf_put_json(buf, text_of(texts[LANGUAGE_EN]));
	buf_puts(buf, ",\"lv\":");
	buf_put_json(buf, text_of(texts[LANGUAGE_LV]));
	buf_putc(buf, '}');
}

static void write_row(struct buf *buf, const struct problem_text *text)
{
	buf_printf(buf, "{\"type\":\"/problems/%s\",\"code\":\"%s\",\"status\":", text->code,
		   text->code);
	if (text->status != 0)
		buf_put_int(buf, text->status);
	else
		buf_puts(buf, "null");
	write_both(buf, "title", text->status != 0 ? text->title : text->detail);
	write_both(buf, "detail", text->detail);
	buf_putc(buf, '}');
}

int problems_write(struct arena *arena, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_puts(&buf, "{\"data\":[");
	for (enum problem i = P_NONE + 1; i < P_COUNT; i++) {
		if (i > P_NONE + 1)
			buf_putc(&buf, ',');
		write_row(&buf, &problem_texts[i]);
	}
	buf_puts(&buf, "],\"next\":null}");
	return buf_text(&buf, ret);
}

int problem_write_one(struct arena *arena, struct text code, struct text *ret)
{
	struct buf buf;

	for (enum problem i = P_NONE + 1; i < P_COUNT; i++) {
		if (!text_is(code, problem_texts[i].code))
			continue;
		buf_init(&buf, arena);
		write_row(&buf, &problem_texts[i]);
		return buf_text(&buf, ret);
	}
	return -ENOENT;
}
