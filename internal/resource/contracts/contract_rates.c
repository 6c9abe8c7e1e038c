/* Unit rates of a contract by service and day, in cents. Rates of one service and unit do not
 * overlap. */

#include "resource/contracts/contract_rates.h"

#include "resource/checks.h"
#include "rules/services/course.h"

ENUM_DEFINE(rate_unit, RATE_UNITS)

struct contract_rate {
	struct record record;
	struct text contract_id;
	enum service_kind service;
	enum rate_unit unit;
	struct number cents;
	struct date starts_on;
	struct date ends_on;
};

static const struct field contract_rate_fields[] = {
	ID_FIELD(struct contract_rate, contract_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "contracts", .about = "The contract.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct contract_rate, service, service_kind,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "The service that is paid for.", .example = "consultation"),
	ENUM_FIELD(struct contract_rate, unit, rate_unit, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "What one rate pays; a unit that the service is measured in.",
		   .example = "hour"),
	INTEGER_FIELD(struct contract_rate, cents, 0, 100000000, .flags = REQUIRED | IN_LIST,
		      .about = "Price of one unit in cents of the contract's currency.",
		      .example = "2490"),
	DATE_FIELD(struct contract_rate, starts_on, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "First day of the rate.", .example = "2017-01-01"),
	DATE_FIELD(struct contract_rate, ends_on, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Last day of the rate.", .example = "2018-12-31"),
};

static int contract_rate_check(struct ctx *ctx, struct change *change)
{
	const struct contract_rate *rate = change->after;

	if (rate == NULL)
		return 0;
	check_period(ctx, rate->starts_on, rate->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem contract_rate_problems[] = { P_END_BEFORE_START, P_CONFLICT, P_CONSTRAINT,
						       P_NONE };

const struct resource resource_contract_rates = {
	.name = "contract_rates",
	.segment = "rates",
	.singular = "contract_rate",
	.about = "Unit rates of a contract by service and day, in integer cents.",
	.tag = "Contracts",
	.parent = &resource_contracts,
	.fields = FIELDS(contract_rate_fields),
	.size = sizeof(struct contract_rate),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.check = contract_rate_check,
	.problems = contract_rate_problems,
};
