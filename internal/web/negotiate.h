#ifndef WEB_NEGOTIATE_H
#define WEB_NEGOTIATE_H

#include "engine/engine.h"

/* Content negotiation (RFC 9110, 12.5). */

/* Whether an Accept header allows application/json; null allows everything. */
bool accept_allows_json(struct text accept);

/* The best of lv and en by q-values, first one at a tie; English when neither is named or without
 * header. */
enum language accept_language(struct text header);

/* The media type of a Content-Type in lower case without parameters is type, and its charset, if
 * any, is utf-8. */
bool content_type_is(struct text header, const char *type);

#endif
