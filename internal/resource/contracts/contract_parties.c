/* Providers that are party to a contract. */

#include "resource/registry.h"

struct contract_party {
	struct record record;
	struct text contract_id;
	struct text provider_id;
};

static const struct field contract_party_fields[] = {
	ID_FIELD(struct contract_party, contract_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "contracts", .about = "The contract.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct contract_party, provider_id,
		 .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST, .references = "providers",
		 .about = "The provider that is party to it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
};

static const enum problem contract_party_problems[] = { P_UNKNOWN_REFERENCE, P_CONFLICT, P_NONE };

const struct resource resource_contract_parties = {
	.name = "contract_parties",
	.segment = "parties",
	.singular = "contract_party",
	.about = "Providers that are party to a contract.",
	.tag = "Contracts",
	.parent = &resource_contracts,
	.fields = FIELDS(contract_party_fields),
	.size = sizeof(struct contract_party),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_DELETE,
	.problems = contract_party_problems,
};
