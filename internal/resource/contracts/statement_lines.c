/* A view: what a statement bills by service and month, as sums. */

#include "resource/contracts/billed.h"

static const struct field statement_line_fields[] = {
	ID_FIELD(struct billed, statement_id, .flags = PARENT | SHOWN | REQUIRED,
		 .references = "statements", .about = "The statement.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	BILLED_FIELDS,
	INTEGER_FIELD(struct billed, people, 0, FIELD_INTEGER_MAX, .flags = SHOWN | REQUIRED,
		      .about = "Persons, counted exactly: for payment, no statistics.",
		      .example = "3"),
	DATE_FIELD(struct billed, unpriced_on, .flags = SHOWN,
		   .about = "The first day without a rate; null when all acts have a price.",
		   .example = "2018-03-16"),
};

const struct resource resource_statement_lines = {
	.name = "statement_lines",
	.segment = "lines",
	.singular = "statement_line",
	.about = "What a statement bills by service and month: aggregates.",
	.tag = "Contracts",
	.parent = &resource_statements,
	.fields = FIELDS(statement_line_fields),
	.size = sizeof(struct billed),
	.traits = IS_VIEW | OF_PROVIDER,
	.actions = ACTION_LIST,
	.sort = "month",
};
