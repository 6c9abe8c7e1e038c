#ifndef RESOURCE_PEOPLE_CASES_H
#define RESOURCE_PEOPLE_CASES_H

#include "resource/registry.h"
#include "rules/admission/transitions.h"

#define RISK_LEVELS(X)                                                                             \
	X(risk_level, low)                                                                         \
	X(risk_level, medium)                                                                      \
	X(risk_level, high)                                                                        \
	X(risk_level, critical)
ENUM_DECLARE(risk_level, RISK_LEVELS)

/* One service episode of one client at one provider. Days that applications, decisions and
 * transitions set stand here too, as effects of those rows. */
struct case_row {
	struct record record;
	struct text number; /* the client's number and the case's place among its cases:
			       "2018-0007-1" */
	enum case_status status;
	struct date opened_on;
	struct text case_worker_id;
	struct text deputy_id;
	enum risk_level risk_level;
	struct date risk_assessed_on;
	struct date next_review_on;
	struct text summary;
	struct text ruleset_id;
	struct date received_on; /* of the application in force */
	struct date granted_on;
	struct date refused_on;
	struct date course_start;
	struct date course_end;
	struct number suspended_days;
	struct date suspended_from;
	struct date suspended_until;
	struct date closed_on;
	enum close_reason close_reason;
};

#endif
