#ifndef AUTH_KEYFILE_H
#define AUTH_KEYFILE_H

#include "core/text.h"

/* Key files, shared by seal.c and token.c: one key a line, "id hex64", '#' comments, blank
 * lines. */

#define KEY_ID_SIZE 33 /* [A-Za-z0-9_-]{1,32} and a NUL */
#define KEY_SECRET_SIZE 32

struct key_line {
	char id[KEY_ID_SIZE];
	unsigned char secret[KEY_SECRET_SIZE];
};

/* Reads at least one and at most max keys with different ids; the caller wipes them. -EPERM when
 * group or others can write the file, -EINVAL (the line is logged, never its text), -errno. */
int key_file_read(const char *path, struct key_line *lines, size_t max, size_t *ret_count);

#endif
