/* A view: the log of every change and of every read of personal data. */

#include "resource/registry.h"

struct audit_event {
	struct record record;
	struct instant at;
	struct text actor;
	struct text user_id;
	enum role role;
	struct text provider_id;
	enum purpose purpose;
	struct text session_id;
	struct text request_id;
	struct text action;
	struct text resource;
	struct text row_id;
	struct text client_id;
	struct text client_provider_id;
	struct texts fields;
};

static const struct field audit_event_fields[] = {
	INSTANT_FIELD(struct audit_event, at, .flags = SHOWN | REQUIRED | FILTER | SORT,
		      .about = "When.", .example = "2018-01-08T09:30:00Z"),
	TEXT_FIELD(struct audit_event, actor, 10, .flags = SHOWN | REQUIRED,
		   .about = "Kind of actor: user, client, job or cli.", .example = "user"),
	ID_FIELD(struct audit_event, user_id, .flags = SHOWN | FILTER, .references = "users",
		 .about = "The user who acted.", .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct audit_event, role, role, .flags = SHOWN, .about = "The user's role then.",
		   .example = "case_worker"),
	ID_FIELD(struct audit_event, provider_id, .flags = SHOWN, .references = "providers",
		 .about = "The user's provider then.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct audit_event, purpose, purpose, .flags = SHOWN, .about = "Purpose of use.",
		   .example = "case_management"),
	ID_FIELD(struct audit_event, session_id, .flags = READ_ONLY, .about = "The session.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	TEXT_FIELD(struct audit_event, request_id, 100, .flags = READ_ONLY,
		   .about = "The request, as in its answer and in the logs.",
		   .example = "01890a5d-ac96-774b-bcce-b302099a8060"),
	TEXT_FIELD(struct audit_event, action, 40, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "What was done: create, update, delete, read, sign_in …",
		   .example = "read"),
	TEXT_FIELD(struct audit_event, resource, 63, .flags = SHOWN | REQUIRED | FILTER,
		   .about = "To which resource.", .example = "clients"),
	ID_FIELD(struct audit_event, row_id, .flags = SHOWN,
		 .about = "To which row; null for what a list has shown.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8061"),
	ID_FIELD(struct audit_event, client_id, .flags = SHOWN | FILTER, .references = "clients",
		 .about = "The client whom it concerns.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8061"),
	ID_FIELD(struct audit_event, client_provider_id, .flags = READ_ONLY,
		 .references = "providers", .about = "The provider of that client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXTS_FIELD(struct audit_event, fields, 100, .flags = READ_ONLY,
		    .about = "Names of the fields that changed, never their values.",
		    .example = "risk_level"),
};

const struct resource resource_audit_events = {
	.name = "audit_events",
	.singular = "audit_event",
	.about = "The log of every change and of every read of personal data.",
	.tag = "Audit",
	.fields = FIELDS(audit_event_fields),
	.size = sizeof(struct audit_event),
	.traits = IS_VIEW,
	.actions = ACTION_LIST | ACTION_READ,
	.sort = "-at",
};
