#ifndef ENGINE_WRITE_WRITE_H
#define ENGINE_WRITE_WRITE_H

#include "auth/access.h"
#include "engine/write/apply.h"
#include "engine/write/facts.h"
#include "engine/write/row.h"
#include "engine/references.h"
#include "engine/read/render.h"

/* One ruled write, and what create, update and delete share of it. At most three round trips:
 * look (BEGIN, session, lock of the case, the row or its parent, facts), change, COMMIT. */
struct write {
	struct ctx *ctx;
	struct engine *engine;
	struct call *call;
	const struct resource *resource;
	struct access access;
	struct conn *conn;
	struct projection projection; /* the whole row */
	struct data_key key;	      /* opens and seals the row; id null without sealed fields */
	void *before, *after;
	struct change change;
	struct effects effects;
	struct applied applied;
	struct trip trip;  /* the one being built */
	size_t session_at; /* indexes of replies in the first trip */
	size_t case_at;	   /* of the case's lock, where case_locked */
	bool case_locked;
	size_t facts_at;
	struct references references;
};

/* Runs one attempt with a struct write of its own; ACT_UNDONE as act_end tells. */
int write_attempt(struct ctx *ctx, struct engine *engine, struct call *call,
		  int (*attempt)(struct write *write, struct answer *answer),
		  struct answer *answer);

/* P_FORBIDDEN unless the role may; opens the first trip with BEGIN and session, without a
 * connection: the body is read before one is taken. */
int write_open(struct write *write, enum action action);

/* Adds the lock of the path's case, for every ruled write below or of a case. */
void write_lock_case(struct write *write);

/* Takes a connection, runs the first trip and takes the session's word; AUTHORIZE_AGAIN as
 * authorize_accept. P_NOT_FOUND when the case that write_lock_case was to lock is not the caller's.
 */
int write_look(struct write *write);

/* Members that the role does not see are none of its business to write. */
int write_visible(struct write *write, uint64_t given);

/* check, then effects; problems of both. */
int write_rules(struct write *write);

/* The row as it is to be written, sealed with write->key. */
struct row write_row(const struct write *write);

/* Adds the effects' statements for the changed row. */
void write_apply(struct write *write, struct text id);

/* Runs the trip that ends the act, with COMMIT unless the transaction is lent. */
int write_finish(struct write *write);

/* The client that the changed row is about; null when it is about none. */
struct text write_client(struct write *write);

/* Adds the access row of a row that is shown again without being read. */
void write_seen(struct write *write, struct text row_id, struct text client_id);

/* Runs the changing trip; refusals of limits become the rule's problem. */
int write_run(struct write *write, bool commit);

/* Body and ETag of the row in the reply, as the role sees it. */
int write_answer(struct write *write, struct reply reply, struct answer *answer);

/* The record's part of a struct. */
static inline struct record *write_record(void *base)
{
	return base;
}

#endif
