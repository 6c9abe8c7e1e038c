/* A view: who has read a client's data, when and for which purpose. */

#include "resource/registry.h"

struct client_access {
	struct record record;
	struct instant at;
	enum purpose purpose;
	struct text organisation_id;
	struct text organisation;
	enum role role;
	struct text user_id;
	struct text resource;
	struct text row_id;
};

static const struct field client_access_fields[] = {
	INSTANT_FIELD(struct client_access, at, .flags = SHOWN | REQUIRED | FILTER | SORT,
		      .about = "When.", .example = "2018-01-08T09:30:00Z"),
	ENUM_FIELD(struct client_access, purpose, purpose, .flags = SHOWN, .about = "What for.",
		   .example = "case_management"),
	ID_FIELD(struct client_access, organisation_id, .flags = SHOWN, .references = "providers",
		 .about = "The reader's provider; null for agency and ministry.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXT_FIELD(struct client_access, organisation, 200, .flags = SHOWN, .about = "Its name.",
		   .example = "biedrība \"Resursu centrs sievietēm \"Marta\"\""),
	ENUM_FIELD(struct client_access, role, role, .flags = SHOWN,
		   .about = "The reader's role then.", .example = "case_worker"),
	ID_FIELD(struct client_access, user_id, .flags = SHOWN, .references = "users",
		 .about = "The reader; of other organisations told to the auditor alone.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct client_access, resource, 63, .flags = SHOWN, .about = "What was read.",
		   .example = "clients"),
	ID_FIELD(struct client_access, row_id, .flags = SHOWN,
		 .about = "Which row; null for what a list has shown.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8061"),
};

const struct resource resource_accesses = {
	.name = "accesses",
	.singular = "access",
	.about = "Who has read a client's data, when, in which role and for which purpose.",
	.tag = "Audit",
	.parent = &resource_clients,
	.fields = FIELDS(client_access_fields),
	.size = sizeof(struct client_access),
	.traits = IS_VIEW | OF_PROVIDER | OF_CLIENT,
	.actions = ACTION_LIST,
	.sort = "-at",
};
