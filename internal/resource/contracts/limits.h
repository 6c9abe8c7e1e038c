#ifndef RESOURCE_CONTRACTS_LIMITS_H
#define RESOURCE_CONTRACTS_LIMITS_H

#include "engine/rows.h"
#include "rules/services/consultation.h"

/* A row of the table limits: of a rule set or of a contract. */
struct limit {
	struct record record;
	struct text ruleset_id;
	struct text contract_id;
	enum limit_code code;
	enum entitlement service;
	enum limit_unit unit;
	struct number amount;
	enum limit_holder per;
	enum limit_period period;
	struct number window_months;
	enum enforcement enforcement;
};

/* All but the owner's id, which each of the two resources has for itself. */
#define LIMIT_FIELDS                                                                               \
	ENUM_FIELD(struct limit, code, limit_code,                                                 \
		   .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,                      \
		   .about = "Which limit; it decides service and unit.", .example = "aftercare"),  \
		ENUM_FIELD(struct limit, service, entitlement,                                     \
			   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,                     \
			   .about = "The entitlement that it bounds.", .example = "aftercare"),    \
		ENUM_FIELD(struct limit, unit, limit_unit,                                         \
			   .flags = REQUIRED | CREATE_ONLY | IN_LIST, .about = "What is counted.", \
			   .example = "consultations"),                                            \
		INTEGER_FIELD(struct limit, amount, 0, 10000000, .flags = REQUIRED | IN_LIST,      \
			      .about = "Units in all.", .example = "5"),                           \
		ENUM_FIELD(struct limit, per, limit_holder,                                        \
			   .flags = REQUIRED | CREATE_ONLY | IN_LIST,                              \
			   .about = "Whose units are counted together.", .example = "case"),       \
		ENUM_FIELD(struct limit, period, limit_period,                                     \
			   .flags = REQUIRED | CREATE_ONLY | IN_LIST,                              \
			   .about = "Over what time they are counted.", .example = "window"),      \
		INTEGER_FIELD(struct limit, window_months, 1, 1200, .flags = IN_LIST,              \
			      .about = "Length of the window after the course, in months.",        \
			      .example = "24"),                                                    \
		ENUM_FIELD(struct limit, enforcement, enforcement, .flags = REQUIRED | IN_LIST,    \
			   .about = "Whether passing it refuses or warns.", .example = "block")

/* Service and unit are those of the code; a window has months, and nothing else has. */
int limit_check(struct ctx *ctx, struct change *change);

extern const enum problem limit_problems[];

#endif
