/* Powers of attorney (R6), given by the client or a representative in office. A revoked one is
 * final (R19). */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/people/representatives.h"
#include "rules/proceedings/criminal.h"

struct power_of_attorney {
	struct record record;
	struct text scope;
	enum mandate_giver given_by;
	struct text representative_id;
	struct text lawyer_id;
	struct date granted_on;
	struct date valid_until;
	struct date revoked_on;
	struct text remarks;
};

static const struct field power_fields[] = {
	TEXT_FIELD(struct power_of_attorney, scope, 2000, .flags = REQUIRED | CREATE_ONLY | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What it empowers to.",
		   .example = "Representation in criminal proceedings in all instances"),
	ENUM_FIELD(struct power_of_attorney, given_by, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST, .about = "Who gave it.",
		   .example = "client"),
	ID_FIELD(struct power_of_attorney, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives", .about = "The representative, where one gave it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct power_of_attorney, lawyer_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "users", .about = "To whom; null: to the provider.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct power_of_attorney, granted_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "First day it is in force.", .example = "2018-08-01"),
	DATE_FIELD(struct power_of_attorney, valid_until, .flags = CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Last day; null until it is revoked.", .example = "2019-07-31"),
	DATE_FIELD(struct power_of_attorney, revoked_on, .flags = FILTER | IN_LIST,
		   .about = "Day from which it is no longer in force; final (R19).",
		   .example = "2019-01-15"),
	TEXT_FIELD(struct power_of_attorney, remarks, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What else there is to say.",
		   .example = "The original is in the safe."),
};

enum { POWER_REPRESENTATIVE, POWER_WARD, POWER_FACT_COUNT };

static const struct facts power_facts[POWER_FACT_COUNT] = {
	[POWER_REPRESENTATIVE] = FACTS_REPRESENTATIVE,
	[POWER_WARD] = FACTS_WARD_OF_CASE,
};

/* R6: by the client, or by who represented the client on that day. */
static int power_check(struct ctx *ctx, struct change *change)
{
	static const char *const remarks[] = { "remarks", NULL };
	const struct power_of_attorney *before = change->before;
	const struct power_of_attorney *row = change->after;

	if (before != NULL && before->revoked_on.day != 0 &&
	    !change_only(&resource_powers_of_attorney, change, remarks))
		return fail(ctx, P_ALREADY_FINAL);
	check_giver(ctx, row->given_by == mandate_giver_representative, row->representative_id,
		    "given_by");
	check_not_future(ctx, row->granted_on, change->today, "/granted_on");
	check_period(ctx, row->granted_on, row->valid_until, "/valid_until");
	check_period(ctx, row->granted_on, row->revoked_on, "/revoked_on");
	if (ctx->violation_count > 0 || before != NULL)
		return violations_close(ctx, P_VALIDATION_FAILED);
	return signature_check(ctx, &change->facts[POWER_REPRESENTATIVE],
			       &change->facts[POWER_WARD], row->representative_id, row->granted_on);
}

static const enum problem power_problems[] = { P_ALREADY_FINAL,	    P_IN_THE_FUTURE,
					       P_END_BEFORE_START,  P_CONSTRAINT,
					       P_UNKNOWN_REFERENCE, P_NOT_IN_OFFICE,
					       P_NOT_A_MINOR,	    P_NONE };

const struct resource resource_powers_of_attorney = {
	.name = "powers_of_attorney",
	.singular = "power_of_attorney",
	.about = "Powers of attorney for representation in court (R6).",
	.tag = "Proceedings",
	.parent = &resource_cases,
	.fields = FIELDS(power_fields),
	.size = sizeof(struct power_of_attorney),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = power_facts,
	.fact_count = POWER_FACT_COUNT,
	.check = power_check,
	.problems = power_problems,
};
