#ifndef RULES_FACTS_H
#define RULES_FACTS_H

#include "rules/admission/transitions.h"

/*
 * What the rules know of the world beyond the row that is written: one row of a view each, filled
 * through field tables. Nulls are values (unknown); no member here says whether a client cooperates
 * with an investigation, so that no rule of the course can ask (R17).
 */

/* Who pays. Rules refuse only the state's money: help that was given may always be recorded. */
#define FUNDINGS(X)                                                                                \
	X(funding, state)                                                                          \
	X(funding, provider_own)                                                                   \
	X(funding, other)
ENUM_DECLARE(funding, FUNDINGS)

/* A case with the settings of its rule set. */
struct case_facts {
	struct text case_id;
	enum case_status status;
	struct date received_on;  /* the application's day */
	struct date granted_on;	  /* the day of the grant */
	struct date course_start; /* first and last day of the course as last decided */
	struct date course_end;
	struct number suspended_days;	       /* days that an amendment may add; null is none */
	struct number course_days;	       /* the rule set's longest course, 180 */
	struct date aftercare_until;	       /* last day of the window after the course */
	struct number aftercare_minutes;       /* longest aftercare consultation, 60 */
	enum flag no_show_consumes;	       /* null is no */
	enum flag witness_supported;	       /* witnesses with a certificate (R4) */
	enum flag interpreter_only_where_none; /* R5 holds */
};

/* A contract to which the provider is party; both days belong to it, an end of null is open. */
struct contract_term {
	struct text contract_id;
	struct date from;
	struct date to;
};

struct contract_terms {
	const struct contract_term *items;
	size_t count;
};

/* The first contract in force on the day, or NULL. */
const struct contract_term *contract_find(const struct contract_terms *contracts, struct date day);

#endif
