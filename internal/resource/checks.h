#ifndef RESOURCE_CHECKS_H
#define RESOURCE_CHECKS_H

#include "engine/rows.h"

/* Checks that many resources share. Each adds a violation and goes on; the hook closes them. Nulls
 * pass. */

/* P_END_BEFORE_START at pointer when to lies before from. */
void check_period(struct ctx *ctx, struct date from, struct date to, const char *pointer);

/* P_IN_THE_FUTURE at pointer when the day lies after today. */
void check_not_future(struct ctx *ctx, struct date day, struct date today, const char *pointer);

/* P_REQUIRED at pointer. */
void check_present(struct ctx *ctx, bool present, const char *pointer);

/* Who signs or is told in a client's place is named, and nobody else: P_REQUIRED or P_CONSTRAINT at
 * /representative_id. member: that which tells who it is. */
void check_giver(struct ctx *ctx, bool represented, struct text representative_id,
		 const char *member);

/* Absent lists are empty ones: their columns have no null. */
void texts_present(struct texts *texts);

#endif
