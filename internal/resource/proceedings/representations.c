/* Representation in court, under a power of attorney of that day (R6). It counts against limits
 * as a service does, with a consultation's outcomes. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/services/services.h"
#include "rules/proceedings/criminal.h"

struct representation {
	struct record record;
	struct text hearing_id;
	enum entitlement entitlement;
	struct text lawyer_id;
	struct instant starts_at;
	struct number minutes;
	enum consultation_outcome outcome;
	struct text outcome_reason;
	enum funding funding;
	struct text notes;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field representation_fields[] = {
	ID_FIELD(struct representation, hearing_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "hearings",
		 .about = "The hearing; support in criminal proceedings has one.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct representation, entitlement, entitlement,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "course or criminal_support.", .example = "criminal_support"),
	ID_FIELD(struct representation, lawyer_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who represents; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	INSTANT_FIELD(struct representation, starts_at, .flags = FILTER | SORT | IN_LIST,
		      .about = "When it begins; with the hearing unless told.",
		      .example = "2018-09-12T07:30:00Z"),
	INTEGER_FIELD(struct representation, minutes, 1, ACT_MINUTES_MAX,
		      .flags = REQUIRED | IN_LIST, .about = "How long it lasts.", .example = "90"),
	ENUM_FIELD(struct representation, outcome, consultation_outcome, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; held, no_show and cancelled are final (R19).",
		   .example = "held"),
	TEXT_FIELD(struct representation, outcome_reason, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it did not take place.",
		   .example = "The hearing was postponed."),
	SERVICE_FUNDING_FIELD(struct representation),
	TEXT_FIELD(struct representation, notes, 20000, .flags = SEALED,
		   .sight = SIGHT_PROFESSIONAL,
		   .about = "The lawyer's own notes, null to other professions; may be written "
			    "after the fact.",
		   .example = "The claim for damages was admitted."),
	SERVICE_RECORD_FIELDS(struct representation, "representations"),
};

enum { FACT_HEARING = SERVICE_FACT_COUNT, FACT_MANDATES, FACT_COUNT };

struct hearing_fact {
	struct instant starts_at;
};

static const struct field hearing_fields[] = {
	INSTANT_FIELD(struct hearing_fact, starts_at),
};

static const struct field mandate_fields[] = {
	DATE_FIELD(struct mandate, granted_on),
	DATE_FIELD(struct mandate, revoked_on),
	DATE_FIELD(struct mandate, valid_until),
	ENUM_FIELD(struct mandate, given_by, mandate_giver),
};

static const struct facts representation_facts[FACT_COUNT] = {
	SERVICE_FACTS("representations", service_corrected_fields),
	[FACT_HEARING] = { .view = "hearings",
			   .fields = hearing_fields,
			   .field_count = 1,
			   .size = sizeof(struct hearing_fact),
			   .keys = { { "id", "hearing_id" }, { "case_id", "case_id" } } },
	[FACT_MANDATES] = { .view = "powers_of_attorney",
			    .fields = mandate_fields,
			    .field_count = 4,
			    .size = sizeof(struct mandate),
			    .keys = CASE_KEY },
};

static struct consultation_terms representation_terms(const struct representation *row)
{
	return (struct consultation_terms){
		.act = { row->funding, row->starts_at, row->minutes },
		.entitlement = row->entitlement,
		.specialist = specialist_kind_lawyer,
		.outcome = row->outcome,
	};
}

static void representation_defaults(struct representation *row, const struct change *change)
{
	const struct hearing_fact *hearing = change->facts[FACT_HEARING].rows;

	if (change->before == NULL && row->lawyer_id.ptr == NULL &&
	    change->actor->role == role_specialist)
		row->lawyer_id = change->actor->user_id;
	if (row->starts_at.us == 0 && change->facts[FACT_HEARING].count > 0)
		row->starts_at = hearing->starts_at;
	if (row->outcome == consultation_outcome_none)
		row->outcome = consultation_outcome_planned;
	service_defaults(&row->funding, NULL, &row->declined_by_client);
}

static int representation_check_members(struct ctx *ctx, const struct change *change,
					const struct representation *row)
{
	const struct hearing_fact *hearing = change->facts[FACT_HEARING].rows;
	bool support = row->entitlement == entitlement_criminal_support;

	if (row->hearing_id.ptr != NULL && change->facts[FACT_HEARING].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/hearing_id", TEXT("hearing"));
	if (!support && row->entitlement != entitlement_course)
		violate(ctx, P_NOT_IN_LIST, TEXT("/entitlement"), TEXT("course, criminal_support"));
	check_present(ctx, !support || row->hearing_id.ptr != NULL, "/hearing_id");
	check_present(ctx, row->starts_at.us != 0, "/starts_at");
	/* R6 asks for the hearing's day; a hearing that goes on another day is another one. */
	if (row->hearing_id.ptr != NULL &&
	    instant_date(row->starts_at).day != instant_date(hearing->starts_at).day)
		violate(ctx, P_CONSTRAINT, TEXT("/starts_at"), TEXT("hearing.starts_at"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int representation_check_rules(struct ctx *ctx, const struct change *change,
				      const struct consultation_terms *terms)
{
	const struct case_facts *facts = change->facts[SERVICE_CASE].rows;
	struct mandates mandates = { change->facts[FACT_MANDATES].rows,
				     change->facts[FACT_MANDATES].count };
	struct service_act paid = { terms->act.funding, instant_date(terms->act.start) };
	struct service_terms service =
		service_of_consultation(terms, FLAG_NO, facts->no_show_consumes);
	int rc;

	if (service.outcome == service_outcome_cancelled)
		return 0;
	rc = representation_check(ctx, &mandates, &paid);
	return rc != 0 ? rc : service_check_rules(ctx, change, &service);
}

static int representation_row_check(struct ctx *ctx, struct change *change)
{
	static const char *const notes[] = { "notes", NULL };
	const struct representation *before = change->before;
	struct representation *row = change->after;
	struct consultation_terms terms;
	int rc;

	if (before != NULL && before->outcome != consultation_outcome_planned &&
	    change_only(&resource_representations, change, notes))
		return 0;
	representation_defaults(row, change);
	rc = representation_check_members(ctx, change, row);
	if (rc != 0)
		return rc;
	terms = representation_terms(row);
	rc = consultation_outcome_check(
		ctx, before != NULL ? before->outcome : consultation_outcome_none, &terms,
		change->now);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "representation",
					      "planned", NULL);
	return rc != 0 ? rc : representation_check_rules(ctx, change, &terms);
}

static int representation_effects(struct ctx *ctx, const struct change *change,
				  struct effects *effects)
{
	const struct case_facts *facts = change->facts[SERVICE_CASE].rows;
	const struct representation *before = change->before;
	const struct representation *row = change->after;
	struct consultation_terms terms = representation_terms(row);
	struct service_terms after =
		service_of_consultation(&terms, row->superseded, facts->no_show_consumes);
	struct service_terms held;

	if (before != NULL) {
		terms = representation_terms(before);
		held = service_of_consultation(&terms, before->superseded, facts->no_show_consumes);
	}
	return service_effects(ctx, &resource_representations, change,
			       before != NULL ? &held : NULL, &after, row->corrects_id, effects);
}

static const enum problem representation_problems[] = {
	P_NO_POWER_OF_ATTORNEY,
	P_NOT_GRANTED,
	P_OUTSIDE_COURSE,
	P_NO_CONTRACT,
	P_LIMIT_MISSING,
	P_COURSE_NOT_ENDED,
	P_NO_SUPPORT_BASIS,
	P_YEARLY_LIMIT_REACHED,
	P_ALREADY_FINAL,
	P_NOT_FINAL,
	P_UNKNOWN_REFERENCE,
	P_IN_THE_FUTURE,
	P_LIMIT_REACHED,
	P_CONFLICT,
	P_NONE,
};

const struct resource resource_representations = {
	.name = "representations",
	.singular = "representation",
	.about = "Representation in court under a power of attorney (R6).",
	.tag = "Proceedings",
	.parent = &resource_cases,
	.fields = FIELDS(representation_fields),
	.size = sizeof(struct representation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.profession = profession_lawyer,
	.facts = representation_facts,
	.fact_count = FACT_COUNT,
	.check = representation_row_check,
	.effects = representation_effects,
	.problems = representation_problems,
};
