/* Steps of a case. Creating one moves the case; R9 is checked between assessment and decision. */

#include "resource/checks.h"
#include "resource/people/cases.h"
#include "resource/usage.h"
#include "rules/admission/application.h"

#include <errno.h>

struct case_transition {
	struct record record;
	enum case_status from;
	enum case_status to;
	struct date happened_on;
	enum close_reason close_reason;
	struct date suspended_from;
	struct date suspended_until;
	struct text reason;
	enum flag decided;
};

static const struct field case_transition_fields[] = {
	ENUM_FIELD(struct case_transition, from, case_status, .flags = READ_ONLY | IN_LIST,
		   .about = "Where the case stood.", .example = "in_course"),
	ENUM_FIELD(struct case_transition, to, case_status, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Where it goes.", .example = "suspended"),
	DATE_FIELD(struct case_transition, happened_on, .flags = IN_LIST,
		   .about = "Day of the step; today unless told.", .example = "2018-03-01"),
	ENUM_FIELD(struct case_transition, close_reason, close_reason, .flags = IN_LIST,
		   .about = "Why the case is closed; with closed only.", .example = "completed"),
	DATE_FIELD(struct case_transition, suspended_from, .flags = IN_LIST,
		   .about = "First day of the suspension; the step's day unless told.",
		   .example = "2018-03-01"),
	DATE_FIELD(struct case_transition, suspended_until, .flags = IN_LIST,
		   .about = "Last day of the suspension, as planned.", .example = "2018-03-14"),
	TEXT_FIELD(struct case_transition, reason, 4000, .flags = SEALED, .sight = SIGHT_DECISION,
		   .about = "Why, in words; a suspension and a withdrawal have a reason.",
		   .example = "Hospital treatment."),
	FLAG_FIELD(struct case_transition, decided, .flags = READ_ONLY | IN_LIST,
		   .about = "Whether a decision or another record took the step.",
		   .example = "false"),
};

/* What the step's rules know: the case, its papers, what the commission concluded. */
enum { FACT_CASE, FACT_DOCUMENTS, FACT_IDENTIFICATIONS };

static const struct field document_fields[] = {
	ENUM_FIELD(struct basis_document, kind, basis_kind, .about = "Kind.",
		   .example = "victim_decision"),
};

static const struct field identification_fields[] = {
	ENUM_FIELD(struct identification_fact, identified_by, identified_by, .about = "Body.",
		   .example = "commission"),
	ENUM_FIELD(struct identification_fact, conclusion, conclusion, .about = "Conclusion.",
		   .example = "meets"),
	DATE_FIELD(struct identification_fact, closed_on, .about = "Day it was closed.",
		   .example = "2018-01-22"),
};

static const struct facts case_transition_facts[] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_DOCUMENTS] = { .view = "application_documents",
			     .fields = document_fields,
			     .field_count = 1,
			     .size = sizeof(struct basis_document),
			     .keys = CASE_KEY },
	[FACT_IDENTIFICATIONS] = { .view = "identifications",
				   .fields = identification_fields,
				   .field_count = sizeof(identification_fields) /
						  sizeof(identification_fields[0]),
				   .size = sizeof(struct identification_fact),
				   .keys = CASE_KEY },
};

/* R9 stands between assessment and decision. */
static int transition_check_basis(struct ctx *ctx, const struct change *change,
				  const struct case_transition *step,
				  const struct case_facts *facts)
{
	struct basis_facts basis = {
		.received_on = facts->received_on,
		.documents = change->facts[FACT_DOCUMENTS].rows,
		.document_count = change->facts[FACT_DOCUMENTS].count,
		.identifications = change->facts[FACT_IDENTIFICATIONS].rows,
		.identification_count = change->facts[FACT_IDENTIFICATIONS].count,
	};

	if (step->from != case_status_under_assessment || step->to != case_status_awaiting_decision)
		return 0;
	return basis_check(ctx, &basis);
}

static int transition_check_members(struct ctx *ctx, struct case_transition *step,
				    struct date today)
{
	bool suspends = step->to == case_status_suspended;

	if (step->happened_on.day == 0)
		step->happened_on = today;
	check_not_future(ctx, step->happened_on, today, "/happened_on");
	if (suspends && step->suspended_from.day == 0)
		step->suspended_from = step->happened_on;
	if (!suspends && step->suspended_from.day != 0)
		violate(ctx, P_CONSTRAINT, TEXT("/suspended_from"), TEXT("to = suspended"));
	if (!suspends && step->suspended_until.day != 0)
		violate(ctx, P_CONSTRAINT, TEXT("/suspended_until"), TEXT("to = suspended"));
	check_period(ctx, step->suspended_from, step->suspended_until, "/suspended_until");
	if (suspends || step->to == case_status_withdrawn)
		check_present(ctx, step->reason.ptr != NULL, "/reason");
	if (step->to != case_status_closed && step->close_reason != close_reason_none)
		violate(ctx, P_CONSTRAINT, TEXT("/close_reason"), TEXT("to = closed"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int case_transition_check(struct ctx *ctx, struct change *change)
{
	const struct case_facts *facts = change->facts[FACT_CASE].rows;
	struct case_transition *step = change->after;
	struct transition transition;
	int rc;

	if (step == NULL || change->facts[FACT_CASE].count == 0)
		return 0;
	step->from = facts->status;
	step->decided = FLAG_NO;
	transition = (struct transition){ .from = facts->status,
					  .to = step->to,
					  .close_reason = step->close_reason,
					  .role = change->actor->role,
					  .course_start = facts->course_start,
					  .course_end = facts->course_end };
	rc = transition_check(ctx, &transition);
	if (rc == 0)
		rc = transition_check_members(ctx, step, change->today);
	return rc != 0 ? rc : transition_check_basis(ctx, change, step, facts);
}

static const char **member_add(const char **member, const char *name)
{
	*member = name;
	return member + 1;
}

/* The course ends where the client leaves it: aftercare counts from there (R3). */
static bool transition_ends_course(const struct case_transition *step,
				   const struct case_facts *facts)
{
	bool leaves = step->to == case_status_aftercare || step->to == case_status_closed;

	return leaves &&
	       (step->from == case_status_in_course || step->from == case_status_suspended) &&
	       step->happened_on.day < facts->course_end.day &&
	       step->happened_on.day >= facts->course_start.day;
}

static int case_transition_effects(struct ctx *ctx, const struct change *change,
				   struct effects *effects)
{
	const struct case_facts *facts = change->facts[FACT_CASE].rows;
	const struct case_transition *step = change->after;
	struct case_row *row = arena_alloc(ctx->arena, sizeof(*row));
	const char *members[EFFECT_MEMBERS_MAX + 1] = { NULL };
	const char **member = member_add(members, "status");

	if (row == NULL)
		return -ENOMEM;
	if (step == NULL)
		return 0;
	row->status = step->to;
	if (step->to == case_status_suspended) {
		row->suspended_from = step->suspended_from;
		row->suspended_until = step->suspended_until;
		member = member_add(member_add(member, "suspended_from"), "suspended_until");
	} else if (step->from == case_status_suspended) {
		row->suspended_until = step->happened_on;
		member = member_add(member, "suspended_until");
	}
	if (transition_ends_course(step, facts)) {
		row->course_end = step->happened_on;
		member = member_add(member, "course_end");
	}
	if (step->to == case_status_closed || step->from == case_status_closed) {
		row->closed_on =
			step->to == case_status_closed ? step->happened_on : (struct date){ 0 };
		row->close_reason = step->close_reason;
		member = member_add(member_add(member, "closed_on"), "close_reason");
	}
	*member = NULL;
	effect_set(effects, &resource_cases, step->record.case_id, row, members);
	return 0;
}

static const enum problem case_transition_problems[] = {
	P_ILLEGAL_TRANSITION, P_DECISION_NEEDED,
	P_NOT_GRANTED,	      P_COURSE_NOT_ENDED,
	P_BASIS_MISSING,      P_COMMISSION_NEEDED,
	P_IN_THE_FUTURE,      P_END_BEFORE_START,
	P_CONSTRAINT,	      P_NONE,
};

const struct resource resource_case_transitions = {
	.name = "case_transitions",
	.segment = "transitions",
	.singular = "case_transition",
	.about = "Steps of a case: creating one moves the case.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_transition_fields),
	.size = sizeof(struct case_transition),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE,
	.sort = "-created_at",
	.facts = case_transition_facts,
	.fact_count = sizeof(case_transition_facts) / sizeof(case_transition_facts[0]),
	.check = case_transition_check,
	.effects = case_transition_effects,
	.problems = case_transition_problems,
};
