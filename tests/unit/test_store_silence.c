/* One session that gives no answer is a reason to ask the others, and no more than that. */
#include "store_help.h"

#include "core/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define SIZE 3
#define BACKEND "SELECT pg_backend_pid()"

/* A pool whose connections are all open and idle; pids in the order in which they are used. */
struct world {
	struct scene scene;
	struct ctx *ctx;
	struct store *store;
	pid_t pids[SIZE];
};

static int setup(void **state)
{
	static struct world world;
	struct conn *conns[SIZE] = { NULL };

	world.ctx = scene_begin(&world.scene);
	world.store = store_make(SIZE, 2000);
	for (int i = 0; i < SIZE; i++) {
		assert_int_equal(store_acquire(world.ctx, world.store, &conns[i]), 0);
		world.pids[i] = (pid_t)ask(world.ctx, conns[i], BACKEND);
	}
	/* The one that is given back last is used first. */
	for (int i = SIZE - 1; i >= 0; i--)
		conn_release(&conns[i]);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < SIZE; i++)
		kill(world->pids[i], SIGCONT);
	store_free(world->store);
	scene_end(&world->scene);
	return 0;
}

static int64_t elapsed_ms(int64_t since)
{
	return (clock_ticks() - since) / 1000000;
}

static int64_t round_trips(struct world *world)
{
	struct store_stats stats;

	store_stats(world->store, &stats);
	return stats.round_trips;
}

/* The session that is used first falls silent, and a request meets it. */
static void meet_silence(struct world *world)
{
	struct conn *conn = NULL;

	kill(world->pids[0], SIGSTOP);
	assert_int_equal(store_acquire(world->ctx, world->store, &conn), 0);
	assert_int_equal(run(world->ctx, conn, "SELECT 1", NULL), P_UNAVAILABLE);
	conn_release(&conn);
}

/* Takes one, and gives it back: how many round trips that was beside its own. */
static int64_t pings_of_use(struct world *world, pid_t expected)
{
	int64_t before = round_trips(world);
	struct conn *conn = NULL;

	assert_int_equal(store_acquire(world->ctx, world->store, &conn), 0);
	assert_int_equal(ask(world->ctx, conn, BACKEND), expected);
	conn_release(&conn);
	return round_trips(world) - before - 1;
}

static void the_other_connections_are_pinged_once_and_kept(void **state)
{
	struct world *world = *state;
	struct store_stats stats;
	struct conn *conn = NULL;

	meet_silence(world);
	assert_int_equal(pings_of_use(world, world->pids[1]), 1);
	assert_int_equal(pings_of_use(world, world->pids[1]), 0);
	assert_int_equal(store_acquire(world->ctx, world->store, &conn), 0);
	assert_int_equal(pings_of_use(world, world->pids[2]), 1);
	assert_int_equal(pings_of_use(world, world->pids[2]), 0);
	conn_release(&conn);
	store_stats(world->store, &stats);
	assert_int_equal(stats.generation, 0);
}

static void another_that_hangs_costs_half_a_second_and_is_replaced(void **state)
{
	struct world *world = *state;
	struct conn *conns[2] = { NULL };
	int64_t start;

	kill(world->pids[1], SIGSTOP);
	kill(world->pids[2], SIGSTOP);
	meet_silence(world);
	for (int i = 0; i < 2; i++) {
		start = clock_ticks();
		assert_int_equal(store_acquire(world->ctx, world->store, &conns[i]), 0);
		assert_in_range(elapsed_ms(start), 400, 1000);
		assert_int_not_equal(ask(world->ctx, conns[i], BACKEND), world->pids[i + 1]);
	}
	conn_release(&conns[0]);
	conn_release(&conns[1]);
}

static void *acquire_timed(void *arg)
{
	struct world *world = arg;
	int64_t start = clock_ticks();
	struct conn *conn = NULL;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	if (store_acquire(ctx, world->store, &conn) == 0)
		ask(ctx, conn, "SELECT count(*) FROM pg_sleep(0.3)");
	else
		start = 0;
	conn_release(&conn);
	scene_end(&scene);
	return (void *)(intptr_t)elapsed_ms(start);
}

static void hanging_connections_are_pinged_at_the_same_time(void **state)
{
	struct world *world = *state;
	pthread_t threads[2];

	kill(world->pids[1], SIGSTOP);
	kill(world->pids[2], SIGSTOP);
	meet_silence(world);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, acquire_timed, world);
	for (int i = 0; i < 2; i++) {
		void *took;

		pthread_join(threads[i], &took);
		assert_in_range((intptr_t)took, 700, 1250);
	}
}

struct meeting {
	struct world *world;
	atomic_int done;
};

static void *meet_in_thread(void *arg)
{
	struct meeting *meeting = arg;

	meet_silence(meeting->world);
	atomic_store(&meeting->done, 1);
	return NULL;
}

/* The request under way still waits; who comes after it need not meet the same. */
static void the_other_connections_are_pinged_before_the_deadline(void **state)
{
	struct meeting meeting = { *state, 0 };
	struct world *world = *state;
	int64_t start = clock_ticks();
	struct conn *conn = NULL;
	pthread_t thread;

	pthread_create(&thread, NULL, meet_in_thread, &meeting);
	usleep(1100000);
	kill(world->pids[1], SIGSTOP);
	assert_int_equal(store_acquire(world->ctx, world->store, &conn), 0);
	assert_int_not_equal(ask(world->ctx, conn, BACKEND), world->pids[1]);
	assert_in_range(elapsed_ms(start), 1500, 2400);
	conn_release(&conn);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&meeting.done), 1);
}

static void a_slow_statement_closes_nothing(void **state)
{
	struct world *world = *state;
	struct conn *slow = NULL;

	assert_int_equal(store_acquire(world->ctx, world->store, &slow), 0);
	assert_int_equal(run(world->ctx, slow, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, slow, "SET LOCAL statement_timeout = 0", NULL), 0);
	assert_int_equal(run(world->ctx, slow, "SELECT pg_sleep(1.1)", NULL), 0);
	assert_int_equal(pings_of_use(world, world->pids[1]), 1);
	assert_int_equal(pings_of_use(world, world->pids[1]), 0);
	conn_release(&slow);
	/* It has answered since: its ROLLBACK. */
	assert_int_equal(pings_of_use(world, world->pids[0]), 0);
}

static void no_connection_is_pinged_without_a_reason(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(pings_of_use(world, world->pids[0]), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_other_connections_are_pinged_once_and_kept),
		T(another_that_hangs_costs_half_a_second_and_is_replaced),
		T(hanging_connections_are_pinged_at_the_same_time),
		T(the_other_connections_are_pinged_before_the_deadline),
		T(a_slow_statement_closes_nothing),
		T(no_connection_is_pinged_without_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
