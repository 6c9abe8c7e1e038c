/* The memory of one request: blocks up to a hard maximum, freed together. Enter at arena_init,
 * arena_alloc and arena_done. An arena belongs to one thread and takes no lock. */

#include "core/arena.h"
#include "core/log/log.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* Under AddressSanitizer, poison the memory that is not handed out, with a gap behind each piece,
 * so that an overrun is found as it would be with malloc. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ARENA_GAP 0
#define __asan_poison_memory_region(ptr, size) ((void)(ptr), (void)(size))
#define __asan_unpoison_memory_region(ptr, size) ((void)(ptr), (void)(size))
#endif

/* Not inlined: gcc would believe that the sanitizer's const pointer reads uninitialised memory. */
__attribute__((noinline)) static void arena_poison(void *ptr, size_t size)
{
	__asan_poison_memory_region(ptr, size);
}

static void arena_unpoison(void *ptr, size_t size)
{
	__asan_unpoison_memory_region(ptr, size);
}

#define ARENA_FIRST ((size_t)16 * 1024)
#define ARENA_LARGEST                                                                              \
	((size_t)256 * 1024)  /* of the growing blocks; greater pieces have their own */
#define EXIT_OUT_OF_MEMORY 70 /* EX_SOFTWARE */

struct arena_block {
	struct arena_block *next;
	size_t size; /* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

static const size_t alignment = alignof(max_align_t);

void arena_out_of_memory(size_t size)
{
	log_error("out_of_memory", LOG_NUMBER("size", (int64_t)size));
	log_flush(LOG_LAST_MS);
	_exit(EXIT_OUT_OF_MEMORY);
}

void *memory_take(size_t size)
{
	void *ptr = malloc(size > 0 ? size : 1);

	if (ptr == NULL)
		arena_out_of_memory(size);
	return ptr;
}

void *memory_resize(void *ptr, size_t size)
{
	void *moved = realloc(ptr, size > 0 ? size : 1);

	if (moved == NULL)
		arena_out_of_memory(size);
	return moved;
}

void memory_give(void *ptr)
{
	free(ptr);
}

void *memory_map(size_t size)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ptr == MAP_FAILED)
		arena_out_of_memory(size);
	(void)madvise(ptr, size, MADV_DONTDUMP);
	return ptr;
}

void memory_unmap(void *ptr, size_t size)
{
	if (ptr == NULL)
		return;
	explicit_bzero(ptr, size);
	munmap(ptr, size);
}

void arena_init(struct arena *arena, size_t maximum)
{
	*arena = (struct arena){ .maximum = maximum };
}

void arena_done(struct arena *arena)
{
	struct arena_block *block = arena->head;

	while (block != NULL) {
		struct arena_block *next = block->next;

		arena_unpoison(block->data, block->size);
		free(block);
		block = next;
	}
	*arena = (struct arena){ .maximum = arena->maximum };
}

static struct arena_block *block_new(struct arena *arena, size_t size)
{
	struct arena_block *block = memory_take(sizeof(*block) + size);

	block->next = NULL;
	block->size = size;
	block->used = 0;
	arena_poison(block->data, size);
	arena->used += sizeof(*block) + size;
	return block;
}

/* A large piece gets its own block behind the head, so that the head is filled further. */
static struct arena_block *block_add_own(struct arena *arena, size_t size)
{
	struct arena_block *block = block_new(arena, size);

	if (arena->head == NULL) {
		arena->head = block;
		return block;
	}
	block->next = arena->head->next;
	arena->head->next = block;
	return block;
}

/* A block with room for size bytes; NULL at the maximum. Near the maximum the last block gets the
 * bytes that remain. */
static struct arena_block *block_add(struct arena *arena, size_t size)
{
	size_t left = arena->maximum > arena->used ? arena->maximum - arena->used : 0;
	size_t whole = arena->next > 0 ? arena->next : ARENA_FIRST;
	struct arena_block *block;

	if (left <= sizeof(*block) || size > left - sizeof(*block))
		return NULL;
	if (size > whole / 4)
		return block_add_own(arena, size);
	arena->next = whole < ARENA_LARGEST ? whole * 2 : whole;
	block = block_new(arena, (whole < left ? whole : left) - sizeof(*block));
	block->next = arena->head;
	arena->head = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->head;
	size_t rounded;
	void *ptr;

	if (size > arena->maximum)
		return NULL;
	rounded = ((size > 0 ? size : 1) + ARENA_GAP + alignment - 1) / alignment * alignment;
	if (block == NULL || block->size - block->used < rounded)
		block = block_add(arena, rounded);
	if (block == NULL)
		return NULL;
	ptr = block->data + block->used;
	block->used += rounded;
	arena_unpoison(ptr, size);
	return memset(ptr, 0, size);
}

char *arena_strdup(struct arena *arena, struct text text)
{
	char *copy = text.len < SIZE_MAX ? arena_alloc(arena, text.len + 1) : NULL;

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

struct text arena_copy(struct arena *arena, struct text text)
{
	char *copy;

	if (text.ptr == NULL)
		return TEXT_NULL;
	copy = arena_strdup(arena, text);
	return (struct text){ copy, copy != NULL ? text.len : 0 };
}

struct text arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *ptr;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return TEXT_NULL;
	ptr = arena_alloc(arena, (size_t)len + 1);
	if (ptr == NULL)
		return TEXT_NULL;
	va_start(args, format);
	(void)vsnprintf(ptr, (size_t)len + 1, format, args);
	va_end(args);
	return (struct text){ ptr, (size_t)len };
}
