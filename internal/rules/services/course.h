#ifndef RULES_SERVICES_COURSE_H
#define RULES_SERVICES_COURSE_H

#include "rules/facts.h"
#include "rules/contracts/limit.h"

/* Kinds of service; which of them are start-up (R13) is data in course.c. */
#define SERVICE_KINDS(X)                                                                           \
	X(service_kind, commission)                                                                \
	X(service_kind, journey)                                                                   \
	X(service_kind, escort)                                                                    \
	X(service_kind, accommodation_abroad)                                                      \
	X(service_kind, case_management)                                                           \
	X(service_kind, interpretation)                                                            \
	X(service_kind, accommodation)                                                             \
	X(service_kind, assessment)                                                                \
	X(service_kind, consultation)                                                              \
	X(service_kind, legal_document)                                                            \
	X(service_kind, representation)                                                            \
	X(service_kind, training)                                                                  \
	X(service_kind, goods)
ENUM_DECLARE(service_kind, SERVICE_KINDS)

/* A service that is to be paid for, on its day. */
struct service_act {
	enum funding funding;
	struct date day;
};

/*
 * The last day of a course of so many days that begins on start, inclusive (R1; Cabinet
 * Regulations 344/2019, 4 and 889/2006): 2017-03-01 and 180 give 2017-08-27. Null when either is
 * null.
 */
struct date course_last_day(struct date start, struct number days);

/* P_END_BEFORE_START at /course_end. Nulls pass. */
int course_check_order(struct ctx *ctx, const struct case_facts *facts);

/*
 * R1 (Cabinet Regulations 344/2019, 4): a course lasts at most the rule set's days, inclusive,
 * and what an amendment adds for suspended days. P_COURSE_TOO_LONG or P_END_BEFORE_START at
 * /course_end; P_LIMIT_MISSING without the rule set's days (R31). No start is no course, and an
 * end that is not known yet is not too late.
 */
int course_check(struct ctx *ctx, const struct case_facts *facts);

/*
 * The contract in force is the money (procurement contract of the seed): P_NO_CONTRACT at
 * pointer.
 */
int contract_check(struct ctx *ctx, const struct contract_terms *contracts,
		   const struct service_act *act, const char *pointer);

/*
 * R13 (seed; Cabinet Regulations 344/2019): state-funded course services start with the grant.
 * P_NOT_GRANTED at pointer.
 */
int grant_check(struct ctx *ctx, const struct case_facts *facts, const struct service_act *act,
		const char *pointer);

/*
 * R13, R2 (Cabinet Regulations 344/2019, 4; the contract): granted, within the course, under a
 * contract; R17: no fact of a proceeding is asked for. P_NOT_GRANTED, P_OUTSIDE_COURSE,
 * P_NO_CONTRACT at pointer ("/starts_at").
 */
int course_service_check(struct ctx *ctx, const struct case_facts *facts,
			 const struct contract_terms *contracts, const struct service_act *act,
			 const char *pointer);

/* Whether the kind may come before the grant, also for a potential client (R13; seed). */
bool service_is_start_up(enum service_kind kind);

/* R13 (seed): a start-up service needs a contract only; what is none is a course service.
 * P_NOT_GRANTED, P_OUTSIDE_COURSE, P_NO_CONTRACT at pointer. */
int start_up_check(struct ctx *ctx, enum service_kind kind, const struct case_facts *facts,
		   const struct contract_terms *contracts, const struct service_act *act,
		   const char *pointer);

#endif
