#include "core/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PREFIX "ATBALSTS_"
#define FILE_SUFFIX "_FILE"
#define VALUE_MAX 8192

struct option {
	const char *name; /* with the prefix */
	size_t offset;
	bool is_number;
	const char *text;
	int64_t number, low, high;
	bool secret;
	const char *about;
};

static const struct option options[] = {
#define OPTION_TEXT(member, name, fallback, secret, about)                                         \
	{ PREFIX name, offsetof(struct config, member), false, fallback, 0, 0, 0, secret, about },
#define OPTION_NUMBER(member, name, fallback, low, high, about)                                    \
	{ PREFIX name, offsetof(struct config, member), true, NULL, fallback, low, high, false,    \
	  about },
#include "core/config.def"
#undef OPTION_TEXT
#undef OPTION_NUMBER
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static const char **option_text(const struct option *option, struct config *config)
{
	return (const char **)(void *)((char *)config + option->offset);
}

static int64_t *option_number(const struct option *option, struct config *config)
{
	return (int64_t *)(void *)((char *)config + option->offset);
}

static int refuse(struct text name, const char *why)
{
	fprintf(stderr, "%.*s: %s\n", (int)name.len, name.ptr, why);
	return -EINVAL;
}

/* The first line, without its end; a secret's file usually ends with a newline. */
static int read_first_line(const char *path, struct arena *arena, struct text *ret)
{
	char line[VALUE_MAX + 2];
	FILE *file = fopen(path, "re");
	struct text text;

	if (file == NULL)
		return -errno;
	text.len = fread(line, 1, sizeof(line), file);
	if (ferror(file) != 0) {
		(void)fclose(file);
		return -EIO;
	}
	(void)fclose(file);
	text.ptr = line;
	text = text_cut(&text, '\n');
	if (text.len > 0 && text.ptr[text.len - 1] == '\r')
		text.len--;
	if (text.len > VALUE_MAX)
		return -EFBIG;
	*ret = arena_copy(arena, text);
	explicit_bzero(line, sizeof(line));
	return ret->ptr != NULL ? 0 : -ENOMEM;
}

/* The value given by NAME or NAME_FILE; null when neither is set. */
static int option_read(const struct option *option, struct arena *arena, struct text *ret)
{
	/* Nobody changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	struct text value = text_of(getenv(option->name));
	struct text name = text_of(option->name);
	char file_name[64];
	const char *path;
	int rc;

	snprintf(file_name, sizeof(file_name), "%s" FILE_SUFFIX, option->name);
	path = getenv(file_name); /* NOLINT(concurrency-mt-unsafe) */
	if (value.ptr != NULL && path != NULL)
		return refuse(name, "set together with its _FILE");
	if (path != NULL) {
		rc = read_first_line(path, arena, &value);
		if (rc != 0)
			return refuse(text_of(file_name), strerrordesc_np(-rc));
	}
	if (!text_is_utf8(value))
		return refuse(name, "not UTF-8 text");
	*ret = value;
	return 0;
}

static int option_set_number(const struct option *option, struct text value, struct config *config)
{
	char why[96];
	int64_t number;

	if (text_to_int64(value, &number) != 0)
		return refuse(text_of(option->name), "not a whole number");
	if (number < option->low || number > option->high) {
		snprintf(why, sizeof(why), "not from %" PRId64 " to %" PRId64, option->low,
			 option->high);
		return refuse(text_of(option->name), why);
	}
	*option_number(option, config) = number;
	return 0;
}

static int option_set(const struct option *option, struct arena *arena, struct config *config)
{
	struct text value;
	int rc = option_read(option, arena, &value);

	if (rc != 0)
		return rc;
	if (value.ptr == NULL) {
		if (option->is_number)
			*option_number(option, config) = option->number;
		else
			*option_text(option, config) = option->text;
		return 0;
	}
	if (option->is_number)
		return option_set_number(option, value, config);
	/* Copied, because the environment may change behind getenv's back. */
	*option_text(option, config) = arena_strdup(arena, value);
	return *option_text(option, config) != NULL ? 0 : refuse(text_of(option->name), "too long");
}

static bool name_is_known(struct text name)
{
	struct text plain = name;
	size_t suffix = sizeof(FILE_SUFFIX) - 1;

	if (name.len > suffix && memcmp(name.ptr + name.len - suffix, FILE_SUFFIX, suffix) == 0)
		plain.len -= suffix;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (text_is(name, options[i].name) || text_is(plain, options[i].name))
			return true;
	return false;
}

/* A misspelt name would otherwise be a default that nobody notices. */
static int refuse_unknown_names(void)
{
	int rc = 0;

	for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
		struct text rest = text_of(*entry);
		struct text name = text_cut(&rest, '=');

		if (text_starts(name, PREFIX) && !name_is_known(name))
			rc = refuse(name, "no such option");
	}
	return rc;
}

int config_load(struct arena *arena, struct config *ret)
{
	struct config config;
	int rc = refuse_unknown_names();

	memset(&config, 0, sizeof(config));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_set(&options[i], arena, &config) != 0)
			rc = -EINVAL;
	if (rc == 0)
		*ret = config;
	return rc;
}

void config_dump(const struct config *config)
{
	struct config copy = *config;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];
		const char *text = option->is_number ? NULL : *option_text(option, &copy);

		if (option->is_number)
			printf("%s=%" PRId64, option->name, *option_number(option, &copy));
		else if (text == NULL)
			printf("%s (unset)", option->name);
		else
			printf("%s=%s", option->name, option->secret ? "(set)" : text);
		printf("  # %s\n", option->about);
	}
}
