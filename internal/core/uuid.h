#ifndef CORE_UUID_H
#define CORE_UUID_H

#include "core/arena.h"

#define UUID_SIZE 37

/* A fresh UUIDv7 (RFC 9562, 5.7) as 36 lower-case characters and a NUL; within a process they
 * ascend. */
void uuid_new(char buf[UUID_SIZE]);
/* The same in an arena; null text when its maximum is reached. */
struct text uuid_text(struct arena *arena);
/* Whole-string UUID of any version, in lower or upper case. */
bool uuid_is(struct text text);

#endif
