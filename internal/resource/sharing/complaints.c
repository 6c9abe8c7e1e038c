/* A client's complaint about a service: received, examined, answered. Who it is about neither
 * reads nor writes it: schema/82_complaints.sql hides the row, the check refuses it. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"
#include "rules/services/course.h"
#include "rules/proceedings/criminal.h"
#include "rules/steps.h"

#define COMPLAINT_STATES(X)                                                                        \
	X(complaint_state, received)                                                               \
	X(complaint_state, examined)                                                               \
	X(complaint_state, answered)
ENUM_DECLARE(complaint_state, COMPLAINT_STATES)
ENUM_DEFINE(complaint_state, COMPLAINT_STATES)

struct complaint {
	struct record record;
	enum service_kind service;
	struct text about_user_id;
	enum mandate_giver made_by;
	struct text representative_id;
	struct date received_on;
	struct text text;
	enum complaint_state state;
	struct date examined_on;
	struct text findings;
	struct date answered_on;
	struct text answer;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field complaint_fields[] = {
	ENUM_FIELD(struct complaint, service, service_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "The service that it is about.", .example = "consultation"),
	ID_FIELD(struct complaint, about_user_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "The member of staff whom it is about, who never sees it; null: nobody.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct complaint, made_by, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Who complains: the client, or a representative for the client.",
		   .example = "client"),
	ID_FIELD(struct complaint, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives",
		 .about = "The representative, where one complains.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct complaint, received_on, .flags = CREATE_ONLY | FILTER | SORT | IN_LIST,
		   .about = "Day it was received; today unless told.", .example = "2018-03-05"),
	TEXT_FIELD(struct complaint, text, 8000, .flags = REQUIRED | CREATE_ONLY | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "The complaint, in the client's words.",
		   .example = "I waited an hour, twice."),
	ENUM_FIELD(struct complaint, state, complaint_state, .flags = FILTER | IN_LIST,
		   .about = "received, then examined, then answered, which is final (R19).",
		   .example = "received"),
	DATE_FIELD(struct complaint, examined_on, .flags = IN_LIST,
		   .about = "Day it was examined; today unless told with the state.",
		   .example = "2018-03-08"),
	TEXT_FIELD(struct complaint, findings, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What was found; needed to set it examined.",
		   .example = "The calendar had both appointments an hour later."),
	DATE_FIELD(struct complaint, answered_on, .flags = IN_LIST,
		   .about = "Day the client was answered; today unless told with the state.",
		   .example = "2018-03-12"),
	TEXT_FIELD(struct complaint, answer, 8000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the client was answered; needed to set it answered.",
		   .example = "We are sorry; appointments now come by text message."),
	ID_FIELD(struct complaint, corrects_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "complaints",
		 .about = "The answered record that this one corrects (R19).",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8060"),
	FLAG_FIELD(struct complaint, superseded, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether a correction stands in its place.", .example = "false"),
};

struct corrected_fact {
	enum complaint_state state;
	enum flag superseded;
};

static const struct field corrected_fields[] = {
	ENUM_FIELD(struct corrected_fact, state, complaint_state),
	FLAG_FIELD(struct corrected_fact, superseded),
};

static const struct facts complaint_facts[] = {
	{ .view = "complaints",
	  .fields = corrected_fields,
	  .field_count = 2,
	  .size = sizeof(struct corrected_fact),
	  .keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } },
};

static int complaint_check_step(struct ctx *ctx, enum complaint_state from, enum complaint_state to)
{
	static const struct step items[] = {
		{ complaint_state_none, complaint_state_received },
		{ complaint_state_received, complaint_state_examined },
		{ complaint_state_examined, complaint_state_answered },
	};
	static const struct steps steps = { &complaint_state_values, "/state", items,
					    sizeof(items) / sizeof(items[0]) };

	return steps_check(ctx, &steps, (int)from, (int)to);
}

/* The day and the text of a step: both are there once it is taken, and neither before. */
static void complaint_check_part(struct ctx *ctx, enum complaint_state step, bool taken,
				 struct date day, struct text text)
{
	bool examined = step == complaint_state_examined;
	const char *on = examined ? "/examined_on" : "/answered_on";
	const char *words = examined ? "/findings" : "/answer";
	struct text state = enumeration_name(&complaint_state_values, (int)step);

	if (!taken && day.day != 0)
		violate(ctx, P_CONSTRAINT, text_of(on), state);
	if (!taken && text.ptr != NULL)
		violate(ctx, P_CONSTRAINT, text_of(words), state);
	check_present(ctx, !taken || text.ptr != NULL, words);
}

static int complaint_check_members(struct ctx *ctx, const struct change *change,
				   struct complaint *row)
{
	struct date today = change->today;
	bool answered = row->state == complaint_state_answered;
	bool examined = answered || row->state == complaint_state_examined;

	if (examined && row->examined_on.day == 0)
		row->examined_on = today;
	if (answered && row->answered_on.day == 0)
		row->answered_on = today;
	check_giver(ctx, row->made_by == mandate_giver_representative, row->representative_id,
		    "made_by");
	complaint_check_part(ctx, complaint_state_examined, examined, row->examined_on,
			     row->findings);
	complaint_check_part(ctx, complaint_state_answered, answered, row->answered_on,
			     row->answer);
	check_not_future(ctx, row->received_on, today, "/received_on");
	check_not_future(ctx, row->examined_on, today, "/examined_on");
	check_not_future(ctx, row->answered_on, today, "/answered_on");
	check_period(ctx, row->received_on, row->examined_on, "/examined_on");
	check_period(ctx, row->examined_on, row->answered_on, "/answered_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int complaint_check_correction(struct ctx *ctx, const struct change *change)
{
	const struct corrected_fact *corrected = change->facts[0].rows;
	const struct complaint *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[0].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("complaint"));
	return correction_check(ctx,
				corrected->state == complaint_state_answered
					? consultation_outcome_held
					: consultation_outcome_planned,
				corrected->superseded);
}

static int complaint_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	const struct complaint *before = change->before;
	struct complaint *row = change->after;
	int rc;

	if (before != NULL && before->state == complaint_state_answered)
		return change_only(&resource_complaints, change, nothing)
			       ? 0
			       : fail(ctx, P_ALREADY_FINAL);
	if (row->state == complaint_state_none)
		row->state = complaint_state_received;
	if (row->received_on.day == 0)
		row->received_on = change->today;
	if (text_eq(row->about_user_id, change->actor->user_id))
		return fail_at(ctx, P_ABOUT_ONESELF, "/about_user_id");
	rc = complaint_check_step(ctx, before != NULL ? before->state : complaint_state_none,
				  row->state);
	if (rc == 0)
		rc = complaint_check_members(ctx, change, row);
	return rc != 0 ? rc : complaint_check_correction(ctx, change);
}

static int complaint_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct complaint *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_complaints, row->corrects_id, effects);
}

static const enum problem complaint_problems[] = {
	P_ILLEGAL_TRANSITION, P_ALREADY_FINAL, P_ABOUT_ONESELF,	    P_IN_THE_FUTURE,
	P_END_BEFORE_START,   P_CONSTRAINT,    P_UNKNOWN_REFERENCE, P_NOT_FINAL,
	P_CONFLICT,	      P_NONE,
};

const struct resource resource_complaints = {
	.name = "complaints",
	.singular = "complaint",
	.about = "A client's complaints about a service, how they were examined and answered.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(complaint_fields),
	.size = sizeof(struct complaint),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-received_on",
	.facts = complaint_facts,
	.fact_count = 1,
	.check = complaint_check,
	.effects = complaint_effects,
	.problems = complaint_problems,
};
