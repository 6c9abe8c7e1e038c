#ifndef RULES_SHARING_TRANSFER_H
#define RULES_SHARING_TRANSFER_H

#include "rules/proceedings/criminal.h"
#include "rules/facts.h"

/* A change of provider (R20): the client chooses the provider freely (seed), also once the course
 * has begun. Whom else it concerns is for the schema: one open request per case. */

#define TRANSFER_STATES(X)                                                                         \
	X(transfer_state, requested)                                                               \
	X(transfer_state, accepted)                                                                \
	X(transfer_state, rejected)                                                                \
	X(transfer_state, revoked)
ENUM_DECLARE(transfer_state, TRANSFER_STATES)

#define TRANSFER_ANSWERS(X)                                                                        \
	X(transfer_answer, accepted)                                                               \
	X(transfer_answer, rejected)
ENUM_DECLARE(transfer_answer, TRANSFER_ANSWERS)

/* The consent that a request names. */
struct notes_consent {
	bool for_notes; /* its scope is the transfer of notes */
	struct text to; /* provider that it names; null: none */
	struct date given_on;
	struct date valid_until; /* null: until it is withdrawn */
	struct date withdrawn_on;
};

/* R20: whether it holds on the day; not on the day of its withdrawal any more. Of incoming
 * transfers SQL says the same (schema/15_rules.sql). */
bool consent_in_force(const struct notes_consent *consent, struct date day);

struct transfer_request {
	enum case_status status; /* of the giver's case */
	struct text from;	 /* providers */
	struct text to;
	enum flag to_active;			/* null is no */
	const struct contract_terms *contracts; /* of the receiver */
	struct date requested_on;
	bool with_notes;		     /* a consent is named */
	const struct notes_consent *consent; /* NULL: there is no such */
};

/*
 * R20 (seed, D). P_NOT_TRANSFERABLE: nothing is granted yet, or the case is over;
 * P_CONSTRAINT at /to_provider_id: the own provider; P_PROVIDER_NOT_CONTRACTED at
 * /to_provider_id: inactive, or without a contract in force on the day; P_CONSENT_MISSING at
 * /notes_consent_id: the consent is for something else, names another, or is not in force on the
 * day.
 */
int transfer_request_check(struct ctx *ctx, const struct transfer_request *request);

/* The giver's side takes one step alone, and only as the client's word: requested to revoked.
 * P_ALREADY_FINAL: it is settled; P_ILLEGAL_TRANSITION at /state: the receiver's step. */
int transfer_step_check(struct ctx *ctx, enum transfer_state from, enum transfer_state to);

/* The receiver's answer, once: P_ALREADY_FINAL when the request is settled; P_NOT_TRANSFERABLE when
 * the giver's case has moved on meanwhile (a rejection is always possible). */
int transfer_answer_check(struct ctx *ctx, enum transfer_state state, enum transfer_answer answer,
			  enum case_status status);

#endif
