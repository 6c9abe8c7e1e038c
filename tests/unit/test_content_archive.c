#include "auth_help.h"

#include "content/archive.h"

#include <dlfcn.h>
#include <errno.h>
#include <zip.h>

/* libzip's own failures, on demand. */
static int fopen_fails; /* with this */
static int fread_fails;

zip_file_t *zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags)
{
	zip_file_t *(*real)(zip_t *, zip_uint64_t, zip_flags_t) =
		(zip_file_t * (*)(zip_t *, zip_uint64_t, zip_flags_t))
			dlsym(RTLD_NEXT, "zip_fopen_index");

	if (fopen_fails == 0)
		return real(zip, index, flags);
	zip_error_set(zip_get_error(zip), fopen_fails, 0);
	return NULL;
}

zip_int64_t zip_fread(zip_file_t *file, void *buf, zip_uint64_t size)
{
	zip_int64_t (*real)(zip_file_t *, void *, zip_uint64_t) =
		(zip_int64_t(*)(zip_file_t *, void *, zip_uint64_t))dlsym(RTLD_NEXT, "zip_fread");

	if (fread_fails == 0)
		return real(file, buf, size);
	/* -4 is zlib's Z_MEM_ERROR. */
	zip_error_set(zip_file_get_error(file), fread_fails, fread_fails == ZIP_ER_ZLIB ? -4 : 0);
	return -1;
}

static unsigned char bytes[4096];
static size_t size;

/* An OpenDocument text of its type's name alone. */
static int setup(void **state)
{
	static const char type[] = "application/vnd.oasis.opendocument.text";
	zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, NULL);
	zip_int64_t index;

	(void)state;
	zip_source_keep(whole);
	index = zip_file_add(zip, "mimetype",
			     zip_source_buffer_create(type, sizeof(type) - 1, 0, NULL), 0);
	assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0), 0);
	assert_int_equal(zip_close(zip), 0);
	assert_int_equal(zip_source_open(whole), 0);
	size = (size_t)zip_source_read(whole, bytes, sizeof(bytes));
	zip_source_free(whole);
	return 0;
}

static int check(size_t len)
{
	struct scene scene;
	struct ctx *ctx = scene_begin(&scene, 1 << 20);
	int rc = archive_check(ctx, media_type_odt, (struct text){ (const char *)bytes, len });

	scene_end(&scene);
	return rc;
}

static void a_sound_archive_passes_and_a_broken_one_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check(size), 0);
	assert_int_equal(check(size - 1), P_ARCHIVE_REFUSED);
	assert_int_equal(check(size / 2), P_ARCHIVE_REFUSED);
}

static void a_lack_of_memory_is_not_a_broken_archive(void **state)
{
	(void)state;
	fopen_fails = ZIP_ER_MEMORY;
	assert_int_equal(check(size), -ENOMEM);
	fopen_fails = ZIP_ER_INCONS;
	assert_int_equal(check(size), P_ARCHIVE_REFUSED);
	fopen_fails = 0;
	fread_fails = ZIP_ER_MEMORY;
	assert_int_equal(check(size), -ENOMEM);
	fread_fails = ZIP_ER_ZLIB;
	assert_int_equal(check(size), -ENOMEM);
	fread_fails = ZIP_ER_CRC;
	assert_int_equal(check(size), P_ARCHIVE_REFUSED);
	fread_fails = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_archive_passes_and_a_broken_one_is_refused),
		cmocka_unit_test(a_lack_of_memory_is_not_a_broken_archive),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
