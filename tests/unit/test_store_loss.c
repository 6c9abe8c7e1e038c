/* What a connection's loss means to who holds it, and that the pool comes right by itself. */
#include "store_help.h"

#include "core/clock.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BACKEND "SELECT pg_backend_pid()"

struct world {
	struct scene scene;
	struct ctx *ctx;
	struct store *store;
	struct conn *conn;
	long pid;
};

static int setup(void **state)
{
	static struct world world;

	world.ctx = scene_begin(&world.scene);
	world.store = store_make(2, 2000);
	world.conn = NULL;
	if (store_acquire(world.ctx, world.store, &world.conn) != 0)
		return -1;
	admin("DROP TABLE IF EXISTS shelf; CREATE TABLE shelf (id int)");
	world.pid = (long)ask(world.ctx, world.conn, BACKEND);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	conn_release(&world->conn);
	store_free(world->store);
	scene_end(&world->scene);
	return 0;
}

static void kill_backend(long pid)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%ld)", pid);
	admin(sql);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_stat_activity WHERE pid = %ld", pid);
	wait_for(sql, 0);
}

/* A new connection serves, with nothing of the old one's transaction. */
static void assert_recovered(struct world *world)
{
	struct store_stats stats;

	conn_release(&world->conn);
	assert_int_equal(store_acquire(world->ctx, world->store, &world->conn), 0);
	assert_int_not_equal(ask(world->ctx, world->conn, BACKEND), world->pid);
	assert_int_equal(ask(world->ctx, world->conn, "SELECT count(*) FROM shelf"), 0);
	store_stats(world->store, &stats);
	assert_int_equal(stats.in_use, 1);
}

static void begin(struct world *world)
{
	assert_int_equal(run(world->ctx, world->conn, "BEGIN", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "INSERT INTO shelf VALUES (1)", NULL), 0);
}

static void a_killed_backend_is_unavailable(void **state)
{
	struct world *world = *state;

	begin(world);
	kill_backend(world->pid);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1", NULL), P_UNAVAILABLE);
	assert_int_equal(world->ctx->retry_after, 1);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1", NULL), P_UNAVAILABLE);
	assert_recovered(world);
}

static void a_commit_sent_to_a_killed_backend_is_in_doubt(void **state)
{
	struct world *world = *state;

	begin(world);
	kill_backend(world->pid);
	assert_int_equal(conn_commit(world->ctx, world->conn, NULL, 0, NULL), P_IN_DOUBT);
	assert_int_equal(world->ctx->problem, P_IN_DOUBT);
	assert_int_equal(world->ctx->retry_after, 1);
	assert_recovered(world);
}

static void *kill_soon(void *arg)
{
	const struct world *world = arg;

	wait_for("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%'"
		 " AND state = 'active'",
		 1);
	kill_backend(world->pid);
	return NULL;
}

/* The server said which statement it died in: the COMMIT behind it was not reached. */
static void a_backend_killed_before_the_commit_has_not_committed(void **state)
{
	const struct query query = { TEXT("SELECT pg_sleep(10)"), NULL, 0 };
	struct world *world = *state;
	struct reply reply;
	pthread_t killer;

	begin(world);
	assert_int_equal(run(world->ctx, world->conn, "SET LOCAL statement_timeout = 0", NULL), 0);
	pthread_create(&killer, NULL, kill_soon, world);
	assert_int_equal(conn_commit(world->ctx, world->conn, &query, 1, &reply), P_UNAVAILABLE);
	assert_int_equal(conn_failed_at(world->conn), 0);
	pthread_join(killer, NULL);
	assert_recovered(world);
}

/* As a dead machine: the socket stays open and silent. */
static void a_silent_server_does_not_hang_the_request(void **state)
{
	struct world *world = *state;
	int64_t start = clock_ticks();

	begin(world);
	kill((pid_t)world->pid, SIGSTOP);
	assert_int_equal(conn_commit(world->ctx, world->conn, NULL, 0, NULL), P_IN_DOUBT);
	assert_in_range((clock_ticks() - start) / 1000000, 1400, 3000);
	conn_release(&world->conn);
	assert_int_equal(store_acquire(world->ctx, world->store, &world->conn), 0);
	kill((pid_t)world->pid, SIGCONT);
	/* It was in doubt: the old session, awake again, finds the COMMIT in its socket. */
	wait_for("SELECT count(*) FROM shelf", 1);
	admin("DELETE FROM shelf");
	assert_recovered(world);
}

static void *cancel_wait(void *arg)
{
	const struct world *world = arg;
	char sql[128];

	wait_for("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 1);
	snprintf(sql, sizeof(sql), "SELECT pg_cancel_backend(%ld)", world->pid);
	admin(sql);
	return NULL;
}

static void a_cancelled_wait_for_the_standby_is_in_doubt(void **state)
{
	struct world *world = *state;
	pthread_t canceller;
	int rc;

	begin(world);
	admin("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	admin("SELECT pg_reload_conf()");
	wait_for("SELECT count(*) FROM pg_settings WHERE name = 'synchronous_standby_names'"
		 " AND setting = 'nobody'",
		 1);
	/* The backend under test may not have read the new setting yet. */
	usleep(100000);
	pthread_create(&canceller, NULL, cancel_wait, world);
	rc = conn_commit(world->ctx, world->conn, NULL, 0, NULL);
	pthread_join(canceller, NULL);
	admin("ALTER SYSTEM RESET synchronous_standby_names");
	admin("SELECT pg_reload_conf()");
	assert_int_equal(rc, P_IN_DOUBT);
	assert_int_equal(admin("SELECT count(*) FROM shelf"), 1);
	assert_int_equal(ask(world->ctx, world->conn, BACKEND), world->pid);
}

/* One loss replaces all: also the idle connection whose backend still lives. */
static void a_loss_dooms_the_older_connections(void **state)
{
	struct world *world = *state;
	struct store_stats stats;
	struct conn *other = NULL;
	int64_t other_pid;

	assert_int_equal(store_acquire(world->ctx, world->store, &other), 0);
	other_pid = ask(world->ctx, other, BACKEND);
	kill_backend(world->pid);
	assert_int_equal(run(world->ctx, world->conn, "SELECT 1", NULL), P_UNAVAILABLE);
	assert_int_equal(run(world->ctx, other, "SELECT 1", NULL), 0); /* until it is given back */
	conn_release(&other);
	assert_recovered(world);
	assert_int_not_equal(ask(world->ctx, world->conn, BACKEND), other_pid);
	store_stats(world->store, &stats);
	assert_int_equal(stats.generation, 1);
	wait_for("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'atbalsts'", 1);
}

static void a_dead_idle_connection_is_replaced_unseen(void **state)
{
	struct world *world = *state;

	conn_release(&world->conn);
	kill_backend(world->pid);
	usleep(150000);
	assert_recovered(world);
}

/* As after a fail-over: the server turned out to be a standby. */
static void a_server_that_only_reads_is_left(void **state)
{
	struct world *world = *state;

	assert_int_equal(run(world->ctx, world->conn, "BEGIN READ ONLY", NULL), 0);
	assert_int_equal(run(world->ctx, world->conn, "INSERT INTO shelf VALUES (1)", NULL),
			 P_UNAVAILABLE);
	assert_recovered(world);
}

/* Accepts by its backlog and says nothing. */
static int silent_server(char folder[32])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(folder, 32, "/tmp/silentXXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

static void connecting_takes_no_longer_than_the_wait(void **state)
{
	char folder[32], dsn[64], path[64];
	const struct store_config config = { dsn, 1, 300, 400, 200 };
	struct world *world = *state;
	int fd = silent_server(folder);
	int64_t start = clock_ticks();
	struct conn *conn = NULL;
	struct store *store;

	snprintf(dsn, sizeof(dsn), "host=%s", folder);
	assert_int_equal(store_new(&config, &store), 0);
	assert_int_equal(store_acquire(world->ctx, store, &conn), P_UNAVAILABLE);
	assert_in_range((clock_ticks() - start) / 1000000, 300, 1000);
	store_free(store);
	close(fd);
	snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", folder);
	unlink(path);
	rmdir(folder);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_killed_backend_is_unavailable),
		T(a_commit_sent_to_a_killed_backend_is_in_doubt),
		T(a_backend_killed_before_the_commit_has_not_committed),
		T(a_silent_server_does_not_hang_the_request),
		T(a_cancelled_wait_for_the_standby_is_in_doubt),
		T(a_loss_dooms_the_older_connections),
		T(a_dead_idle_connection_is_replaced_unseen),
		T(a_server_that_only_reads_is_left),
		T(connecting_takes_no_longer_than_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
