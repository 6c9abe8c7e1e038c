/* Consultations. The entitlement decides the rules (R2, R3, R4, R7, R13) and the limits they
 * count against; a final one changes in its notes only (R19). */

#include "resource/changes.h"
#include "resource/services/services.h"

struct consultation {
	struct record record;
	enum specialist_kind specialist_kind;
	struct text specialist_id;
	enum entitlement entitlement;
	struct text family_member_id;
	struct instant starts_at;
	struct number minutes;
	struct instant ends_at;
	enum flag joint;
	enum consultation_mode mode;
	enum consultation_place place;
	struct text language;
	enum consultation_outcome outcome;
	struct text outcome_reason;
	enum flag declined_by_client;
	enum funding funding;
	struct text topic;
	struct text notes;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field consultation_fields[] = {
	ENUM_FIELD(struct consultation, specialist_kind, specialist_kind,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "Who consults, by profession.",
		   .example = "psychologist"),
	ID_FIELD(struct consultation, specialist_id, .flags = FILTER | IN_LIST,
		 .references = "users", .about = "Who consults; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct consultation, entitlement, entitlement,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "What it is given under.",
		   .example = "course"),
	ID_FIELD(struct consultation, family_member_id, .flags = FILTER | IN_LIST,
		 .references = "family_members",
		 .about = "The family member it is for; null: the client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	INSTANT_FIELD(struct consultation, starts_at, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		      .about = "When it begins.", .example = "2018-02-28T09:30:00Z"),
	INTEGER_FIELD(struct consultation, minutes, 1, ACT_MINUTES_MAX, .flags = REQUIRED | IN_LIST,
		      .about = "How long it lasts.", .example = "60"),
	INSTANT_FIELD(struct consultation, ends_at, .flags = READ_ONLY, .about = "When it ends.",
		      .example = "2018-02-28T10:30:00Z"),
	FLAG_FIELD(struct consultation, joint,
		   .about =
			   "Whether several are consulted together: joint sessions do not collide.",
		   .example = "false"),
	ENUM_FIELD(struct consultation, mode, consultation_mode, .flags = FILTER | IN_LIST,
		   .about = "How; in_person unless told.", .example = "in_person"),
	ENUM_FIELD(struct consultation, place, consultation_place,
		   .about = "Kind of place, never an address.", .example = "provider_office"),
	TEXT_FIELD(struct consultation, language, 2, .format = FORMAT_LANGUAGE,
		   .about = "Language spoken (ISO 639-1).", .example = "lv"),
	ENUM_FIELD(struct consultation, outcome, consultation_outcome, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; held, no_show and cancelled are final (R19).",
		   .example = "held"),
	TEXT_FIELD(struct consultation, outcome_reason, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it was cancelled or missed.",
		   .example = "The client was ill."),
	SERVICE_DECLINED_FIELD(struct consultation),
	SERVICE_FUNDING_FIELD(struct consultation),
	TEXT_FIELD(struct consultation, topic, 1000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What it is about, for the case's team.",
		   .example = "Residence permit"),
	TEXT_FIELD(struct consultation, notes, 20000, .flags = SEALED, .sight = SIGHT_PROFESSIONAL,
		   .about = "The specialist's own notes, null to other professions; may be written "
			    "after the fact.",
		   .example = "Sleeps better since the move."),
	SERVICE_CORRECTION_FIELDS(struct consultation, "consultations"),
};

enum { FACT_CLIENT = SERVICE_FACT_COUNT, FACT_MEMBER, FACT_COUNT };

struct client_fact {
	struct date birth_date;
};

static const struct field client_fields[] = {
	DATE_FIELD(struct client_fact, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY),
};

struct member_fact {
	enum flag in_latvia;
};

static const struct field member_fields[] = {
	FLAG_FIELD(struct member_fact, in_latvia),
};

static const struct facts consultation_facts[FACT_COUNT] = {
	SERVICE_FACTS("consultations", service_corrected_fields),
	[FACT_CLIENT] = { .view = "case_clients",
			  .fields = client_fields,
			  .field_count = 1,
			  .size = sizeof(struct client_fact),
			  .keys = CASE_KEY,
			  .sealed_table = "clients",
			  .sealed_row = "id" },
	[FACT_MEMBER] = { .view = "family_members",
			  .fields = member_fields,
			  .field_count = 1,
			  .size = sizeof(struct member_fact),
			  .keys = { { "id", "family_member_id" } } },
};

static struct consultation_terms consultation_terms(const struct consultation *row)
{
	return (struct consultation_terms){
		.act = { row->funding, row->starts_at, row->minutes },
		.entitlement = row->entitlement,
		.specialist = row->specialist_kind,
		.outcome = row->outcome,
		.family_member_id = row->family_member_id,
	};
}

static void consultation_defaults(struct consultation *row, const struct actor *actor)
{
	bool consults = actor->role == role_case_worker || actor->role == role_specialist;

	if (row->specialist_id.ptr == NULL && consults && row->record.version.set == false)
		row->specialist_id = actor->user_id;
	if (row->mode == consultation_mode_none)
		row->mode = consultation_mode_in_person;
	if (row->outcome == consultation_outcome_none)
		row->outcome = consultation_outcome_planned;
	if (row->joint == FLAG_NONE)
		row->joint = FLAG_NO;
	service_defaults(&row->funding, NULL, &row->declined_by_client);
	row->ends_at.us = row->starts_at.us + row->minutes.value * INSTANT_MINUTE;
}

static int consultation_check_rules(struct ctx *ctx, const struct change *change,
				    const struct consultation_terms *terms)
{
	const struct client_fact *client = change->facts[FACT_CLIENT].rows;
	const struct member_fact *member = change->facts[FACT_MEMBER].rows;
	const struct consultation *row = change->after;
	struct limit_uses uses = { change->facts[SERVICE_USES].rows,
				   change->facts[SERVICE_USES].count };
	struct contract_terms contracts = { change->facts[SERVICE_CONTRACTS].rows,
					    change->facts[SERVICE_CONTRACTS].count };
	struct support_periods supports = { change->facts[SERVICE_SUPPORTS].rows,
					    change->facts[SERVICE_SUPPORTS].count };
	struct consultation_facts facts = {
		.facts = change->facts[SERVICE_CASE].rows,
		.limits = change->facts[SERVICE_LIMITS].rows,
		.limit_count = change->facts[SERVICE_LIMITS].count,
		.supports = &supports,
		.contracts = &contracts,
	};

	if (row->family_member_id.ptr != NULL && change->facts[FACT_MEMBER].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/family_member_id",
			       TEXT("family member"));
	/* What this row or the one it corrects holds already would count twice: the ledger judges
	 * these. */
	if (change->before == NULL && row->corrects_id.ptr == NULL)
		facts.uses = &uses;
	if (change->facts[FACT_CLIENT].count > 0)
		facts.client_birth_on = client->birth_date;
	if (change->facts[FACT_MEMBER].count > 0)
		facts.member_in_latvia = member->in_latvia;
	return consultation_check(ctx, &facts, terms);
}

static int consultation_row_check(struct ctx *ctx, struct change *change)
{
	static const char *const notes[] = { "notes", NULL };
	const struct consultation *before = change->before;
	struct consultation *row = change->after;
	struct consultation_terms terms;
	int rc;

	/* R19 */
	if (before != NULL && before->outcome != consultation_outcome_planned &&
	    change_only(&resource_consultations, change, notes))
		return 0;
	consultation_defaults(row, change->actor);
	terms = consultation_terms(row);
	rc = consultation_outcome_check(
		ctx, before != NULL ? before->outcome : consultation_outcome_none, &terms,
		change->now);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "consultation",
					      "planned", NULL);
	return rc != 0 ? rc : consultation_check_rules(ctx, change, &terms);
}

static struct service_terms consultation_service(const struct consultation *row,
						 enum flag no_show_consumes)
{
	struct consultation_terms terms = consultation_terms(row);
	struct service_terms service =
		service_of_consultation(&terms, row->superseded, no_show_consumes);

	service.consultation = true;
	return service;
}

static int consultation_effects(struct ctx *ctx, const struct change *change,
				struct effects *effects)
{
	const struct case_facts *facts = change->facts[SERVICE_CASE].rows;
	const struct consultation *row = change->after;
	struct service_terms after = consultation_service(row, facts->no_show_consumes);
	struct service_terms before;

	if (change->before != NULL)
		before = consultation_service(change->before, facts->no_show_consumes);
	return service_effects(ctx, &resource_consultations, change,
			       change->before != NULL ? &before : NULL, &after, row->corrects_id,
			       effects);
}

static const enum problem consultation_problems[] = {
	P_NOT_GRANTED,
	P_OUTSIDE_COURSE,
	P_NO_CONTRACT,
	P_LIMIT_MISSING,
	P_COURSE_NOT_ENDED,
	P_AFTERCARE_EXHAUSTED,
	P_AFTERCARE_EXPIRED,
	P_AFTERCARE_TOO_LONG,
	P_CRIMINAL_SUPPORT_ACTIVE,
	P_NO_SUPPORT_BASIS,
	P_YEARLY_LIMIT_REACHED,
	P_SPECIALIST_NOT_COVERED,
	P_NOT_A_MINOR,
	P_NOT_IN_LATVIA,
	P_FAMILY_LIMIT_REACHED,
	P_OVERLAP,
	P_ALREADY_FINAL,
	P_NOT_FINAL,
	P_UNKNOWN_REFERENCE,
	P_IN_THE_FUTURE,
	P_LIMIT_REACHED,
	P_CONFLICT,
	P_NONE,
};

const struct resource resource_consultations = {
	.name = "consultations",
	.singular = "consultation",
	.about = "Consultations of lawyers, social workers, psychologists and others.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(consultation_fields),
	.size = sizeof(struct consultation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.profession_member = "specialist_kind",
	.facts = consultation_facts,
	.fact_count = FACT_COUNT,
	.check = consultation_row_check,
	.effects = consultation_effects,
	.problems = consultation_problems,
};
