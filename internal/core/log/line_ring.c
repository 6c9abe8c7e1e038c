/* A bounded ring of whole log lines. Enter at line_ring_put and line_ring_take. The caller owns
 * the buffer and holds the lock. */

#include "core/log/line_ring.h"

/* Stands before each line. */
struct mark {
	int64_t missing; /* lines before it */
	size_t len;
};

_Static_assert(sizeof(struct mark) == LINE_RING_EXTRA, "LINE_RING_EXTRA is the size of a mark");

static void ring_append(struct line_ring *ring, const void *ptr, size_t len)
{
	size_t at = (ring->start + ring->used) % ring->size;
	size_t first = len < ring->size - at ? len : ring->size - at;

	memcpy(ring->buf + at, ptr, first);
	memcpy(ring->buf, (const char *)ptr + first, len - first);
	ring->used += len;
}

static void ring_copy(const struct line_ring *ring, size_t offset, void *ptr, size_t len)
{
	size_t at = (ring->start + offset) % ring->size;
	size_t first = len < ring->size - at ? len : ring->size - at;

	memcpy(ptr, ring->buf + at, first);
	memcpy((char *)ptr + first, ring->buf, len - first);
}

/* An empty ring begins at its start again, so that memory which is never needed is never touched.
 * */
static void ring_drop(struct line_ring *ring, size_t len)
{
	ring->used -= len;
	ring->start = ring->used > 0 ? (ring->start + len) % ring->size : 0;
}

bool line_ring_put(struct line_ring *ring, const char *line, size_t len)
{
	const struct mark mark = { ring->missing, len };

	if (len > ring->size || ring->size - ring->used < len + sizeof(mark)) {
		ring->missing++;
		return false;
	}
	ring->missing = 0;
	ring_append(ring, &mark, sizeof(mark));
	ring_append(ring, line, len);
	return true;
}

struct line_batch line_ring_take(struct line_ring *ring, char *buf, size_t size)
{
	struct line_batch batch = { 0, 0 };

	if (ring->used == 0) {
		batch.missing = ring->missing;
		ring->missing = 0;
	}
	while (ring->used > 0) {
		struct mark mark;

		ring_copy(ring, 0, &mark, sizeof(mark));
		if (batch.len > 0 && (mark.missing > 0 || mark.len > size - batch.len))
			break;
		batch.missing += mark.missing;
		ring_copy(ring, sizeof(mark), buf + batch.len, mark.len);
		batch.len += mark.len;
		ring_drop(ring, sizeof(mark) + mark.len);
	}
	return batch;
}
