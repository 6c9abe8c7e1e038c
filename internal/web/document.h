#ifndef WEB_DOCUMENT_H
#define WEB_DOCUMENT_H

#include "web/state.h"

/* Public documents that are not the engine's: the OpenAPI document and the problems' descriptions.
 * */

/* Computes the ETag of the OpenAPI document. -ENOMEM. */
int document_prepare(struct web *web);

/* P_NOT_FOUND, P_BAD_PARAMETER, -ENOMEM. */
int document_answer(struct ctx *ctx, struct web *web, const struct route_match *match,
		    const struct call *call, struct answer *ret);

#endif
