#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "core/fail.h"
#include "core/media_type.h"

/* The type of a file by its bytes, not by its name or declaration. */

/* 0 if the whole file is of the declared type and of no other type. P_CONTENT_MISMATCH (words:
 * declared, found) for another type, or for two at once; P_ARCHIVE_REFUSED as archive_check says.
 * Takes up to a second of a core: the caller bounds how many run at once. Thread-safe. */
int content_check(struct ctx *ctx, enum media_type declared, struct text file);

#endif
