#ifndef OPENAPI_DOC_H
#define OPENAPI_DOC_H

#include "engine/engine.h"

/* Writes a JSON document piece by piece and sets the commas. key NULL: an array's item. */

void doc_open(struct buf *buf, const char *key, char bracket);
void doc_close(struct buf *buf, char bracket);
void doc_string(struct buf *buf, const char *key, const char *z);
void doc_text(struct buf *buf, const char *key, struct text text);
void doc_int(struct buf *buf, const char *key, int64_t value);
void doc_flag(struct buf *buf, const char *key, bool value);
/* A whole JSON value as text. */
void doc_raw(struct buf *buf, const char *key, struct text json);
/* An array of strings; names ends with NULL. */
void doc_strings(struct buf *buf, const char *key, const char *const *names);
/* {"$ref": "#/components/<kind>/<prefix><name>"} */
void doc_ref(struct buf *buf, const char *key, const char *kind, const char *prefix,
	     const char *name);

/* The compact document with two spaces a level and a final newline. -ENOMEM. */
int doc_indent(struct arena *arena, struct text compact, struct text *ret);

#endif
