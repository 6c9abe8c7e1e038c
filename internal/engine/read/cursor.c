/* Makes and checks the cursors of lists. Enter at cursor_make, cursor_read and cursor_uri. */

#include "engine/read/cursor.h"

#include <ctype.h>
#include <errno.h>

#define CURSOR_MAC 16
#define CURSOR_MAX 1536 /* of the longest sort key: 200 characters of four bytes, in base64 */

/* All that must stay the same from page to page, then the position itself. */
static int cursor_bind(struct ctx *ctx, const struct call *call, const struct list_query *query,
		       struct text payload, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, ctx->arena);
	buf_put_text(&buf, call->path);
	buf_putc(&buf, '\n');
	buf_put_text(&buf, call->actor.user_id);
	buf_printf(&buf, "\n%s%s", query->descending ? "-" : "", query->sort->name);
	for (size_t i = 0; i < query->filter_count; i++) {
		buf_printf(&buf, "\n%s %d ", query->filters[i].field->name,
			   (int)query->filters[i].op);
		buf_put_text(&buf, query->filters[i].value);
	}
	buf_putc(&buf, '\n');
	buf_put_text(&buf, payload);
	return buf_text(&buf, ret);
}

int cursor_make(struct ctx *ctx, const struct engine *engine, const struct call *call,
		const struct list_query *query, struct cursor cursor, struct text *ret)
{
	unsigned char mac[32];
	struct text payload = arena_format(ctx->arena, "%.*s %.*s", (int)cursor.id.len,
					   cursor.id.ptr, (int)cursor.key.len, cursor.key.ptr);
	struct text bound, whole;
	struct buf buf;
	int rc;

	if (payload.ptr == NULL)
		return -ENOMEM;
	rc = cursor_bind(ctx, call, query, payload, &bound);
	if (rc != 0)
		return rc;
	keyed_hash(engine->keyring, "cursor", bound, mac);
	buf_init(&buf, ctx->arena);
	buf_put(&buf, (const char *)mac, CURSOR_MAC);
	buf_put_text(&buf, payload);
	rc = buf_text(&buf, &whole);
	return rc != 0 ? rc : base64url(ctx->arena, whole.ptr, whole.len, ret);
}

int cursor_read(struct ctx *ctx, const struct engine *engine, const struct call *call,
		const struct list_query *query, struct cursor *ret)
{
	unsigned char mac[32];
	struct text whole, payload, bound;
	int rc;

	if (query->cursor.len > CURSOR_MAX)
		return fail_at(ctx, P_BAD_CURSOR, "query:cursor");
	rc = base64url_decode(ctx->arena, query->cursor, &whole);
	if (rc != 0 && rc != -EINVAL)
		return rc;
	if (rc != 0 || whole.len < CURSOR_MAC)
		return fail_at(ctx, P_BAD_CURSOR, "query:cursor");
	payload = (struct text){ whole.ptr + CURSOR_MAC, whole.len - CURSOR_MAC };
	rc = cursor_bind(ctx, call, query, payload, &bound);
	if (rc != 0)
		return rc;
	keyed_hash(engine->keyring, "cursor", bound, mac);
	if (!secret_eq((struct text){ whole.ptr, CURSOR_MAC },
		       (struct text){ (const char *)mac, CURSOR_MAC }))
		return fail_at(ctx, P_BAD_CURSOR, "query:cursor");
	ret->id = text_cut(&payload, ' ');
	ret->key = payload;
	return 0;
}

/* RFC 3986, 2.3: all but the unreserved characters are percent-encoded. */
static void cursor_encode(struct buf *buf, struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (isalnum(c) || memchr("-._~", c, 4) != NULL)
			buf_putc(buf, (char)c);
		else
			buf_printf(buf, "%%%02X", c);
	}
}

int cursor_uri(struct ctx *ctx, const struct call *call, struct text cursor, struct text *ret)
{
	struct buf buf;

	buf_init(&buf, ctx->arena);
	buf_put_text(&buf, call->path);
	buf_putc(&buf, '?');
	for (size_t i = 0; i < call->param_count; i++) {
		const struct param *param = &call->params[i];

		if (text_is(param->name, "cursor"))
			continue;
		cursor_encode(&buf, param->name);
		if (param->op.ptr != NULL) {
			buf_puts(&buf, "%5B");
			cursor_encode(&buf, param->op);
			buf_puts(&buf, "%5D");
		}
		buf_putc(&buf, '=');
		cursor_encode(&buf, param->value);
		buf_putc(&buf, '&');
	}
	buf_puts(&buf, "cursor=");
	buf_put_text(&buf, cursor);
	return buf_text(&buf, ret);
}
