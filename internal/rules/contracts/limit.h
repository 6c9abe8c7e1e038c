#ifndef RULES_CONTRACTS_LIMIT_H
#define RULES_CONTRACTS_LIMIT_H

#include "core/clock.h"
#include "core/enumeration.h"
#include "core/fail.h"

#define LIMIT_UNITS(X)                                                                             \
	X(limit_unit, consultations)                                                               \
	X(limit_unit, minutes)                                                                     \
	X(limit_unit, days)
ENUM_DECLARE(limit_unit, LIMIT_UNITS)

/* Whose units are counted together. */
#define LIMIT_HOLDERS(X)                                                                           \
	X(limit_holder, case)                                                                      \
	X(limit_holder, client)                                                                    \
	X(limit_holder, person)                                                                    \
	X(limit_holder, contract)
ENUM_DECLARE(limit_holder, LIMIT_HOLDERS)

#define LIMIT_PERIODS(X)                                                                           \
	X(limit_period, calendar_year)                                                             \
	X(limit_period, window)                                                                    \
	X(limit_period, whole)
ENUM_DECLARE(limit_period, LIMIT_PERIODS)

#define LIMIT_ENFORCEMENTS(X)                                                                      \
	X(enforcement, block)                                                                      \
	X(enforcement, warn)
ENUM_DECLARE(enforcement, LIMIT_ENFORCEMENTS)

/* The limits by name, a closed list: what has another name would limit nothing (R31). */
#define LIMIT_CODES(X)                                                                             \
	X(limit_code, course)                                                                      \
	X(limit_code, criminal_support_minutes)                                                    \
	X(limit_code, criminal_support_consultations)                                              \
	X(limit_code, aftercare)                                                                   \
	X(limit_code, family)
ENUM_DECLARE(limit_code, LIMIT_CODES)

/* A row of limits, of the case's rule set or of a contract. */
struct limit_terms {
	struct text id;
	enum limit_code code;
	struct text service; /* the entitlement it bounds, as its enum says */
	enum limit_unit unit;
	struct number amount;
	enum limit_holder per;
	enum limit_period period;
	enum enforcement enforcement; /* null blocks */
	struct text contract_id;      /* null: the rule set's, always in force */
	struct date starts_on;	      /* the contract's days, both inclusive */
	struct date ends_on;
};

struct limit_set {
	const struct limit_terms *items;
	size_t count;
};

/* What is taken of a limit already, in one period ("whole", "2018"). */
struct limit_use {
	struct text limit_id;
	struct text period;
	struct number used;
};

struct limit_uses {
	const struct limit_use *items;
	size_t count;
};

/* Units that one act takes of a limit in one period. */
#define LIMIT_CLAIMS_MAX 2
struct limit_claim {
	int year; /* 0: "whole" */
	int64_t units;
};

/* Minutes of [start, start + minutes) in each calendar year of Riga. */
struct year_minutes {
	int year;
	int64_t minutes;
};

/* Whether the limit counts acts of that day. */
bool limit_in_force(const struct limit_terms *limit, struct date day);

/* The limit of the rule set by its name; NULL when it is missing, or has no amount. */
const struct limit_terms *limit_of_ruleset(const struct limit_set *limits, enum limit_code code);

/* R31: P_LIMIT_MISSING with the name, at pointer (NULL: of no single member). */
int limit_missing(struct ctx *ctx, const char *pointer, struct text name);

/* R31: a rule set comes into force, with the first grant, only when it has all named limits.
 * P_LIMIT_MISSING. */
int ruleset_check_limits(struct ctx *ctx, const struct limit_set *limits);

/*
 * R31: the rule set has the limit that an act of that day needs; and each contract in force that
 * has limits has contract_code (limit_code_none: it needs none). P_LIMIT_MISSING at /funding.
 */
int limits_check(struct ctx *ctx, const struct limit_set *limits, enum limit_code code,
		 enum limit_code contract_code, struct date day);

/* An act lasts at most a day: that is what bounds it to two years. */
#define ACT_MINUTES_MAX 1440

/*
 * Splits by the year's midnight in Riga: 23:40–00:40 gives 20 and 40. minutes
 * 0..ACT_MINUTES_MAX, start not null. Returns 1 or 2.
 */
size_t minutes_by_year(struct instant start, int64_t minutes,
		       struct year_minutes ret[LIMIT_CLAIMS_MAX]);

/*
 * What one act takes of a limit: a consultation counts 1 in the year of its start, minutes each
 * in their own year, days never (the course itself is R1). Returns how many claims, 0..2, none
 * with 0 units.
 */
size_t limit_claim(const struct limit_terms *limit, struct instant start, int64_t minutes,
		   struct limit_claim ret[LIMIT_CLAIMS_MAX]);

/* "2018" or "whole", in the arena. */
struct text limit_claim_period(struct ctx *ctx, const struct limit_claim *claim);

/* Units left before the claim; the amount when nothing was used. */
int64_t limit_left(struct ctx *ctx, const struct limit_terms *limit, const struct limit_uses *uses,
		   const struct limit_claim *claim);

/* Whether the limit blocks the claim (D: enforcement warn never does). */
bool limit_blocks(struct ctx *ctx, const struct limit_terms *limit, const struct limit_uses *uses,
		  const struct limit_claim *claim);

#endif
