/* Contracts of the ministry with providers. A service is state-funded on the days of a contract
 * only. */

#include "resource/checks.h"
#include "resource/registry.h"

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
