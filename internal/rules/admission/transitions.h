#ifndef RULES_ADMISSION_TRANSITIONS_H
#define RULES_ADMISSION_TRANSITIONS_H

#include "core/actor.h"
#include "core/clock.h"
#include "core/fail.h"

#define CASE_STATUSES(X)                                                                           \
	X(case_status, inquiry)                                                                    \
	X(case_status, applied)                                                                    \
	X(case_status, under_assessment)                                                           \
	X(case_status, awaiting_decision)                                                          \
	X(case_status, granted)                                                                    \
	X(case_status, refused)                                                                    \
	X(case_status, in_course)                                                                  \
	X(case_status, suspended)                                                                  \
	X(case_status, aftercare)                                                                  \
	X(case_status, withdrawn)                                                                  \
	X(case_status, closed)
ENUM_DECLARE(case_status, CASE_STATUSES)

#define CASE_CLOSE_REASONS(X)                                                                      \
	X(close_reason, completed)                                                                 \
	X(close_reason, withdrew)                                                                  \
	X(close_reason, moved_abroad)                                                              \
	X(close_reason, transferred)                                                               \
	X(close_reason, lost_contact)                                                              \
	X(close_reason, not_a_victim)                                                              \
	X(close_reason, not_pursued)                                                               \
	X(close_reason, deceased)                                                                  \
	X(close_reason, other)
ENUM_DECLARE(close_reason, CASE_CLOSE_REASONS)

/* Who takes a step. */
enum party { PARTY_NONE, PARTY_PROVIDER = 1 << 0, PARTY_AGENCY = 1 << 1 };

/* One legal step of a case: a row of the table in transitions.c. */
struct case_step {
	enum case_status from;
	enum case_status to;
	unsigned parties; /* of enum party: who may take it */
	bool decides;	  /* only as a decision's consequence (R12) */
};
extern const struct case_step case_steps[];
extern const size_t case_step_count;

struct transition {
	enum case_status from;
	enum case_status to;
	enum close_reason close_reason;
	enum role role;		  /* of who asks */
	bool decided;		  /* a decision's effect, not a bare transition */
	struct date course_start; /* of the case; null before a grant */
	struct date course_end;
};

/* The side a role stands on; PARTY_NONE for those who never move a case. */
enum party party_of(enum role role);

/* Whether the case's course is granted and not over: what one person has once (R15). */
bool case_is_running(enum case_status status);

/*
 * The way of a case (Cabinet Regulations 889/2006 and 344/2019; sending back and reopening: D).
 * P_ILLEGAL_TRANSITION with from, the allowed ones, to; P_FORBIDDEN: the other side's
 * step (R12); P_DECISION_NEEDED: a bare step to what only a decision brings; P_NOT_GRANTED:
 * in_course without a course; P_COURSE_NOT_ENDED: back to aftercare without a course;
 * P_VALIDATION_FAILED at /close_reason: closing without one.
 */
int transition_check(struct ctx *ctx, const struct transition *transition);

#endif
