/* Who is assigned to a case. A specialist sees the cases of these rows only (scope TEAM). */

#include "resource/registry.h"

struct case_member {
	struct record record;
	struct text user_id;
	struct text duty;
};

static const struct field case_member_fields[] = {
	ID_FIELD(struct case_member, user_id, .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		 .references = "users", .about = "Who works on the case.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct case_member, duty, 200, .flags = IN_LIST, .about = "What for.",
		   .example = "Legal counsel in the residence matter"),
};

static const enum problem case_member_problems[] = { P_UNKNOWN_REFERENCE, P_CONFLICT, P_NONE };

const struct resource resource_case_team = {
	.name = "case_team",
	.segment = "team",
	.singular = "case_member",
	.about = "Who is assigned to a case: specialists see only these cases.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_member_fields),
	.size = sizeof(struct case_member),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | NAMES_TEAM,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_DELETE,
	.sort = "-created_at",
	.problems = case_member_problems,
};
