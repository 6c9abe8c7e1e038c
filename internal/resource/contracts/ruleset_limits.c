/* Limits of a rule set: how much of an entitlement the state pays for. */

#include "resource/contracts/limits.h"
#include "resource/registry.h"

static const struct field ruleset_limit_fields[] = {
	ID_FIELD(struct limit, ruleset_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "rulesets", .about = "The rule set that sets the limit.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	LIMIT_FIELDS,
};

const struct resource resource_ruleset_limits = {
	.name = "ruleset_limits",
	.table = "limits",
	.segment = "limits",
	.singular = "ruleset_limit",
	.about = "Limits of a rule set: how much of an entitlement the state pays for.",
	.tag = "Contracts",
	.parent = &resource_rulesets,
	.fields = FIELDS(ruleset_limit_fields),
	.size = sizeof(struct limit),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "code",
	.check = limit_check,
	.problems = limit_problems,
};
