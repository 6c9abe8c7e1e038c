/* Hearings of criminal proceedings. A moved hearing is postponed, and a new one recorded. */

#include "resource/registry.h"

#define HEARING_OUTCOMES(X)                                                                        \
	X(hearing_outcome, planned)                                                                \
	X(hearing_outcome, held)                                                                   \
	X(hearing_outcome, postponed)                                                              \
	X(hearing_outcome, cancelled)
ENUM_DECLARE(hearing_outcome, HEARING_OUTCOMES)
ENUM_DEFINE(hearing_outcome, HEARING_OUTCOMES)

struct hearing {
	struct record record;
	struct text criminal_proceeding_id;
	struct instant starts_at;
	struct text court;
	enum hearing_outcome outcome;
	enum flag client_attended;
	struct text remarks;
};

static const struct field hearing_fields[] = {
	ID_FIELD(struct hearing, criminal_proceeding_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "criminal_proceedings", .about = "The proceedings.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	INSTANT_FIELD(struct hearing, starts_at,
		      .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,
		      .about = "When it begins; a moved one is postponed, and a new one recorded.",
		      .example = "2018-09-12T07:30:00Z"),
	TEXT_FIELD(struct hearing, court, 200, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "Court and room.", .example = "Rīgas pilsētas tiesa, 12. zāle"),
	ENUM_FIELD(struct hearing, outcome, hearing_outcome, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; the others are final (R19).", .example = "held"),
	FLAG_FIELD(struct hearing, client_attended, .flags = IN_LIST,
		   .about = "Whether the client was there.", .example = "true"),
	TEXT_FIELD(struct hearing, remarks, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What came of it.", .example = "Heard behind closed doors."),
};

static int hearing_check(struct ctx *ctx, struct change *change)
{
	const struct hearing *before = change->before;
	struct hearing *row = change->after;

	if (row->outcome == hearing_outcome_none)
		row->outcome = hearing_outcome_planned;
	if (before != NULL && before->outcome != hearing_outcome_planned &&
	    before->outcome != row->outcome)
		return fail(ctx, P_ALREADY_FINAL);
	if (row->outcome == hearing_outcome_held && row->starts_at.us > change->now.us)
		return fail_at(ctx, P_IN_THE_FUTURE, "/outcome");
	return 0;
}

static const enum problem hearing_problems[] = { P_ALREADY_FINAL, P_IN_THE_FUTURE, P_NONE };

const struct resource resource_hearings = {
	.name = "hearings",
	.singular = "hearing",
	.about = "Hearings of the proceedings.",
	.tag = "Proceedings",
	.parent = &resource_criminal_proceedings,
	.fields = FIELDS(hearing_fields),
	.size = sizeof(struct hearing),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.check = hearing_check,
	.problems = hearing_problems,
};
