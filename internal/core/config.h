#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "core/arena.h"

/* The configuration: one table (config.def), read once from the environment. */
struct config {
#define OPTION_TEXT(member, name, fallback, secret, about) const char *member;
#define OPTION_NUMBER(member, name, fallback, low, high, about) int64_t member;
#include "core/config.def"
#undef OPTION_TEXT
#undef OPTION_NUMBER
};

/* Reads ATBALSTS_<NAME> or the first line of the file named by ATBALSTS_<NAME>_FILE. Every error is
 * written to standard error, one a line: both set, unreadable file, not a number, out of range, and
 * any unknown name that begins with ATBALSTS_. 0 or -EINVAL. Texts live in the arena. */
int config_load(struct arena *arena, struct config *ret);

/* Prints every option with its value, secrets as "(set)", to standard output. */
void config_dump(const struct config *config);

#endif
