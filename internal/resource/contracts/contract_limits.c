/* A contract's own limits, beside those of the rule set. */

#include "resource/contracts/limits.h"
#include "resource/registry.h"

static const struct field contract_limit_fields[] = {
	ID_FIELD(struct limit, contract_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "contracts", .about = "The contract that sets the limit.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	LIMIT_FIELDS,
};

const struct resource resource_contract_limits = {
	.name = "contract_limits",
	.table = "limits",
	.segment = "limits",
	.singular = "contract_limit",
	.about = "Limits of a contract's own, besides those of the rule sets.",
	.tag = "Contracts",
	.parent = &resource_contracts,
	.fields = FIELDS(contract_limit_fields),
	.size = sizeof(struct limit),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "code",
	.check = limit_check,
	.problems = limit_problems,
};
