/* Skills and programmes of education. The first and the last day must both lie where the state
 * pays. */

#include "resource/checks.h"
#include "resource/services/services.h"

#define TRAINING_KINDS(X)                                                                          \
	X(training_kind, self_care)                                                                \
	X(training_kind, self_service)                                                             \
	X(training_kind, education)                                                                \
	X(training_kind, language)                                                                 \
	X(training_kind, vocational)                                                               \
	X(training_kind, other)
ENUM_DECLARE(training_kind, TRAINING_KINDS)
ENUM_DEFINE(training_kind, TRAINING_KINDS)

#define TRAINING_OUTCOMES(X)                                                                       \
	X(training_outcome, enrolled)                                                              \
	X(training_outcome, completed)                                                             \
	X(training_outcome, left)                                                                  \
	X(training_outcome, cancelled)
ENUM_DECLARE(training_outcome, TRAINING_OUTCOMES)
ENUM_DEFINE(training_outcome, TRAINING_OUTCOMES)

struct training {
	struct record record;
	enum training_kind kind;
	struct text title;
	struct date enrolled_on;
	struct number attended_hours;
	struct date completed_on;
	enum funding funding;
	enum training_outcome outcome;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field training_fields[] = {
	ENUM_FIELD(struct training, kind, training_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Self-care and self-service skills, or a programme of education.",
		   .example = "self_care"),
	TEXT_FIELD(struct training, title, 200, .flags = REQUIRED | IN_LIST,
		   .about = "Name of the programme.", .example = "Mājsaimniecības budžets"),
	DATE_FIELD(struct training, enrolled_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day of enrolment.", .example = "2018-02-05"),
	INTEGER_FIELD(struct training, attended_hours, 0, 10000, .flags = IN_LIST,
		      .about = "Hours attended so far.", .example = "12"),
	DATE_FIELD(struct training, completed_on, .flags = IN_LIST,
		   .about = "Day of completion, or of the last attendance where the client left.",
		   .example = "2018-04-20"),
	SERVICE_FUNDING_FIELD(struct training),
	ENUM_FIELD(struct training, outcome, training_outcome, .flags = FILTER | IN_LIST,
		   .about = "enrolled unless told; the others are final (R19).",
		   .example = "completed"),
	SERVICE_RECORD_FIELDS(struct training, "trainings"),
};

static const struct facts training_facts[SERVICE_FACT_COUNT] = {
	SERVICE_FACTS("trainings", service_corrected_fields),
};

static int training_check_day(struct ctx *ctx, const struct change *change,
			      const struct training *row, struct date day, const char *pointer)
{
	struct service_terms terms = { .kind = service_kind_training,
				       .entitlement = entitlement_course,
				       .funding = row->funding,
				       .start = service_start(day),
				       .pointer = pointer };

	if (row->outcome == training_outcome_cancelled)
		terms.outcome = service_outcome_cancelled;
	return service_check_rules(ctx, change, &terms);
}

static int training_check_members(struct ctx *ctx, const struct change *change,
				  struct training *row)
{
	bool happened =
		row->outcome == training_outcome_completed || row->outcome == training_outcome_left;

	service_defaults(&row->funding, NULL, &row->declined_by_client);
	if (row->outcome == training_outcome_none)
		row->outcome = training_outcome_enrolled;
	if (!row->attended_hours.set)
		row->attended_hours.set = true;
	check_present(ctx, row->outcome != training_outcome_completed || row->completed_on.day != 0,
		      "/completed_on");
	if (happened)
		check_not_future(ctx, row->enrolled_on, change->today, "/outcome");
	check_not_future(ctx, row->completed_on, change->today, "/completed_on");
	check_period(ctx, row->enrolled_on, row->completed_on, "/completed_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int training_check(struct ctx *ctx, struct change *change)
{
	static const char *const growing[] = { NULL };
	const struct training *before = change->before;
	struct training *row = change->after;
	bool done;
	int rc = service_final(ctx, &resource_trainings, change,
			       before != NULL && before->outcome != training_outcome_enrolled,
			       growing, &done);

	if (rc != 0 || done)
		return rc;
	rc = training_check_members(ctx, change, row);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "final record",
					      "enrolled", NULL);
	if (rc == 0)
		rc = training_check_day(ctx, change, row, row->enrolled_on, "/enrolled_on");
	if (rc == 0 && row->completed_on.day != 0)
		rc = training_check_day(ctx, change, row, row->completed_on, "/completed_on");
	return rc;
}

static int training_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct training *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_trainings, row->corrects_id, effects);
}

const struct resource resource_trainings = {
	.name = "trainings",
	.singular = "training",
	.about = "Self-care and self-service skills and programmes of education.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(training_fields),
	.size = sizeof(struct training),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-enrolled_on",
	.facts = training_facts,
	.fact_count = SERVICE_FACT_COUNT,
	.check = training_check,
	.effects = training_effects,
	.problems = service_problems,
};
