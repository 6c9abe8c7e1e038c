/* Parses and decodes a query string. Enter at query_parse and percent_decode. */

#include "web/query.h"

#include "web/request.h"

#include <errno.h>

static int escape_decode(struct text text, size_t at, char *ret)
{
	int high, low;

	if (text.len - at < 3)
		return -EINVAL;
	high = hex_digit(text.ptr[at + 1]);
	low = hex_digit(text.ptr[at + 2]);
	if (high < 0 || low < 0)
		return -EINVAL;
	*ret = (char)(high * 16 + low);
	return 0;
}

int percent_decode(struct arena *arena, struct text text, bool plus, struct text *ret)
{
	char *out = arena_alloc(arena, text.len + 1);
	struct text decoded = { out, 0 };

	if (out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%') {
			if (escape_decode(text, i, &c) != 0)
				return -EINVAL;
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[decoded.len++] = c;
	}
	if (!text_is_utf8(decoded))
		return -EINVAL;
	*ret = decoded;
	return 0;
}

/* "created_at[gte]" → "created_at", "gte"; the operator is null without brackets. */
static int name_split(struct text text, struct param *param)
{
	struct text rest = text;
	struct text name = text_cut(&rest, '[');

	if (name.len == 0 || memchr(name.ptr, ']', name.len) != NULL)
		return -EINVAL;
	param->name = name;
	param->op = TEXT_NULL;
	if (rest.ptr == NULL)
		return 0;
	if (rest.len < 2 || memchr(rest.ptr, ']', rest.len) != rest.ptr + rest.len - 1)
		return -EINVAL;
	param->op = (struct text){ rest.ptr, rest.len - 1 };
	return 0;
}

static int param_parse(struct ctx *ctx, struct text piece, struct param *param)
{
	struct text value = piece;
	struct text raw = text_cut(&value, '=');
	struct text name;
	int rc = percent_decode(ctx->arena, raw, true, &name);

	if (rc == 0)
		rc = percent_decode(ctx->arena, value, true, &param->value);
	if (rc == 0)
		rc = name_split(name, param);
	if (rc == -EINVAL)
		return refuse(
			ctx, P_BAD_REQUEST,
			"A query parameter has no name, a bad percent-escape, or is not UTF-8.",
			"Vaicājuma parametram nav nosaukuma, ir nederīgs %-kodējums vai tas nav "
			"UTF-8.");
	return rc;
}

static void check_repeated(struct ctx *ctx, const struct param *params, size_t at)
{
	const struct param *param = &params[at];

	for (size_t i = 0; i < at; i++) {
		struct text pointer;

		if (!text_eq(params[i].name, param->name) || !text_eq(params[i].op, param->op))
			continue;
		pointer = arena_format(ctx->arena, "query:%.*s", (int)param->name.len,
				       param->name.ptr);
		violate(ctx, P_REPEATED_PARAMETER, pointer);
		return;
	}
}

int query_parse(struct ctx *ctx, struct text query, struct param params[CALL_PARAMS_MAX],
		size_t *ret_count)
{
	size_t count = 0;
	int rc;

	if (query.len == 0)
		query = TEXT_NULL;
	while (query.ptr != NULL) {
		if (count == CALL_PARAMS_MAX)
			return refuse(
				ctx, P_BAD_REQUEST,
				"The query has too many parameters: at most 32 are accepted.",
				"Vaicājumā ir pārāk daudz parametru: pieņem ne vairāk kā 32.");
		rc = param_parse(ctx, text_cut(&query, '&'), &params[count]);
		if (rc != 0)
			return rc;
		check_repeated(ctx, params, count++);
	}
	rc = violations_close(ctx, P_BAD_PARAMETER);
	if (rc != 0)
		return rc;
	*ret_count = count;
	return 0;
}
