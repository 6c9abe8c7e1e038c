#ifndef RULES_ADMISSION_COMMISSION_H
#define RULES_ADMISSION_COMMISSION_H

#include "core/actor.h"
#include "core/clock.h"
#include "core/fail.h"

#define IDENTIFIED_BY(X)                                                                           \
	X(identified_by, commission)                                                               \
	X(identified_by, police)                                                                   \
	X(identified_by, prosecutor)                                                               \
	X(identified_by, court)                                                                    \
	X(identified_by, foreign_authority)
ENUM_DECLARE(identified_by, IDENTIFIED_BY)

/* A vote is one of these too. */
#define CONCLUSIONS(X)                                                                             \
	X(conclusion, meets)                                                                       \
	X(conclusion, does_not_meet)                                                               \
	X(conclusion, more_information)
ENUM_DECLARE(conclusion, CONCLUSIONS)

/* Criminal Law 154.2 (1): what was done … */
#define TRAFFICKING_ACTS(X)                                                                        \
	X(trafficking_act, recruitment)                                                            \
	X(trafficking_act, conveyance)                                                             \
	X(trafficking_act, transfer)                                                               \
	X(trafficking_act, concealment)                                                            \
	X(trafficking_act, accommodation)                                                          \
	X(trafficking_act, reception)
ENUM_DECLARE(trafficking_act, TRAFFICKING_ACTS)

/* … by which means (1; not asked for where a minor was the victim: 2) … */
#define TRAFFICKING_MEANS(X)                                                                       \
	X(trafficking_means, violence)                                                             \
	X(trafficking_means, threats)                                                              \
	X(trafficking_means, deceit)                                                               \
	X(trafficking_means, dependence_on_offender)                                               \
	X(trafficking_means, state_of_vulnerability)                                               \
	X(trafficking_means, state_of_helplessness)                                                \
	X(trafficking_means, benefit_for_consent)
ENUM_DECLARE(trafficking_means, TRAFFICKING_MEANS)

/* … and for which exploitation (3). */
#define TRAFFICKING_PURPOSES(X)                                                                    \
	X(trafficking_purpose, prostitution)                                                       \
	X(trafficking_purpose, other_sexual_exploitation)                                          \
	X(trafficking_purpose, forced_labour)                                                      \
	X(trafficking_purpose, forced_services)                                                    \
	X(trafficking_purpose, forced_criminality)                                                 \
	X(trafficking_purpose, slavery)                                                            \
	X(trafficking_purpose, debt_slavery)                                                       \
	X(trafficking_purpose, serfdom)                                                            \
	X(trafficking_purpose, transfer_into_dependence)                                           \
	X(trafficking_purpose, servitude)                                                          \
	X(trafficking_purpose, organ_removal)
ENUM_DECLARE(trafficking_purpose, TRAFFICKING_PURPOSES)

/* A member of a sitting. People are told apart by user_id, without accounts by name. */
struct commission_member {
	struct text user_id;
	struct text name;
	enum profession profession;
	enum conclusion vote; /* null: has not voted */
	struct text id;	      /* of the member's own row */
	struct text voted_by; /* the account that gave the vote: user_id, or who entered it */
};

struct commission_members {
	const struct commission_member *items;
	size_t count;
};

struct protocol {
	enum identified_by identified_by;
	enum conclusion conclusion;
	struct texts acts; /* names of the lists above */
	struct texts means;
	struct texts purposes;
	enum flag minor_then; /* the person was a minor when it happened; null is no */
};

/*
 * R10 (Cabinet Regulations 344/2019; a tie: D): the four professions, four people, all of whom
 * voted; more than half of the votes is the conclusion, else more_information.
 * P_COMMISSION_INCOMPLETE with what is missing.
 */
int commission_conclude(struct ctx *ctx, const struct commission_members *members,
			enum conclusion *ret_conclusion);

/*
 * R10: who joins a sitting with these members. At most one of all has no account
 * (P_ONE_WITHOUT_ACCOUNT at /user_id). After the first vote only one of the four professions that
 * nobody sits for yet may join (P_MEMBERS_FIXED at /profession).
 */
int commission_join_check(struct ctx *ctx, const struct commission_members *members,
			  const struct commission_member *joins);

/*
 * R10: one of the members leaves, or sits for another profession from now on: nobody after the
 * first vote. P_VOTE_CAST when it is the member's own, else P_MEMBERS_FIXED.
 */
int commission_leave_check(struct ctx *ctx, const struct commission_members *members,
			   const struct commission_member *leaves);

/*
 * R10, R32: voter, an account, gives this member's vote, from the one to the other (null: none). A
 * cast vote is not taken back; it is replaced only by a member with an account (P_VOTE_CAST). No
 * account gives the votes of two members (P_NEEDS_SECOND_PERSON). That a member with an account
 * votes from it, is the caller's to check.
 */
int commission_vote_check(struct ctx *ctx, const struct commission_members *members,
			  const struct commission_member *member, enum conclusion to,
			  struct text voter);

/*
 * R11 (Criminal Law 154.2; Cabinet Regulations 344/2019): a protocol that meets names an act, a
 * purpose and, unless a minor's, a means. P_CRITERIA_NOT_MET with a violation at /acts,
 * /purposes and /means each.
 */
int criteria_check(struct ctx *ctx, const struct protocol *protocol);

/*
 * R10 and R11 when a sitting is closed: the conclusion is the vote's, its criteria are named.
 * Other identifiers than a commission bring their document and no vote. P_CONCLUSION_MISMATCH at
 * /conclusion; P_COMMISSION_INCOMPLETE, P_CRITERIA_NOT_MET.
 */
int protocol_check(struct ctx *ctx, const struct commission_members *members,
		   const struct protocol *protocol);

#endif
