#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/text.h"

#include <stdarg.h>

struct arena_block;

/* Memory of one request: grows in blocks up to a hard maximum and dies at once. Not thread-safe. */
struct arena {
	struct arena_block *head;
	size_t used; /* bytes taken from the system */
	size_t maximum;
	size_t next; /* bytes of the next block; 0 before the first */
};

/* maximum in bytes, > 0. No memory is taken yet. */
void arena_init(struct arena *arena, size_t maximum);
void arena_done(struct arena *arena);

/* Zeroed memory aligned for any type, owned by the arena. NULL when the arena's maximum is reached;
 * when the system refuses memory the process logs and exits (fail-stop, see arena_out_of_memory).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* NUL-terminated copies owned by the arena; NULL (or null text) when the maximum is reached. A null
 * text is copied to null by arena_copy and to "" by arena_strdup. */
char *arena_strdup(struct arena *arena, struct text text);
struct text arena_copy(struct arena *arena, struct text text);
struct text arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Logs and calls _exit(70). Called when the system refuses memory; a maximum of ours is no such
 * case. */
__attribute__((noreturn)) void arena_out_of_memory(size_t size);

/* malloc, realloc and free that never return NULL: installed into orcania and jansson by main. */
void *memory_take(size_t size);
void *memory_resize(void *ptr, size_t size);
void memory_give(void *ptr);

/* Zeroed memory for one large object, mapped from the system and returned to it: malloc would keep
 * the memory, and would then treat this size as usual. Not in core dumps. Fail-stop as
 * arena_alloc. */
void *memory_map(size_t size);
/* Wiped first; NULL is fine. */
void memory_unmap(void *ptr, size_t size);

#endif
