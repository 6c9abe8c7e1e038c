#include "store_help.h"

#include "core/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>

#define WAIT_MS 200

static int waiting(struct store *store)
{
	struct store_stats stats;

	store_stats(store, &stats);
	return stats.waiting;
}

static int64_t elapsed_ms(int64_t since)
{
	return (clock_ticks() - since) / 1000000;
}

static void a_bad_dsn_is_refused_without_connecting(void **state)
{
	const struct store_config config = { "host=here nonsense=there", 1, 1, 1, 1 };
	struct store *store = NULL;

	(void)state;
	assert_int_equal(store_new(&config, &store), -EINVAL);
	assert_null(store);
}

static void connections_are_made_when_needed_and_used_again(void **state)
{
	struct store *store = store_make(8, WAIT_MS);
	struct conn *one = NULL, *two = NULL;
	struct store_stats stats;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);
	int64_t pid;

	(void)state;
	assert_int_equal(store_acquire(ctx, store, &one), 0);
	pid = ask(ctx, one, "SELECT pg_backend_pid()");
	conn_release(&one);
	assert_null(one);
	assert_int_equal(store_acquire(ctx, store, &one), 0);
	assert_int_equal(ask(ctx, one, "SELECT pg_backend_pid()"), pid);
	assert_int_equal(store_acquire(ctx, store, &two), 0);
	assert_int_not_equal(ask(ctx, two, "SELECT pg_backend_pid()"), pid);
	store_stats(store, &stats);
	assert_int_equal(stats.size, 8);
	assert_int_equal(stats.in_use, 2);
	assert_int_equal(admin("SELECT count(*) FROM pg_stat_activity WHERE application_name ="
			       " 'atbalsts'"),
			 2);
	conn_release(&one);
	conn_release(&two);
	conn_release(&two);
	store_free(store);
	scene_end(&scene);
}

struct queuer {
	pthread_t thread;
	struct store *store;
	int number;
	int *order, *served;
};

static void *queuer_run(void *arg)
{
	struct queuer *queuer = arg;
	struct conn *conn = NULL;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	/* Only its holder touches the order: the pool of one is the lock. */
	if (store_acquire(ctx, queuer->store, &conn) == 0)
		queuer->order[(*queuer->served)++] = queuer->number;
	conn_release(&conn);
	scene_end(&scene);
	return NULL;
}

static void waiters_are_served_in_the_order_of_arrival(void **state)
{
	struct store *store = store_make(1, 5000);
	struct conn *conn = NULL;
	struct queuer queuers[6];
	int order[6] = { 0 }, served = 0;
	struct scene scene;

	(void)state;
	assert_int_equal(store_acquire(scene_begin(&scene), store, &conn), 0);
	for (int i = 0; i < 6; i++) {
		queuers[i] = (struct queuer){ 0, store, i, order, &served };
		pthread_create(&queuers[i].thread, NULL, queuer_run, &queuers[i]);
		while (waiting(store) != i + 1)
			usleep(1000);
	}
	conn_release(&conn);
	for (int i = 0; i < 6; i++)
		pthread_join(queuers[i].thread, NULL);
	assert_int_equal(served, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(order[i], i);
	assert_int_equal(waiting(store), 0);
	store_free(store);
	scene_end(&scene);
}

static void a_waiter_that_waits_too_long_gets_retry_after(void **state)
{
	struct store *store = store_make(1, WAIT_MS);
	struct conn *conn = NULL, *other = NULL;
	int64_t start = clock_ticks();
	struct store_stats stats;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	(void)state;
	assert_int_equal(store_acquire(ctx, store, &conn), 0);
	assert_int_equal(store_acquire(ctx, store, &other), P_UNAVAILABLE);
	assert_in_range(elapsed_ms(start), WAIT_MS, WAIT_MS + 800);
	assert_null(other);
	assert_int_equal(ctx->problem, P_UNAVAILABLE);
	assert_int_equal(ctx->retry_after, 1);
	conn_release(&conn);
	store_stats(store, &stats);
	assert_int_equal(stats.timeouts, 1);
	assert_int_equal(stats.in_use, 0);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(store_acquire(ctx, store, &conn), 0);
	conn_release(&conn);
	store_free(store);
	scene_end(&scene);
}

#define CROWD_TURNS 100

static void *crowd_run(void *arg)
{
	struct store *store = arg;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);
	size_t good = 0;

	for (int i = 0; i < CROWD_TURNS; i++) {
		struct conn *conn = NULL;

		if (store_acquire(ctx, store, &conn) == 0 &&
		    run(ctx, conn, i % 3 == 0 ? "BEGIN" : "SELECT 1", NULL) == 0)
			good++;
		conn_release(&conn);
	}
	scene_end(&scene);
	return (void *)good;
}

static void a_crowd_shares_few_connections(void **state)
{
	struct store *store = store_make(3, 5000);
	struct store_stats stats;
	pthread_t threads[12];
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, crowd_run, store);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *result;

		pthread_join(threads[i], &result);
		good += (size_t)result;
	}
	assert_int_equal(good, COUNT(threads) * CROWD_TURNS);
	store_stats(store, &stats);
	assert_int_equal(stats.acquired, COUNT(threads) * CROWD_TURNS);
	assert_int_equal(stats.in_use, 0);
	assert_int_equal(stats.generation, 0);
	assert_in_range(admin("SELECT count(*) FROM pg_stat_activity WHERE application_name ="
			      " 'atbalsts'"),
			1, 3);
	store_free(store);
}

static void a_server_that_is_not_there_is_unavailable(void **state)
{
	const struct store_config config = { "host=/nonexistent", 1, WAIT_MS, 400, 200 };
	struct conn *conn = NULL;
	struct store *store;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	(void)state;
	assert_int_equal(store_new(&config, &store), 0);
	assert_int_equal(store_acquire(ctx, store, &conn), P_UNAVAILABLE);
	assert_int_equal(ctx->retry_after, 1);
	assert_null(conn);
	assert_int_equal(store_acquire(ctx, store, &conn), P_UNAVAILABLE);
	store_free(store);
	scene_end(&scene);
}

/* A host that takes connections and never says a word, as one behind a broken network. */
static int silent_host(char port[6])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	snprintf(port, 6, "%d", ntohs(address.sin_port));
	return fd;
}

static void a_silent_host_does_not_prevent_trying_the_next(void **state)
{
	char dsn[512], port[6];
	int fd = silent_host(port);
	const struct store_config config = { dsn, 2, 1000, 400, 200 };
	struct conn *one = NULL, *two = NULL;
	int64_t start = clock_ticks();
	struct store *store;
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene);

	(void)state;
	snprintf(dsn, sizeof(dsn), "host=127.0.0.1,%s port=%s,5432 target_session_attrs=read-write",
		 getenv("PGHOST"), port);
	assert_int_equal(store_new(&config, &store), 0);
	assert_int_equal(store_acquire(ctx, store, &one), 0);
	assert_in_range(elapsed_ms(start), 400, 990);
	/* The one that answered is asked first from now on. */
	start = clock_ticks();
	assert_int_equal(store_acquire(ctx, store, &two), 0);
	assert_in_range(elapsed_ms(start), 0, 390);
	conn_release(&one);
	conn_release(&two);
	store_free(store);
	scene_end(&scene);
	close(fd);
}

static void hosts_and_ports_that_do_not_pair_are_refused(void **state)
{
	const struct store_config config = { "host=a,b,c port=1,2", 1, 1, 1, 1 };
	struct store *store = NULL;

	(void)state;
	assert_int_equal(store_new(&config, &store), -EINVAL);
	assert_null(store);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_bad_dsn_is_refused_without_connecting),
		T(connections_are_made_when_needed_and_used_again),
		T(waiters_are_served_in_the_order_of_arrival),
		T(a_waiter_that_waits_too_long_gets_retry_after),
		T(a_crowd_shares_few_connections),
		T(a_server_that_is_not_there_is_unavailable),
		T(a_silent_host_does_not_prevent_trying_the_next),
		T(hosts_and_ports_that_do_not_pair_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
