/* The prepared statements of one connection: a hash table and a list by last use. Enter at
 * statements_find and statements_add. Owned by its connection. */

#include "store/stmt.h"

#include <stdio.h>

/* Hash eight bytes a step: the text of a list has some kilobytes and is hashed for every request.
 * A collision costs only a comparison, because the full text decides and a chain has at most
 * STATEMENTS_MAX links. */
static uint64_t sql_hash(struct text sql)
{
	const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = sql.len * multiplier;
	uint64_t word;
	size_t at;

	for (at = 0; at + sizeof(word) <= sql.len; at += sizeof(word)) {
		memcpy(&word, sql.ptr + at, sizeof(word));
		hash = (hash ^ word) * multiplier;
		hash ^= hash >> 29;
	}
	word = 0;
	if (at < sql.len)
		memcpy(&word, sql.ptr + at, sql.len - at);
	hash = (hash ^ word) * multiplier;
	return hash ^ (hash >> 32);
}

static uint16_t *statements_bucket(struct statements *statements, uint64_t hash)
{
	return &statements->buckets[hash % STATEMENT_BUCKETS];
}

void statements_init(struct statements *statements)
{
	memset(statements, 0, sizeof(*statements));
	memset(statements->buckets, 0xff, sizeof(statements->buckets));
	statements->newest = STATEMENT_NONE;
	statements->oldest = STATEMENT_NONE;
	for (uint16_t i = 0; i < STATEMENTS_MAX; i++)
		statements->slots[i].chain =
			i + 1 < STATEMENTS_MAX ? (uint16_t)(i + 1) : STATEMENT_NONE;
}

void statements_done(struct statements *statements)
{
	for (size_t i = 0; i < STATEMENTS_MAX; i++)
		memory_give(statements->slots[i].sql);
	statements_init(statements);
}

static void statements_unlink(struct statements *statements, const struct statement *statement)
{
	if (statement->newer != STATEMENT_NONE)
		statements->slots[statement->newer].older = statement->older;
	else
		statements->newest = statement->older;
	if (statement->older != STATEMENT_NONE)
		statements->slots[statement->older].newer = statement->newer;
	else
		statements->oldest = statement->newer;
}

static void statements_link(struct statements *statements, uint16_t slot)
{
	struct statement *statement = &statements->slots[slot];

	statement->newer = STATEMENT_NONE;
	statement->older = statements->newest;
	if (statements->newest != STATEMENT_NONE)
		statements->slots[statements->newest].newer = slot;
	else
		statements->oldest = slot;
	statements->newest = slot;
}

uint16_t statements_find(struct statements *statements, struct text sql)
{
	uint64_t hash = sql_hash(sql);
	uint16_t slot = *statements_bucket(statements, hash);

	while (slot != STATEMENT_NONE) {
		const struct statement *statement = &statements->slots[slot];

		if (statement->hash == hash && statement->len == sql.len &&
		    memcmp(statement->sql, sql.ptr, sql.len) == 0)
			break;
		slot = statement->chain;
	}
	if (slot != STATEMENT_NONE && slot != statements->newest) {
		statements_unlink(statements, &statements->slots[slot]);
		statements_link(statements, slot);
	}
	return slot;
}

uint16_t statements_add(struct statements *statements, struct text sql,
			char evicted[STATEMENT_NAME])
{
	struct statement *statement;
	uint16_t *bucket;
	uint16_t slot;

	evicted[0] = '\0';
	if (statements->free == STATEMENT_NONE) {
		memcpy(evicted, statements->slots[statements->oldest].name, STATEMENT_NAME);
		statements_forget(statements, statements->oldest);
	}
	slot = statements->free;
	statement = &statements->slots[slot];
	statements->free = statement->chain;
	statement->sql = memory_take(sql.len + 1);
	memcpy(statement->sql, sql.ptr, sql.len);
	statement->sql[sql.len] = '\0';
	statement->len = sql.len;
	statement->hash = sql_hash(sql);
	statement->state = STATEMENT_NEW;
	snprintf(statement->name, sizeof(statement->name), "s%u", ++statements->last_name);
	bucket = statements_bucket(statements, statement->hash);
	statement->chain = *bucket;
	*bucket = slot;
	statements_link(statements, slot);
	return slot;
}

void statements_forget(struct statements *statements, uint16_t slot)
{
	struct statement *statement = &statements->slots[slot];
	uint16_t *link = statements_bucket(statements, statement->hash);

	while (*link != slot)
		link = &statements->slots[*link].chain;
	*link = statement->chain;
	statements_unlink(statements, statement);
	memory_give(statement->sql);
	statement->sql = NULL;
	statement->chain = statements->free;
	statements->free = slot;
}
