#ifndef MODEL_WRITE_H
#define MODEL_WRITE_H

#include "core/buf.h"
#include "model/resource.h"

/* Appends the JSON value of one cell in PostgreSQL's text output, by the field's type: timestamps
 * as RFC 3339, arrays as JSON arrays. A null cell gives null. -EINVAL: the cell is not of the type.
 */
int write_cell(struct buf *buf, const struct field *field, struct text cell);

/* Appends the JSON value of a struct's member. */
int write_member(struct buf *buf, const struct field *field, const void *base);

/* Appends a whole object of a struct's members. */
int write_object(struct buf *buf, const struct field *fields, size_t count, const void *base);

#endif
