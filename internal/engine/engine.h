#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/* What features, the OpenAPI document and the listener use of the packages below the engine. They
 * include this instead of each package, so that a package may change its own headers. */

#include "auth/access.h"
#include "auth/password.h"
#include "auth/seal.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/gate.h"
#include "core/log/log.h"
#include "core/media_type.h"
#include "core/problem.h"
#include "core/text.h"
#include "core/uuid.h"
#include "model/endpoint.h"
#include "model/format.h"
#include "model/read.h"
#include "model/write.h"
#include "engine/call.h"

#endif
