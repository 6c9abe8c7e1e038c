/* Reads files of keys. Enter at key_file_read; the caller owns the keys and wipes them. */

#include "auth/keyfile.h"

#include "core/log/log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_MAX 4096

static int key_file_fault(int error, const char *path, size_t line)
{
	log_error("key_file_refused", LOG_TEXT("path", text_of(path)),
		  LOG_NUMBER("line", (int64_t)line),
		  LOG_TEXT("error", text_of(strerrorname_np(error))));
	return -error;
}

static int secret_parse(struct text hex, unsigned char secret[KEY_SECRET_SIZE])
{
	if (hex.len != 2 * (size_t)KEY_SECRET_SIZE)
		return -EINVAL;
	for (size_t i = 0; i < KEY_SECRET_SIZE; i++) {
		int high = hex_digit(hex.ptr[2 * i]);
		int low = hex_digit(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		secret[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

/* Not empty: its line begins with no space. */
static bool id_is_good(struct text id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!isalnum((unsigned char)c) && c != '-' && c != '_')
			return false;
	}
	return id.len < KEY_ID_SIZE;
}

static int line_parse(struct text line, struct key_line *ret)
{
	struct text secret = line;
	struct text id = text_cut(&secret, ' ');

	if (secret.ptr == NULL || !id_is_good(id))
		return -EINVAL;
	memset(ret->id, 0, sizeof(ret->id));
	memcpy(ret->id, id.ptr, id.len);
	return secret_parse(text_trim(secret), ret->secret);
}

static bool id_is_known(const struct key_line *lines, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(lines[i].id, id) == 0)
			return true;
	}
	return false;
}

static int lines_parse(const char *path, struct text content, struct key_line *lines, size_t max,
		       size_t *ret_count)
{
	size_t count = 0;

	for (size_t number = 1; content.ptr != NULL; number++) {
		struct text line = text_trim(text_cut(&content, '\n'));

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (count == max || line_parse(line, &lines[count]) != 0 ||
		    id_is_known(lines, count, lines[count].id))
			return key_file_fault(EINVAL, path, number);
		count++;
	}
	if (count == 0)
		return key_file_fault(EINVAL, path, 0);
	*ret_count = count;
	return 0;
}

/* At most KEY_FILE_MAX bytes: a longer file is not a key file. */
static int file_read(int fd, char *buf, size_t *ret_len)
{
	struct stat status;
	ssize_t len;

	if (fstat(fd, &status) != 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size > KEY_FILE_MAX)
		return -EINVAL;
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -EPERM;
	len = read(fd, buf, KEY_FILE_MAX);
	if (len < 0)
		return -errno;
	*ret_len = (size_t)len;
	return 0;
}

int key_file_read(const char *path, struct key_line *lines, size_t max, size_t *ret_count)
{
	char buf[KEY_FILE_MAX];
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return key_file_fault(errno, path, 0);
	rc = file_read(fd, buf, &len);
	close(fd);
	if (rc != 0)
		return key_file_fault(-rc, path, 0);
	rc = lines_parse(path, (struct text){ buf, len }, lines, max, ret_count);
	explicit_bzero(buf, sizeof(buf));
	return rc;
}
