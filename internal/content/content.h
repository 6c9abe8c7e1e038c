#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "core/fail.h"
#include "core/media_type.h"

/* What a file is by its bytes, whatever it is said to be. */

/*
 * 0 when the whole file is of the declared type and of nothing else besides. P_CONTENT_MISMATCH
 * (words: declared, found) for another type, or for two at once; P_ARCHIVE_REFUSED as archive_check
 * says. Up to a second of a core's time: the caller bounds how many run at once. Thread-safe.
 */
int content_check(struct ctx *ctx, enum media_type declared, struct text file);

#endif
