/* A view: the acts behind a statement's lines, for the provider alone, because they name
 * clients. */

#include "resource/contracts/billed.h"

static const struct field statement_item_fields[] = {
	ID_FIELD(struct billed, statement_id, .flags = PARENT | SHOWN | REQUIRED,
		 .references = "statements", .about = "The statement.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXT_FIELD(struct billed, act, 40, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "The resource that the act is a row of.", .example = "consultations"),
	ID_FIELD(struct billed, act_id, .flags = SHOWN | REQUIRED | FILTER, .about = "The act.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct billed, day, .flags = SHOWN | REQUIRED | FILTER | SORT,
		   .about = "Day of the act in Riga, or the first of the month's nights.",
		   .example = "2018-03-16"),
	BILLED_FIELDS,
};

const struct resource resource_statement_items = {
	.name = "statement_items",
	.segment = "items",
	.singular = "statement_item",
	.about = "The acts behind a statement's lines: for the provider alone, they name clients.",
	.tag = "Contracts",
	.parent = &resource_statements,
	.fields = FIELDS(statement_item_fields),
	.size = sizeof(struct billed),
	.traits = IS_VIEW | OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST,
	.sort = "day",
};
