/* The agency's decisions (R12): they move the case, set its course, and take the course's days
 * from the ledger (R1). */

#include "resource/checks.h"
#include "resource/people/cases.h"
#include "resource/usage.h"
#include "rules/services/course.h"
#include "rules/admission/decision.h"
#include "rules/words.h"

#include <errno.h>

#define APPEAL_RESULTS(X)                                                                          \
	X(appeal_result, upheld)                                                                   \
	X(appeal_result, annulled)                                                                 \
	X(appeal_result, changed)                                                                  \
	X(appeal_result, withdrawn)
ENUM_DECLARE(appeal_result, APPEAL_RESULTS)
ENUM_DEFINE(appeal_result, APPEAL_RESULTS)

#define APPEAL_MONTHS                                                                              \
	1 /* from the day the person learned of it: Administrative Procedure Law 79                \
	   */

struct decision {
	struct record record;
	enum decision_kind kind;
	struct text number;
	struct date decided_on;
	struct text reasons;
	struct date course_start;
	struct date course_end;
	struct number suspended_days;
	struct date delivered_on;
	struct date appeal_until;
	struct date appealed_on;
	enum appeal_result appeal_result;
};

static const struct field decision_fields[] = {
	ENUM_FIELD(struct decision, kind, decision_kind,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST, .about = "What is decided.",
		   .example = "grant"),
	TEXT_FIELD(struct decision, number, 60, .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "The agency's number of the decision.", .example = "4-1/2018/17"),
	DATE_FIELD(struct decision, decided_on,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,
		   .about = "Day of the decision.", .example = "2018-01-29"),
	TEXT_FIELD(struct decision, reasons, 20000, .flags = CREATE_ONLY | SEALED,
		   .sight = SIGHT_DECISION,
		   .about = "Why; a refusal and a termination are never without (R12).",
		   .example = "The papers show no exploitation."),
	DATE_FIELD(struct decision, course_start, .flags = CREATE_ONLY | IN_LIST,
		   .about = "First day of the course: of a grant, or where an amendment moves it.",
		   .example = "2018-02-01"),
	DATE_FIELD(struct decision, course_end, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Last day of the course; unless told the longest that R1 allows.",
		   .example = "2018-07-30"),
	INTEGER_FIELD(struct decision, suspended_days, 0, 3650, .flags = CREATE_ONLY,
		      .about = "Days that an amendment adds for a suspension.", .example = "14"),
	DATE_FIELD(struct decision, delivered_on, .flags = IN_LIST,
		   .about = "Day the person received it.", .example = "2018-02-01"),
	DATE_FIELD(struct decision, appeal_until, .flags = IN_LIST,
		   .about = "Last day to appeal; a month after delivery unless told.",
		   .example = "2018-03-01"),
	DATE_FIELD(struct decision, appealed_on, .flags = IN_LIST, .about = "Day an appeal came.",
		   .example = "2018-02-20"),
	ENUM_FIELD(struct decision, appeal_result, appeal_result, .flags = IN_LIST,
		   .about = "What became of the appeal; a new decision follows where it changes "
			    "things.",
		   .example = "upheld"),
};

enum { FACT_CASE, FACT_LIMITS, FACT_HOLDINGS, FACT_PARTICIPANTS, FACT_ENTRIES, FACT_COUNT };

static const struct field participant_fields[] = {
	ID_FIELD(struct participant, user_id),
};

/* A decision whose course days stand in the ledger. */
struct entry_fact {
	struct text act_id;
};

static const struct field entry_fields[] = {
	ID_FIELD(struct entry_fact, act_id),
};

static const struct facts decision_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_LIMITS] = FACTS_LIMITS,
	[FACT_HOLDINGS] = FACTS_HOLDINGS,
	[FACT_PARTICIPANTS] = { .view = "decision_participants",
				.fields = participant_fields,
				.field_count = 1,
				.size = sizeof(struct participant),
				.keys = CASE_KEY },
	[FACT_ENTRIES] = { .view = "course_entries",
			   .fields = entry_fields,
			   .field_count = 1,
			   .size = sizeof(struct entry_fact),
			   .keys = CASE_KEY },
};

/* The case as the rules are to judge it: with the days that this decision adds. */
static struct case_facts decision_case(const struct change *change, const struct decision *row)
{
	struct case_facts facts = *(const struct case_facts *)change->facts[FACT_CASE].rows;

	if (row->kind == decision_kind_amendment && row->suspended_days.set)
		facts.suspended_days =
			(struct number){ facts.suspended_days.value + row->suspended_days.value,
					 true };
	return facts;
}

/* Members that say nothing with this kind of decision. */
static int decision_check_kind(struct ctx *ctx, const struct decision *row)
{
	if (row->kind != decision_kind_amendment && row->suspended_days.set)
		violate(ctx, P_CONSTRAINT, TEXT("/suspended_days"), TEXT("kind = amendment"));
	if (row->course_start.day != 0 &&
	    (row->kind == decision_kind_refusal || row->kind == decision_kind_termination))
		violate(ctx, P_CONSTRAINT, TEXT("/course_start"), TEXT("kind = grant | amendment"));
	if (row->course_end.day != 0 && row->kind == decision_kind_refusal)
		violate(ctx, P_CONSTRAINT, TEXT("/course_end"), TEXT("kind <> refusal"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* What may be added later: how it was delivered, and the appeal. */
static int decision_check_appeal(struct ctx *ctx, struct decision *row, struct date today)
{
	struct date known = row->delivered_on.day != 0 ? row->delivered_on : row->decided_on;

	if (row->delivered_on.day != 0 && row->appeal_until.day == 0)
		row->appeal_until = date_add_months(row->delivered_on, APPEAL_MONTHS);
	check_not_future(ctx, row->delivered_on, today, "/delivered_on");
	check_not_future(ctx, row->appealed_on, today, "/appealed_on");
	check_period(ctx, row->decided_on, row->delivered_on, "/delivered_on");
	check_period(ctx, row->decided_on, row->appealed_on, "/appealed_on");
	check_period(ctx, known, row->appeal_until, "/appeal_until");
	check_present(ctx, row->appeal_result == appeal_result_none || row->appealed_on.day != 0,
		      "/appealed_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int decision_row_check(struct ctx *ctx, struct change *change)
{
	struct decision *row = change->after;
	struct decision_facts facts = { change->actor,
					change->today,
					NULL,
					change->facts[FACT_PARTICIPANTS].rows,
					change->facts[FACT_PARTICIPANTS].count,
					{ change->facts[FACT_LIMITS].rows,
					  change->facts[FACT_LIMITS].count } };
	struct decision_terms terms;
	struct case_facts judged;
	int rc;

	if (change->before != NULL || change->facts[FACT_CASE].count == 0)
		return decision_check_appeal(ctx, row, change->today);
	judged = decision_case(change, row);
	facts.facts = &judged;
	terms = (struct decision_terms){ row->kind,	    row->decided_on, row->reasons,
					 row->course_start, row->course_end, row->delivered_on,
					 row->appeal_until };
	rc = decision_check(ctx, &facts, &terms);
	if (rc == 0)
		rc = decision_check_kind(ctx, row);
	if (rc == 0)
		rc = decision_check_appeal(ctx, row, change->today);
	if (rc == 0 && row->kind != decision_kind_refusal)
		row->course_end = decision_course_end(&judged, &terms);
	return rc;
}

static const struct limit_terms *course_limit(const struct change *change, struct limit_take *take)
{
	const struct limit_holding *holdings = change->facts[FACT_HOLDINGS].rows;
	struct limit_set limits = { change->facts[FACT_LIMITS].rows,
				    change->facts[FACT_LIMITS].count };
	const struct limit_terms *limit = limit_of_ruleset(&limits, limit_code_course);

	if (limit != NULL) {
		take->holder_id = holdings[limit - limits.items].holder_id;
		take->counter_id = holdings[limit - limits.items].counter_id;
	}
	return limit;
}

/* R1 once more, as units of the ledger: whatever path leads to a course, it takes its days there.
 */
static int decision_take(struct ctx *ctx, const struct change *change,
			 const struct case_row *values, struct effects *effects)
{
	const struct entry_fact *entries = change->facts[FACT_ENTRIES].rows;
	const struct decision *row = change->after;
	struct limit_take take = { .period = TEXT("whole"), .problem = P_COURSE_TOO_LONG };
	const struct limit_terms *limit = course_limit(change, &take);

	/* One decision holds them at a time: each gives back what the one before took. */
	if (change->facts[FACT_ENTRIES].count > 0)
		effect_give(effects, entries[0].act_id);
	if (values->course_start.day == 0 || values->course_end.day == 0)
		return 0;
	/* Nothing stands against the end of a course. */
	if (limit == NULL)
		return row->kind == decision_kind_termination
			       ? 0
			       : limit_missing(ctx, NULL, TEXT("course"));
	take.units = values->course_end.day - values->course_start.day + 1;
	take.amount = limit->amount.value +
		      (values->suspended_days.set ? values->suspended_days.value : 0);
	take.block = limit->enforcement != enforcement_warn;
	take.words[0] = words_number(ctx, take.amount);
	take.words[1] = words_date(
		ctx, course_last_day(values->course_start, (struct number){ take.amount, true }));
	effect_take(effects, &take);
	return 0;
}

/* What the case carries from each kind of decision. */
static const char *const granted_members[] = { "status",     "granted_on",     "course_start",
					       "course_end", "suspended_days", NULL };
static const char *const refused_members[] = { "status", "refused_on", NULL };
static const char *const amended_members[] = { "course_start", "course_end", "suspended_days",
					       NULL };
static const char *const ended_members[] = { "status", "course_start", "course_end", NULL };
static const char *const closed_members[] = { "status",	   "course_start", "course_end",
					      "closed_on", "close_reason", NULL };

static const char *const *decision_members(const struct decision *row, enum case_status status)
{
	switch (row->kind) {
	case decision_kind_grant:
		return granted_members;
	case decision_kind_refusal:
		return refused_members;
	case decision_kind_amendment:
		return amended_members;
	default:
		return status == case_status_closed ? closed_members : ended_members;
	}
}

static void decision_case_values(const struct change *change, struct case_row *values)
{
	const struct decision *row = change->after;
	struct case_facts facts = decision_case(change, row);

	values->status = decision_status(row->kind, facts.status);
	values->granted_on = row->decided_on;
	values->refused_on = row->decided_on;
	values->closed_on = row->decided_on;
	values->close_reason = close_reason_other;
	values->course_start = row->course_start.day != 0 ? row->course_start : facts.course_start;
	values->course_end = row->course_end;
	if (row->kind != decision_kind_grant)
		values->suspended_days = facts.suspended_days;
	/* Ended before it began: there is no course. */
	if (row->kind == decision_kind_termination && row->course_end.day == 0)
		values->course_start = (struct date){ 0 };
}

static int decision_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct decision *row = change->after;
	struct case_row *values = arena_alloc(ctx->arena, sizeof(*values));

	if (values == NULL)
		return -ENOMEM;
	if (change->before != NULL)
		return 0;
	decision_case_values(change, values);
	effect_set(effects, &resource_cases, row->record.case_id, values,
		   decision_members(row, values->status));
	return row->kind == decision_kind_refusal ? 0 : decision_take(ctx, change, values, effects);
}

static const enum problem decision_problems[] = {
	P_SELF_APPROVAL,
	P_ILLEGAL_TRANSITION,
	P_REASONS_REQUIRED,
	P_COURSE_TOO_LONG,
	P_LIMIT_MISSING,
	P_RUNNING_COURSE_EXISTS,
	P_END_BEFORE_START,
	P_IN_THE_FUTURE,
	P_CONSTRAINT,
	P_CONFLICT,
	P_NONE,
};

const struct resource resource_decisions = {
	.name = "decisions",
	.singular = "decision",
	.about = "The agency's decisions on a case: they move it and set its course.",
	.tag = "Admission",
	.parent = &resource_cases,
	.fields = FIELDS(decision_fields),
	.size = sizeof(struct decision),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = decision_facts,
	.fact_count = FACT_COUNT,
	.check = decision_row_check,
	.effects = decision_effects,
	.problems = decision_problems,
};
