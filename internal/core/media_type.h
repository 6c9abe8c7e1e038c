#ifndef CORE_MEDIA_TYPE_H
#define CORE_MEDIA_TYPE_H

#include "core/enumeration.h"

/* The kinds of file that case work needs: papers, scans, photographs of telephones, and the signed
 * containers of Latvian authorities (ASiC-E, "edoc"). No type that can be executed. */
#define MEDIA_TYPES(X)                                                                             \
	X(pdf, "application/pdf")                                                                  \
	X(jpeg, "image/jpeg")                                                                      \
	X(png, "image/png")                                                                        \
	X(tiff, "image/tiff")                                                                      \
	X(heic, "image/heic")                                                                      \
	X(text, "text/plain")                                                                      \
	X(docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")         \
	X(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")               \
	X(odt, "application/vnd.oasis.opendocument.text")                                          \
	X(ods, "application/vnd.oasis.opendocument.spreadsheet")                                   \
	X(asice, "application/vnd.etsi.asic-e+zip")

#define MEDIA_MEMBER(id, name) media_type_##id,
enum media_type { media_type_none, MEDIA_TYPES(MEDIA_MEMBER) media_type_count };
#undef MEDIA_MEMBER

/* The names are those of RFC 6838. */
extern const struct enumeration media_type_values;

#endif
