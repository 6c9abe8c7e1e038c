/* The names of the media types that attachments may have. Data only. */

#include "core/media_type.h"

#define MEDIA_NAME(id, name) [media_type_##id] = (name),
static const char *const media_type_names[media_type_count] = { MEDIA_TYPES(MEDIA_NAME) };

const struct enumeration media_type_values = { "media_type", media_type_names, media_type_count };
