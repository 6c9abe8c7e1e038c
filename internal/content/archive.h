#ifndef CONTENT_ARCHIVE_H
#define CONTENT_ARCHIVE_H

#include "core/fail.h"
#include "core/media_type.h"

/* ZIP containers (APPNOTE 6.3): documents of OOXML (ISO/IEC 29500-2), OpenDocument (ISO/IEC 26300)
 * and ASiC-E (ETSI EN 319 162-1). */

#define ARCHIVE_ENTRIES_MAX 5000
#define ARCHIVE_UNPACKED_MAX ((uint64_t)100 * 1024 * 1024) /* bytes of all entries */
/* Unpacked bytes for a packed one, from ARCHIVE_RATIO_FROM unpacked bytes on. */
#define ARCHIVE_RATIO_MAX 200
#define ARCHIVE_RATIO_FROM ((uint64_t)8 * 1024 * 1024)

/* Unpacks every entry without keeping it, because the sizes in the directory may be false.
 * P_ARCHIVE_REFUSED (word: why) if the archive is broken, too large, encrypted, packed by another
 * method than deflate, has too many entries, a name that leaves its folder, or a macro.
 * P_CONTENT_MISMATCH if it is a container of another type than declared. An archive inside the
 * archive is not unpacked. */
int archive_check(struct ctx *ctx, enum media_type declared, struct text file);

/* Whether the file ends as an archive; it may be another type at the same time. */
bool archive_is(struct text file);

#endif
