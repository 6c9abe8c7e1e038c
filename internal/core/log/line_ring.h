#ifndef CORE_LOG_LINE_RING_H
#define CORE_LOG_LINE_RING_H

#include "core/text.h"

#include <stdint.h>

/* Whole lines in order, in the caller's buffer: bounded, never allocates. A line without room is
 * dropped, and the ring remembers where it is missing. Not thread-safe: users who share a ring
 * lock it. Zero it first, except buf and size. */
struct line_ring {
	char *buf;
	size_t size; /* bytes; each line takes LINE_RING_EXTRA more than its own */
	size_t start, used;
	int64_t missing; /* lines behind the last one that had no room */
};

#define LINE_RING_EXTRA 16

/* False when the line has no room; it then counts as missing. */
bool line_ring_put(struct line_ring *ring, const char *line, size_t len);

/* Lines that were one after the other. */
struct line_batch {
	size_t len;	 /* bytes; 0: the ring is empty */
	int64_t missing; /* lines that are missing before the first of them */
};

/* Moves as many whole lines into buf as fit and lie before the next gap. size is at least that of
 * the longest line. */
struct line_batch line_ring_take(struct line_ring *ring, char *buf, size_t size);

static inline bool line_ring_is_empty(const struct line_ring *ring)
{
	return ring->used == 0 && ring->missing == 0;
}

#endif
