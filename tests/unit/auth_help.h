#ifndef TESTS_AUTH_HELP_H
#define TESTS_AUTH_HELP_H

#include "core/fail.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SOME_ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define OTHER_ID "01890a5d-ac96-774b-bcce-b302099a8058"
#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define HEX_B "f0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_C "e0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct scene {
	struct arena arena;
	struct ctx ctx;
};

static inline struct ctx *scene_begin(struct scene *scene, size_t maximum)
{
	memset(scene, 0, sizeof(*scene));
	arena_init(&scene->arena, maximum);
	scene->ctx.arena = &scene->arena;
	return &scene->ctx;
}

static inline void scene_end(struct scene *scene)
{
	arena_done(&scene->arena);
}

/* A file with this content, readable by the owner alone; the caller unlinks it. */
static inline void file_make(char path[32], const char *content)
{
	size_t len = strlen(content);
	int fd;

	strncpy(path, "/tmp/atbalsts-test-XXXXXX", 32);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), (ssize_t)len);
	close(fd);
}

/* Hundreds of expected faults would hide the one line that matters. */
static inline int quiet_begin(void)
{
	int saved;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
	return saved;
}

static inline void quiet_end(int saved)
{
	(void)fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static inline void assert_text(struct text got, const char *expected)
{
	assert_non_null(got.ptr);
	assert_int_equal(got.len, strlen(expected));
	assert_memory_equal(got.ptr, expected, got.len);
}

#endif
