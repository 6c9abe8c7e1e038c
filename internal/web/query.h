#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "engine/call.h"

/* Decodes "a=1&b[gte]=2" into params (names split at their operator, values percent-decoded, '+' a
 * space). P_BAD_REQUEST: a bad escape, NUL, not UTF-8, an empty or malformed name, too many;
 * P_BAD_PARAMETER: the same name and operator twice. *ret_count is at most CALL_PARAMS_MAX. */
int query_parse(struct ctx *ctx, struct text query, struct param params[CALL_PARAMS_MAX],
		size_t *ret_count);

/* Percent-decoding (RFC 3986, 2.1) into the arena; plus: '+' is a space. -EINVAL for a bad escape,
 * NUL or text that is not UTF-8; -ENOMEM. */
int percent_decode(struct arena *arena, struct text text, bool plus, struct text *ret);

#endif
