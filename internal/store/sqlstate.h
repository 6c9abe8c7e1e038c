#ifndef STORE_SQLSTATE_H
#define STORE_SQLSTATE_H

#include "store/store.h"

/* Inside of the package only: an SQL error's road to a problem, by sqlstate.def. */
struct sql_error {
	struct text sqlstate;
	struct text constraint; /* null texts where the server named none */
	struct text table;
	struct text message;
	struct text hint; /* of a trigger that is a rule: the refusal's word */
	bool deleting;	  /* the statement was a DELETE: a foreign key then means "in use" */
};

/* The problem, told in ctx; or a fault (-EIO) for what sqlstate.def does not list. */
int sqlstate_fail(struct ctx *ctx, const struct sql_error *error);

/* Its class for the metrics. */
enum store_error sqlstate_class(struct text sqlstate);

/* Whether it says that the server's connections are of no more use. */
bool sqlstate_is_failover(struct text sqlstate);

/* Whether it says that the transaction was rolled back for another's sake. */
bool sqlstate_is_undone(struct text sqlstate);

#define SQL_ERROR_SIZE 384

/* One line for the log. Classes 22 and 23 quote data in their messages: of these only the names. */
struct text sql_error_print(const struct sql_error *error, char buf[SQL_ERROR_SIZE]);

#endif
