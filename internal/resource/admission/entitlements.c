/* A view: each limit of a case with what is used and what is left. */

#include "resource/registry.h"
#include "rules/services/consultation.h"

struct entitlement_row {
	struct record record;
	enum limit_code code;
	enum entitlement service;
	enum limit_unit unit;
	struct number amount;
	struct number used;
	struct number remaining;
	enum limit_holder per;
	enum limit_period period;
	struct date starts_on;
	struct date ends_on;
	enum enforcement enforcement;
	struct text contract_id;
};

static const struct field entitlement_fields[] = {
	ENUM_FIELD(struct entitlement_row, code, limit_code,
		   .flags = SHOWN | REQUIRED | FILTER | SORT, .about = "Name of the limit.",
		   .example = "aftercare"),
	ENUM_FIELD(struct entitlement_row, service, entitlement, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "The entitlement that it bounds.", .example = "aftercare"),
	ENUM_FIELD(struct entitlement_row, unit, limit_unit, .flags = SHOWN | REQUIRED,
		   .about = "What is counted.", .example = "consultations"),
	INTEGER_FIELD(struct entitlement_row, amount, 0, 10000000, .flags = SHOWN | REQUIRED,
		      .about = "Units in all.", .example = "5"),
	INTEGER_FIELD(struct entitlement_row, used, 0, INT64_MAX, .flags = SHOWN | REQUIRED,
		      .about = "Units that are planned or used; of a course, its days so far.",
		      .example = "2"),
	INTEGER_FIELD(struct entitlement_row, remaining, 0, 10000000, .flags = SHOWN | REQUIRED,
		      .about = "Units that are left.", .example = "3"),
	ENUM_FIELD(struct entitlement_row, per, limit_holder, .flags = SHOWN | REQUIRED,
		   .about = "Whose units are counted together.", .example = "case"),
	ENUM_FIELD(struct entitlement_row, period, limit_period, .flags = SHOWN | REQUIRED,
		   .about = "Over what time they are counted.", .example = "window"),
	DATE_FIELD(struct entitlement_row, starts_on, .flags = SHOWN,
		   .about = "First day that counts; null while it is not known.",
		   .example = "2018-07-31"),
	DATE_FIELD(struct entitlement_row, ends_on, .flags = SHOWN,
		   .about = "Last day that counts; null while it is not known.",
		   .example = "2020-07-30"),
	ENUM_FIELD(struct entitlement_row, enforcement, enforcement, .flags = SHOWN | REQUIRED,
		   .about = "Whether passing it refuses or warns.", .example = "block"),
	ID_FIELD(struct entitlement_row, contract_id, .flags = SHOWN, .references = "contracts",
		 .about = "The contract whose limit it is; null: the rule set's.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
};

const struct resource resource_entitlements = {
	.name = "entitlements",
	.singular = "entitlement",
	.about = "Each limit of a case: how much there is, what is used and what is left.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(entitlement_fields),
	.size = sizeof(struct entitlement_row),
	.traits = IS_VIEW | OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST,
	.sort = "code",
};
