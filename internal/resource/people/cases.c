/* A case: one service episode of one client. Status, days and rule set are effects of
 * applications, decisions and case transitions. */

#include "resource/people/cases.h"

#include "resource/checks.h"

ENUM_DEFINE(risk_level, RISK_LEVELS)

static const struct field case_fields[] = {
	{ .name = "client_id",
	  .type = FIELD_ID,
	  .offset = FIELD_OFFSET(struct case_row, record.client_id, struct text),
	  .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
	  .references = "clients",
	  .about = "Client whose case it is.",
	  .example = "01890a5d-ac96-774b-bcce-b302099a8057" },
	TEXT_FIELD(struct case_row, number, 30, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "The client's number and the case's place among the client's cases.",
		   .example = "2018-0007-1"),
	ENUM_FIELD(struct case_row, status, case_status, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Where the case stands; transitions and decisions move it.",
		   .example = "inquiry"),
	DATE_FIELD(struct case_row, opened_on, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Day the case was opened; today unless told.", .example = "2018-01-08"),
	ID_FIELD(struct case_row, case_worker_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Responsible case worker; the one who opens it unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ID_FIELD(struct case_row, deputy_id, .references = "users", .about = "Who stands in.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	ENUM_FIELD(struct case_row, risk_level, risk_level, .flags = IN_LIST,
		   .about = "Risk to the client as last assessed.", .example = "high"),
	DATE_FIELD(struct case_row, risk_assessed_on,
		   .about = "Day of that assessment; today when the level changes.",
		   .example = "2018-01-08"),
	DATE_FIELD(struct case_row, next_review_on, .flags = FILTER | IN_LIST,
		   .about = "Day on which the case is looked at again.", .example = "2018-02-08"),
	TEXT_FIELD(struct case_row, summary, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the client asks for and where things stand.",
		   .example = "Wants to return to Latvia with her son."),
	ID_FIELD(struct case_row, ruleset_id, .flags = READ_ONLY, .references = "rulesets",
		 .about = "Rule set of the application's day; of the opening's day before that.",
		 .example = "01890000-0000-7000-8000-000000000344"),
	DATE_FIELD(struct case_row, received_on, .flags = READ_ONLY,
		   .about = "Day of the application.", .example = "2018-01-15"),
	DATE_FIELD(struct case_row, granted_on, .flags = READ_ONLY, .about = "Day of the grant.",
		   .example = "2018-01-29"),
	DATE_FIELD(struct case_row, refused_on, .flags = READ_ONLY,
		   .about = "Day of the last refusal.", .example = "2018-01-29"),
	DATE_FIELD(struct case_row, course_start, .flags = READ_ONLY | IN_LIST,
		   .about = "First day of the course.", .example = "2018-02-01"),
	DATE_FIELD(struct case_row, course_end, .flags = READ_ONLY | IN_LIST,
		   .about = "Last day of the course.", .example = "2018-07-30"),
	INTEGER_FIELD(struct case_row, suspended_days, 0, 3650, .flags = READ_ONLY,
		      .about = "Days that an amendment has added for suspensions.",
		      .example = "14"),
	DATE_FIELD(struct case_row, suspended_from, .flags = READ_ONLY,
		   .about = "First day of the last suspension.", .example = "2018-03-01"),
	DATE_FIELD(struct case_row, suspended_until, .flags = READ_ONLY,
		   .about = "Last day of the last suspension, planned or real.",
		   .example = "2018-03-14"),
	DATE_FIELD(struct case_row, closed_on, .flags = READ_ONLY,
		   .about = "Day the case was closed.", .example = "2018-09-01"),
	ENUM_FIELD(struct case_row, close_reason, close_reason, .flags = READ_ONLY | IN_LIST,
		   .about = "Why it was closed.", .example = "completed"),
};

static void case_defaults(struct change *change)
{
	const struct case_row *before = change->before;
	struct case_row *row = change->after;

	if (before == NULL) {
		if (row->opened_on.day == 0)
			row->opened_on = change->today;
		if (row->case_worker_id.ptr == NULL && change->actor->role == role_case_worker)
			row->case_worker_id = change->actor->user_id;
	}
	if (row->risk_level != (before != NULL ? before->risk_level : risk_level_none) &&
	    (row->risk_assessed_on.day == 0 ||
	     (before != NULL && row->risk_assessed_on.day == before->risk_assessed_on.day)))
		row->risk_assessed_on = change->today;
}

static int case_check(struct ctx *ctx, struct change *change)
{
	const struct case_row *row = change->after;

	if (row == NULL)
		return 0;
	case_defaults(change);
	check_not_future(ctx, row->opened_on, change->today, "/opened_on");
	check_not_future(ctx, row->risk_assessed_on, change->today, "/risk_assessed_on");
	if (row->deputy_id.ptr != NULL && text_eq(row->deputy_id, row->case_worker_id))
		violate(ctx, P_DUPLICATE_ITEM, TEXT("/deputy_id"), row->deputy_id);
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_problems[] = { P_IN_THE_FUTURE, P_UNKNOWN_REFERENCE, P_NONE };

const struct resource resource_cases = {
	.name = "cases",
	.singular = "case",
	.about = "Cases: one service episode of one client under one rule set.",
	.tag = "Cases",
	.fields = FIELDS(case_fields),
	.size = sizeof(struct case_row),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT | IS_CASE,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_EFFECT,
	.sort = "-created_at",
	.check = case_check,
	.problems = case_problems,
};
