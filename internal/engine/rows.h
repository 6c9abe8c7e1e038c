#ifndef ENGINE_ROWS_H
#define ENGINE_ROWS_H

/* What a resource uses of the packages below: fields, changes, facts, effects. Neither HTTP nor SQL
 * is among it. */

#include "core/clock.h"
#include "core/enumeration.h"
#include "core/fail.h"
#include "core/media_type.h"
#include "engine/write/effects.h"
#include "model/resource.h"

#endif
