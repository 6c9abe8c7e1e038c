#ifndef RULES_SERVICES_AFTERCARE_H
#define RULES_SERVICES_AFTERCARE_H

#include "rules/proceedings/criminal.h"
#include "rules/contracts/limit.h"

/* A consultation that draws on a limit. */
struct consultation_act {
	enum funding funding;
	struct instant start;
	struct number minutes;
};

/* Everything R3 asks for beside the consultation; refused without the limit or its window (R31). */
struct aftercare_facts {
	const struct case_facts *facts;
	const struct limit_terms *limit; /* the rule set's, NULL: missing */
	const struct limit_uses *uses;	 /* without them the counter alone refuses */
	const struct support_periods *supports;
	const struct contract_terms *contracts;
};

/*
 * R3 (seed; Cabinet Regulations 344/2019, 4): the course ended before the consultation's day in
 * Riga, that day is within the window, the minutes fit, no support period covers the day, units
 * are left; and a contract pays for the day. P_COURSE_NOT_ENDED, P_AFTERCARE_EXPIRED,
 * P_CRIMINAL_SUPPORT_ACTIVE, P_AFTERCARE_EXHAUSTED, P_NO_CONTRACT at pointer
 * ("/starts_at"), P_AFTERCARE_TOO_LONG at /minutes, P_LIMIT_MISSING at /funding.
 */
int aftercare_check(struct ctx *ctx, const struct aftercare_facts *facts,
		    const struct consultation_act *act, const char *pointer);

#endif
