/* One human being over all providers, for the agency alone; R15 shows the one case whose course
 * runs. The database maintains the rows. */

#include "resource/registry.h"

struct person {
	struct record record;
	struct instant first_seen_at;
	struct texts client_ids;
	struct texts provider_ids;
	struct number case_count;
	struct text running_case_id;
};

static const struct field person_fields[] = {
	INSTANT_FIELD(struct person, first_seen_at,
		      .flags = REQUIRED | READ_ONLY | FILTER | SORT | IN_LIST,
		      .about = "When the first record about the person came.",
		      .example = "2018-01-08T09:30:00Z"),
	TEXTS_FIELD(struct person, client_ids, 100, .flags = READ_ONLY | IN_LIST,
		    .about = "The person's clients over all providers.",
		    .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXTS_FIELD(struct person, provider_ids, 100, .flags = READ_ONLY | IN_LIST,
		    .about = "Providers that know the person.",
		    .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	INTEGER_FIELD(struct person, case_count, 0, 1000000, .flags = READ_ONLY | IN_LIST,
		      .about = "Cases in all.", .example = "1"),
	ID_FIELD(struct person, running_case_id, .flags = READ_ONLY | IN_LIST,
		 .references = "cases",
		 .about = "The one case whose course is granted and not over (R15); null: none.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
};

const struct resource resource_persons = {
	.name = "persons",
	.table = "person_register",
	.singular = "person",
	.about = "Human beings across all providers: the agency's register of recipients.",
	.tag = "Persons",
	.fields = FIELDS(person_fields),
	.size = sizeof(struct person),
	.traits = IS_VIEW,
	.actions = ACTION_LIST | ACTION_READ,
	.sort = "-first_seen_at",
};
