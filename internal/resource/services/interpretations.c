/* Interpreting: with a consultation, with a hearing, or alone (R5). With a consultation, the
 * consultation's own minutes count, so that none counts twice. */

#include "resource/services/services.h"

struct interpretation {
	struct record record;
	struct text consultation_id;
	struct text hearing_id;
	struct text identification_id;
	enum entitlement entitlement;
	struct instant starts_at;
	struct number minutes;
	struct text language_from;
	struct text language_to;
	struct text interpreter;
	enum flag interpreter_provided;
	enum funding funding;
	enum service_outcome outcome;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field interpretation_fields[] = {
	ID_FIELD(struct interpretation, consultation_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "consultations",
		 .about = "The consultation it belongs to: its minutes are not counted again.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct interpretation, hearing_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "hearings", .about = "The hearing it belongs to.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ID_FIELD(struct interpretation, identification_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "identifications",
		 .about = "The commission's sitting it belongs to: start_up.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8061"),
	ENUM_FIELD(struct interpretation, entitlement, entitlement,
		   .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What it is given under; the consultation's, where there is one.",
		   .example = "course"),
	INSTANT_FIELD(struct interpretation, starts_at, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		      .about = "When it begins.", .example = "2018-02-28T09:30:00Z"),
	INTEGER_FIELD(struct interpretation, minutes, 1, ACT_MINUTES_MAX,
		      .flags = REQUIRED | IN_LIST, .about = "How long it lasts.", .example = "60"),
	TEXT_FIELD(struct interpretation, language_from, 2, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_LANGUAGE, .about = "Language of the client (ISO 639-1).",
		   .example = "ru"),
	TEXT_FIELD(struct interpretation, language_to, 2, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_LANGUAGE, .about = "The other language (ISO 639-1).",
		   .example = "lv"),
	TEXT_FIELD(struct interpretation, interpreter, 200, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Name of the interpreter.",
		   .example = "Olga Petrova"),
	FLAG_FIELD(struct interpretation, interpreter_provided, .flags = IN_LIST,
		   .about = "Whether the proceedings provide an interpreter (R5); null is unknown.",
		   .example = "false"),
	SERVICE_FUNDING_FIELD(struct interpretation),
	SERVICE_OUTCOME_FIELD(struct interpretation),
	SERVICE_RECORD_FIELDS(struct interpretation, "interpretations"),
};

enum { FACT_CONSULTATION = SERVICE_FACT_COUNT, FACT_COUNT };

struct consultation_fact {
	enum entitlement entitlement;
};

static const struct field consultation_fact_fields[] = {
	ENUM_FIELD(struct consultation_fact, entitlement, entitlement),
};

static const struct facts interpretation_facts[FACT_COUNT] = {
	SERVICE_FACTS("interpretations", service_corrected_fields),
	[FACT_CONSULTATION] = { .view = "consultations",
				.fields = consultation_fact_fields,
				.field_count = 1,
				.size = sizeof(struct consultation_fact),
				.keys = { { "id", "consultation_id" }, { "case_id", "case_id" } } },
};

static struct service_terms interpretation_terms(const struct interpretation *row)
{
	struct service_terms terms = { .kind = service_kind_interpretation,
				       .entitlement = row->entitlement,
				       .funding = row->funding,
				       .outcome = row->outcome,
				       .start = row->starts_at,
				       .minutes = row->minutes,
				       .superseded = row->superseded,
				       .pointer = "/starts_at" };

	/* The consultation's own minutes count: not twice. */
	if (row->consultation_id.ptr != NULL)
		terms.minutes = (struct number){ 0 };
	return terms;
}

/* With a consultation it follows that one, which its entitlement's rules have judged. */
static int interpretation_check_with(struct ctx *ctx, const struct change *change,
				     const struct interpretation *row,
				     const struct service_terms *terms)
{
	const struct consultation_fact *with = change->facts[FACT_CONSULTATION].rows;
	struct service_terms paid = *terms;

	if (change->facts[FACT_CONSULTATION].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/consultation_id", TEXT("consultation"));
	if (with->entitlement != row->entitlement)
		return fail_at(ctx, P_CONSTRAINT, "/entitlement", TEXT("consultation_id"));
	if (row->entitlement == entitlement_aftercare || row->entitlement == entitlement_family)
		paid.entitlement = entitlement_start_up;
	return service_check_rules(ctx, change, &paid);
}

/* It is with one act, or alone. The commission's work is start-up (R13; seed). */
static int interpretation_check_members(struct ctx *ctx, const struct interpretation *row)
{
	if (row->consultation_id.ptr != NULL && row->hearing_id.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/hearing_id"), TEXT("consultation_id"));
	if (row->identification_id.ptr != NULL &&
	    (row->consultation_id.ptr != NULL || row->hearing_id.ptr != NULL))
		violate(ctx, P_CONSTRAINT, TEXT("/identification_id"),
			TEXT("consultation_id, hearing_id"));
	if (row->identification_id.ptr != NULL && row->entitlement != entitlement_start_up)
		violate(ctx, P_CONSTRAINT, TEXT("/entitlement"), TEXT("identification_id"));
	if (text_eq(row->language_from, row->language_to))
		violate(ctx, P_DUPLICATE_ITEM, TEXT("/language_to"), row->language_to);
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int interpretation_check(struct ctx *ctx, struct change *change)
{
	static const char *const growing[] = { "interpreter", NULL };
	const struct interpretation *before = change->before;
	struct interpretation *row = change->after;
	struct service_terms terms;
	bool done;
	int rc = service_final(ctx, &resource_interpretations, change,
			       before != NULL && before->outcome != service_outcome_planned,
			       growing, &done);

	if (rc != 0 || done)
		return rc;
	service_defaults(&row->funding, &row->outcome, &row->declined_by_client);
	terms = interpretation_terms(row);
	rc = interpretation_check_members(ctx, row);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "final record",
					      "planned", NULL);
	if (rc == 0 && row->entitlement == entitlement_criminal_support)
		rc = interpreter_check(ctx, change->facts[SERVICE_CASE].rows, row->funding,
				       row->interpreter_provided);
	if (rc != 0)
		return rc;
	if (row->consultation_id.ptr != NULL)
		return interpretation_check_with(ctx, change, row, &terms);
	return service_check_rules(ctx, change, &terms);
}

static int interpretation_effects(struct ctx *ctx, const struct change *change,
				  struct effects *effects)
{
	const struct interpretation *row = change->after;
	struct service_terms after = interpretation_terms(row);
	struct service_terms before;

	if (change->before != NULL)
		before = interpretation_terms(change->before);
	return service_effects(ctx, &resource_interpretations, change,
			       change->before != NULL ? &before : NULL, &after, row->corrects_id,
			       effects);
}

const struct resource resource_interpretations = {
	.name = "interpretations",
	.singular = "interpretation",
	.about = "Interpreting: with a consultation, with a hearing, or alone.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(interpretation_fields),
	.size = sizeof(struct interpretation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.facts = interpretation_facts,
	.fact_count = FACT_COUNT,
	.check = interpretation_check,
	.effects = interpretation_effects,
	.problems = service_problems,
};
