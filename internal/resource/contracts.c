#include "resource/checks.h"
#include "resource/limits.h"
#include "resource/registry.h"
#include "rules/course.h"

#define RATE_UNITS(X)                                                                              \
	X(rate_unit, piece)                                                                        \
	X(rate_unit, minute)                                                                       \
	X(rate_unit, hour)                                                                         \
	X(rate_unit, day)                                                                          \
	X(rate_unit, month)
ENUM_DECLARE(rate_unit, RATE_UNITS)
ENUM_DEFINE(rate_unit, RATE_UNITS)

struct contract {
	struct record record;
	struct text number;
	struct text title;
	struct text ministry;
	struct date signed_on;
	struct date starts_on;
	struct date ends_on;
	struct number planned_clients;
	struct text currency;
	struct text remarks;
};

static const struct field contract_fields[] = {
	TEXT_FIELD(struct contract, number, 60, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Procurement number of the contract.",
		   .example = "LRLM2016/28-3-02/25"),
	TEXT_FIELD(struct contract, title, 300, .flags = REQUIRED | IN_LIST,
		   .about = "What the contract is for.",
		   .example = "Sociālās rehabilitācijas pakalpojumi cilvēku tirdzniecības upuriem"),
	TEXT_FIELD(struct contract, ministry, 200, .flags = REQUIRED,
		   .about = "The ministry that procures and pays.",
		   .example = "Labklājības ministrija"),
	DATE_FIELD(struct contract, signed_on, .about = "Day of the signatures.",
		   .example = "2016-12-29"),
	DATE_FIELD(struct contract, starts_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "First day whose services it funds.", .example = "2017-01-01"),
	DATE_FIELD(struct contract, ends_on, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Last day whose services it funds.", .example = "2018-12-31"),
	INTEGER_FIELD(struct contract, planned_clients, 0, 100000,
		      .about = "Clients that the ministry planned for.", .example = "24"),
	TEXT_FIELD(struct contract, currency, 3, .format = FORMAT_CURRENCY,
		   .about = "Currency of its rates (ISO 4217), EUR unless told.", .example = "EUR"),
	TEXT_FIELD(struct contract, remarks, 4000, .about = "Remarks of the ministry.",
		   .example = "Extended by agreement of 2018-11-30."),
};

static int contract_row_check(struct ctx *ctx, struct change *change)
{
	struct contract *contract = change->after;

	if (contract == NULL)
		return 0;
	if (contract->currency.ptr == NULL)
		contract->currency = TEXT("EUR");
	check_period(ctx, contract->starts_on, contract->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem contract_problems[] = { P_END_BEFORE_START, P_CONFLICT, P_NONE };

const struct resource resource_contracts = {
	.name = "contracts",
	.singular = "contract",
	.about = "Contracts of the ministry with providers: they fund services of their days.",
	.tag = "Contracts",
	.fields = FIELDS(contract_fields),
	.size = sizeof(struct contract),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_on",
	.check = contract_row_check,
	.problems = contract_problems,
};

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
