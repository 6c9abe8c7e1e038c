#ifndef FEATURE_FILES_RANGE_H
#define FEATURE_FILES_RANGE_H

#include "engine/engine.h"

/* A Range header with one range of bytes (RFC 9110, 14.1.2) of something size bytes long, size > 0:
 * 0 with the first and the last byte, both within it; -ERANGE when it lies behind the end; -EINVAL,
 * *ret_ untouched, for null, another unit, several ranges and what is malformed. */
int range_parse(struct text header, int64_t size, int64_t *ret_first, int64_t *ret_last);

#endif
