/* The receiver's side of a change of provider (R20), a view: what it decides on, without the
 * client's identity. */

#include "resource/people/cases.h"
#include "rules/sharing/transfer.h"

/* provider_id, client_id and case_id are the receiver's. */
struct incoming_transfer {
	struct record record;
	struct text from_provider_id;
	struct text from_case_id;
	enum transfer_state state;
	struct date requested_on;
	enum mandate_giver requested_by;
	struct date answered_on;
	enum flag with_notes;
	enum case_status case_status;
	enum risk_level risk_level;
	struct date course_start;
	struct date course_end;
	struct number days_left;
	struct number aftercare_used;
	struct number family_used;
};

#define USED_FIELD(m, what)                                                                        \
	INTEGER_FIELD(struct incoming_transfer, m, 0, 1000000, .flags = SHOWN, .about = (what),    \
		      .example = "2")

static const struct field incoming_transfer_fields[] = {
	ID_FIELD(struct incoming_transfer, from_provider_id, .flags = SHOWN | REQUIRED | FILTER,
		 .references = "providers", .about = "Provider that gives the case.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ID_FIELD(struct incoming_transfer, from_case_id, .flags = SHOWN, .references = "cases",
		 .about = "The giver's case; told to the agency only.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	ENUM_FIELD(struct incoming_transfer, state, transfer_state,
		   .flags = SHOWN | REQUIRED | FILTER,
		   .about = "requested while it waits for an answer.", .example = "requested"),
	DATE_FIELD(struct incoming_transfer, requested_on,
		   .flags = SHOWN | REQUIRED | FILTER | SORT,
		   .about = "Day on which the client asked for it.", .example = "2018-03-01"),
	ENUM_FIELD(struct incoming_transfer, requested_by, mandate_giver, .flags = SHOWN | REQUIRED,
		   .about = "Who asked.", .example = "client"),
	DATE_FIELD(struct incoming_transfer, answered_on, .flags = SHOWN,
		   .about = "Day of the answer.", .example = "2018-03-05"),
	FLAG_FIELD(struct incoming_transfer, with_notes, .flags = SHOWN,
		   .about = "Whether a consent in force lets notes travel, or let them.",
		   .example = "true"),
	ENUM_FIELD(struct incoming_transfer, case_status, case_status, .flags = SHOWN,
		   .about = "Where the giver's case stands; it and what follows only while the "
			    "request waits.",
		   .example = "in_course"),
	ENUM_FIELD(struct incoming_transfer, risk_level, risk_level, .flags = SHOWN,
		   .about = "Risk to the client as last assessed.", .example = "high"),
	DATE_FIELD(struct incoming_transfer, course_start, .flags = SHOWN,
		   .about = "First day of the course.", .example = "2018-02-01"),
	DATE_FIELD(struct incoming_transfer, course_end, .flags = SHOWN,
		   .about = "Last day of the course.", .example = "2018-07-30"),
	INTEGER_FIELD(struct incoming_transfer, days_left, 0, 10000, .flags = SHOWN,
		      .about = "Days of the course from today on.", .example = "150"),
	USED_FIELD(aftercare_used, "Consultations after the course that are used; null is none."),
	USED_FIELD(family_used, "Consultations of the family that are used; null is none."),
};

const struct resource resource_incoming_transfers = {
	.name = "incoming_transfers",
	.singular = "incoming_transfer",
	.about = "Cases that clients ask to bring here: without identity until they are accepted.",
	.tag = "Cases",
	.fields = FIELDS(incoming_transfer_fields),
	.size = sizeof(struct incoming_transfer),
	.traits = IS_VIEW | IS_WINDOW | OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST | ACTION_READ,
	.sort = "-requested_on",
};
