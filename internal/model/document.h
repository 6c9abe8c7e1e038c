#ifndef MODEL_DOCUMENT_H
#define MODEL_DOCUMENT_H

#include "core/fail.h"

/* A parsed body: jansson's json_t, which no header shows. The owner frees it. */
struct document;

/* Any JSON value (RFC 8259) within the bounds of model/read.h: P_TOO_LARGE, P_MALFORMED with line
 * and column. *ret is left alone by an error. */
int document_parse(struct ctx *ctx, struct text body, struct document **ret);
/* Sets *document to NULL; it may be NULL already. */
void document_free(struct document **document);

#endif
