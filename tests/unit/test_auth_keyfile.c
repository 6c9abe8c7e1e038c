#include "auth_help.h"

#include "auth/seal.h"

#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>

#define HEX_62 "112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define FOUR_KEYS "a " HEX_A "\nb " HEX_A "\nc " HEX_A "\nd " HEX_A "\n"
#define KEYS "m1 " HEX_A "\nblind " HEX_C "\n"

static bool init_fails;
static bool fstat_fails;

int sodium_init(void)
{
	int (*real)(void) = (int (*)(void))dlsym(RTLD_NEXT, "sodium_init");

	return init_fails ? -1 : real();
}

int fstat(int fd, struct stat *status)
{
	int (*real)(int, struct stat *) = (int (*)(int, struct stat *))dlsym(RTLD_NEXT, "fstat");

	if (fstat_fails) {
		errno = EIO;
		return -1;
	}
	return real(fd, status);
}

static int ring_load(struct keyring *ring, const char *content)
{
	char path[32];
	int rc;

	file_make(path, content);
	rc = keyring_load(ring, path);
	unlink(path);
	return rc;
}

static void a_bad_key_file_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"# only words\n\n",
		"m1 " HEX_A "\n",
		"blind " HEX_A "\n",
		"m1 " HEX_A "\nm2 " HEX_B "\n",
		"m1 " HEX_A "\nm1 " HEX_B "\nblind " HEX_C "\n",
		"m1 " HEX_A "0\nblind " HEX_C "\n",
		"m1 0g" HEX_62 "\nblind " HEX_C "\n",
		"m1 g0" HEX_62 "\nblind " HEX_C "\n",
		"m1 0/" HEX_62 "\nblind " HEX_C "\n",
		"m1 :0" HEX_62 "\nblind " HEX_C "\n",
		"m1\nblind " HEX_C "\n",
		"m.1 " HEX_A "\nblind " HEX_C "\n",
		"0123456789012345678901234567890123 " HEX_A "\nblind " HEX_C "\n",
		FOUR_KEYS "e " HEX_A "\nblind " HEX_C "\n",
	};
	struct keyring got;
	int saved = quiet_begin();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(ring_load(&got, wrong[i]), -EINVAL);
	assert_int_equal(ring_load(&got, FOUR_KEYS "\r\nblind  " HEX_C), -EINVAL);
	assert_int_equal(
		ring_load(&got, "# the ring\n  a " HEX_A "\nb_-Z9 " HEX_B "\n\nblind  " HEX_C), 0);
	assert_int_equal(got.count, 2);
	assert_string_equal(got.keys[1].id, "b_-Z9");
	assert_int_equal(got.blind_secret[0], 0xe0);
	assert_int_equal(keyring_load(&got, "/tmp/atbalsts-no-such-file"), -ENOENT);
	assert_int_equal(keyring_load(&got, "/tmp"), -EINVAL);
	quiet_end(saved);
}

static void a_key_file_that_others_write_is_refused(void **state)
{
	char path[32];
	struct keyring got;

	(void)state;
	file_make(path, KEYS);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(keyring_load(&got, path), 0);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(keyring_load(&got, path), -EPERM);
	assert_int_equal(chmod(path, 0602), 0);
	assert_int_equal(keyring_load(&got, path), -EPERM);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 4097), 0);
	assert_int_equal(keyring_load(&got, path), -EINVAL);
	unlink(path);
}

static void faults_of_the_machine_are_returned(void **state)
{
	struct keyring got;
	char path[32];

	(void)state;
	file_make(path, KEYS);
	init_fails = true;
	assert_int_equal(keyring_load(&got, path), -EIO);
	init_fails = false;
	fstat_fails = true;
	assert_int_equal(keyring_load(&got, path), -EIO);
	fstat_fails = false;
	unlink(path);
	/* A regular file of which the first byte cannot be read. */
	assert_int_equal(keyring_load(&got, "/proc/self/mem"), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_key_file_is_refused),
		cmocka_unit_test(a_key_file_that_others_write_is_refused),
		cmocka_unit_test(faults_of_the_machine_are_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
