#include "core/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct config config;
static char folder[] = "/tmp/atbalsts-config-XXXXXX";
static char path[sizeof(folder) + 8];
static char output[8192];

static int begin(void **state)
{
	(void)state;
	clearenv();
	arena_init(&arena, 1 << 20);
	memset(&config, 0x5a, sizeof(config));
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static int folder_make(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/value", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void write_value(const char *value, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(value, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* Loads with one of the standard streams going to a file, and leaves in output what was written. */
static int captured(int stream, int (*act)(void))
{
	int saved = dup(stream), file = open(folder, O_TMPFILE | O_RDWR, 0600), rc;
	ssize_t len;

	assert_true(file >= 0);
	(void)fflush(NULL);
	dup2(file, stream);
	rc = act();
	(void)fflush(NULL);
	dup2(saved, stream);
	close(saved);
	len = pread(file, output, sizeof(output) - 1, 0);
	close(file);
	assert_true(len >= 0);
	output[len] = '\0';
	return rc;
}

static int load(void)
{
	return config_load(&arena, &config);
}

static int dump(void)
{
	config_dump(&config);
	return 0;
}

static void assert_refused(const char *why)
{
	int64_t before = config.pool_size;

	assert_int_equal(captured(STDERR_FILENO, load), -EINVAL);
	assert_string_equal(output, why);
	assert_true(config.pool_size == before);
}

static void what_is_not_set_has_its_default(void **state)
{
	(void)state;
	assert_int_equal(captured(STDERR_FILENO, load), 0);
	assert_string_equal(output, "");
	assert_null(config.database);
	assert_string_equal(config.listen, "127.0.0.1:8080");
	assert_string_equal(config.allowed_origins, "");
	assert_int_equal(config.pool_size, 32);
}

static void values_come_from_the_environment(void **state)
{
	(void)state;
	setenv("ATBALSTS_DATABASE", "host=/tmp", 1);
	setenv("ATBALSTS_LISTEN", "", 1);
	setenv("ATBALSTS_POOL_SIZE", "500", 1);
	setenv("ATBALSTS_DRAIN_S", "0", 1);
	setenv("ATBALST_OTHER", "somebody else's", 1);
	assert_int_equal(load(), 0);
	setenv("ATBALSTS_DATABASE", "changed meanwhile", 1);
	assert_string_equal(config.database, "host=/tmp");
	assert_string_equal(config.listen, "");
	assert_int_equal(config.pool_size, 500);
	assert_int_equal(config.drain_s, 0);
}

static void values_come_from_the_first_line_of_files(void **state)
{
	static const struct {
		const char *content;
		const char *value;
	} files[] = { { "host=a\n", "host=a" },
		      { "host=b", "host=b" },
		      { "host=c\r\nnext\n", "host=c" },
		      { "", "" },
		      { "\nx", "" },
		      { " kept ", " kept " } };

	(void)state;
	setenv("ATBALSTS_DATABASE_FILE", path, 1);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		write_value(files[i].content, strlen(files[i].content));
		assert_int_equal(load(), 0);
		assert_string_equal(config.database, files[i].value);
	}
	setenv("ATBALSTS_POOL_SIZE_FILE", path, 1);
	write_value("7\n", 2);
	assert_int_equal(load(), 0);
	assert_int_equal(config.pool_size, 7);
}

static void a_name_together_with_its_file_is_refused(void **state)
{
	(void)state;
	setenv("ATBALSTS_DATABASE", "", 1);
	setenv("ATBALSTS_DATABASE_FILE", path, 1);
	assert_refused("ATBALSTS_DATABASE: set together with its _FILE\n");
}

static void a_file_that_cannot_be_read_is_refused(void **state)
{
	static char big[9000];

	(void)state;
	setenv("ATBALSTS_DATABASE_FILE", "/nonexistent/file", 1);
	assert_refused("ATBALSTS_DATABASE_FILE: No such file or directory\n");
	setenv("ATBALSTS_DATABASE_FILE", folder, 1);
	assert_refused("ATBALSTS_DATABASE_FILE: Input/output error\n");
	memset(big, 'x', sizeof(big));
	write_value(big, sizeof(big));
	setenv("ATBALSTS_DATABASE_FILE", path, 1);
	assert_refused("ATBALSTS_DATABASE_FILE: File too large\n");
	write_value("a\0b", 3);
	assert_refused("ATBALSTS_DATABASE: not UTF-8 text\n");
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = { "",	 "x",	 "1.5",
					   " 1", "1 ",	 "+1",
					   "01", "0x10", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("ATBALSTS_POOL_SIZE", bad[i], 1);
		assert_refused("ATBALSTS_POOL_SIZE: not a whole number\n");
	}
	setenv("ATBALSTS_POOL_SIZE", "0", 1);
	assert_refused("ATBALSTS_POOL_SIZE: not from 1 to 500\n");
	setenv("ATBALSTS_POOL_SIZE", "501", 1);
	assert_refused("ATBALSTS_POOL_SIZE: not from 1 to 500\n");
}

static void unknown_names_are_refused(void **state)
{
	static const char *const bad[] = { "ATBALSTS_POOLSIZE",
					   "ATBALSTS_",
					   "ATBALSTS_FILE",
					   "ATBALSTS_pool_size",
					   "ATBALSTS_POOL_SIZE_FILE_FILE",
					   "ATBALSTS_POOL_SIZ_FILE" };
	char why[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		clearenv();
		setenv(bad[i], "1", 1);
		snprintf(why, sizeof(why), "%s: no such option\n", bad[i]);
		assert_refused(why);
	}
}

static void all_errors_are_told_at_once(void **state)
{
	(void)state;
	setenv("ATBALSTS_NONSENSE", "secret value", 1);
	setenv("ATBALSTS_DATABASE", "\xff", 1);
	setenv("ATBALSTS_POOL_SIZE", "many", 1);
	assert_refused("ATBALSTS_NONSENSE: no such option\nATBALSTS_DATABASE: not UTF-8 text\n"
		       "ATBALSTS_POOL_SIZE: not a whole number\n");
}

static void a_dump_keeps_secrets(void **state)
{
	(void)state;
	setenv("ATBALSTS_DATABASE", "password=canary", 1);
	setenv("ATBALSTS_MASTER_KEYS", "/etc/keys", 1);
	assert_int_equal(load(), 0);
	captured(STDOUT_FILENO, dump);
	assert_null(strstr(output, "canary"));
	assert_non_null(strstr(output, "ATBALSTS_DATABASE=(set)  # libpq"));
	assert_non_null(strstr(output, "ATBALSTS_OWNER_DATABASE (unset)  # "));
	assert_non_null(strstr(output, "ATBALSTS_MASTER_KEYS=/etc/keys  # "));
	assert_non_null(strstr(output, "ATBALSTS_POOL_SIZE=32  # database connections\n"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_not_set_has_its_default),
		CASE(values_come_from_the_environment),
		CASE(values_come_from_the_first_line_of_files),
		CASE(a_name_together_with_its_file_is_refused),
		CASE(a_file_that_cannot_be_read_is_refused),
		CASE(numbers_are_whole_and_in_range),
		CASE(unknown_names_are_refused),
		CASE(all_errors_are_told_at_once),
		CASE(a_dump_keeps_secrets),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
