#ifndef FEATURE_TRANSFERS_HANDOVER_H
#define FEATURE_TRANSFERS_HANDOVER_H

#include "engine/call.h"
#include "engine/trip.h"

/* What an accepted transfer does (R20), in the transaction of the answer: the giver's rows are
 * opened with the giver's keys and sealed anew with keys of the receiver's. The database says whose
 * rows these are: schema/80_transfers.sql shows them to the accepting transaction alone. */

struct handover_id {
	struct text from, to;
};

struct handover {
	struct ctx *ctx;
	struct engine *engine;
	struct conn *conn;
	struct trip *trip; /* the one being built */
	struct text transfer_id;
	struct text provider_id; /* the receiver */
	struct text client_id;	 /* the receiver's: new, or the one it has of this person */
	struct text case_id;
	bool known;	       /* the receiver has the client, whose identity stays as it is */
	bool notes;	       /* narratives and notes travel too */
	struct data_key giver; /* the giver's client's key */
	struct data_key own;   /* the receiver's client's; set here unless known */
	struct date opened_on;
	struct text case_worker_id; /* may be null */
	struct handover_id *ids;    /* of rows that other rows name */
	size_t id_count;
};

/* Closes the giver's case and makes the receiver's. The answer itself stands first in the trip,
 * which has not run yet; on return the last statement stands in a trip that has not run. Of the
 * keys giver and own the caller wipes what is there, also after an error. */
int handover_accept(struct handover *handover);

#endif
