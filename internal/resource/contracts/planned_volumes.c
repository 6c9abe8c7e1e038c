/* What the ministry planned of each service in a contract; it bounds nothing. */

#include "resource/contracts/contract_rates.h"
#include "rules/services/course.h"

struct planned_volume {
	struct record record;
	struct text contract_id;
	enum service_kind service;
	enum rate_unit unit;
	struct number amount;
};

static const struct field planned_volume_fields[] = {
	ID_FIELD(struct planned_volume, contract_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "contracts", .about = "The contract.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct planned_volume, service, service_kind,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "The service that is planned.", .example = "consultation"),
	ENUM_FIELD(struct planned_volume, unit, rate_unit,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "What the volume counts; a unit that the service is measured in.",
		   .example = "hour"),
	INTEGER_FIELD(struct planned_volume, amount, 0, 100000000, .flags = REQUIRED | IN_LIST,
		      .about = "How much of it, over the whole contract and all its parties.",
		      .example = "1200"),
};

static const enum problem planned_volume_problems[] = { P_CONFLICT, P_CONSTRAINT, P_NONE };

const struct resource resource_planned_volumes = {
	.name = "planned_volumes",
	.segment = "volumes",
	.singular = "planned_volume",
	.about = "What the ministry planned of each service, beside the contract's clients.",
	.tag = "Contracts",
	.parent = &resource_contracts,
	.fields = FIELDS(planned_volume_fields),
	.size = sizeof(struct planned_volume),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.problems = planned_volume_problems,
};
