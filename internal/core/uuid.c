/* Makes UUIDv7 keys that ascend within the process. Enter at uuid_new. One mutex guards the
 * counter. */

#include "core/uuid.h"
#include "core/log/log.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* RFC 9562, 6.2, method 2: within one millisecond, and while the clock stands back, the 74 random
 * bits are a counter that grows by a random step, so that keys ascend and still cannot be guessed.
 */
struct uuid_state {
	uint64_t ms;
	uint16_t high; /* 12 bits: rand_a */
	uint64_t low;  /* 62 bits: rand_b */
};

#define HIGH_MASK 0xfffU
#define LOW_MASK ((UINT64_C(1) << 62) - 1)

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;
static struct uuid_state state;

/* Without randomness keys would collide, so end the process. */
static uint64_t random_bits(void)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits)) {
		log_error("no_randomness", LOG_NUMBER("bytes", (int64_t)sizeof(bits)));
		log_flush(LOG_LAST_MS);
		_exit(70);
	}
	return bits;
}

static void state_restart(uint64_t ms)
{
	uint64_t bits = random_bits();

	state.ms = ms;
	/* The top bit is left free, so that the counter has room to grow. */
	state.high = (uint16_t)(bits & (HIGH_MASK >> 1));
	state.low = random_bits() & LOW_MASK;
}

static void state_advance(uint64_t ms)
{
	if (ms > state.ms) {
		state_restart(ms);
		return;
	}
	state.low += (random_bits() & UINT32_MAX) + 1;
	if (state.low <= LOW_MASK)
		return;
	state.low &= LOW_MASK;
	if (state.high < HIGH_MASK)
		state.high++;
	else
		state_restart(state.ms + 1);
}

static struct uuid_state state_next(void)
{
	struct uuid_state next;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	pthread_mutex_lock(&state_lock);
	state_advance((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	next = state;
	pthread_mutex_unlock(&state_lock);
	return next;
}

static char *put_hex(char *at, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	return at + digits;
}

void uuid_new(char buf[UUID_SIZE])
{
	struct uuid_state next = state_next();
	char *at = buf;

	at = put_hex(at, next.ms >> 16, 8);
	*at++ = '-';
	at = put_hex(at, next.ms, 4);
	*at++ = '-';
	at = put_hex(at, 0x7000U | next.high, 4);
	*at++ = '-';
	at = put_hex(at, 0x8000U | next.low >> 48, 4);
	*at++ = '-';
	at = put_hex(at, next.low, 12);
	*at = '\0';
}

struct text uuid_text(struct arena *arena)
{
	char *ptr = arena_alloc(arena, UUID_SIZE);

	if (ptr == NULL)
		return TEXT_NULL;
	uuid_new(ptr);
	return (struct text){ ptr, UUID_SIZE - 1 };
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool uuid_is(struct text text)
{
	if (text.ptr == NULL || text.len != UUID_SIZE - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text.ptr[i] != '-' : !is_hex(text.ptr[i]))
			return false;
	}
	return true;
}
