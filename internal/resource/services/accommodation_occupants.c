/* Who stays in an accommodation. Occupants of an ended stay cannot change, because they are part
 * of what was delivered (R19). */

#include "resource/services/accommodations.h"

struct occupant {
	struct record record;
	struct text accommodation_id;
	struct text family_member_id;
};

static const struct field occupant_fields[] = {
	ID_FIELD(struct occupant, accommodation_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "accommodations", .about = "The stay.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct occupant, family_member_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "family_members",
		 .about = "The family member who stays there, a child say; null: the client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
};

struct stay_fact {
	enum stay_state state;
};

static const struct field stay_fields[] = {
	ENUM_FIELD(struct stay_fact, state, stay_state),
};

static const struct facts occupant_facts[] = {
	{ .view = "accommodations",
	  .fields = stay_fields,
	  .field_count = 1,
	  .size = sizeof(struct stay_fact),
	  .keys = { { "id", "accommodation_id" } } },
};

/* R19: who was there is part of what was delivered. */
static int occupant_check(struct ctx *ctx, struct change *change)
{
	const struct stay_fact *stay = change->facts[0].rows;

	if (change->facts[0].count > 0 && stay_is_final(stay->state))
		return fail(ctx, P_ALREADY_FINAL);
	return 0;
}

static const enum problem occupant_problems[] = { P_OVERLAP, P_CONFLICT, P_ALREADY_FINAL,
						  P_UNKNOWN_REFERENCE, P_NONE };

const struct resource resource_accommodation_occupants = {
	.name = "accommodation_occupants",
	.segment = "occupants",
	.singular = "accommodation_occupant",
	.about = "Who stays there: the client, and children along.",
	.tag = "Services",
	.parent = &resource_accommodations,
	.fields = FIELDS(occupant_fields),
	.size = sizeof(struct occupant),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = occupant_facts,
	.fact_count = 1,
	.check = occupant_check,
	.problems = occupant_problems,
};
