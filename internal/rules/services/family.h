#ifndef RULES_SERVICES_FAMILY_H
#define RULES_SERVICES_FAMILY_H

#include "rules/services/aftercare.h"

struct family_facts {
	const struct case_facts *facts;
	struct date client_birth_on;	 /* null: unknown */
	enum flag member_in_latvia;	 /* of the family member; null: unknown */
	const struct limit_terms *limit; /* the rule set's; NULL: missing, refused (R31) */
	const struct limit_uses *uses;
	const struct contract_terms *contracts;
};

/*
 * R7 (seed; D): the client was a minor on the application's day, the member is in Latvia, units
 * are left, from the grant on without end. An unknown age counts as a minor's (Directive
 * 2011/36/EU, 13(2)); not knowing where the member is does not open the state's purse.
 * P_NOT_GRANTED, P_NO_CONTRACT at /starts_at, P_NOT_IN_LATVIA at /family_member_id,
 * P_LIMIT_MISSING at /funding, P_NOT_A_MINOR, P_FAMILY_LIMIT_REACHED.
 */
int family_check(struct ctx *ctx, const struct family_facts *facts,
		 const struct consultation_act *act, const char *pointer);

#endif
