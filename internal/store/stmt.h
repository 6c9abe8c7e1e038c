#ifndef STORE_STMT_H
#define STORE_STMT_H

#include "core/arena.h"

/* Only for this package: which statements one connection has prepared, by their text; the least
 * recently used leaves first. Knows names, speaks no protocol. */

#define STATEMENTS_MAX 256
#define STATEMENT_NONE UINT16_MAX
#define STATEMENT_NAME 12

enum statement_state { STATEMENT_NEW, STATEMENT_SENT, STATEMENT_READY };

struct statement {
	char *sql; /* NUL-terminated copy; NULL: a free slot */
	size_t len;
	uint64_t hash;
	uint16_t chain; /* next in the bucket, or next free slot */
	uint16_t newer, older;
	enum statement_state state;
	char name[STATEMENT_NAME]; /* s1, s2 …, never used twice on a connection */
};

#define STATEMENT_BUCKETS 512

struct statements {
	struct statement slots[STATEMENTS_MAX];
	uint16_t buckets[STATEMENT_BUCKETS];
	uint16_t newest, oldest, free;
	uint32_t last_name;
};

void statements_init(struct statements *statements);
void statements_done(struct statements *statements);

/* The slot of a text, now the most recently used; STATEMENT_NONE when it is not prepared. */
uint16_t statements_find(struct statements *statements, struct text sql);

/* A slot for a text that was not found. If all are in use the oldest is replaced, and evicted
 * holds the name to be deallocated; else evicted is "". */
uint16_t statements_add(struct statements *statements, struct text sql,
			char evicted[STATEMENT_NAME]);

void statements_forget(struct statements *statements, uint16_t slot);

#endif
