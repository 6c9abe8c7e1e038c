/* Clients who may be the same person. The agency links or separates them; a link is final, since
 * the two share ledgers from then on. */

#include "resource/registry.h"

#define MATCH_BASES(X)                                                                             \
	X(match_basis, name_and_birth_date)                                                        \
	X(match_basis, personal_code)
ENUM_DECLARE(match_basis, MATCH_BASES)
ENUM_DEFINE(match_basis, MATCH_BASES)

#define MATCH_STATES(X)                                                                            \
	X(match_state, open)                                                                       \
	X(match_state, linked)                                                                     \
	X(match_state, separated)
ENUM_DECLARE(match_state, MATCH_STATES)
ENUM_DEFINE(match_state, MATCH_STATES)

struct person_match {
	struct record record;
	struct text person_id;
	struct text likely_person_id;
	enum match_basis basis;
	enum match_state state;
	struct text remarks;
};

static const struct field person_match_fields[] = {
	ID_FIELD(struct person_match, person_id, .flags = READ_ONLY | IN_LIST,
		 .references = "persons", .about = "Person that the client belongs to now.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct person_match, likely_person_id, .flags = READ_ONLY | IN_LIST,
		 .references = "persons", .about = "Person that is likely the same.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct person_match, basis, match_basis, .flags = READ_ONLY | IN_LIST,
		   .about = "What agrees.", .example = "name_and_birth_date"),
	ENUM_FIELD(struct person_match, state, match_state, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "open until the agency links or separates the two.",
		   .example = "linked"),
	TEXT_FIELD(struct person_match, remarks, 2000, .sight = SIGHT_DECISION,
		   .about = "What the agency found, without names.",
		   .example = "Same passport seen by both providers."),
};

/* Joining is not undone: who was joined shares ledgers from then on. */
static int person_match_check(struct ctx *ctx, struct change *change)
{
	const struct person_match *before = change->before;
	const struct person_match *match = change->after;

	if (before == NULL || match == NULL)
		return 0;
	if (before->state != match_state_open && match->state != before->state)
		return fail_at(ctx, P_MATCH_DECIDED, "/state",
			       enumeration_name(&match_state_values, (int)before->state));
	return 0;
}

static const enum problem person_match_problems[] = { P_MATCH_DECIDED, P_RUNNING_COURSE_EXISTS,
						      P_NONE };

const struct resource resource_person_matches = {
	.name = "person_matches",
	.singular = "person_match",
	.about = "Clients who are likely one person: the agency links or separates them.",
	.tag = "Persons",
	.fields = FIELDS(person_match_fields),
	.size = sizeof(struct person_match),
	.traits = OF_PROVIDER | OF_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_UPDATE,
	.sort = "-created_at",
	.check = person_match_check,
	.problems = person_match_problems,
};
