#ifndef STORE_SQLSTATE_H
#define STORE_SQLSTATE_H

#include "store/store.h"

/* Only for this package: turns an SQL error into a problem, by sqlstate.def. */
struct sql_error {
	struct text sqlstate;
	struct text constraint; /* null texts if the server named none */
	struct text table;
	struct text message;
	struct text hint; /* of a trigger that is a rule: the refusal's word */
	bool deleting;	  /* the statement was a DELETE: a foreign key then means "in use" */
};

/* Returns the problem, set in ctx; or a fault (-EIO) for an error that sqlstate.def does not list.
 * */
int sqlstate_fail(struct ctx *ctx, const struct sql_error *error);

/* Its class for the metrics. */
enum store_error sqlstate_class(struct text sqlstate);

/* Whether the error means that the connections to this server can no longer be used. */
bool sqlstate_is_failover(struct text sqlstate);

/* Whether the error means that PostgreSQL rolled the transaction back so that another could go on.
 * */
bool sqlstate_is_undone(struct text sqlstate);

#define SQL_ERROR_SIZE 384

/* One line for the log. Messages of classes 22 and 23 quote data: print only their names. */
struct text sql_error_print(const struct sql_error *error, char buf[SQL_ERROR_SIZE]);

#endif
